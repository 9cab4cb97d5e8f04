"""Children of generated timelines: held within their parent, and honest about which one failed."""

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from otelnurse.probe.errors import ErrorType, Phase
from otelnurse.probe.timeline import Connect, Exchange, Handshake, Hop, Lookup, Outcome, Query, Timeline
from otelnurse.telemetry import root
from otelnurse.telemetry.phases import phase_durations
from tests.telemetry.scripted import SERVICE

ANCHOR = 1_700_000_000_000_000_000
gaps = st.integers(0, 2_000_000_000)


@st.composite
def timelines(draw) -> Timeline:
    """A check that ended well or died in a phase; its last instants may be missing, as after a deadline."""
    now = draw(st.integers(0, 10**15))
    timeline = Timeline(SERVICE, now, ANCHOR)

    def tick() -> int:
        nonlocal now
        now += draw(gaps)
        return now

    def end(*, cut: bool) -> int | None:
        return None if cut else tick()

    dies = draw(st.sampled_from([None, Phase.DNS, Phase.CONNECT, Phase.TLS, Phase.SEND, Phase.WAIT, Phase.RECEIVE]))
    error = draw(st.sampled_from(ErrorType)) if dies else None
    cut = dies is not None and draw(st.booleans())
    hop = Hop("GET", SERVICE.url, "svc.cluster.local", 8443, tick())
    timeline.hops.append(hop)

    def play() -> None:
        at = Phase.DNS
        hop.lookup = Lookup(hop.host, tick(), error=error if dies is at else None)
        hop.lookup.queries = [Query("10.96.0.10", "A", hop.host, "udp", tick()) for _ in range(draw(st.integers(0, 3)))]
        hop.lookup.end = end(cut=cut and dies is at)
        if dies is at:
            return
        at = Phase.CONNECT
        for _ in range(draw(st.integers(0, 2))):
            hop.connects.append(Connect("fd00::1", 8443, tick(), tick(), abandoned=True))
        hop.connects.append(Connect("10.0.0.2", 8443, tick(), error=error if dies is at else None))
        hop.connects[-1].end = end(cut=cut and dies is at)
        if dies is at:
            return
        at = Phase.TLS
        hop.handshake = Handshake(hop.host, tick(), error=error if dies is at else None)
        hop.handshake.end = end(cut=cut and dies is at)
        if dies is at:
            return
        hop.exchange = Exchange(tick(), error=error)
        hop.exchange.sent = None if dies is Phase.SEND else tick()
        hop.exchange.first_byte = None if dies in {Phase.SEND, Phase.WAIT} else tick()

    play()
    hop.end = timeline.end = tick()
    timeline.outcome = Outcome(error and error.value, dies)
    return timeline


def grown(timeline: Timeline, client: tuple[int, int]):
    """The spans of ``timeline`` with a CLIENT span from ``client[0]`` to ``client[1]`` in Unix ns."""
    memory = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("test")
    root_span = tracer.start_span("check", start_time=client[0])
    handle = root.CheckHandle.enter(root_span)
    span = tracer.start_span("GET", handle.context, start_time=client[0])
    span.end(client[1])
    handle.clients.append((timeline.hops[0], span))
    handle.leave()
    root.finish(tracer, handle, timeline)
    return memory.get_finished_spans()


@given(timelines(), st.integers(-3_000_000_000, 3_000_000_000))
def test_spans_lie_within_their_parents(timeline, step):
    """Whatever the timeline, and however the wall clock stepped, each span lies within its parent."""
    shift = ANCHOR + step
    spans = grown(timeline, (timeline.start + shift, timeline.end + shift))
    by_id = {span.context.span_id: span for span in spans}
    for span in spans:
        assert span.start_time <= span.end_time
        for event in span.events:
            assert span.start_time <= event.timestamp
        if span.parent:
            assert by_id[span.parent.span_id].start_time <= span.start_time
            assert span.end_time <= by_id[span.parent.span_id].end_time


@given(timelines())
def test_one_child_fails_exactly_where_the_check_did(timeline):
    """A check that died in lookup, connect or handshake has one failed child, that one; any other check has none."""
    spans = grown(timeline, (timeline.start + ANCHOR, timeline.end + ANCHOR))
    names = {Phase.DNS: "DNS lookup", Phase.CONNECT: "socket connect", Phase.TLS: "TLS client handshake"}
    failed = [
        (span.name, span.attributes["error.type"])
        for span in spans
        if span.status.status_code is StatusCode.ERROR and span.parent
    ]
    outcome = timeline.outcome
    assert failed == ([(names[outcome.phase], outcome.error_type)] if outcome.phase in names else [])
    [check] = [span for span in spans if span.parent is None]
    assert check.attributes.get("error.type") == outcome.error_type


@given(timelines())
def test_phases_are_no_longer_than_the_check(timeline):
    """No phase is negative, and together they do not last longer than the check."""
    durations = phase_durations(timeline)
    assert all(seconds >= 0 for seconds in durations.values())
    assert sum(durations.values()) <= timeline.duration + 1e-6
    if timeline.ok:
        assert set(durations) == {Phase.DNS, Phase.CONNECT, Phase.TLS, Phase.WAIT}
