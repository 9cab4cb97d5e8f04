"""What the relays and the stand-ins share: as much of sockets and HTTP/1.1 as a GET without a body needs."""

import socket
import struct
from http import HTTPStatus

import anyio
from anyio.abc import ByteStream

LOOPBACK = "127.0.0.1"
"""macOS has no other loopback address than this one."""

GONE = (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream)
"""What a peer that went away raises, in any of its forms."""

_MAX_HEAD = 16 * 1024


def bound_socket(port: int = 0) -> socket.socket:
    """A TCP socket that has a port of 127.0.0.1 (a free one for 0) and does not listen: whoever connects is refused."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((LOOPBACK, port))
    return sock


def reset(sock: socket.socket) -> None:
    """Close with RST in place of FIN: what a crashed process or a stateful firewall does to a connection."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


async def read_head(stream: ByteStream) -> bytes:
    """Request line and headers, up to and with the empty line.

    Raises:
        OSError: They are longer than 16 KiB.
        anyio.EndOfStream: They ended before the empty line. Any of :data:`GONE` may be raised as well.
    """
    head = b""
    while b"\r\n\r\n" not in head:
        if len(head) > _MAX_HEAD:
            raise OSError("the head of a request is longer than 16 KiB")
        head += await stream.receive()
    return head


async def respond(stream: ByteStream, status: HTTPStatus, body: str) -> None:
    """Send a whole JSON response that announces the end of the connection; raises :data:`GONE`."""
    payload = body.encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\nConnection: close\r\n\r\n"
    )
    await stream.send(head.encode() + payload)


async def splice(client: ByteStream, upstream: ByteStream) -> None:
    """Carry bytes both ways until both ends are through, or one of them breaks; raises nothing."""

    async def pump(source: ByteStream, sink: ByteStream) -> None:
        try:
            async for chunk in source:
                await sink.send(chunk)
            await sink.send_eof()
        except GONE:
            both.cancel_scope.cancel()

    async with anyio.create_task_group() as both:
        both.start_soon(pump, client, upstream)
        both.start_soon(pump, upstream, client)
