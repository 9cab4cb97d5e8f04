"""Sending, receiving and closing on non-blocking sockets, encrypted or not."""

import errno
import os
import socket
import ssl
import time
from dataclasses import dataclass

import anyio

from otelnurse.probe.tcpinfo import arrival_lag

_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Received:
    """Some bytes, and when they came."""

    data: bytes
    """Empty at the end of the stream."""
    arrived: int
    """When the kernel had them (where it says so), monotonic ns."""
    seen: int
    """When this process had them, monotonic ns."""
    lag: float | None
    """Seconds between the two, None where the kernel does not say."""


async def send_all(sock: socket.socket, data: bytes) -> None:
    """Hand all of ``data`` to the kernel; raises ``OSError`` as the socket does."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[sock.send(rest) :]
        except (BlockingIOError, ssl.SSLWantWriteError):
            await anyio.wait_writable(sock)
        except ssl.SSLWantReadError:
            await anyio.wait_readable(sock)
        except ssl.SSLEOFError as error:
            raise _reset() from error  # writing meets no end of a stream


async def receive(sock: socket.socket, *, stamped: bool) -> Received:
    """Wait for bytes and take them; raises ``OSError`` as the socket does.

    With ``stamped`` the kernel is asked when they arrived. Under TLS the stamp tells this process's lag alone: the
    first bytes that wait may be a session ticket, older than the response.
    """
    encrypted = isinstance(sock, ssl.SSLSocket)
    while True:
        if not (encrypted and sock.pending()):  # type: ignore[attr-defined]
            await anyio.wait_readable(sock)
        lag = arrival_lag(sock, last=encrypted) if stamped else None
        try:
            data = sock.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            continue
        except ssl.SSLWantWriteError:
            await anyio.wait_writable(sock)
            continue
        except ssl.SSLEOFError as error:
            if _is_reset(error):
                raise _reset() from error
            data = b""  # many servers end without saying so; whoever must know has sent a length
        seen = time.monotonic_ns()
        arrived = seen if encrypted or lag is None else seen - lag
        return Received(data, arrived, seen, None if lag is None else lag / 1e9)


async def shake_hands(sock: ssl.SSLSocket) -> None:
    """Run the TLS handshake; raises ``OSError`` (of which ``ssl.SSLError`` is one) as it does."""
    while True:
        try:
            sock.do_handshake()
        except ssl.SSLWantReadError:
            await anyio.wait_readable(sock)
        except ssl.SSLWantWriteError:
            await anyio.wait_writable(sock)
        else:
            return


def is_dead(sock: socket.socket) -> bool:
    """Whether an idle connection has ended: the peer closed it, or it has something to say that nobody asked for.

    A TLS session ticket may wait; it makes no difference, since what follows it cannot be seen from here.
    """
    try:
        waiting = socket.socket.recv(sock, 1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return not waiting or not isinstance(sock, ssl.SSLSocket)


def _is_reset(error: ssl.SSLEOFError) -> bool:
    """Whether the peer has reset: up to Python 3.11.8 and 3.12.2 that looks like an end under TLS (gh-115627).

    What tells the two apart is the reason, which OpenSSL 3 gives for a true end alone.
    """
    return ssl.OPENSSL_VERSION_INFO >= (3,) and error.reason != "UNEXPECTED_EOF_WHILE_READING"


def _reset() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
