"""A check that is cut off, wherever it stands, returns nothing and leaves no socket open and no task running."""

from contextlib import ExitStack

import anyio
import pytest

from otelnurse.probe.dns.resolver import Resolver
from tests.parts import behaviours as b
from tests.parts.certificates import NAME, showing
from tests.parts.faulty import Blackhole, Faulty, closed_port
from tests.probe.conftest import LOCAL, Bench, Names, all_sockets_closed
from tests.probe.dns import nameserver as dns

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["before", "after"])
def waits(request, monkeypatch):
    """Cancel a scope at the n-th time that anything waits for a socket: as the wait begins, or once it is over."""

    class Waits:
        count, cancel_at, scope = 0, 0, None

        def wrap(self, original):
            async def wait_for(sock):
                self.count += 1
                number = self.count
                if number == self.cancel_at and request.param == "before":
                    self.scope.cancel()
                await original(sock)
                if number == self.cancel_at and request.param == "after":
                    self.scope.cancel()

            return wait_for

    waits = Waits()
    monkeypatch.setattr("otelnurse.probe.connect.ATTEMPT_DELAY", 0.02)  # so that races need not be waited for
    monkeypatch.setattr(anyio, "wait_readable", waits.wrap(anyio.wait_readable))
    monkeypatch.setattr(anyio, "wait_writable", waits.wrap(anyio.wait_writable))
    return waits


def plain(stack, trust, _folder):
    """Plain HTTP to an address."""
    server = stack.enter_context(Faulty(b.dribbles))
    return Bench(trust), {"url": f"http://127.0.0.1:{server.port}/"}


def encrypted(stack, trust, _folder):
    """TLS with a good certificate."""
    server = stack.enter_context(Faulty(b.says(b.OK), context=showing("good")))
    return Bench(trust), {"url": f"https://{NAME}:{server.port}/"}


def unverified(stack, trust, _folder):
    """TLS whose certificate has a fault that must not matter, and the second handshake that finds it."""
    server = stack.enter_context(Faulty(b.says(b.OK), context=showing("expired")))
    return Bench(trust), {"url": f"https://{NAME}:{server.port}/", "verify": False}


def misnamed(stack, trust, _folder):
    """TLS whose certificate is for another name and expired, which takes a second handshake to tell."""
    server = stack.enter_context(Faulty(b.says(b.OK), context=showing("expired, wrong name")))
    return Bench(trust), {"url": f"https://{NAME}:{server.port}/"}


def looked_up(stack, trust, folder):
    """A name that a nameserver knows."""
    server = stack.enter_context(Faulty(b.says(b.OK)))
    nameserver = dns.Nameserver()
    stack.callback(nameserver.close)
    nameserver.script("web.example", dns.says("127.0.0.1"))
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    (folder / "hosts").write_text("127.0.0.1 localhost\n")
    resolver = Resolver(folder / "resolv.conf", folder / "hosts", [nameserver.address])
    return Bench(trust, resolver), {"url": f"http://web.example:{server.port}/"}


def raced(stack, trust, _folder):
    """An IPv6 address that hangs beside an IPv4 one that works."""
    server = stack.enter_context(Faulty(b.says(b.OK)))
    stack.enter_context(Blackhole(("::1", server.port)))
    return Bench(trust, Names(both_test=["::1", "127.0.0.1"])), {"url": f"http://both.test:{server.port}/"}


def refused_first(stack, trust, _folder):
    """An IPv6 address that refuses beside an IPv4 one that works."""
    server = stack.enter_context(Faulty(b.says(b.OK)))
    return Bench(trust, Names(both_test=["::1", "127.0.0.1"])), {"url": f"http://both.test:{server.port}/"}


def redirected(stack, trust, _folder):
    """From one server to another."""
    server = stack.enter_context(Faulty(b.says(b.OK), context=showing("good")))
    first = stack.enter_context(Faulty(b.redirects_to(f"https://{NAME}:{server.port}/")))
    return Bench(trust), {"url": f"http://127.0.0.1:{first.port}/", "follow_redirects": True}


def keep_alive(stack, trust, _folder):
    """A connection that is kept, and closed with the transport."""
    server = stack.enter_context(Faulty(b.keeps))
    return Bench(trust, reuse=True), {"url": f"http://127.0.0.1:{server.port}/"}


async def run(bench, target):
    """Ask twice, so that what the first check kept is there for the second, and close."""
    try:
        first = await bench.ask(**target)
        return first, await bench.ask(**target)
    finally:
        await bench.transport.aclose()


def outcomes(timelines):
    """How they ended."""
    return [timeline.outcome.error_type for timeline in timelines]


SCENES = [plain, encrypted, unverified, misnamed, looked_up, raced, refused_first, redirected, keep_alive]


@pytest.mark.parametrize("scene", SCENES)
async def test_cancelled_at_every_wait(scene, waits, trust, tmp_path):
    """At whichever wait two checks are cut off, they end there or as ever, and all sockets are closed."""
    with ExitStack() as stack:
        bench, target = scene(stack, trust, tmp_path)
        expected = (await bench.ask(**target)).outcome.error_type
        await bench.transport.aclose()
        for cancel_at in range(1, 1000):
            waits.count, waits.cancel_at = 0, cancel_at
            bench = Bench(trust, bench.names, reuse=scene is keep_alive)
            finished = None
            with all_sockets_closed(), anyio.CancelScope() as waits.scope:
                finished = await run(bench, target)
            if waits.count < cancel_at:
                break
            # Cut off after its last wait a check ends as ever; it never takes the cancellation for a failure.
            assert waits.scope.cancelled_caught or outcomes(finished) == [expected, expected]
    assert outcomes(finished) == [expected, expected]
    assert cancel_at > 3


async def test_cancelled_while_all_addresses_fail(waits, trust):
    """Cut off while a race has no winner: nothing is returned and all sockets are closed."""
    port = closed_port()
    bench = Bench(trust, Names(both_test=["::1", "127.0.0.1"], **LOCAL))
    for cancel_at in range(1, 100):
        waits.count, waits.cancel_at = 0, cancel_at
        with all_sockets_closed(), anyio.CancelScope() as waits.scope:
            await bench.ask(f"http://both.test:{port}/")
        if waits.count < cancel_at:
            break


async def test_the_outcome_of_a_cancelled_check(waits, trust):
    """A check that was cut off while it ran has no outcome and no end, also for whoever looked on."""
    seen = []

    class Witness:
        """Sees the timeline that the caller never gets."""

        def __init__(self, inner):
            self.handle_async_request = self.watch(inner)

        @staticmethod
        def watch(inner):
            def handle(request):
                seen.append(request.extensions["otelnurse.timeline"])
                return inner.handle_async_request(request)

            return handle

    with Faulty(b.silent) as server:
        waits.cancel_at = 1
        with all_sockets_closed(), anyio.CancelScope() as waits.scope:
            await Bench(trust, wrap=Witness).ask(f"http://127.0.0.1:{server.port}/")
    assert [(timeline.outcome, timeline.end) for timeline in seen] == [(None, None)]
