"""One request as rows under each other, each with its place in time: what the page and the terminal draw.

Pure functions of a finished timeline. Rows are named as the spans are (docs/spans.md); send, wait and receive, which
are events of the CLIENT span, have rows of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from otelnurse.probe.errors import Phase
from otelnurse.probe.timeline import (
    NS_PER_S,
    Certificate,
    Connect,
    Exchange,
    Handshake,
    Hop,
    Lookup,
    Query,
    TcpInfo,
    Timeline,
)

_S_PER_DAY = 86_400
_SOURCES = {"dns": "", "hosts": " (from the hosts file)", "told": " (as told)"}


@dataclass(frozen=True, slots=True)
class Row:
    """A part of a request."""

    name: str
    """What was done: ``GET http://10.4.7.21:8080/alwayshappy``, ``DNS lookup``, ``query A``, ``socket connect``,
    ``TLS client handshake``, ``send``, ``wait``, ``receive``."""
    detail: str
    """What is known of it, in words; may be empty. Comes from the network in parts: escape it."""
    start: float
    """Seconds after the timeline's start."""
    duration: float
    """Seconds; until the end of the request where it never came to an end."""
    error: str | None
    """The error type (``connection_refused``, ``500``) where it failed, else None."""
    depth: int
    """0: a request; 1: its phases; 2: what they are made of."""
    phase: Phase | None
    """The phase it belongs to, for its colour; None for a whole request."""
    muted: bool = False
    """Given up since another address answered first: neither a success nor a failure."""


def waterfall(timeline: Timeline) -> list[Row]:
    """Return the rows of all requests of ``timeline`` (more than one when it was redirected), in order of time.

    What failed before a request could be made is told by ``timeline.outcome`` alone: there are no rows then.
    """
    over = timeline.end if timeline.end is not None else timeline.start
    rows: list[Row] = []
    for hop in timeline.hops:
        clock = _Clock(timeline, hop.end if hop.end is not None else max(over, hop.start))
        last = hop is timeline.hops[-1]
        rows += [_request(timeline, hop, clock, last=last), *_phases(hop, clock)]
    return rows


def kernel(hop: Hop) -> str:
    """What the kernel says of the connection, in words; empty where it was not asked."""
    infos = [hop.tcp, *(connect.tcp for connect in reversed(hop.connects))]
    tcp = next((info for info in infos if info is not None), None)
    return _kernel(tcp) if tcp else ""


def days_left(certificate: Certificate, timeline: Timeline) -> float:
    """Days from the check to the certificate's last moment; negative when that had passed."""
    return (certificate.not_after - timeline.unix_ns(timeline.start) / NS_PER_S) / _S_PER_DAY


@dataclass(frozen=True, slots=True)
class _Clock:
    """Turns instants of one hop into offsets."""

    timeline: Timeline
    over: int

    def row(
        self,
        name: str,
        detail: str,
        interval: tuple[int, int | None],
        error: str | None,
        depth: int,
        phase: Phase | None,
        *,
        muted: bool = False,
    ) -> Row:
        """Make a row of instants; the second may be None, for what never came to an end."""
        start, end = interval
        lasted = max(0, (self.over if end is None else end) - start) / NS_PER_S
        offset = max(0, start - self.timeline.start) / NS_PER_S
        return Row(name, detail, offset, lasted, None if error is None else str(error), depth, phase, muted)


def _request(timeline: Timeline, hop: Hop, clock: _Clock, *, last: bool) -> Row:
    exchange = hop.exchange
    said = []
    if exchange and exchange.status is not None:
        said.append(f"status {exchange.status}")
    if hop.reused:
        said.append("on a connection kept from an earlier check")
    if hop.peer_address and hop.peer_port:
        said.append(f"peer {_host_port(hop.peer_address, hop.peer_port)}")
    if told := kernel(hop):
        said.append(told)
    end = timeline.end if last else hop.end
    outcome = timeline.outcome
    error = outcome.error_type if last and outcome else None
    return clock.row(f"{hop.method} {hop.url}", ", ".join(said), (hop.start, end), error, 0, None)


def _phases(hop: Hop, clock: _Clock) -> Iterator[Row]:
    if hop.lookup:
        yield _lookup(hop.lookup, clock)
        for query in hop.lookup.queries:
            yield _query(query, hop.lookup, clock)
    for connect in hop.connects:
        yield _connect(connect, clock)
    if hop.handshake:
        yield _handshake(hop.handshake, clock)
    if hop.exchange:
        yield from _exchange(hop, hop.exchange, clock)


def _lookup(lookup: Lookup, clock: _Clock) -> Row:
    answers = f" is {', '.join(lookup.answers)}" if lookup.answers else ""
    detail = f"{lookup.name}{answers}{_SOURCES[lookup.source]}"
    return clock.row("DNS lookup", detail, (lookup.start, lookup.end), lookup.error, 1, Phase.DNS)


def _query(query: Query, lookup: Lookup, clock: _Clock) -> Row:
    said = query.rcode or ("no answer" if query.answered is None else "no usable answer")
    replica = f", replica {query.nsid}" if query.nsid else ""
    name = f" for {query.name}" if query.name.rstrip(".") != lookup.name.rstrip(".") else ""
    detail = f"{query.nameserver} by {query.transport}{name}: {said}{replica}"
    end = query.answered if query.answered is not None else lookup.end
    return clock.row(f"query {query.type}", detail, (query.sent, end), query.error, 2, Phase.DNS)


def _connect(connect: Connect, clock: _Clock) -> Row:
    said = [_host_port(connect.address, connect.port)]
    if connect.local_port is not None:
        said.append(f"from port {connect.local_port}")
    if connect.abandoned:
        said.append("given up: another address answered first")
    elif connect.tcp:
        said.append(_kernel(connect.tcp))
    error = None if connect.abandoned else connect.error
    interval = connect.start, connect.end
    return clock.row("socket connect", ", ".join(said), interval, error, 1, Phase.CONNECT, muted=connect.abandoned)


def _handshake(handshake: Handshake, clock: _Clock) -> Row:
    said = [handshake.server_name]
    if handshake.version:
        said.append(f"TLS {handshake.version}")
    if handshake.cipher:
        said.append(handshake.cipher)
    if handshake.certificate:
        said.append(_certificate(handshake.certificate, clock.timeline))
    if handshake.fault and handshake.error is None:
        said.append(f"{handshake.fault}, which was told not to matter")
    interval = handshake.start, handshake.end
    return clock.row("TLS client handshake", ", ".join(said), interval, handshake.error, 1, Phase.TLS)


def _certificate(certificate: Certificate, timeline: Timeline) -> str:
    until = datetime.fromtimestamp(certificate.not_after, UTC).date().isoformat()
    left = days_left(certificate, timeline)
    if left < 0:
        return f"certificate expired {until}"
    if certificate.not_before > timeline.unix_ns(timeline.start) / NS_PER_S:
        begins = datetime.fromtimestamp(certificate.not_before, UTC).date().isoformat()
        return f"certificate not valid before {begins}"
    return f"certificate valid until {until}, {int(left)} {'day' if int(left) == 1 else 'days'} left"


def _exchange(hop: Hop, exchange: Exchange, clock: _Clock) -> Iterator[Row]:
    """Send, wait and receive; the error stands where it happened, which is the last that began."""
    sent, first, received = exchange.sent, exchange.first_byte, exchange.received
    error = exchange.error
    yield clock.row("send", "", (exchange.start, sent), error if sent is None else None, 1, Phase.SEND)
    if sent is None:
        return
    server = exchange.headers.get("server-timing", "")
    detail = f"the server says: {server}" if server else ""
    yield clock.row("wait", detail, (sent, first), error if first is None else None, 1, Phase.WAIT)
    if first is None:
        return
    unit = "octet" if exchange.body_size == 1 else "octets"
    end = received if error is None else hop.end
    yield clock.row("receive", f"body of {exchange.body_size} {unit}", (first, end), error, 1, Phase.RECEIVE)


def _kernel(tcp: TcpInfo) -> str:
    again = "retransmit" if tcp.retransmits == 1 else "retransmits"
    measured = f"kernel RTT {tcp.rtt * 1e3:.3f} ms, " if tcp.rtt > 0 else ""  # none came back where nothing answered
    return f"{measured}{tcp.retransmits} {again}"


def _host_port(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
