"""Each fault of the truth table, made for real, as the spans that leave the nurse."""

from contextlib import ExitStack

import anyio.to_thread
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from otelnurse.probe.target import Target
from otelnurse.telemetry import Config, Observed, Telemetry
from tests.probe.conftest import LOCAL, Bench, Names, all_sockets_closed
from tests.probe.faults import FAULTS

pytestmark = pytest.mark.anyio

CHILDREN = {"lookup": "DNS lookup", "connect": "socket connect", "handshake": "TLS client handshake"}


@pytest.fixture
def telemetry():
    """Telemetry that keeps every trace, and where its spans end up."""
    exporter = InMemorySpanExporter()
    telemetry = Telemetry(Config(buckets=(1,), metrics=False, scrape=False), Observed(), spans_to=exporter)
    yield telemetry, exporter
    telemetry.stop(10.0)


def family(spans, parent):
    """The children of a span."""
    return [span for span in spans if span.parent and span.parent.span_id == parent.context.span_id]


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_as_spans(name, telemetry, trust, tmp_path):
    """The CLIENT span has our error.type, the peer's address and port; so has the child that failed, and no other."""
    fault = FAULTS[name]
    telemetry, exporter = telemetry
    with ExitStack() as stack:
        scene = fault.stage(stack, tmp_path)
        with all_sockets_closed():
            resolver = scene.resolver or Names(both_test=["::1", "127.0.0.1"], **LOCAL)
            bench = Bench(trust, resolver, wrap=telemetry.wrap)
            target = Target("extra", name, scene.url, fault.timeout, **scene.target)
            handle = telemetry.check_started(target)
            timeline = await bench.prober.run(target)
            telemetry.check_finished(handle, timeline)
    await anyio.to_thread.run_sync(telemetry.stop, 10.0)
    spans = exporter.get_finished_spans()

    (root,) = [span for span in spans if span.parent is None]
    assert root.attributes["error.type"] == fault.error_type
    assert root.status.status_code is StatusCode.ERROR
    clients = family(spans, root)
    assert len(clients) == len(timeline.hops)
    client, hop = clients[-1], timeline.hops[-1]
    assert client.kind is SpanKind.CLIENT
    assert client.attributes["server.port"] == hop.port
    assert client.attributes.get("network.peer.address") == hop.peer_address
    assert (hop.peer_address in {"127.0.0.1", "::1"}) == (fault.record != "lookup")
    assert client.attributes["error.type"] == fault.error_type
    assert client.status.status_code is StatusCode.ERROR
    assert not any("error.type" in earlier.attributes for earlier in clients[:-1])

    failed = {span.name for span in family(spans, client) if "error.type" in span.attributes}
    assert failed == ({CHILDREN[fault.record]} if fault.record in CHILDREN else set())
    for span in family(spans, client):
        assert span.attributes.get("error.type", fault.error_type) == fault.error_type
        assert client.start_time <= span.start_time <= span.end_time <= client.end_time


async def test_a_fault_of_our_own_is_called_other(telemetry, trust):
    """A bug in the probe fails the check as _OTHER, in the outcome and in the spans alike, and is told in words."""

    class Broken:
        async def resolve(self, host, lookup, timeout):  # noqa: ARG002  # the signature of a resolver
            raise RuntimeError(f"no idea how to resolve {host}")

    telemetry, exporter = telemetry
    bench = Bench(trust, Broken(), wrap=telemetry.wrap)
    target = Target("extra", "broken", "http://somewhere.test/", 5)
    handle = telemetry.check_started(target)
    timeline = await bench.prober.run(target)
    telemetry.check_finished(handle, timeline)
    await anyio.to_thread.run_sync(telemetry.stop, 10.0)

    assert timeline.outcome.error_type == "_OTHER"
    assert "no idea how to resolve" in timeline.outcome.message
    said = {span.kind: span.attributes.get("error.type") for span in exporter.get_finished_spans()}
    assert said[SpanKind.CLIENT] == said[SpanKind.INTERNAL] == "_OTHER"
