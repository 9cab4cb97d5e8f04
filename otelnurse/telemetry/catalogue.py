"""Every metric there is, as data: what makes the instruments, and what docs/metrics.md is held to."""

from dataclasses import dataclass
from typing import Literal

from otelnurse.telemetry import names

Kind = Literal["histogram", "counter", "gauge", "updowncounter"]


@dataclass(frozen=True, slots=True)
class Spec:
    """One instrument: ``meaning`` is its description, ``boundaries`` are a histogram's own (None: configured)."""

    name: str
    kind: Kind
    unit: str
    attributes: tuple[str, ...]
    meaning: str
    boundaries: tuple[float, ...] | None = None


CHECK_DURATION = Spec(
    "otelnurse.check.duration",
    "histogram",
    "s",
    (names.CHECK_TYPE, names.CHECK_NAME, names.ERROR_TYPE),
    "Duration of checks, failed ones included",
)
PHASE_DURATION = Spec(
    "otelnurse.check.phase.duration",
    "histogram",
    "s",
    (names.CHECK_TYPE, names.PHASE),
    "Time that checks spent in a phase that they began, to its end or to the failure",
    (0.0002, 0.001, 0.005, 0.025, 0.1, 0.5, 2),
)
PATH_DURATION = Spec(
    "otelnurse.path.duration",
    "histogram",
    "s",
    (names.PEER_NODE,),
    "Duration of checks of a neighbour, failed ones included",
    (0.001, 0.005, 0.025, 0.2, 1),
)
PATH_CHECKS = Spec("otelnurse.path.checks", "counter", "{check}", (names.PEER_NODE,), "Checks of a neighbour")
PATH_FAILURES = Spec(
    "otelnurse.path.failures", "counter", "{check}", (names.PEER_NODE,), "Checks of a neighbour that failed"
)
PATH_RTT = Spec(
    "otelnurse.path.rtt",
    "gauge",
    "s",
    (names.PEER_NODE,),
    "Smallest round-trip time to a neighbour that the kernel measured since the last export",
)
PATH_SEGMENTS = Spec(
    "otelnurse.path.segments.sent",
    "counter",
    "{segment}",
    (names.PEER_NODE,),
    "TCP segments sent to a neighbour, those sent again included",
)
PATH_RETRANSMITTED = Spec(
    "otelnurse.path.segments.retransmitted",
    "counter",
    "{segment}",
    (names.PEER_NODE,),
    "TCP segments sent again to a neighbour, SYNs included",
)
PATH_SYNS = Spec(
    "otelnurse.path.syn.retransmitted",
    "counter",
    "{segment}",
    (names.PEER_NODE,),
    "TCP SYNs sent again to a neighbour",
)
DNS_QUERIES = Spec(
    "otelnurse.dns.queries",
    "counter",
    "{query}",
    (names.SERVER_ADDRESS, names.DNS_ZONE, names.ERROR_TYPE),
    "DNS queries sent, by nameserver",
)
CONNECTIONS_STALE = Spec(
    "otelnurse.connection.stale",
    "counter",
    "{connection}",
    (names.CHECK_TYPE,),
    "Kept connections that were dead when they were to be used again",
)
ROUND_LAST = Spec(
    "otelnurse.round.last", "gauge", "s", (), "Unix time at which the last round finished: the nurse's heartbeat"
)
ROUND_LAG = Spec(
    "otelnurse.round.lag", "histogram", "s", (), "How late rounds began", (0.001, 0.005, 0.02, 0.1, 0.5, 2)
)
ROUND_SKIPPED = Spec(
    "otelnurse.round.skipped",
    "counter",
    "{check}",
    (names.CHECK_TYPE,),
    "Checks that were due and did not run: the last run was not over, or too many were open",
)
FEVER_DURATION = Spec(
    "otelnurse.fever",
    "histogram",
    "s",
    (names.ERROR_TYPE,),
    "Duration of the probe of the nurse's own loopback address: what measuring itself costs",
    (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.02, 0.1),
)
FEVER_CHECKS = Spec(
    "otelnurse.fever.checks",
    "counter",
    "{check}",
    (names.FEVER, names.CHECK_TYPE),
    "Successful checks measured in fever; those under lag or throttled are missing from the latency histograms",
)
NEIGHBOUR_COUNT = Spec("otelnurse.neighbour.count", "gauge", "{neighbour}", (), "Neighbours that this nurse checks")
NEIGHBOUR_INCOMING = Spec(
    "otelnurse.neighbour.incoming", "gauge", "{neighbour}", (), "Neighbours that asked this nurse in the last minute"
)
INCOMING_OVERFLOW = Spec(
    "otelnurse.neighbour.incoming.overflow",
    "counter",
    "{request}",
    (),
    "Requests of neighbours beyond the number that is told apart",
)
DISCOVERY_AGE = Spec(
    "otelnurse.discovery.age", "gauge", "s", (names.SOURCE,), "Time since a source of neighbours last said something"
)
DISCOVERY_ERRORS = Spec(
    "otelnurse.discovery.errors", "counter", "{error}", (names.SOURCE,), "Times that a source of neighbours failed"
)
DISCOVERY_EVENTS = Spec(
    "otelnurse.discovery.events", "counter", "{event}", (names.SOURCE,), "Times that a source of neighbours spoke"
)
CERTIFICATE_NOT_AFTER = Spec(
    "otelnurse.certificate.not_after",
    "gauge",
    "s",
    (names.CHECK_NAME, names.SERVER_ADDRESS),
    "Unix time at which the certificate that a server last showed ends to be valid",
)
TRACE_KEPT = Spec(
    "otelnurse.trace.kept", "counter", "{trace}", (names.KEPT_BECAUSE,), "Traces of this nurse's checks kept for export"
)
TRACE_DROPPED = Spec(
    "otelnurse.trace.dropped", "counter", "{trace}", (names.REASON,), "Kept traces whose root span was never delivered"
)
CPU_TIME = Spec("process.cpu.time", "counter", "s", (names.CPU_MODE,), "CPU time used by the nurse's process")
MEMORY = Spec("process.memory.usage", "updowncounter", "By", (), "Resident memory of the nurse's process")

CATALOGUE = (
    CHECK_DURATION,
    PHASE_DURATION,
    PATH_DURATION,
    PATH_CHECKS,
    PATH_FAILURES,
    PATH_RTT,
    PATH_SEGMENTS,
    PATH_RETRANSMITTED,
    PATH_SYNS,
    DNS_QUERIES,
    CONNECTIONS_STALE,
    ROUND_LAST,
    ROUND_LAG,
    ROUND_SKIPPED,
    FEVER_DURATION,
    FEVER_CHECKS,
    NEIGHBOUR_COUNT,
    NEIGHBOUR_INCOMING,
    INCOMING_OVERFLOW,
    DISCOVERY_AGE,
    DISCOVERY_ERRORS,
    DISCOVERY_EVENTS,
    CERTIFICATE_NOT_AFTER,
    TRACE_KEPT,
    TRACE_DROPPED,
    CPU_TIME,
    MEMORY,
)
"""All of them, in the order in which docs/metrics.md has them."""


def integral(boundaries: tuple[float, ...]) -> tuple[float, ...]:
    """Whole numbers as ``int``: the Prometheus reader writes what ``str`` gives, and Go writes ``le="1"``."""
    return tuple(int(bound) if float(bound).is_integer() else bound for bound in boundaries)
