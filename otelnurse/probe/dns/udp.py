"""Questions by UDP: all at once from one socket, as glibc does, so that a network that loses one of two shows it."""

import secrets
import socket
import time

import anyio

from otelnurse.probe.dns.asked import Answer, Asked
from otelnurse.probe.dns.message import Question, answers
from otelnurse.probe.dns.nameserver import Nameserver
from otelnurse.probe.timeline import Lookup

_BUFFER = 4096
"""Octets; more than was asked for, so that a server that sends a little more is still understood."""
_BURST = 16
"""Datagrams taken in before the loop gets its turn, however many are waiting."""


async def ask(lookup: Lookup, nameserver: Nameserver, questions: list[Question], patience: float) -> list[Answer]:
    """Ask one nameserver, wait at most ``patience`` seconds, and tell how each question ended."""
    conversation = _Conversation(lookup, nameserver)
    for question in questions:
        conversation.prepare(question, edns=True)
    try:
        with nameserver.socket(socket.SOCK_DGRAM) as sock:
            # Connected, so that the kernel passes on that nobody listens, and strangers' datagrams are dropped.
            sock.connect(nameserver.sockaddr())
            conversation.send(sock)
            with anyio.move_on_after(patience):
                while conversation.open:
                    await anyio.wait_readable(sock)
                    conversation.receive(sock)
    except OSError as error:
        conversation.end_with(error)
    conversation.end_with(None)
    return conversation.answers


class _Conversation:
    """The open questions to one nameserver by their ids, and the answers so far."""

    def __init__(self, lookup: Lookup, nameserver: Nameserver) -> None:
        self.open: dict[int, Asked] = {}
        self.answers: list[Answer] = []
        self._lookup = lookup
        self._nameserver = nameserver

    def prepare(self, question: Question, *, edns: bool) -> Asked:
        identifier = secrets.randbits(16)
        while identifier in self.open:
            identifier = secrets.randbits(16)
        asked = Asked(self._lookup, self._nameserver, question, identifier, "udp", edns=edns)
        self.open[identifier] = asked
        return asked

    def send(self, sock: socket.socket) -> None:
        for asked in self.open.values():
            asked.sending()
            sock.send(asked.wire)

    def receive(self, sock: socket.socket) -> None:
        """Take what has come, all of it before any of it is looked at: decoding would delay the next one's time."""
        came: list[tuple[bytes, int]] = []
        try:
            while len(came) < _BURST:
                wire = sock.recv(_BUFFER)
                came.append((wire, time.monotonic_ns()))
        except BlockingIOError:
            pass
        finally:
            # Also when the socket says that the host refuses: what came before that counts.
            for wire, at in came:
                self._take(sock, wire, at)

    def _take(self, sock: socket.socket, wire: bytes, at: int) -> None:
        identifier = int.from_bytes(wire[:2], "big")
        asked = self.open.get(identifier)
        if asked is None or not answers(asked.wire, wire):
            # Not ours: a late one, a broken or a forged one. The right one may still come.
            return
        del self.open[identifier]
        answer = asked.received(wire, at)
        if answer.no_edns:
            again = self.prepare(asked.question, edns=False)
            again.sending()
            sock.send(again.wire)
        else:
            self.answers.append(answer)

    def end_with(self, error: OSError | None) -> None:
        """End what is still open: by an error, or because time is up."""
        for asked in self.open.values():
            self.answers.append(asked.unanswered() if error is None else asked.failed(error))
        self.open.clear()
