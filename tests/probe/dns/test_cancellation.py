"""A lookup that is cut off, wherever it stands, leaves nothing open and has written down what was sent."""

import time
from pathlib import Path

import anyio
import pytest

from otelnurse.probe.dns.resolver import Resolver
from otelnurse.probe.timeline import Lookup
from tests.parts.waiting import eventually
from tests.probe.dns.nameserver import hold, in_turn, says, silence, truncated

pytestmark = pytest.mark.anyio

GOOD = says("192.0.2.1", "2001:db8::1")


def descriptors():
    """How many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def closed_down_to(before):
    """Return when as many are open as before; the nameserver needs a moment to see that a connection has ended."""

    def wait():
        return eventually(lambda: descriptors() == before, what=f"all but {before} descriptors to be closed")

    await anyio.to_thread.run_sync(wait)


@pytest.fixture
def resolver(tmp_path, nameserver):
    """A resolver that is told to try for long."""
    conf, hosts = tmp_path / "resolv.conf", tmp_path / "hosts"
    conf.write_text("search example\n")
    hosts.write_text("127.0.0.1 localhost\n")
    return Resolver(conf, hosts, [nameserver.address])


@pytest.fixture
def wait(monkeypatch):
    """Cancel a scope at the n-th time that anything waits for a socket; tells how often that was."""

    class Waits:
        count, cancel_at, scope = 0, 0, None

        def wrap(self, original):
            async def wait_for(sock):
                self.count += 1
                if self.count == self.cancel_at:
                    self.scope.cancel()
                await original(sock)

            return wait_for

    waits = Waits()
    monkeypatch.setattr(anyio, "wait_readable", waits.wrap(anyio.wait_readable))
    monkeypatch.setattr(anyio, "wait_writable", waits.wrap(anyio.wait_writable))
    return waits


async def test_cancelled_at_every_await(nameserver, resolver, wait):
    """At whichever await a lookup with search list, lost packet and TCP is cut off, no socket stays open."""
    before = descriptors()
    for cancel_at in range(1, 1000):
        nameserver.script("web.example", truncated, transport="udp")
        nameserver.script("web.example", in_turn(silence, silence, GOOD), transport="tcp")
        wait.count, wait.cancel_at = 0, cancel_at
        lookup = Lookup("web", time.monotonic_ns())
        with anyio.CancelScope() as wait.scope:
            await resolver.resolve("web", lookup, 30.0)
        await closed_down_to(before)
        assert lookup.end is not None
        if not wait.scope.cancelled_caught:
            break
        assert lookup.error == "dns_timeout"
        assert all(query.error or query.answered for query in lookup.queries)
    assert lookup.answers
    assert cancel_at > 6


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_deadline_of_the_caller(nameserver, resolver, transport):
    """When the caller's deadline comes first, the queries that were sent are there, each with its failure."""
    nameserver.script("web.example", truncated, transport="udp")
    nameserver.script("web.example", hold, transport=transport)
    before = descriptors()
    lookup = Lookup("web", time.monotonic_ns())
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:

            async def cut_off():
                await anyio.to_thread.run_sync(nameserver.wait_until_asked, 2, transport)
                scope.cancel()

            tasks.start_soon(cut_off)
            await resolver.resolve("web", lookup, 600.0)
    assert scope.cancelled_caught
    assert [query.error for query in lookup.queries if query.transport == transport] == ["dns_timeout"] * 2
    assert lookup.error == "dns_timeout"
    await closed_down_to(before)


async def test_nothing_stays_open_after_failures(nameserver, second_nameserver, look_up):
    """Lookups that end by themselves, well or not, leave no descriptor behind."""
    nameserver.script("good.example", GOOD)
    nameserver.script("cut.example", truncated, transport="udp")
    nameserver.script("cut.example", silence, transport="tcp")
    nameserver.script("silent.example", silence)
    second_nameserver.stop_listening()
    before = descriptors()
    for name in ("good.example", "cut.example", "silent.example", "missing.example"):
        for servers in ((nameserver,), (second_nameserver,), (second_nameserver, nameserver)):
            await look_up(name, *servers, timeout=0.09)
    await closed_down_to(before)


async def test_out_of_descriptors(nameserver, look_up, monkeypatch):
    """A machine without descriptors is not blamed on the nameserver."""

    def no_socket(*_arguments):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("otelnurse.probe.dns.nameserver.socket.socket", no_socket)
    result = await look_up("web.example", nameserver)
    monkeypatch.undo()
    assert result.error_type == "_OTHER"
    assert "Too many open files" in str(result.error)
