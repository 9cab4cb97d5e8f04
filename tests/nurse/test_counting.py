"""Each failure is counted once, and the same number stands everywhere."""

import json
import logging
from collections import Counter

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.parts import nurses
from tests.parts.listener import Listener
from tests.parts.otlp_sink import Sink
from tests.parts.process import free_port

pytestmark = pytest.mark.anyio


def logged(records):
    """How often the log says that each check failed with which error, repeats that were only counted included."""
    counts = Counter()
    for record in records:
        fields = getattr(record, "fields", {})
        if "error.type" in fields:
            counts[fields["otelnurse.check.name"], fields["error.type"]] += fields.get("count", 1)
    return counts


def traced(spans):
    """The same of root spans at the sink."""
    counts = Counter()
    for span in spans:
        told = {it.key: it.value.string_value for it in span.attributes}
        if "otelnurse.check.name" in told and "error.type" in told and not span.parent_span_id:
            assert span.status.code == span.status.STATUS_CODE_ERROR
            counts[told["otelnurse.check.name"], told["error.type"]] += 1
    return counts


def measured(text):
    """The same of the histogram of durations, and the failures of each path."""
    counts, paths = Counter(), {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = sample.labels
            if sample.name == "otelnurse_check_duration_seconds_count" and "error_type" in labels:
                name = labels.get("otelnurse_check_name") or labels["otelnurse_check_type"]
                counts[name, labels["error_type"]] += int(sample.value)
            if sample.name == "otelnurse_path_failures_total":
                paths[labels["otelnurse_peer_node"]] = int(sample.value)
    return counts, paths


async def test_every_failure_is_counted_once_everywhere(tmp_path, monkeypatch, caplog):
    """History, histogram, path counter, spans and log tell the same failures, a storm of them included."""
    caplog.set_level(logging.WARNING, "otelnurse")
    file = tmp_path / "nurses.json"
    with Sink() as sink, Listener(status=500) as broken:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{sink.http_endpoint}/v1/traces")
        refused = f"127.0.0.1:{free_port()}"
        file.write_text(json.dumps([{"targets": [refused], "labels": {"node": "node-b"}}]))
        environ = {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{sink.http_endpoint}/v1/traces",
            "OTELNURSE_EXTRA_CHECKS": f"broken:{broken.url}/|refused:http://{refused}/",
            "OTELNURSE_DISCOVERY": f"file_sd:{file}",
            "OTELNURSE_SHUTDOWN_DURATION": "2s",
        }
        async with nurses.running(environ) as nurse, nurses.asking(nurse) as client:
            await nurses.eventually(lambda: nurse.history.runs("path_node-b")[4:], what="failures")
            nurse.stop()
            # Until the end of SHUTDOWN_DURATION pages are answered: by now no check begins any more.
            await nurses.eventually(lambda: sink.spans, what="the last export")
            text = (await client.get("/metrics")).text
    failures = nurse.history.failures()
    expected = Counter((run.target.name, run.outcome.error_type) for run in failures)
    assert expected.keys() == {
        ("broken", "500"),
        ("refused", "connection_refused"),
        ("path_node-b", "connection_refused"),
    }
    assert traced(sink.spans) == expected
    assert logged(caplog.records) == expected
    paths = expected["path_node-b", "connection_refused"]
    by_type = {key if key[0] != "path_node-b" else ("path", key[1]): count for key, count in expected.items()}
    assert measured(text) == (by_type, {"node-b": paths})
    assert broken.asked
    assert len(broken.asked) == expected["broken", "500"]
