"""The spans inside a CLIENT span, grown from the finished timeline with its own times."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from opentelemetry.trace import Span, StatusCode, Tracer, set_span_in_context
from opentelemetry.util.types import AttributeValue

from otelnurse.probe.timeline import NS_PER_S, Connect, Handshake, Hop, Lookup, Query, Timeline
from otelnurse.telemetry import names

Attributes = dict[str, AttributeValue]


class Event(NamedTuple):
    """A moment inside a child."""

    name: str
    instant: int
    attributes: Mapping[str, AttributeValue]


class Child(NamedTuple):
    """A span yet to be made; instants are the timeline's."""

    name: str
    start: int
    end: int | None
    attributes: Attributes
    error: str | None
    events: Sequence[Event] = ()


def grow(tracer: Tracer, timeline: Timeline, hop: Hop, parent: Span, bounds: tuple[int, int]) -> None:
    """Make the spans of ``hop`` under ``parent``, which runs from ``bounds[0]`` to ``bounds[1]`` (Unix ns).

    Times are held within these bounds: the parent's are wall-clock readings of the SDK, a child's are monotonic ones
    plus one reading of the wall clock, so that the two differ by a microsecond, or by a step of the clock.
    """
    context = set_span_in_context(parent)
    low, high = bounds

    def at(instant: int) -> int:
        return max(low, min(timeline.unix_ns(instant), high))

    over = hop.end if hop.end is not None else hop.start
    for child in children(hop):
        span = tracer.start_span(child.name, context, attributes=child.attributes, start_time=at(child.start))
        for event in child.events:
            span.add_event(event.name, event.attributes, at(event.instant))
        if child.error is not None:
            span.set_attribute(names.ERROR_TYPE, child.error)
            span.set_status(StatusCode.ERROR)
        span.end(at(child.end if child.end is not None else over))


def children(hop: Hop) -> list[Child]:
    """What happened inside ``hop``, in order; phases that never began do not appear."""
    found = [_lookup(hop.lookup)] if hop.lookup else []
    found += [_connect(connect) for connect in hop.connects]
    if hop.handshake:
        found.append(_handshake(hop.handshake))
    return found


def _lookup(lookup: Lookup) -> Child:
    attributes: Attributes = {names.DNS_NAME: lookup.name, names.DNS_SOURCE: lookup.source}
    if lookup.answers:
        attributes[names.DNS_ANSWERS] = lookup.answers
    return Child(
        names.SPAN_LOOKUP, lookup.start, lookup.end, attributes, lookup.error, [_query(q) for q in lookup.queries]
    )


def _query(query: Query) -> Event:
    attributes: Attributes = {
        names.SERVER_ADDRESS: query.nameserver,
        names.NETWORK_TRANSPORT: query.transport,
        names.DNS_NAME: query.name,
        names.DNS_TYPE: query.type,
    }
    if query.rcode is not None:
        attributes[names.DNS_RCODE] = query.rcode
    if query.nsid is not None:
        attributes[names.DNS_NSID] = query.nsid
    if query.answered is not None:
        attributes[names.DNS_DURATION] = (query.answered - query.sent) / NS_PER_S
    if query.error is not None:
        attributes[names.ERROR_TYPE] = query.error
    return Event(names.EVENT_QUERY, query.sent, attributes)


def _connect(connect: Connect) -> Child:
    attributes: Attributes = {
        names.PEER_ADDRESS: connect.address,
        names.PEER_PORT: connect.port,
        names.NETWORK_TYPE: connect.family,
        names.NETWORK_TRANSPORT: "tcp",
    }
    if connect.local_port is not None:
        attributes[names.LOCAL_PORT] = connect.local_port
    if connect.abandoned:
        attributes[names.CONNECT_ABANDONED] = True
    error = None if connect.abandoned else connect.error
    return Child(names.SPAN_CONNECT, connect.start, connect.end, attributes, error)


def _handshake(handshake: Handshake) -> Child:
    attributes: Attributes = {names.SERVER_ADDRESS: handshake.server_name}
    if handshake.version is not None:
        attributes[names.TLS_PROTOCOL] = "tls"
        attributes[names.TLS_VERSION] = handshake.version
    if handshake.cipher is not None:
        attributes[names.TLS_CIPHER] = handshake.cipher
    if handshake.certificate is not None:
        attributes[names.TLS_NOT_AFTER] = datetime.fromtimestamp(handshake.certificate.not_after, UTC).isoformat()
    if handshake.fault is not None:
        attributes[names.TLS_FAULT] = handshake.fault
    return Child(names.SPAN_TLS, handshake.start, handshake.end, attributes, handshake.error)
