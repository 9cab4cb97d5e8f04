"""From addresses to one connected socket: happy eyeballs over all of them (RFC 8305)."""

import errno
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

import anyio

from otelnurse.probe.errors import ErrorType, Phase, ProbeError, failure, from_os_error
from otelnurse.probe.tcpinfo import ask_for_timestamps, read_tcp_info
from otelnurse.probe.timeline import Connect

ATTEMPT_DELAY = 0.25
"""Seconds that an address gets before the next one is tried beside it (RFC 8305, section 5)."""


@dataclass(slots=True)
class _Race:
    """What the attempts of one connect share."""

    winner: socket.socket | None = None
    won: Connect | None = None
    """The winner's record."""
    error: ProbeError | None = None
    """Of the attempt that failed last."""


async def connect(addresses: Sequence[str], port: int, connects: list[Connect]) -> socket.socket:
    """Connect to the first of ``addresses`` that answers and return the non-blocking socket.

    Each address tried is appended to ``connects``. Raises the :class:`ProbeError` of the attempt that failed last;
    when the caller's deadline cuts in, every socket is closed and the open records are left for it to finish.
    """
    if len(addresses) == 1:
        return await _attempt(_recorded(addresses[0], port, connects))
    race = _Race()
    try:
        async with anyio.create_task_group() as attempts:
            for address in interleave(addresses):
                failed = anyio.Event()
                attempts.start_soon(_enter, race, address, port, connects, failed, attempts.cancel_scope)
                with anyio.move_on_after(ATTEMPT_DELAY):
                    await failed.wait()
    except BaseException:
        if race.winner and race.won:
            race.winner.close()
            race.won.end = None  # it came too late for whoever asked
        raise
    if race.winner is None:
        assert race.error is not None  # noqa: S101  # every attempt has ended, so the last one left its reason
        raise race.error
    now = time.monotonic_ns()
    for record in connects:
        if record.end is None:
            record.end, record.abandoned = now, True
    return race.winner


def interleave(addresses: Sequence[str]) -> list[str]:
    """Order addresses so that the families take turns, beginning with the first one's (RFC 8305, section 4)."""
    first = [a for a in addresses if _family(a) == _family(addresses[0])]
    second = [a for a in addresses if _family(a) != _family(addresses[0])]
    return [a for a in chain.from_iterable(zip_longest(first, second)) if a is not None]


async def _enter(
    race: _Race,
    address: str,
    port: int,
    connects: list[Connect],
    failed: anyio.Event,
    scope: anyio.CancelScope,
) -> None:
    record = _recorded(address, port, connects)
    try:
        sock = await _attempt(record)
    except ProbeError as error:
        race.error = error
        failed.set()
        return
    if race.winner is None:
        race.winner, race.won = sock, record
        scope.cancel()
    else:
        record.abandoned = True
        sock.close()


def _recorded(address: str, port: int, connects: list[Connect]) -> Connect:
    record = Connect(address, port, start=time.monotonic_ns())
    connects.append(record)
    return record


async def _attempt(record: Connect) -> socket.socket:
    destination = (record.address, record.port)
    sock: socket.socket | None = None
    try:
        sock = socket.socket(_family(record.address), socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ask_for_timestamps(sock)
        code = sock.connect_ex(destination)
        if code == errno.EINPROGRESS:
            await anyio.wait_writable(sock)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        record.end = time.monotonic_ns()
        if code:
            raise OSError(code, os.strerror(code))
        local = sock.getsockname()
        record.local_port = local[1]
        if local[:2] == destination:
            # TCP's simultaneous open with oneself, when a free port in the ephemeral range is dialled on loopback.
            raise ConnectionRefusedError(errno.ECONNREFUSED, "nobody listens there: the socket met itself")
    except BaseException as error:
        if sock is not None:
            record.tcp = read_tcp_info(sock)
            sock.close()
        if not isinstance(error, OSError):
            raise
        record.end = record.end or time.monotonic_ns()
        record.error = from_os_error(error, Phase.CONNECT)
        raise _told(record, error) from error
    record.tcp = read_tcp_info(sock)
    return sock


def _told(record: Connect, error: OSError) -> ProbeError:
    where = f"[{record.address}]" if record.family == "ipv6" else record.address
    words = error.strerror or str(error)
    return failure(record.error or ErrorType.OTHER, Phase.CONNECT, f"connect to {where}:{record.port}: {words}")


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
