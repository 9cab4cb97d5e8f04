"""What the probe's tests share: one way to run a check, and a look at the sockets that this process has open."""

from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from otelnurse.probe.judge import Judge
from otelnurse.probe.prober import Prober
from otelnurse.probe.target import Target
from otelnurse.probe.transport import ProbeTransport
from tests.parts import certificates
from tests.parts.waiting import eventually

OUTER_LIMIT = 30.0
"""Seconds after which a test that waits in vain fails."""
PATIENT, HASTY = 20.0, 0.25
"""Deadlines of checks, seconds: where it must not come, and where a test waits for it."""


class Names:
    """A resolver that knows these names and notes how long it was given, in seconds."""

    def __init__(self, **table):
        self.table = {name.replace("_", "."): list(addresses) for name, addresses in table.items()}
        self.given = []

    async def resolve(self, host, lookup, timeout):
        """Answer at once."""
        self.given.append(timeout)
        lookup.end, lookup.answers = lookup.start, tuple(self.table[host])
        return list(self.table[host])


LOCAL = {"nurse_test": ["127.0.0.1"]}


class Bench:
    """A probe on the bench: its parts, and a shorthand to ask."""

    def __init__(self, trust, resolver=None, *, reuse=False, wrap=lambda transport: transport):
        self.judge = Judge(trust)
        self.names = resolver or Names(**LOCAL)
        self.transport = ProbeTransport(self.names, trust, self.judge, reuse=reuse)
        self.prober = Prober(wrap(self.transport), self.judge, reuse=reuse)

    async def ask(self, url, timeout=PATIENT, **target):
        """Run one check to its end."""
        with anyio.fail_after(OUTER_LIMIT):
            return await self.prober.run(Target("extra", "bench", url, timeout, **target))


@pytest.fixture(scope="session")
def trust(tmp_path_factory):
    """The system's roots and the throw-away authority "known"."""
    return certificates.trust(tmp_path_factory.mktemp("trust"))


@pytest.fixture
async def bench(trust):
    """A probe that uses each connection once."""
    bench = Bench(trust)
    yield bench
    await bench.transport.aclose()


@pytest.fixture
async def reusing(trust):
    """A probe that keeps connections."""
    bench = Bench(trust, reuse=True)
    yield bench
    await bench.transport.aclose()


def sockets():
    """The sockets that this process has open, by inode."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            link = str(entry.readlink())
        except OSError:
            continue
        if link.startswith("socket:"):
            found.add(link)
    return found


@contextmanager
def all_sockets_closed():
    """What is opened inside must be closed at the end; a server's thread may need a moment to see its client go."""
    before = sockets()
    yield
    eventually(lambda: not sockets() - before, what="all sockets to be closed", within=5)
