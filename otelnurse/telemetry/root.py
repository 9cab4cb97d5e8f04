"""The root span of a check: started before it, written and ended after it."""

from functools import lru_cache

from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Span, StatusCode, Tracer

from otelnurse.probe.target import Target
from otelnurse.probe.timeline import TcpInfo, Timeline
from otelnurse.telemetry import names
from otelnurse.telemetry.children import Attributes, grow
from otelnurse.telemetry.handle import CheckHandle, span_bounds

FAILED, SAMPLED = "failed", "sampled"


def start(tracer: Tracer, target: Target) -> CheckHandle:
    """Start ``check {type}`` as a trace of its own, whatever is current, and make it current in this task."""
    attributes = _named(target.type, target.name, target.peer_node, target.peer_zone)
    return CheckHandle.enter(tracer.start_span(f"check {target.type}", Context(), attributes=attributes))


@lru_cache(maxsize=1024)
def _named(kind: str, name: str, node: str | None, zone: str | None) -> dict[str, str]:
    attributes = {names.CHECK_TYPE: kind, names.CHECK_NAME: name, names.SYNTHETIC: names.SYNTHETIC_TEST}
    if node:
        attributes[names.PEER_NODE] = node
    if zone:
        attributes[names.PEER_ZONE] = zone
    return attributes


def finish(tracer: Tracer, handle: CheckHandle, timeline: Timeline) -> str | None:
    """Grow the children, write the root and end it; return why the trace is kept, None when there is none."""
    span = handle.span or INVALID_SPAN
    if not span.is_recording():
        return None
    for hop in timeline.hops:
        parent = handle.client_of(hop)
        if parent is not None:
            grow(tracer, timeline, hop, parent, span_bounds(parent))
    kept = SAMPLED if timeline.ok else FAILED
    span.set_attributes({names.KEPT_BECAUSE: kept, **_measured(timeline)})
    _judge(span, timeline)
    # The timeline may end before the last CLIENT span does: it ends when the kernel had the last byte.
    span.end(max(timeline.unix_ns(timeline.end or timeline.start), handle.last_end(), span_bounds(span)[0]))
    return kept


def cancel(handle: CheckHandle) -> None:
    """End the root of a check that the nurse's stop cut off: it says so, and is neither a success nor a failure."""
    span = handle.span or INVALID_SPAN
    span.set_attribute(names.CANCELLED, value=True)
    span.end()


def _judge(span: Span, timeline: Timeline) -> None:
    outcome = timeline.outcome
    if outcome is not None and outcome.error_type is not None:
        span.set_attribute(names.ERROR_TYPE, outcome.error_type)
        span.set_status(StatusCode.ERROR, outcome.message or None)


def _measured(timeline: Timeline) -> Attributes:
    attributes: Attributes = {}
    if timeline.fever:
        attributes[names.FEVER] = timeline.fever
    if timeline.lag is not None:
        attributes[names.LOOP_LAG] = timeline.lag
    tcp = _tcp(timeline)
    if tcp is not None:
        attributes[names.TCP_RETRANSMITS] = tcp.retransmits
        # 0 after a refused connect; and a SYN sent again says nothing of the path's time.
        if tcp.rtt > 0 and not tcp.retransmits:
            attributes[names.TCP_RTT] = tcp.rtt
    return attributes


def _tcp(timeline: Timeline) -> TcpInfo | None:
    """The kernel's last word on the connection that was used, or tried last."""
    if not timeline.hops:
        return None
    hop = timeline.hops[-1]
    return hop.tcp or (hop.connects[-1].tcp if hop.connects else None)
