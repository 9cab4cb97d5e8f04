"""DNS messages: the few octets that a question is, and what an answer to it says.

The wire format is dnspython's. A question costs it 60 us to encode and is always the same but for its id, so the rest
is kept; whether an answer belongs to a question is a comparison of octets, so that only answers are decoded.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

RecordType = Literal["A", "AAAA"]

PAYLOAD = 1232
"""Octets of an answer by UDP that we take: what passes every path unfragmented (DNS flag day 2020)."""
MAX_ADDRESSES = 32
"""Addresses of one answer that are kept; a headless Service may have thousands, and nobody connects to so many."""
_MAX_NSID = 128
_HEADER = 12
_TC, _QR, _RCODE = 0x02, 0x80, 0x0F
_NO_EDNS_KNOWN = frozenset({dns.rcode.FORMERR, dns.rcode.NOTIMP})
_WITHOUT_QUESTION = _NO_EDNS_KNOWN | {dns.rcode.SERVFAIL, dns.rcode.REFUSED}


class GarbledError(Exception):
    """What came is no DNS message that makes sense; the text says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """A name, absolute and in ASCII without the dot at the end, and what is asked about it."""

    name: str
    type: RecordType

    def encode(self, identifier: int, *, edns: bool) -> bytes:
        """The message to be sent, under a 16-bit id; with ``edns`` it asks the server to name itself (RFC 5001)."""
        return identifier.to_bytes(2, "big") + _after_id(self, edns=edns)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a nameserver said."""

    rcode: str
    """As RFC 6895 names it: NOERROR, NXDOMAIN ..."""
    addresses: tuple[str, ...] = ()
    """Of the asked type, CNAMEs followed; at most MAX_ADDRESSES."""
    nsid: str | None = None
    """The server's name for itself; hexadecimal where it is not text."""
    truncated: bool = False
    """There is more than fits; ask again by TCP. The addresses are not looked at."""

    @property
    def no_edns(self) -> bool:
        """Whether this is how a server refuses EDNS that does not know it (RFC 6891, section 7)."""
        return self.rcode in {"FORMERR", "NOTIMP"}


@lru_cache(maxsize=256)
def _after_id(question: Question, *, edns: bool) -> bytes:
    # Label by label, since dns.name.from_text() would take a backslash for an escape.
    labels = [label.encode("ascii") for label in question.name.split(".")] if question.name else []
    name = dns.name.Name([*labels, b""])
    message = dns.message.make_query(name, question.type)
    if edns:
        message.use_edns(0, payload=PAYLOAD, options=[dns.edns.GenericOption(dns.edns.OptionType.NSID, b"")])
    return message.to_wire()[2:]


def answers(sent: bytes, received: bytes) -> bool:
    """Whether ``received`` is the answer to ``sent``: same id, a response, and the same question.

    A refusal may come without the question. Case does not count in names, and folding cannot make two different
    questions equal: lengths of labels and our record types are below the letters.
    """
    if len(received) < _HEADER or received[:2] != sent[:2] or not received[2] & _QR:
        return False
    if received[4:6] == b"\0\0":
        return received[3] & _RCODE in _WITHOUT_QUESTION
    end = sent.index(b"\0", _HEADER) + 5
    return received[4:6] == b"\0\1" and received[_HEADER:end].lower() == sent[_HEADER:end].lower()


def decode(wire: bytes) -> Reply:
    """Read an answer that :func:`answers` let pass.

    Raises:
        GarbledError: it cannot be read, or contradicts itself.
    """
    if wire[2] & _TC:
        # Not parsed: it may end in the middle of a record.
        return Reply(_rcode_text(wire[3] & _RCODE), truncated=True)
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True)
        rcode = message.rcode()
        found: tuple[str, ...] = ()
        if rcode == dns.rcode.NOERROR and isinstance(message, dns.message.QueryMessage):
            rrset = message.resolve_chaining().answer
            found = () if rrset is None else tuple(record.address for record in rrset)
    except (dns.exception.DNSException, ValueError) as error:
        raise GarbledError(str(error) or type(error).__name__) from error
    nsid = next((_nsid(option) for option in message.options if option.otype == dns.edns.OptionType.NSID), None)
    return Reply(_rcode_text(rcode), found[:MAX_ADDRESSES], nsid)


def _rcode_text(rcode: int) -> str:
    return dns.rcode.to_text(dns.rcode.Rcode.make(rcode))


def _nsid(option: dns.edns.Option) -> str | None:
    octets = option.to_wire() or b""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    return (text if text.isprintable() and text else octets.hex())[:_MAX_NSID] or None
