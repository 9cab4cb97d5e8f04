"""What happened to one request, and when: the one truth from which spans, metrics, history and pages are derived.

Every instant is an ``int`` of nanoseconds of :func:`time.monotonic_ns`; :attr:`Timeline.anchor` turns it into wall
clock time. An instant that was never reached is ``None``; nothing here is ever guessed.
"""

import time
from dataclasses import dataclass, field
from typing import Literal

from otelnurse.probe.errors import ErrorType, Phase
from otelnurse.probe.target import Target

NS_PER_S = 1_000_000_000
Family = Literal["ipv4", "ipv6"]
"""Of addresses; ``network.type`` of the semantic conventions."""


@dataclass(slots=True)
class TcpInfo:
    """The kernel's own account of a connection (``struct tcp_info``, include/uapi/linux/tcp.h)."""

    rtt: float
    """Smoothed round-trip time, seconds."""
    min_rtt: float | None
    """Smallest round-trip time seen, seconds; None where the kernel does not say or has not seen one."""
    retransmits: int
    """Segments sent again, SYNs included."""
    segments_sent: int | None
    """Segments sent, retransmitted ones included; None where the kernel does not say."""


@dataclass(slots=True)
class Query:
    """One DNS question sent to one nameserver."""

    nameserver: str
    type: Literal["A", "AAAA"]
    name: str
    transport: Literal["udp", "tcp"]
    sent: int
    answered: int | None = None
    rcode: str | None = None
    """NOERROR, NXDOMAIN, SERVFAIL ... (RFC 6895); None when nothing usable came back."""
    nsid: str | None = None
    """Which replica answered, where the server says so (RFC 5001)."""
    error: ErrorType | None = None
    """dns_timeout, dns_server_failure or host_not_found when this query did not yield an answer section."""


@dataclass(slots=True)
class Lookup:
    """A name turned into addresses. Literal addresses have no lookup."""

    name: str
    start: int
    end: int | None = None
    answers: tuple[str, ...] = ()
    source: Literal["hosts", "dns", "told"] = "dns"
    """The hosts file, nameservers, or whoever ordered the request."""
    queries: list[Query] = field(default_factory=list)
    error: ErrorType | None = None


@dataclass(slots=True)
class Connect:
    """One address tried."""

    address: str
    port: int
    start: int
    end: int | None = None
    local_port: int | None = None
    tcp: TcpInfo | None = None
    error: ErrorType | None = None
    abandoned: bool = False
    """Given up because another address answered first: neither a success nor a failure."""

    @property
    def family(self) -> Family:
        """That of the address."""
        return "ipv6" if ":" in self.address else "ipv4"


@dataclass(slots=True)
class Certificate:
    """What is worth knowing of the certificate that a server showed."""

    not_before: float
    """Unix time, seconds."""
    not_after: float
    """Unix time, seconds."""


@dataclass(slots=True)
class Handshake:
    """One TLS handshake."""

    server_name: str
    start: int
    end: int | None = None
    version: str | None = None
    """As the semantic convention ``tls.protocol.version`` writes it: "1.2", "1.3"."""
    cipher: str | None = None
    certificate: Certificate | None = None
    fault: ErrorType | None = None
    """What is wrong with the certificate, also where that was told not to matter."""
    tcp: TcpInfo | None = None
    """The kernel's account when the handshake ended, well or not."""
    error: ErrorType | None = None


@dataclass(slots=True)
class Exchange:
    """The request sent and the response received."""

    start: int
    sent: int | None = None
    first_byte: int | None = None
    """When the kernel received the first byte of the response, where it says so; else as ``seen``."""
    seen: int | None = None
    """When this process got to see that byte."""
    received: int | None = None
    status: int | None = None
    body_size: int = 0
    """Octets of the body that were read."""
    headers: dict[str, str] = field(default_factory=dict)
    """Those of the response's headers that are read, with lower-case names; the last of a repeated one."""
    error: ErrorType | None = None


@dataclass(slots=True)
class Hop:
    """One HTTP request with all that was needed for it; a check has more than one when it was redirected."""

    method: str
    url: str
    host: str
    port: int
    start: int
    end: int | None = None
    phase: Phase = Phase.PREPARE
    """How far it has got."""
    lookup: Lookup | None = None
    connects: list[Connect] = field(default_factory=list)
    handshake: Handshake | None = None
    certificate_der: bytes | None = None
    """The certificate that an unverified handshake showed (X.509, DER), until it has been examined."""
    exchange: Exchange | None = None
    peer_address: str | None = None
    """Who was spoken to, or tried last: an IP address; None when no address was ever known."""
    peer_port: int | None = None
    reused: bool = False
    """Sent over a connection that an earlier check had left open."""
    tcp: TcpInfo | None = None
    """The kernel's account at the end, before the connection was closed or put back."""
    stale_tcp: TcpInfo | None = None
    """Its account of a kept connection that turned out dead, where the request was tried first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended."""

    error_type: str | None = None
    """None: well. Otherwise an :class:`ErrorType` or a status code as text."""
    phase: Phase | None = None
    """The phase it failed in; None exactly when it did not fail."""
    message: str = ""
    """For people: what was tried and what came of it."""

    @property
    def ok(self) -> bool:
        """Whether the check succeeded."""
        return self.error_type is None


@dataclass(slots=True)
class Timeline:
    """One run of a check."""

    target: Target
    start: int
    """When the first request was ready to go; until then, when the check began."""
    anchor: int
    """Wall clock minus monotonic clock when the check began, ns: add it to an instant to get Unix time."""
    end: int | None = None
    hops: list[Hop] = field(default_factory=list)
    outcome: Outcome | None = None
    """None while it runs, and for ever when it was cancelled."""
    stale_connections: int = 0
    """Kept connections that turned out dead before the first byte, so that the request went out once more."""
    lag: float | None = None
    """Seconds by which this process saw the first byte later than the kernel had it; None where unknown."""
    fever: tuple[str, ...] = ()
    """Why this measurement is not to be trusted: "lag", "throttled", "overlap"."""
    trace_id: str | None = None
    """32 hexadecimal digits, when the run is a trace."""

    @classmethod
    def begin(cls, target: Target) -> "Timeline":
        """Start the clock."""
        start = time.monotonic_ns()
        return cls(target, start, time.time_ns() - start)

    @property
    def duration(self) -> float:
        """Seconds from the first to the last instant; 0.0 while it runs."""
        return 0.0 if self.end is None else (self.end - self.start) / NS_PER_S

    @property
    def ok(self) -> bool:
        """Whether it ended well."""
        return self.outcome is not None and self.outcome.ok

    def unix_ns(self, instant: int) -> int:
        """An instant of this timeline as Unix time in nanoseconds."""
        return instant + self.anchor
