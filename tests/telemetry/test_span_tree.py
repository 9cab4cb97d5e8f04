"""The span tree of the design's section 3, for each way in which a check can go."""

import anyio
import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from otelnurse.probe.errors import ErrorType, Phase
from otelnurse.probe.timeline import NS_PER_S, Hop, Outcome, Timeline
from otelnurse.probe.transport import HOP, TIMELINE
from tests.telemetry.scripted import INGRESS, PATH, SERVICE, Nurse, Plan, Scripted

pytestmark = pytest.mark.anyio

WHOLE = Plan(name=True, tls=True)


def tree(spans: list[ReadableSpan]) -> list[tuple[str, str | None]]:
    """Names with the name of the parent, in order of start."""
    by_id = {span.context.span_id: span.name for span in spans}
    ordered = sorted(spans, key=lambda span: (span.start_time, span.parent is not None))
    return [(span.name, by_id[span.parent.span_id] if span.parent else None) for span in ordered]


def named(spans: list[ReadableSpan], name: str) -> ReadableSpan:
    """The one span of that name."""
    [found] = [span for span in spans if span.name == name]
    return found


def assert_nested(spans: list[ReadableSpan]) -> None:
    """Each span lies within its parent."""
    by_id = {span.context.span_id: span for span in spans}
    for span in spans:
        assert span.start_time <= span.end_time
        if span.parent:
            parent = by_id[span.parent.span_id]
            assert parent.start_time <= span.start_time
            assert span.end_time <= parent.end_time


async def test_success_has_every_phase_as_a_span():
    """A check that went well is a root, a CLIENT span, and a child for each phase, each within its parent."""
    nurse = Nurse()
    timeline = await nurse.check(SERVICE, WHOLE)
    spans = nurse.spans()
    assert tree(spans) == [
        ("check me_service", None),
        ("GET", "check me_service"),
        ("DNS lookup", "GET"),
        ("socket connect", "GET"),
        ("TLS client handshake", "GET"),
    ]
    assert_nested(spans)
    assert {f"{span.context.trace_id:032x}" for span in spans} == {timeline.trace_id}
    assert not [span.name for span in spans if "error.type" in span.attributes]
    assert named(spans, "GET").kind is SpanKind.CLIENT


async def test_root_says_what_was_checked():
    """The root names type, check, peer and why it was kept, and what the kernel and the fever watch said."""
    nurse = Nurse()
    await nurse.check(PATH, Plan(), fever=("overlap",), lag=0.002)
    assert dict(named(nurse.spans(), "check path").attributes) == {
        "otelnurse.check.type": "path",
        "otelnurse.check.name": "path_node-b",
        "otelnurse.peer.node": "node-b",
        "otelnurse.peer.zone": "z1",
        "otelnurse.kept_because": "sampled",
        "otelnurse.fever": ("overlap",),
        "otelnurse.loop.lag": 0.002,
        "otelnurse.tcp.rtt": 0.0005,
        "otelnurse.tcp.retransmits": 0,
        "user_agent.synthetic.type": "test",
    }


async def test_client_span_names_the_real_peer_and_hides_secrets():
    """The CLIENT span has the peer's IP address, default ports too, and neither userinfo nor query of the URL."""
    nurse = Nurse()
    await nurse.check(INGRESS, WHOLE)
    spans = nurse.spans()
    attributes = dict(named(spans, "GET").attributes)
    assert attributes["network.peer.address"] == "10.0.0.2"
    assert attributes["network.peer.port"] == 443
    assert attributes["server.address"] == "nurse.example"
    assert attributes["server.port"] == 443
    assert attributes["http.request.method"] == "GET"
    assert attributes["http.response.status_code"] == 200
    assert attributes["user_agent.synthetic.type"] == "test"
    assert "secret" not in str([span.to_json() for span in spans])
    assert "hidden" not in str([span.to_json() for span in spans])


async def test_client_span_has_the_exact_moments_of_the_exchange():
    """Sent, first byte and end of body are events at the timeline's instants."""
    nurse = Nurse()
    timeline = await nurse.check(PATH, Plan())
    exchange = timeline.hops[0].exchange
    assert [(event.name, event.timestamp) for event in named(nurse.spans(), "GET").events] == [
        ("sent", timeline.unix_ns(exchange.sent)),
        ("first byte", timeline.unix_ns(exchange.first_byte)),
        ("end of body", timeline.unix_ns(exchange.received)),
    ]


async def test_children_say_what_was_found():
    """Lookup, connect and handshake carry what the design lists, the lookup an event for each query."""
    nurse = Nurse()
    timeline = await nurse.check(SERVICE, WHOLE)
    spans = nurse.spans()
    lookup = named(spans, "DNS lookup")
    assert lookup.attributes["dns.question.name"] == "svc.cluster.local"
    assert lookup.attributes["dns.answers"] == ("10.0.0.2",)
    [query] = lookup.events
    recorded = timeline.hops[0].lookup.queries[0]
    assert dict(query.attributes) == {
        "server.address": "10.96.0.10",
        "network.transport": "udp",
        "dns.question.name": "svc.cluster.local",
        "otelnurse.dns.type": "A",
        "otelnurse.dns.rcode": "NOERROR",
        "otelnurse.dns.nsid": "coredns-1",
        "otelnurse.dns.duration": (recorded.answered - recorded.sent) / NS_PER_S,
    }
    assert dict(named(spans, "socket connect").attributes) == {
        "network.peer.address": "10.0.0.2",
        "network.peer.port": 8443,
        "network.local.port": 40000,
        "network.type": "ipv4",
        "network.transport": "tcp",
    }
    assert dict(named(spans, "TLS client handshake").attributes) == {
        "server.address": "svc.cluster.local",
        "tls.protocol.name": "tls",
        "tls.protocol.version": "1.3",
        "tls.cipher": "TLS_AES_256_GCM_SHA384",
        "tls.server.not_after": "2030-03-17T17:46:40+00:00",
    }


FAILURES = [
    (ErrorType.HOST_NOT_FOUND, Phase.DNS, "DNS lookup"),
    (ErrorType.DNS_TIMEOUT, Phase.DNS, "DNS lookup"),
    (ErrorType.DNS_SERVER_FAILURE, Phase.DNS, "DNS lookup"),
    (ErrorType.CONNECTION_REFUSED, Phase.CONNECT, "socket connect"),
    (ErrorType.CONNECTION_TIMEOUT, Phase.CONNECT, "socket connect"),
    (ErrorType.HOST_UNREACHABLE, Phase.CONNECT, "socket connect"),
    (ErrorType.NETWORK_UNREACHABLE, Phase.CONNECT, "socket connect"),
    (ErrorType.TLS_TIMEOUT, Phase.TLS, "TLS client handshake"),
    (ErrorType.TLS_CERTIFICATE_UNTRUSTED, Phase.TLS, "TLS client handshake"),
    (ErrorType.TLS_CERTIFICATE_EXPIRED, Phase.TLS, "TLS client handshake"),
    (ErrorType.TLS_CERTIFICATE_NAME_MISMATCH, Phase.TLS, "TLS client handshake"),
    (ErrorType.TLS_FAILED, Phase.TLS, "TLS client handshake"),
    (ErrorType.SEND_TIMEOUT, Phase.SEND, None),
    (ErrorType.RESPONSE_TIMEOUT, Phase.WAIT, None),
    (ErrorType.CONNECTION_RESET, Phase.WAIT, None),
    (ErrorType.CONNECTION_CLOSED, Phase.RECEIVE, None),
    (ErrorType.PROTOCOL_ERROR, Phase.RECEIVE, None),
]


@pytest.mark.parametrize(("error", "phase", "child"), FAILURES)
async def test_failure_stands_on_root_client_and_the_span_it_happened_in(error, phase, child):
    """The one error.type stands on root, CLIENT and the phase's own span, all with status ERROR; on no other."""
    nurse = Nurse()
    await nurse.check(SERVICE, Plan(error, phase, name=True, tls=True))
    spans = nurse.spans()
    failed = {span.name: span.attributes["error.type"] for span in spans if "error.type" in span.attributes}
    assert failed == dict.fromkeys({"check me_service", "GET"} | ({child} if child else set()), str(error))
    assert {span.name for span in spans if span.status.status_code is StatusCode.ERROR} == set(failed)
    assert named(spans, "check me_service").attributes["otelnurse.kept_because"] == "failed"
    assert_nested(spans)


async def test_phases_that_never_began_do_not_appear():
    """After a refused connection there is no span of a handshake."""
    nurse = Nurse()
    await nurse.check(SERVICE, Plan(ErrorType.CONNECTION_REFUSED, Phase.CONNECT, name=True, tls=True))
    assert [name for name, _ in tree(nurse.spans())] == ["check me_service", "GET", "DNS lookup", "socket connect"]


async def test_name_that_was_not_found_has_no_peer_address():
    """No address was ever known, so none is written; the instrumentation's own guess is the host name."""
    nurse = Nurse()
    await nurse.check(SERVICE, Plan(ErrorType.HOST_NOT_FOUND, Phase.DNS, name=True))
    attributes = named(nurse.spans(), "GET").attributes
    assert "network.peer.address" not in attributes
    assert "network.peer.port" not in attributes
    assert attributes["server.port"] == 8443


@pytest.mark.parametrize("status", [204, 302, 404, 500])
async def test_status_other_than_200_is_the_error(status):
    """A status that is not 200 is the error.type of root and CLIENT, also where HTTP calls it a success."""
    nurse = Nurse()
    await nurse.check(PATH, Plan(status=status, location="/elsewhere" if status == 302 else ""))
    spans = nurse.spans()
    for name in ("check path", "GET"):
        assert named(spans, name).attributes["error.type"] == str(status)
        assert named(spans, name).status.status_code is StatusCode.ERROR


async def test_redirects_are_hops_without_error():
    """Each hop is a GET span with its own children, and a redirect that was followed is no error."""
    nurse = Nurse()
    await nurse.check(INGRESS, Plan(status=302, location="https://b.example/x", name=True, tls=True), WHOLE)
    spans = nurse.spans()
    hops = sorted((span for span in spans if span.name == "GET"), key=lambda span: span.start_time)
    assert [hop.attributes["server.address"] for hop in hops] == ["nurse.example", "b.example"]
    assert [hop.status.status_code for hop in hops] == [StatusCode.UNSET, StatusCode.UNSET]
    for name in ("DNS lookup", "socket connect", "TLS client handshake"):
        parents = {span.parent.span_id for span in spans if span.name == name}
        assert parents == {hop.context.span_id for hop in hops}
    assert_nested(spans)


async def test_redirect_to_nowhere_is_the_error():
    """A redirect that cannot be followed is where the check ends, and its status the error."""
    nurse = Nurse()
    await nurse.check(INGRESS, Plan(status=302, location="ftp://b.example/"))
    assert named(nurse.spans(), "GET").attributes["error.type"] == "302"


async def test_reused_connection_has_no_children():
    """A kept connection needs no lookup, connect or handshake; the CLIENT span says so."""
    nurse = Nurse()
    await nurse.check(SERVICE, Plan(reused=True))
    spans = nurse.spans()
    assert [name for name, _ in tree(spans)] == ["check me_service", "GET"]
    assert named(spans, "GET").attributes["otelnurse.connection.reused"] is True


async def test_address_that_lost_the_race_is_no_error():
    """The address given up for another one has a span of its own, marked, with unset status."""
    nurse = Nurse()
    await nurse.check(PATH, Plan(loser=True))
    connects = [span for span in nurse.spans() if span.name == "socket connect"]
    assert [span.attributes["network.type"] for span in connects] == ["ipv6", "ipv4"]
    assert [span.attributes.get("otelnurse.connect.abandoned") for span in connects] == [True, None]
    assert {span.status.status_code for span in connects} == {StatusCode.UNSET}


async def test_tolerated_certificate_is_reported():
    """Under INSECURE a certificate's fault is an attribute of the handshake and fails nothing."""
    nurse = Nurse()
    await nurse.check(SERVICE, Plan(tls=True, fault=ErrorType.TLS_CERTIFICATE_EXPIRED))
    spans = nurse.spans()
    assert named(spans, "TLS client handshake").attributes["otelnurse.tls.fault"] == "tls_certificate_expired"
    assert {span.status.status_code for span in spans} == {StatusCode.UNSET}


async def test_failure_before_any_request_is_a_root_alone():
    """A token that cannot be read fails the check before there is a hop: the root says it."""
    nurse = Nurse()
    span = nurse.telemetry.check_started(PATH)
    timeline = Timeline.begin(PATH)
    timeline.end, timeline.outcome = timeline.start, Outcome("_OTHER", Phase.PREPARE, "no token")
    nurse.telemetry.check_finished(span, timeline)
    [root] = nurse.spans()
    assert root.attributes["error.type"] == "_OTHER"
    assert root.status.status_code is StatusCode.ERROR


async def test_cancelled_check_is_neither_success_nor_failure():
    """A check that the stop cut off leaves a trace that says so, and no number."""
    nurse = Nurse()
    span = nurse.telemetry.check_started(PATH)
    nurse.telemetry.check_cancelled(span)
    [root] = nurse.spans()
    assert root.attributes["otelnurse.check.cancelled"] is True
    assert root.status.status_code is StatusCode.UNSET
    assert nurse.kept.points("otelnurse.check.duration") == []
    assert nurse.kept.points("otelnurse.trace.kept") == []


async def test_checks_side_by_side_keep_their_own_spans():
    """Checks that overlap in tasks of their own are traces of their own, and leave nothing current behind."""
    nurse = Nurse()
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(nurse.check, SERVICE, WHOLE)
    await nurse.check(SERVICE, WHOLE)
    assert trace.get_current_span() is trace.INVALID_SPAN
    spans = nurse.spans()
    traces = {span.context.trace_id for span in spans}
    assert len(traces) == 6
    for trace_id in traces:
        assert len([span for span in spans if span.context.trace_id == trace_id]) == 5


async def test_check_finished_in_another_task_is_no_complaint(caplog):
    """Whoever ends a check may be another task than the one that started it."""
    nurse = Nurse()
    span = nurse.telemetry.check_started(PATH)
    timeline = Timeline.begin(PATH)
    timeline.end, timeline.outcome = timeline.start, Outcome()

    async def finish() -> None:
        nurse.telemetry.check_finished(span, timeline)

    async with anyio.create_task_group() as group:
        group.start_soon(finish)
    nurse.telemetry.check_finished(span, timeline)
    nurse.stop()
    assert "context" not in caplog.text.lower()


@pytest.mark.parametrize(("ratio", "flag"), [(1.0, 1), (0.0, 0)])
async def test_only_traceparent_is_sent(ratio, flag):
    """A request carries traceparent, flagged as its trace is sampled, and no other propagator's header."""
    nurse = Nurse(traces_ratio=ratio)
    inner = Scripted([Plan()])
    transport = nurse.telemetry.wrap(inner)
    span = nurse.telemetry.check_started(PATH)
    timeline = Timeline.begin(PATH)
    hop = Hop("GET", PATH.url, "10.0.0.2", 8080, timeline.start)
    await transport.handle_async_request(httpx.Request("GET", PATH.url, extensions={HOP: hop, TIMELINE: timeline}))
    nurse.telemetry.check_cancelled(span)
    headers = inner.requests[0].headers
    _, trace_id, span_id, flags = headers["traceparent"].split("-")
    assert int(flags, 16) & 1 == flag
    assert not {"baggage", "b3", "uber-trace-id"} & set(headers)
    for client in nurse.spans():
        if client.name == "GET":
            assert (trace_id, span_id) == (f"{client.context.trace_id:032x}", f"{client.context.span_id:016x}")


async def test_ratio_zero_records_no_span():
    """With TRACES_RATIO 0 no span is made, the check has no trace id, and it is counted all the same."""
    nurse = Nurse(traces_ratio=0.0)
    timeline = await nurse.check(PATH)
    assert timeline.trace_id is None
    assert nurse.spans() == []
    assert sum(point.count for point in nurse.kept.points("otelnurse.check.duration")) == 1


async def test_fault_of_telemetry_stays_out_of_the_check(caplog, monkeypatch):
    """When telemetry itself breaks, checks go on and are counted, and the log says once what broke."""
    nurse = Nurse()
    monkeypatch.setattr("otelnurse.telemetry.root.grow", lambda *_: 1 / 0)
    monkeypatch.setattr("otelnurse.telemetry.client._describe", lambda *_: 1 / 0)
    for _ in range(3):
        assert (await nurse.check(PATH)).ok
    nurse.stop()
    assert caplog.text.count("telemetry failed; what it was about goes on") == 1
    assert "a CLIENT span could not be described" in caplog.text
    assert sum(point.count for point in nurse.kept.points("otelnurse.check.duration")) == 3
