"""Connections that are kept: used again, replaced when they have died, closed when nobody takes them."""

import pytest

from otelnurse.probe import pool
from tests.parts import behaviours as b
from tests.parts.certificates import NAME, showing
from tests.parts.faulty import Faulty
from tests.probe.conftest import HASTY, all_sockets_closed, sockets

pytestmark = pytest.mark.anyio


def plain(server):
    """Where to find it."""
    return f"http://127.0.0.1:{server.port}/"


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
async def test_used_again(reusing, encrypted):
    """A second check goes over the first one's connection, and shows no connect and no handshake."""
    with Faulty(b.keeps, context=showing("good") if encrypted else None) as server, all_sockets_closed():
        url = f"https://{NAME}:{server.port}/" if encrypted else plain(server)
        first, second = await reusing.ask(url), await reusing.ask(url)
        await reusing.transport.aclose()
    assert (first.ok, second.ok, server.connections) == (True, True, 1)
    (hop,) = second.hops
    assert (hop.reused, hop.connects, hop.lookup, hop.handshake) == (True, [], None, None)
    assert (hop.peer_address, hop.peer_port) == ("127.0.0.1", server.port)
    assert hop.phase == "receive"
    assert hop.tcp is not None
    assert second.stale_connections == 0


async def test_not_kept_unless_told(bench):
    """Without reuse each check has a connection of its own and says so to the server."""
    with Faulty(b.keeps) as server, all_sockets_closed():
        for _ in range(3):
            await bench.ask(plain(server))
    assert server.connections == 3
    assert all(b"connection: close" in request.lower() for request in server.requests)


async def test_closed_while_it_rested(reusing):
    """A kept connection that its server has closed is seen to be dead, and replaced without a word."""
    with Faulty(b.keeps) as server, all_sockets_closed():
        await reusing.ask(plain(server))
        server.hang_up()
        second = await reusing.ask(plain(server))
        await reusing.transport.aclose()
    assert (second.ok, second.stale_connections, second.hops[0].reused, server.connections) == (True, 0, False, 2)


def dies_when_asked_again(how):
    """Answer the first request on the first connection, and end it ``how`` at the second; then be good."""

    def behave(connection):
        connection.request()
        connection.send(b.OK)
        connection.request()
        if connection.server.connections > 1:
            connection.send(b.OK)
            connection.stay()
        how(connection)

    return behave


@pytest.mark.parametrize(
    "how", [lambda connection: connection.reset(), lambda _connection: None], ids=["resets", "closes"]
)
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
async def test_dead_before_the_first_byte(reusing, how, encrypted):
    """A kept connection that dies before the first byte is replaced once, counted, and no failure."""
    context = showing("good") if encrypted else None
    with Faulty(dies_when_asked_again(how), context=context) as server, all_sockets_closed():
        url = f"https://{NAME}:{server.port}/" if encrypted else plain(server)
        await reusing.ask(url)
        second = await reusing.ask(url)
        await reusing.transport.aclose()
    assert (second.outcome.error_type, second.stale_connections, server.connections) == (None, 1, 2)
    (hop,) = second.hops
    assert (hop.reused, len(hop.connects)) == (False, 1)
    assert hop.connects[0].end <= hop.exchange.start
    assert len(server.requests) == 3
    assert None not in (hop.stale_tcp, hop.tcp)


async def test_the_fresh_one_fails_too(reusing):
    """When the second try meets a dead server the check fails by that, and shows nothing of the dead connection."""
    behaviour = dies_when_asked_again(lambda connection: connection.server.stop_listening())
    with Faulty(behaviour) as server, all_sockets_closed():
        await reusing.ask(plain(server))
        second = await reusing.ask(plain(server))
    assert (second.outcome.error_type, second.outcome.phase) == ("connection_refused", "connect")
    (hop,) = second.hops
    assert (second.stale_connections, hop.exchange, hop.tcp) == (1, None, None)
    assert hop.stale_tcp is not None


async def test_dead_after_the_first_byte(reusing):
    """A kept connection that dies in the middle of a response is a failure: the server has begun to answer."""

    def behave(connection):
        connection.request()
        connection.send(b.OK)
        connection.request()
        connection.send(b.OK[:-1])

    with Faulty(behave) as server, all_sockets_closed():
        await reusing.ask(plain(server))
        second = await reusing.ask(plain(server))
    assert (second.outcome.error_type, second.stale_connections) == ("connection_closed", 0)
    assert server.connections == 1


async def test_silent_when_asked_again(reusing):
    """A kept connection that falls silent is a timeout, not a stale connection: the peer may be gone for good."""

    def behave(connection):
        connection.request()
        connection.send(b.OK)
        connection.stay()

    with Faulty(behave) as server, all_sockets_closed():
        await reusing.ask(plain(server))
        second = await reusing.ask(plain(server), HASTY)
    assert (second.outcome.error_type, second.stale_connections) == ("response_timeout", 0)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
NOT_KEPT = {
    "told to close": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok",
    "more than was announced": b.OK + b"surplus",
    "a body without end": b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * 1_100_000,
}


@pytest.mark.parametrize("response", NOT_KEPT.values(), ids=NOT_KEPT.keys())
async def test_not_kept_when_it_is_no_good(reusing, response):
    """A connection on which nothing can follow is closed, and the check is well."""
    with Faulty(b.then_silent(response)) as server, all_sockets_closed():
        first = await reusing.ask(plain(server))
    assert first.ok


@pytest.mark.parametrize("response", [CHUNKED, b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"])
async def test_kept_after_other_responses(reusing, response):
    """Chunks and failures by status leave a connection as good as it was."""

    def behave(connection):
        while connection.request():
            connection.send(response)

    with Faulty(behave) as server:
        for _ in range(2):
            await reusing.ask(plain(server))
    assert server.connections == 1


async def test_idle_ones_are_closed(reusing, monkeypatch):
    """What nobody took for long is closed when another one comes to rest, and is not handed out."""
    with Faulty(b.keeps) as old, Faulty(b.keeps) as young:
        await reusing.ask(plain(old))
        kept = sockets()
        monkeypatch.setattr(pool, "IDLE", 0.0)
        await reusing.ask(plain(young))
        old_closed = len(kept - sockets())
        await reusing.ask(plain(young))
        await reusing.transport.aclose()
    assert old_closed >= 1
    assert young.connections == 2


async def test_one_pool_for_each_trust(reusing):
    """A connection whose certificate was not verified serves no check that verifies, nor one for another name."""
    with Faulty(b.keeps, context=showing("good")) as server:
        url = f"https://{NAME}:{server.port}/"
        await reusing.ask(url, verify=False)
        checked = await reusing.ask(url)
        other = await reusing.ask(url, server_name="other.test")
    assert (checked.ok, checked.hops[0].reused) == (True, False)
    assert other.outcome.error_type == "tls_certificate_name_mismatch"
