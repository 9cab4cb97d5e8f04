"""One question on its way to one nameserver, and what became of it."""

import errno
import time
from dataclasses import dataclass
from typing import Literal

from otelnurse.probe.dns.message import GarbledError, Question, decode
from otelnurse.probe.dns.nameserver import Nameserver
from otelnurse.probe.errors import ErrorType
from otelnurse.probe.timeline import Lookup, Query

_OUR_OWN_FAULT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class Answer:
    """How one question to one nameserver ended."""

    question: Question
    error: ErrorType | None
    """None: well, with addresses (or truncated). host_not_found: a clear answer without addresses."""
    reason: str
    """For people: who was asked, and what came of it."""
    rcode: str | None = None
    addresses: tuple[str, ...] = ()
    truncated: bool = False
    """To be asked again by TCP."""
    no_edns: bool = False
    """To be asked again without EDNS."""

    @property
    def final(self) -> bool:
        """Whether asking another nameserver would be of no use."""
        return self.error in {None, ErrorType.HOST_NOT_FOUND}


class Asked:
    """A question that was, or is just about to be, sent; it keeps its entry in the timeline up to date."""

    __slots__ = ("_edns", "_nameserver", "_query", "question", "wire")

    def __init__(
        self,
        lookup: Lookup,
        nameserver: Nameserver,
        question: Question,
        identifier: int,
        transport: Literal["udp", "tcp"],
        *,
        edns: bool,
    ) -> None:
        """``identifier`` is the message's id, 16 bits."""
        self.question = question
        self.wire = question.encode(identifier, edns=edns)
        self._nameserver = nameserver
        self._edns = edns
        self._query = Query(str(nameserver), question.type, question.name, transport, time.monotonic_ns())
        lookup.queries.append(self._query)

    def sending(self) -> None:
        """To be called right before the octets leave."""
        self._query.sent = time.monotonic_ns()

    def received(self, wire: bytes, at: int) -> Answer:
        """Take the answer, which belongs to this question, as it came in at ``at`` (monotonic ns)."""
        self._query.answered = at
        try:
            reply = decode(wire)
        except GarbledError as garbled:
            return self._end(ErrorType.DNS_SERVER_FAILURE, f"sent garbage ({garbled})")
        self._query.rcode, self._query.nsid = reply.rcode, reply.nsid
        if reply.truncated:
            return Answer(self.question, None, f"{self._nameserver} truncated its answer", reply.rcode, truncated=True)
        if reply.no_edns and self._edns:
            # A negotiation, not a failure: the question is put once more in the old way.
            return Answer(self.question, None, f"{self._nameserver} knows no EDNS", reply.rcode, no_edns=True)
        if reply.addresses:
            return Answer(self.question, None, "", reply.rcode, reply.addresses)
        if reply.rcode == "NOERROR":
            return self._end(ErrorType.HOST_NOT_FOUND, f"has no {self.question.type} record", reply.rcode)
        error = ErrorType.HOST_NOT_FOUND if reply.rcode == "NXDOMAIN" else ErrorType.DNS_SERVER_FAILURE
        return self._end(error, f"answered {reply.rcode}", reply.rcode)

    def unanswered(self) -> Answer:
        """Nothing came in time."""
        return self._end(ErrorType.DNS_TIMEOUT, "did not answer")

    def failed(self, error: OSError) -> Answer:
        """The system or the nameserver's host said no; a lack of descriptors or memory here is not the nameserver's."""
        kind = ErrorType.OTHER if error.errno in _OUR_OWN_FAULT else ErrorType.DNS_SERVER_FAILURE
        return self._end(kind, f"failed ({error.strerror or error})")

    def _end(self, error: ErrorType, what: str, rcode: str | None = None) -> Answer:
        self._query.error = error
        return Answer(self.question, error, f"{self._nameserver} {what}", rcode)
