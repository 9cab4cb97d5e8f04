"""A nameserver that misbehaves as it is told to, on a free port of 127.0.0.1, by UDP and TCP, in one thread."""

import selectors
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.parts.waiting import eventually


@dataclass
class Asked:
    """One question that came in."""

    message: dns.message.Message
    transport: str
    source_port: int

    @property
    def name(self):
        """What was asked about, without the dot at the end, in lower case."""
        return self.message.question[0].name.to_text(omit_final_dot=True).lower()

    @property
    def type(self):
        """A or AAAA."""
        return dns.rdatatype.to_text(self.message.question[0].rdtype)


Behaviour = Callable[[Asked], list[bytes]]
"""What to send for a question: messages, in this order; none is silence by UDP and the end of the connection by TCP."""


def says(*addresses, rcode="NOERROR", cnames=(), nsid=None, flags=0):
    """An honest answer: the addresses of the asked type, at the end of a chain of CNAMEs."""

    def behave(asked):
        response = dns.message.make_response(asked.message)
        response.set_rcode(dns.rcode.from_text(rcode))
        response.flags |= flags
        owner = f"{asked.name}."
        for target in cnames:
            response.answer.append(dns.rrset.from_text(owner, 5, "IN", "CNAME", target))
            owner = target
        fitting = [address for address in addresses if (":" in address) == (asked.type == "AAAA")]
        if fitting:
            response.answer.append(dns.rrset.from_text(owner, 5, "IN", asked.type, *fitting))
        if nsid is not None and asked.message.edns >= 0:
            response.use_edns(0, options=[dns.edns.NSIDOption(nsid)])
        # Larger than a datagram may be: who wants it cut says so.
        return [response.to_wire(max_size=65535)]

    return behave


def silence(_asked):
    """No answer."""
    return []


def hold(_asked):
    """An empty datagram by UDP; by TCP the connection stays open and nothing comes."""
    return [b""]


def garbage(asked):
    """Octets that begin like an answer to the question and make no sense."""
    wire = says("192.0.2.1", "2001:db8::1")(asked)[0]
    return [wire[:-7] + b"\xff" * 3]


def truncated(asked):
    """There is more than fits into a datagram; ask by TCP."""
    return says(flags=dns.flags.TC)(asked)


def without_edns(behaviour):
    """A server from before EDNS: FORMERR, header only, to any question that carries it."""

    def behave(asked):
        if asked.message.edns < 0:
            return behaviour(asked)
        return [asked.message.id.to_bytes(2, "big") + b"\x81\x01" + bytes(8)]

    return behave


def under_a_wrong_id(behaviour):
    """The answer to the question, but under another id."""

    def behave(asked):
        return [bytes([wire[0] ^ 0xFF]) + wire[1:] for wire in behaviour(asked)]

    return behave


def to_another_question(behaviour):
    """An answer under the right id to what was not asked."""

    def behave(asked):
        query = dns.message.make_query("other.example.", asked.type, id=asked.message.id)
        return behaviour(Asked(query, asked.transport, asked.source_port))

    return behave


def echo(asked):
    """The question itself, sent back: no response."""
    return [asked.message.to_wire()]


def in_turn(*behaviours):
    """Another behaviour each time it is asked; the last one for ever."""
    left = list(behaviours)

    def behave(asked):
        return (left.pop(0) if len(left) > 1 else left[0])(asked)

    return behave


def all_of(*behaviours):
    """All these answers, one after the other."""

    def behave(asked):
        return [wire for behaviour in behaviours for wire in behaviour(asked)]

    return behave


class Nameserver:
    """Answers as its script says; names that are not in it do not exist."""

    def __init__(self):
        self.asked = []
        self._script = {}
        self._udp, self._tcp = _same_port()
        self.address = self._udp.getsockname()
        self._stop, self._stopped = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._udp, selectors.EVENT_READ, self._on_datagram)
        self._selector.register(self._tcp, selectors.EVENT_READ, self._on_connection)
        self._selector.register(self._stopped, selectors.EVENT_READ, None)
        self._connections = {}
        self._thread = threading.Thread(target=self._run, name="misbehaving nameserver")
        self._thread.start()

    def script(self, name, behaviour, *, type=None, transport=None):  # noqa: A002 - the word of DNS
        """Set what happens when ``name`` is asked about; ``type`` and ``transport`` narrow it down."""
        self._script[name, type, transport] = behaviour

    def stop_listening(self):
        """Close the UDP port, so that the kernel says that nobody is there."""
        self._selector.unregister(self._udp)
        self._udp.close()

    def close(self):
        """End the thread and close everything."""
        self._stop.close()
        self._thread.join()
        self._selector.close()
        for sock in (self._udp, self._tcp, self._stopped, *self._connections):
            sock.close()

    def wait_until_asked(self, count, transport):
        """Return when ``count`` questions have come by this transport."""
        eventually(
            lambda: sum(asked.transport == transport for asked in list(self.asked)) >= count,
            what=f"{count} questions by {transport}",
        )

    def _run(self):
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                key.data(key.fileobj)

    def _on_datagram(self, sock):
        wire, source = sock.recvfrom(65535)
        for answer in self._behave(wire, "udp", source[1]):
            sock.sendto(answer, source)

    def _on_connection(self, listener):
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections[sock] = b""
        self._selector.register(sock, selectors.EVENT_READ, self._on_octets)

    def _on_octets(self, sock):
        try:
            octets = sock.recv(65535)
            self._connections[sock] += octets
            if not octets or self._answer(sock) == []:
                self._hang_up(sock)
        except ConnectionError:
            self._hang_up(sock)

    def _answer(self, sock):
        received = self._connections[sock]
        if len(received) < 2 + int.from_bytes(received[:2], "big"):
            return None
        self._connections[sock] = b""
        answers = self._behave(received[2:], "tcp", sock.getpeername()[1])
        for answer in answers:
            framed = len(answer).to_bytes(2, "big") + answer if answer else b""
            # The first ones alone: whoever reads this must put it together.
            for part in (framed[:1], framed[1:2], framed[2:20], framed[20:]):
                if part:
                    sock.sendall(part)
        return answers

    def _hang_up(self, sock):
        self._selector.unregister(sock)
        sock.close()
        del self._connections[sock]

    def _behave(self, wire, transport, source_port):
        asked = Asked(dns.message.from_wire(wire), transport, source_port)
        self.asked.append(asked)
        for key in (
            (asked.name, asked.type, transport),
            (asked.name, None, transport),
            (asked.name, asked.type, None),
            (asked.name, None, None),
        ):
            if key in self._script:
                return self._script[key](asked)
        return says(rcode="NXDOMAIN")(asked)


def _same_port():
    """A datagram and a listening socket on one free port of 127.0.0.1."""
    while True:
        udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
        try:
            tcp.bind(("127.0.0.1", 0))
            tcp.listen()
            udp.bind(tcp.getsockname())
        except OSError:
            udp.close()
            tcp.close()
        else:
            return udp, tcp
