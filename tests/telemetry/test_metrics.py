"""What is counted, and that it adds up."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from opentelemetry.sdk.metrics.export import Histogram, MetricExporter, Sum

from otelnurse.probe.errors import ErrorType, Phase
from otelnurse.telemetry import Observed, SourceState
from otelnurse.telemetry.catalogue import CATALOGUE
from otelnurse.telemetry.pull import PullReader
from tests.parts.waiting import eventually
from tests.telemetry.scripted import EXTRA, INGRESS, LOOPBACK, PATH, SERVICE, Nurse, Plan

pytestmark = pytest.mark.anyio

REFUSED = Plan(ErrorType.CONNECTION_REFUSED, Phase.CONNECT, name=True, tls=True)
OBSERVED = Observed(
    neighbour_count=lambda: 10,
    incoming_count=lambda: 9,
    incoming_overflow=lambda: 3,
    discovery=lambda: {"file_sd": SourceState(1.5, 2, 7), "http_sd": SourceState(None, 1, 0)},
)


async def everything(metrics: MetricExporter | None = None) -> Nurse:
    """A nurse to which all that is counted has happened."""
    nurse = Nurse(OBSERVED, metrics=metrics, buckets=(0.001, 0.5, 1.0, 5.0))
    nurse.telemetry.neighbours_changed(["node-b"])
    # The export after this round is over before the rest, so that the last one sees all that follows.
    nurse.telemetry.round_finished(1_700_000_000.25, 0.003)
    eventually(lambda: nurse.kept.exports, what="the export after the first round")
    for target in (PATH, SERVICE, EXTRA, LOOPBACK):
        await nurse.check(target, Plan(name=True, tls=True))
    await nurse.check(SERVICE, REFUSED)
    await nurse.check(INGRESS, Plan(), fever=("lag",))
    timeline = await nurse.check(INGRESS, Plan())
    timeline.stale_connections = 1
    nurse.telemetry.check_finished(nurse.telemetry.check_started(INGRESS), timeline)
    nurse.telemetry.check_skipped(SERVICE)
    return nurse


async def test_every_metric_of_the_catalogue_is_exported_as_it_says():
    """Name, unit, kind and attributes of what is exported are the catalogue's, and nothing else is exported."""
    kept = (await everything()).metrics()
    assert set(kept.metrics) == {spec.name for spec in CATALOGUE}
    for spec in CATALOGUE:
        metric = kept.metrics[spec.name]
        assert metric.unit == spec.unit
        assert isinstance(metric.data, Histogram) == (spec.kind == "histogram")
        assert (isinstance(metric.data, Sum) and metric.data.is_monotonic) == (spec.kind == "counter")
        assert {key for point in metric.data.data_points for key in point.attributes} <= set(spec.attributes)


async def test_checks_that_were_skipped_add_up():
    """A check that did not run many times over is counted as often, told of at once or one by one."""
    nurse = Nurse()
    nurse.telemetry.check_skipped(SERVICE)
    nurse.telemetry.check_skipped(SERVICE, 1_000)
    assert [point.value for point in nurse.metrics().points("otelnurse.round.skipped")] == [1_001]


async def test_prometheus_and_otlp_show_the_same_names_and_values():
    """What /metrics says is what is pushed: the same names, and for counters the same sums."""
    nurse = await everything()
    text = nurse.text()
    kept = nurse.metrics()
    for spec in CATALOGUE:
        unit = {"s": "_seconds", "By": "_bytes"}.get(spec.unit, "")
        name = spec.name.replace(".", "_") + unit + ("_total" if spec.kind == "counter" else "")
        suffix = "_count" if spec.kind == "histogram" else ""
        scraped = re.findall(rf"^{name}{suffix}(?:{{.*}})? (\S+)$", text, re.MULTILINE)
        points = kept.points(spec.name)
        assert len(scraped) == len(points), spec.name
        if spec.kind == "histogram":
            assert sum(map(float, scraped)) == sum(point.count for point in points)
        elif not spec.name.startswith("process."):
            assert sum(map(float, scraped)) == pytest.approx(sum(point.value for point in points))
    assert "target_info" not in text
    assert "otel_scope" not in text


async def test_whole_boundaries_have_no_decimal_point():
    """Boundaries read as Go writes them: le="1", not le="1.0"."""
    nurse = await everything()
    text = nurse.text()
    nurse.stop()
    bounds = re.findall(r'otelnurse_check_duration_seconds_bucket{.*le="([^"]+)"', text)
    assert set(bounds) == {"0.001", "0.5", "1", "5", "+Inf"}
    assert 'otelnurse_path_duration_seconds_bucket{le="1",' in text


async def test_checks_done_are_the_checks_counted():
    """For each type the durations counted and the fevers left out add up to the checks done; failures always count."""
    nurse = Nurse()
    nurse.telemetry.neighbours_changed(["node-b"])
    fevers = [(), ("lag",), ("throttled", "lag"), ("overlap",), ("lag", "overlap")]
    for fever in fevers:
        await nurse.check(PATH, Plan(), fever=fever)
        await nurse.check(PATH, Plan(ErrorType.CONNECTION_RESET, Phase.WAIT), fever=fever)
    kept = nurse.metrics()
    durations = {p.attributes.get("error.type"): p.count for p in kept.points("otelnurse.check.duration")}
    left_out = {p.attributes["otelnurse.fever"]: p.value for p in kept.points("otelnurse.fever.checks")}
    assert durations == {None: 2, "connection_reset": 5}
    assert left_out == {"lag": 2, "throttled": 1, "overlap": 1}
    assert sum(durations.values()) + left_out["lag"] + left_out["throttled"] == 2 * len(fevers)
    assert [p.value for p in kept.points("otelnurse.path.checks")] == [10]
    assert [p.value for p in kept.points("otelnurse.path.failures")] == [5]
    assert [p.count for p in kept.points("otelnurse.path.duration")] == [7]
    assert {p.attributes["otelnurse.kept_because"]: p.value for p in kept.points("otelnurse.trace.kept")} == {
        "sampled": 5,
        "failed": 5,
    }


async def test_only_extra_checks_are_told_apart_by_name():
    """check.name stands on extra checks alone: path checks would make a series for each neighbour that ever was."""
    kept = (await everything()).metrics()
    found = {
        (p.attributes["otelnurse.check.type"], p.attributes.get("otelnurse.check.name"))
        for p in kept.points("otelnurse.check.duration")
    }
    assert found == {("path", None), ("me_service", None), ("extra", "intranet"), ("me_ingress", None)}


async def test_loopback_is_fever_and_no_check():
    """The loopback probe stands in otelnurse.fever alone, with its error when it fails."""
    nurse = Nurse()
    await nurse.check(LOOPBACK, Plan(), fever=("lag",))
    await nurse.check(LOOPBACK, Plan(ErrorType.RESPONSE_TIMEOUT, Phase.WAIT))
    kept = nurse.metrics()
    assert kept.points("otelnurse.check.duration") == []
    assert {p.attributes.get("error.type"): p.count for p in kept.points("otelnurse.fever")} == {
        None: 1,
        "response_timeout": 1,
    }


async def test_queries_are_told_apart_by_zone():
    """Names under the cluster's domain are cluster, others external, each under its nameserver."""
    nurse = Nurse()
    await nurse.check(SERVICE, Plan(name=True))
    await nurse.check(EXTRA, Plan(name=True))
    await nurse.check(EXTRA, Plan(ErrorType.DNS_TIMEOUT, Phase.DNS, name=True))
    points = nurse.metrics().points("otelnurse.dns.queries")
    assert {(p.attributes["otelnurse.dns.zone"], p.attributes.get("error.type")): p.value for p in points} == {
        ("cluster", None): 1,
        ("external", None): 1,
        ("external", "dns_timeout"): 1,
    }
    assert {p.attributes["server.address"] for p in points} == {"10.96.0.10"}


async def test_certificates_are_told_of_also_when_they_fail():
    """A certificate's end is exported for each check that was shown one, faulty ones too."""
    nurse = Nurse()
    await nurse.check(SERVICE, Plan(ErrorType.TLS_CERTIFICATE_EXPIRED, Phase.TLS, tls=True))
    [point] = nurse.metrics().points("otelnurse.certificate.not_after")
    assert point.value == 1.9e9
    assert dict(point.attributes) == {
        "otelnurse.check.name": "me_service",
        "server.address": "svc.cluster.local",
    }


def test_two_scrapes_at_a_time_both_get_everything(monkeypatch):
    """Of two Prometheus servers that scrape at the same moment none gets the other's numbers, or nothing.

    Each collection waits a moment for another one to come, so that they meet wherever they can.
    """
    nurse = Nurse()
    real, meeting = PullReader._receive_metrics, Barrier(2)  # noqa: SLF001 - the hook that the SDK has for readers

    def meet(self, *args, **more):
        real(self, *args, **more)
        with suppress(BrokenBarrierError):
            meeting.wait(0.2)

    monkeypatch.setattr(PullReader, "_receive_metrics", meet)
    with ThreadPoolExecutor(2) as scrapers:
        scrapes = [scrapers.submit(nurse.telemetry.prometheus_text) for _ in range(2)]
    texts = [scrape.result()[0] for scrape in scrapes]
    assert [len(re.findall(b"^process_memory_usage_bytes ", text, re.MULTILINE)) for text in texts] == [1, 1]


async def test_exemplars_point_at_traces_that_were_sent():
    """With traces kept each duration has an exemplar of its trace; with none kept there is no exemplar."""
    nurse = Nurse()
    timeline = await nurse.check(SERVICE, Plan())
    [point] = nurse.metrics().points("otelnurse.check.duration")
    assert [f"{exemplar.trace_id:032x}" for exemplar in point.exemplars] == [timeline.trace_id]
    quiet = Nurse(traces_ratio=0.0)
    await quiet.check(SERVICE, Plan())
    assert not [e for p in quiet.metrics().points("otelnurse.check.duration") for e in p.exemplars]


async def test_heartbeat_is_there_at_every_export():
    """The last round's time is exported again and again, and not before there was a round."""
    nurse = Nurse()
    assert "otelnurse_round_last_seconds " not in nurse.text()
    nurse.telemetry.round_finished(1_700_000_000.25, 0.0)
    for _ in range(3):
        assert "otelnurse_round_last_seconds 1.70000000025e+09" in nurse.text()
    nurse.stop()


async def test_resource_names_the_nurse():
    """The resource holds what was configured under conventional names, and nothing for what is empty."""
    nurse = Nurse(cluster="c1", resource_attributes={"team": "net", "k8s.node.name": "wrong"})
    await nurse.check(PATH)
    for resource in (nurse.metrics().exports[-1].resource_metrics[0].resource, nurse.spans()[0].resource):
        attributes = resource.attributes
        assert attributes["service.name"] == "otelnurse"
        assert attributes["k8s.cluster.name"] == "c1"
        assert attributes["k8s.node.name"] == "node-a"
        assert attributes["team"] == "net"
        assert "cloud.availability_zone" not in attributes


async def test_nothing_is_scraped_where_scraping_is_off():
    """Without scraping /metrics is empty; the push goes on."""
    nurse = Nurse(scrape=False)
    await nurse.check(PATH)
    assert nurse.text() == ""
    assert nurse.metrics().points("otelnurse.check.duration")
