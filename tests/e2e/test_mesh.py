"""A mesh of nurses with the real collector: what it shows Prometheus and what it forwards is what the probes did."""

from collections import Counter

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.e2e.mesh import INGRESS, ROUNDS, ZONE, mesh
from tests.parts.waiting import eventually


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """The mesh after its rounds."""
    with mesh(tmp_path_factory.mktemp("mesh")) as it:
        yield it


@pytest.fixture(scope="module")
def roots(seen):
    """Root spans of the watched nurse at the backend, by trace id, once all have come through the collector."""
    wanted = {timeline.trace_id for timeline in seen.timelines}

    def arrived():
        found = {span.trace_id.hex(): span for span in seen.sink.spans if not span.parent_span_id}
        return {trace: found[trace] for trace in wanted} if wanted <= found.keys() else None

    return eventually(arrived, what=f"{len(wanted)} root spans at the backend")


def attributes(span: Span) -> dict[str, object]:
    """A span's attributes as plain values."""
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in span.attributes}


def samples(seen, name):
    """Samples of one name at the collector's endpoint that are of the watched nurse."""
    families = seen.collector.metrics().values()
    return [s for family in families for s in family.samples if s.name == name and s.labels.get("node") == "node-a"]


def results(timelines) -> Counter[tuple[str, str]]:
    """How often each type ended with each error.type."""
    return Counter((t.target.type, t.outcome.error_type or "") for t in timelines)


def test_checks_end_as_the_parts_make_them(seen):
    """The API server, ingress, service and living neighbours are well; the dead one, the name and the page are not."""
    by_name = {}
    for timeline in seen.timelines:
        by_name.setdefault(timeline.target.name, set()).add(timeline.outcome.error_type)
    assert by_name == {
        "loopback": {None},
        "api_server_direct": {None},
        "api_server_dns": {None},
        "me_ingress": {None},
        "me_service": {None},
        "path_node-b": {None},
        "path_node-c": {None},
        "path_node-dead": {"connection_refused"},
        "gone": {"host_not_found"},
        "lost": {"404"},
    }
    assert all(count >= ROUNDS for count in Counter(t.target.name for t in seen.timelines).values())


def test_every_check_is_one_trace_at_the_backend(seen, roots):
    """Each run of each check arrives as one root span with its type, name and error.type."""
    assert len(roots) == len(seen.timelines)
    for timeline in seen.timelines:
        said = attributes(roots[timeline.trace_id])
        assert said["otelnurse.check.type"] == timeline.target.type
        assert said["otelnurse.check.name"] == timeline.target.name
        assert said.get("error.type") == timeline.outcome.error_type


def test_the_collector_counts_what_the_probes_did(seen):
    """Finished checks by type and error.type are the same at the Prometheus endpoint as in the nurse's history."""
    counted: Counter[tuple[str, str]] = Counter()
    for sample in samples(seen, "otelnurse_check_duration_seconds_count"):
        counted[sample.labels["otelnurse_check_type"], sample.labels.get("error_type", "")] += int(sample.value)
    for sample in samples(seen, "otelnurse_fever_checks_total"):
        if (
            sample.labels["otelnurse_fever"] in {"lag", "throttled"}
            and sample.labels["otelnurse_check_type"] != "loopback"
        ):
            counted[sample.labels["otelnurse_check_type"], ""] += int(sample.value)
    for sample in samples(seen, "otelnurse_fever_seconds_count"):
        counted["loopback", sample.labels.get("error_type", "")] += int(sample.value)
    assert counted == results(seen.timelines)


@pytest.mark.parametrize("node", ["node-b", "node-c", "node-dead"])
def test_each_path_has_its_own_count(seen, node):
    """Checks and failures of each neighbour are the history's."""
    runs = [t for t in seen.of("path") if t.target.peer_node == node]
    shown = {
        name: [s.value for s in samples(seen, name) if s.labels["otelnurse_peer_node"] == node]
        for name in ("otelnurse_path_checks_total", "otelnurse_path_failures_total")
    }
    assert shown == {
        "otelnurse_path_checks_total": [len(runs)],
        "otelnurse_path_failures_total": [sum(not t.ok for t in runs)],
    }


def test_dns_queries_are_counted_by_nameserver(seen):
    """Every query that the probes sent to CoreDNS is in otelnurse.dns.queries."""
    sent = sum(len(hop.lookup.queries) for t in seen.timelines for hop in t.hops if hop.lookup)
    shown = [s for s in samples(seen, "otelnurse_dns_queries_total") if s.labels["server_address"] == seen.nameserver]
    assert sum(s.value for s in shown) == sent > 0


def test_the_neighbours_span_is_in_the_trace(seen, roots):
    """A neighbour's SERVER span is the child of the CLIENT span of the check that asked it."""

    def joined():
        spans = seen.sink.spans
        clients = {s.span_id: s for s in spans if s.kind == Span.SPAN_KIND_CLIENT and s.trace_id.hex() in roots}
        servers = {s.trace_id.hex() for s in spans if s.kind == Span.SPAN_KIND_SERVER and s.parent_span_id in clients}
        asked = {t.trace_id for t in seen.of("path") if t.ok}
        return asked <= servers

    assert eventually(joined, what="the neighbours' spans")


def test_a_trace_shows_the_lookup_the_connection_and_the_handshake(seen, roots):
    """The ingress check's trace has DNS, connect and TLS children of its GET, with what was found."""
    timeline = seen.of("me_ingress")[0]
    root = roots[timeline.trace_id]
    spans = [s for s in seen.sink.spans if s.trace_id == root.trace_id and s.kind != Span.SPAN_KIND_SERVER]
    client = next(s for s in spans if s.kind == Span.SPAN_KIND_CLIENT)
    assert client.parent_span_id == root.span_id
    children = {s.name: attributes(s) for s in spans if s.parent_span_id == client.span_id}
    assert children.keys() == {"DNS lookup", "socket connect", "TLS client handshake"}
    assert children["DNS lookup"]["dns.question.name"] == INGRESS
    assert children["socket connect"]["network.peer.address"] == "127.0.0.1"
    assert children["TLS client handshake"]["tls.protocol.name"] == "tls"
    assert children["TLS client handshake"]["server.address"] == INGRESS


def test_exemplars_open_traces_that_exist(seen, roots):
    """Every exemplar of the watched nurse at the collector's endpoint is the trace of one of its checks."""
    buckets = samples(seen, "otelnurse_check_duration_seconds_bucket")
    exemplars = {s.exemplar.labels["trace_id"] for s in buckets if s.exemplar}
    assert exemplars
    assert exemplars <= roots.keys()


def test_the_collectors_names_are_the_nurses_own(seen):
    """A peer's /metrics and the collector's endpoint show the same metrics under the same names."""
    here = {
        line.split()[2]
        for line in seen.peers["node-b"].get("/metrics").text.splitlines()
        if line.startswith("# TYPE") and not line.split()[2].endswith("_created")
    }
    text = seen.collector.scrape(openmetrics=False).splitlines()
    there = {line.split()[2] for line in text if line.startswith("# TYPE")}
    assert here
    assert here - there == set()


def test_node_pod_and_cluster_are_labels_and_scopes_are_not(seen):
    """Every series of the nurse says node, pod and cluster, and none an instrumentation scope."""
    families = seen.collector.metrics().values()
    series = [s for family in families for s in family.samples if s.name.startswith("otelnurse_")]
    assert {(s.labels["node"], s.labels["cluster"]) for s in series} == {
        (node, "lab") for node in ("node-a", "node-b", "node-c")
    }
    assert all(s.labels["pod"] for s in series)
    assert not [label for s in series for label in s.labels if label.startswith("otel_scope")]


def test_a_failed_name_says_who_said_so(seen, roots):
    """The trace of the name that does not exist fails in its DNS lookup, where the nameserver's NXDOMAIN stands."""
    timeline = next(t for t in seen.of("extra") if t.target.name == "gone")
    root = roots[timeline.trace_id]
    lookup = next(s for s in seen.sink.spans if s.trace_id == root.trace_id and s.name == "DNS lookup")
    assert attributes(lookup)["error.type"] == "host_not_found"
    assert attributes(lookup)["dns.question.name"] == f"gone.{ZONE}"
    said = [{p.key: p.value.string_value for p in event.attributes} for event in lookup.events]
    assert {event["otelnurse.dns.rcode"] for event in said} == {"NXDOMAIN"}
