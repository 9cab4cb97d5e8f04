"""What the tests of the resolver share: a misbehaving nameserver or two, and one lookup with all that came of it."""

import time
from dataclasses import dataclass

import anyio
import pytest

from otelnurse.probe.dns.resolver import Resolver
from otelnurse.probe.errors import ProbeError
from otelnurse.probe.timeline import Lookup
from tests.probe.dns.nameserver import Nameserver

OUTER_LIMIT = 30.0
"""Seconds after which a test that waits in vain fails."""


@pytest.fixture
def nameserver():
    """A nameserver that can be told what to do."""
    server = Nameserver()
    yield server
    server.close()


@pytest.fixture
def second_nameserver():
    """Another one."""
    server = Nameserver()
    yield server
    server.close()


@dataclass
class Result:
    """A lookup and how it ended."""

    addresses: list[str]
    lookup: Lookup
    error: ProbeError | None

    @property
    def error_type(self):
        """Its name, or None."""
        return self.error and self.error.error_type


@pytest.fixture
def look_up(tmp_path):
    """Look a name up by a resolv.conf with these lines and an empty hosts file, asking these nameservers."""

    async def look_up(name, *nameservers, conf="", timeout=3.0, hosts="", family=None):
        (tmp_path / "resolv.conf").write_text(f"# by a test\n{conf}\n")
        (tmp_path / "hosts").write_text(f"# by a test\n{hosts}\n")
        addresses = [nameserver.address for nameserver in nameservers]
        resolver = Resolver(tmp_path / "resolv.conf", tmp_path / "hosts", addresses, family)
        lookup = Lookup(name, time.monotonic_ns())
        found, failed = [], None
        with anyio.fail_after(OUTER_LIMIT):
            try:
                found = await resolver.resolve(name, lookup, timeout)
            except ProbeError as error:
                failed = error
        return Result(found, lookup, failed)

    return look_up
