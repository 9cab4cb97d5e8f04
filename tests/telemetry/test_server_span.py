"""The SERVER span of an answer: in the asker's trace, and only when that is recorded."""

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from tests.telemetry.scripted import Nurse

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def answered(nurse: Nurse, traceparent: str | None, status: int = 200, agent: str = "otelnurse/1") -> None:
    """Answer one request."""
    headers = [(b"host", b"10.0.0.1:8080"), (b"user-agent", agent.encode())]
    if traceparent is not None:
        headers.append((b"traceparent", traceparent.encode()))
    nurse.telemetry.server_span(
        headers, method="GET", route="/alwayshappy", client=("10.0.0.9", 4711), server=("10.0.0.1", 8080)
    ).end(status)


@pytest.mark.parametrize("flags", ["01", "03"])
def test_server_span_joins_the_askers_trace(flags):
    """An answer to a sampled check is a SERVER span below the asker's CLIENT span."""
    nurse = Nurse(traces_ratio=0.0)
    answered(nurse, f"00-{TRACE}-{PARENT}-{flags}")
    [span] = nurse.spans()
    assert span.name == "GET /alwayshappy"
    assert span.kind is SpanKind.SERVER
    assert f"{span.context.trace_id:032x}" == TRACE
    assert f"{span.parent.span_id:016x}" == PARENT
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "http.route": "/alwayshappy",
        "http.response.status_code": 200,
        "url.path": "/alwayshappy",
        "url.scheme": "http",
        "user_agent.original": "otelnurse/1",
        "user_agent.synthetic.type": "test",
        "client.address": "10.0.0.9",
        "network.peer.address": "10.0.0.9",
        "network.peer.port": 4711,
        "server.address": "10.0.0.1",
        "server.port": 8080,
    }


@pytest.mark.parametrize(
    "traceparent",
    [f"00-{TRACE}-{PARENT}-00", f"00-{TRACE}-{PARENT}-02", "rubbish", f"00-{TRACE}-{PARENT}-zz", "", "00-1-2-01-5-6"],
)
def test_unsampled_or_unreadable_parent_makes_no_span(traceparent):
    """A check that its asker does not record is not recorded here, and rubbish never counts as recorded there."""
    nurse = Nurse(traces_ratio=0.0)
    answered(nurse, traceparent)
    assert nurse.spans() == []


def test_asker_without_trace_is_sampled_as_any_root():
    """Somebody's curl is a trace of its own when the share says so, and is not called a test."""
    nurse = Nurse()
    answered(nurse, None, agent="curl/8")
    [span] = nurse.spans()
    assert span.parent is None
    assert "user_agent.synthetic.type" not in span.attributes


def test_answers_are_no_kept_traces():
    """Traces kept and dropped are those of this nurse's own checks."""
    nurse = Nurse()
    answered(nurse, None)
    assert nurse.metrics().points("otelnurse.trace.kept") == []


@pytest.mark.parametrize(("status", "error"), [(404, None), (500, "500")])
def test_only_5xx_is_the_servers_error(status, error):
    """By the semantic conventions a 4xx answer is no error of a server."""
    nurse = Nurse()
    answered(nurse, None, status)
    [span] = nurse.spans()
    assert span.attributes.get("error.type") == error
    assert (span.status.status_code is StatusCode.ERROR) == (error is not None)


def test_no_traces_no_spans():
    """With traces off an answer costs nothing and makes nothing."""
    nurse = Nurse(traces=False)
    answered(nurse, f"00-{TRACE}-{PARENT}-01")
    assert nurse.spans() == []
