"""What the real collector makes of metrics and traces: names, labels, exemplars, and traces that survive an outage."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Tracer, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import format_trace_id

from tests.parts.collector import Collector
from tests.parts.otlp_sink import Sink
from tests.parts.waiting import eventually

DURATION = "otelnurse_check_duration_seconds"
NODES = ("kn1", "kn2")


@dataclass
class SyntheticNurse:
    """Exports what a nurse would, through the SDK's exporters."""

    metrics: MeterProvider
    tracer: Tracer

    def check(self, name: str) -> str:
        """Make one check's span and numbers; return its trace id as hexadecimal digits."""
        meter = self.metrics.get_meter("otelnurse", "1.0")
        with self.tracer.start_as_current_span(name) as span:
            meter.create_histogram(
                "otelnurse.check.duration", unit="s", explicit_bucket_boundaries_advisory=[0.001, 0.005, 1.0]
            ).record(0.002, {"otelnurse.check.type": "path"})
            meter.create_counter("otelnurse.path.checks", unit="{check}").add(3, {"otelnurse.peer.node": "kn9"})
        meter.create_gauge("otelnurse.neighbour.count", unit="{neighbour}").set(4)
        meter.create_gauge("otelnurse.round.last", unit="s").set(1.5e9)
        meter.create_gauge("otelnurse.test.own", unit="1").set(1, {"node": "own", "pod": "own", "cluster": "own"})
        return format_trace_id(span.get_span_context().trace_id)


@contextmanager
def synthetic_nurse(collector: Collector, node: str, *, grpc: bool = False) -> Iterator[SyntheticNurse]:
    """Give a nurse on a node; its metrics are exported when the context ends, its spans at once."""
    resource = Resource(
        {
            "service.name": "otelnurse",
            "service.instance.id": f"uid-{node}",
            "k8s.cluster.name": "lab",
            "k8s.node.name": node,
            "k8s.namespace.name": "nurses",
            "k8s.pod.name": f"nurse-{node}",
        }
    )
    reader = PeriodicExportingMetricReader(
        OTLPMetricExporter(f"{collector.http_endpoint}/v1/metrics"), export_interval_millis=math.inf
    )
    metrics = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    traces = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = (
        GrpcSpanExporter(collector.grpc_endpoint) if grpc else HttpSpanExporter(f"{collector.http_endpoint}/v1/traces")
    )
    traces.add_span_processor(SimpleSpanProcessor(exporter))
    try:
        yield SyntheticNurse(metrics, traces.get_tracer("otelnurse"))
    finally:
        # Without an interval there is no thread that would export at shutdown.
        metrics.force_flush()
        metrics.shutdown()
        traces.shutdown()


@pytest.fixture(scope="module")
def exposed(tmp_path_factory):
    """A collector to which a nurse of each node has exported once, and {node: trace id of its check}."""
    with Collector(tmp_path_factory.mktemp("collector")) as collector:
        checks = {}
        for node in NODES:
            with synthetic_nurse(collector, node) as nurse:
                checks[node] = nurse.check("check path")
        yield collector, checks


def nodes_of(family, name):
    """Return {node: (pod, cluster, value)} of the samples of one name."""
    return {
        sample.labels["node"]: (sample.labels["pod"], sample.labels["cluster"], sample.value)
        for sample in family.samples
        if sample.name == name
    }


@pytest.mark.parametrize("openmetrics", [True, False])
def test_names_carry_units_and_counts_no_ratio(exposed, openmetrics):
    """Instruments come out under the names that our dashboards use, in both formats."""
    collector, _ = exposed
    names = {sample.name for family in collector.metrics(openmetrics=openmetrics).values() for sample in family.samples}

    assert names >= {
        f"{DURATION}_bucket",
        f"{DURATION}_sum",
        f"{DURATION}_count",
        "otelnurse_path_checks_total",
        "otelnurse_neighbour_count",
        "otelnurse_round_last_seconds",
        "target_info",
    }


def test_each_node_has_its_own_series(exposed):
    """The same instrument of two nodes is two series, told apart by node, pod and cluster."""
    collector, _ = exposed
    metrics = collector.metrics()

    assert nodes_of(metrics[DURATION], f"{DURATION}_count") == {
        "kn1": ("nurse-kn1", "lab", 1),
        "kn2": ("nurse-kn2", "lab", 1),
    }
    assert nodes_of(metrics["otelnurse_path_checks"], "otelnurse_path_checks_total") == {
        "kn1": ("nurse-kn1", "lab", 3),
        "kn2": ("nurse-kn2", "lab", 3),
    }


def test_a_points_own_attributes_win(exposed):
    """An attribute that is called node, pod or cluster already is not overwritten by the resource's."""
    collector, _ = exposed
    samples = collector.metrics()["otelnurse_test_own_ratio"].samples

    assert {sample.labels["instance"] for sample in samples} == {"uid-kn1", "uid-kn2"}
    for sample in samples:
        assert {sample.labels[name] for name in ("node", "pod", "cluster")} == {"own"}


def test_series_carry_no_labels_but_the_known_ones(exposed):
    """Neither scope labels nor the rest of the resource make series longer."""
    collector, _ = exposed
    families = [family for name, family in collector.metrics().items() if name != "target_info"]
    labels = {label for family in families for sample in family.samples for label in sample.labels}

    assert labels == {
        *("cluster", "instance", "job", "node", "pod", "le"),
        *("otelnurse_check_type", "otelnurse_peer_node"),
    }


def test_target_info_has_the_rest_of_the_resource(exposed):
    """What is no label can be joined from target_info by job and instance."""
    collector, _ = exposed
    infos = {sample.labels["instance"]: sample.labels for sample in collector.metrics()["target_info"].samples}

    assert {instance: info["k8s_namespace_name"] for instance, info in infos.items()} == {
        "uid-kn1": "nurses",
        "uid-kn2": "nurses",
    }


def test_a_bucket_leads_to_the_trace(exposed):
    """In OpenMetrics a histogram's bucket names the trace of the check that fell into it."""
    collector, checks = exposed
    exemplars = {
        sample.labels["node"]: (sample.labels["le"], sample.exemplar.labels["trace_id"], sample.exemplar.value)
        for sample in collector.metrics()[DURATION].samples
        if sample.exemplar
    }

    assert exemplars == {node: ("0.005", trace_id, 0.002) for node, trace_id in checks.items()}


def test_a_silent_nurses_series_leave(tmp_path):
    """What was not exported for metric_expiration is not shown any more."""
    with Collector(tmp_path, metric_expiration="3s") as collector:
        with synthetic_nurse(collector, "kn1") as nurse:
            nurse.check("check path")
        assert DURATION in collector.scrape()
        eventually(lambda: DURATION not in collector.scrape(), what="the series of a silent nurse to leave")


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_traces_reach_the_backend(tmp_path, protocol):
    """Spans taken by either protocol arrive at a backend of either, with the nurse's resource."""
    with Sink() as sink:
        backend = {"traces_grpc": sink.grpc_endpoint} if protocol == "grpc" else {"traces_http": sink.http_endpoint}
        with Collector(tmp_path, **backend) as collector:
            for node, grpc in (("kn1", True), ("kn2", False)):
                with synthetic_nurse(collector, node, grpc=grpc) as nurse:
                    nurse.check(f"check of {node}")
            spans = sink.wait_for_spans(2)

    resources = [resource.resource for request in sink.requests for resource in request.resource_spans]
    nodes = {item.value.string_value for r in resources for item in r.attributes if item.key == "k8s.node.name"}
    assert sorted(span.name for span in spans) == ["check of kn1", "check of kn2"]
    assert nodes == set(NODES)


@pytest.mark.parametrize("meanwhile", ["runs on", "is restarted", "is killed"])
@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_traces_survive_an_outage(tmp_path, protocol, meanwhile):
    """Spans accepted while the backend is away arrive when it is back, whatever became of the collector meanwhile."""
    sink = Sink()
    backend = {"traces_grpc": sink.grpc_endpoint} if protocol == "grpc" else {"traces_http": sink.http_endpoint}
    with Collector(tmp_path, log_level="info", **backend) as collector:
        with synthetic_nurse(collector, "kn1") as nurse:
            expected = {nurse.check("check path") for _ in range(3)}
        eventually(lambda: "Will retry" in collector.process.output(), what="a failed try to pass traces on")
        if meanwhile == "is restarted":
            collector.process.stop()
        elif meanwhile == "is killed":
            collector.process.kill()
        with sink:
            if meanwhile != "runs on":
                collector.process.start()
            sink.wait_for_spans(len(expected))

    assert {span.trace_id.hex() for span in sink.spans} == expected


def test_without_a_backend_traces_are_taken_and_let_go(tmp_path):
    """A nurse that sends traces to a collector without a backend gets no error, and the log can show that they came."""
    with Collector(tmp_path, log_level="info") as collector:
        with synthetic_nurse(collector, "kn1") as nurse:
            nurse.check("check path")
        eventually(lambda: '"spans": 1' in collector.process.output(), what="the line about one span")
