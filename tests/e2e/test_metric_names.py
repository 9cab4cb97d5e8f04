"""The nurse's own /metrics and the real collector's Prometheus endpoint say the same."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from otelnurse.telemetry.catalogue import CATALOGUE
from otelnurse.telemetry.exporters import metric_exporter
from tests.parts.collector import Collector
from tests.telemetry.scripted import off_loop
from tests.telemetry.test_metrics import everything

pytestmark = pytest.mark.anyio

THE_COLLECTORS = {"node", "pod", "cluster", "job", "instance"}
"""Labels that the collector adds."""


def samples(families) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Values by name and labels, without those that the collector adds or that are empty, and without the process's."""
    return {
        (
            sample.name,
            frozenset((k, v) for k, v in sample.labels.items() if v and k not in THE_COLLECTORS),
        ): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.startswith(("process_", "target_info"))
    }


async def test_both_endpoints_say_the_same(tmp_path, monkeypatch):
    """Every series of /metrics stands at the collector's endpoint under the same name, labels and value; no other."""
    with Collector(tmp_path) as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.http_endpoint)
        nurse = await everything(off_loop(lambda: metric_exporter("http/protobuf")))
        own = list(text_string_to_metric_families(nurse.text()))
        nurse.stop()
        collected = collector.metrics(openmetrics=False)
        assert samples(collected.values()) == pytest.approx(samples(own))
        assert {family.name for family in own} <= set(collected)
        assert len(own) == len(CATALOGUE)
