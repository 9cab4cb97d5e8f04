"""A question by TCP: where the answer does not fit into a datagram, or resolv.conf says so (RFC 7766)."""

import os
import secrets
import socket
import time

import anyio

from otelnurse.probe.dns.asked import Answer, Asked
from otelnurse.probe.dns.message import Question, answers
from otelnurse.probe.dns.nameserver import Nameserver
from otelnurse.probe.timeline import Lookup


async def ask(lookup: Lookup, nameserver: Nameserver, questions: list[Question], patience: float) -> list[Answer]:
    """Ask one nameserver, at most ``patience`` seconds, all questions at once and each on a connection of its own."""
    found: list[Answer] = []

    async def converse(question: Question) -> None:
        answer = await _converse(lookup, nameserver, question, patience, edns=True)
        if answer.no_edns:
            answer = await _converse(lookup, nameserver, question, patience, edns=False)
        found.append(answer)

    async with anyio.create_task_group() as tasks:
        for question in questions:
            tasks.start_soon(converse, question)
    return found


async def _converse(
    lookup: Lookup, nameserver: Nameserver, question: Question, patience: float, *, edns: bool
) -> Answer:
    asked = Asked(lookup, nameserver, question, secrets.randbits(16), "tcp", edns=edns)
    try:
        with anyio.move_on_after(patience), nameserver.socket(socket.SOCK_STREAM) as sock:
            await _connect(sock, nameserver.sockaddr())
            asked.sending()
            await _send(sock, len(asked.wire).to_bytes(2, "big") + asked.wire)
            size = int.from_bytes(await _receive(sock, 2), "big")
            wire = await _receive(sock, size)
            return _judge(asked, wire, time.monotonic_ns())
    except OSError as error:
        return asked.failed(error)
    return asked.unanswered()


def _judge(asked: Asked, wire: bytes, at: int) -> Answer:
    # Unlike by UDP nobody else can have sent this, and nothing better will come.
    if not answers(asked.wire, wire):
        return asked.failed(OSError("it answered something else"))
    answer = asked.received(wire, at)
    return asked.failed(OSError("it truncated its answer by TCP")) if answer.truncated else answer


async def _connect(sock: socket.socket, address: tuple[str | int, ...]) -> None:
    try:
        sock.connect(address)
    except BlockingIOError:
        await anyio.wait_writable(sock)
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code)) from None


async def _send(sock: socket.socket, octets: bytes) -> None:
    while octets:
        try:
            octets = octets[sock.send(octets) :]
        except BlockingIOError:
            await anyio.wait_writable(sock)


async def _receive(sock: socket.socket, size: int) -> bytes:
    """Exactly ``size`` octets; an ``OSError`` where the connection ends before."""
    octets = b""
    while len(octets) < size:
        await anyio.wait_readable(sock)
        try:
            part = sock.recv(size - len(octets))
        except BlockingIOError:
            continue
        if not part:
            raise OSError("it closed the connection")
        octets += part
    return octets
