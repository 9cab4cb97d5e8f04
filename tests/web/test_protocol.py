"""What one client can take from a nurse: a request has bounds, in octets and in time."""

import itertools
from contextlib import asynccontextmanager

import anyio
import pytest

from otelnurse.web import protocol
from tests.parts import nurses

pytestmark = pytest.mark.anyio

REQUEST = b"GET /ready HTTP/1.1\r\nHost: nurse\r\n"
CHUNK = b"x" * 16_384


@asynccontextmanager
async def connected():
    """A nurse, and a connection to it."""
    async with nurses.running() as nurse, await anyio.connect_tcp("127.0.0.1", nurse.port) as stream:
        yield stream


async def answer(stream):
    """All that comes until the other side closes or resets the connection."""
    received = b""
    with anyio.fail_after(nurses.WAIT):
        while True:
            try:
                received += await stream.receive()
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return received


async def send_without_end(stream, beginning, chunk):
    """Send as long as the other side takes it; the number of octets."""
    sent = 0
    with anyio.fail_after(nurses.WAIT):
        for piece in itertools.chain([beginning], itertools.repeat(chunk)):
            try:
                await stream.send(piece)
            except anyio.BrokenResourceError:
                return sent
            sent += len(piece)
    raise AssertionError("nobody ends what is without end")


ENDLESS = {
    "header": (REQUEST + b"X-Long: ", CHUNK),
    "headers": (REQUEST, b"X-Many: 1\r\n" * 1000),
    "target": (b"GET /", CHUNK),
    "trailers": (REQUEST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Many: 1\r\n" * 1000),
    "chunk extension": (REQUEST + b"Transfer-Encoding: chunked\r\n\r\n5;x=", CHUNK),
}


@pytest.mark.parametrize("endless", ENDLESS)
async def test_a_request_without_end_is_cut_off(endless, monkeypatch):
    """What has no end is refused after 64 KiB and what the kernel holds of it, not kept in memory."""
    monkeypatch.setattr(protocol, "COMPLETE_WITHIN", nurses.WAIT * 2)  # octets alone are to do it
    async with connected() as stream:
        assert await send_without_end(stream, *ENDLESS[endless]) < 64 * 1024 * 1024


async def test_the_client_is_told_that_its_head_is_too_large():
    """A client with too many headers sees status 431 (RFC 6585)."""
    async with connected() as stream:
        await stream.send(REQUEST + b"X-Long: " + b"x" * (protocol.MAX_HEAD + 1))
        assert (await answer(stream)).startswith(b"HTTP/1.1 431 ")


async def test_a_head_within_the_bound_is_answered():
    """Cookies and the like of 32 KiB disturb nobody."""
    async with connected() as stream:
        await stream.send(REQUEST + b"Connection: close\r\nX-Long: " + CHUNK * 2 + b"\r\n\r\n")
        assert (await answer(stream)).startswith(b"HTTP/1.1 200 ")


HALF = {
    "nothing": b"",
    "an empty line": b"\r\n",
    "half a head": REQUEST,
    "half a body": REQUEST + b"Content-Length: 10\r\n\r\n12345",
    "a request and a half": REQUEST + b"\r\n" + REQUEST,
}


@pytest.mark.parametrize("half", HALF)
async def test_half_a_request_is_not_waited_for(half, monkeypatch):
    """Who connects and sends no whole request is hung up on."""
    monkeypatch.setattr(protocol, "COMPLETE_WITHIN", 0.05)
    async with connected() as stream:
        if HALF[half]:
            await stream.send(HALF[half])
        await answer(stream)


async def test_idle_connections_between_requests_are_kept(monkeypatch):
    """The patience for half a request is none for a neighbour that keeps its connection for the next round."""
    monkeypatch.setattr(protocol, "COMPLETE_WITHIN", 0.2)
    async with connected() as stream:
        for _ in range(2):
            await stream.send(REQUEST + b"\r\n")
            assert (await stream.receive()).startswith(b"HTTP/1.1 200 ")
            await anyio.sleep(0.4)


@pytest.mark.parametrize("body", [b"Content-Length: 10000000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
async def test_a_body_is_answered_and_kept_nowhere(body, monkeypatch):
    """However much is sent to a page that reads none of it, the nurse's memory does not grow with it."""
    monkeypatch.setattr(protocol, "COMPLETE_WITHIN", nurses.WAIT * 2)
    piece = CHUNK if b"Length" in body else b"%x\r\n%s\r\n" % (len(CHUNK), CHUNK)
    kept = []
    real = protocol.BoundedProtocol.on_body

    def look(self, octets):
        real(self, octets)
        kept.append(len(self.cycle.body))

    monkeypatch.setattr(protocol.BoundedProtocol, "on_body", look)
    async with connected() as stream:
        await stream.send(REQUEST + body)
        for _ in range(1000):
            await stream.send(piece)
        assert (await stream.receive()).startswith(b"HTTP/1.1 200 ")
        await nurses.eventually(lambda: kept, what="a part of the body")
    assert max(kept) == 0
