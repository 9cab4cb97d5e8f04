"""When things leave, and that a collector which is gone, or hangs, holds up nothing."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from otelnurse.probe.timeline import Outcome, Timeline
from otelnurse.telemetry import Config, Observed, Telemetry
from tests.parts.otlp_sink import Sink
from tests.parts.waiting import eventually
from tests.telemetry.scripted import PATH, Kept, Nurse, off_loop

pytestmark = pytest.mark.anyio

BUDGET = 0.5
PATIENCE = 5.0
"""Far more than the budget, far less than the ten seconds that the exporters wait."""


@pytest.fixture
def silent() -> Iterator[str]:
    """A collector that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def refusing() -> str:
    """A collector that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def told(nurse: Telemetry) -> None:
    """One check, and a round."""
    span = nurse.check_started(PATH)
    timeline = Timeline.begin(PATH)
    timeline.end, timeline.outcome = timeline.start + 1, Outcome()
    nurse.check_finished(span, timeline)
    nurse.round_finished(time.time(), 0.0)


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
@pytest.mark.parametrize("collector", ["silent", "refusing"])
def test_stop_keeps_its_budget(protocol, collector, request, monkeypatch, caplog):
    """With a collector that hangs or is gone stop returns within its budget, and says what could not be sent."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", request.getfixturevalue(collector))
    telemetry = Telemetry(Config(buckets=(1,), traces_protocol=protocol, metrics_protocol=protocol), Observed())
    told(telemetry)
    begun = time.monotonic()
    telemetry.stop(BUDGET)
    assert time.monotonic() - begun < PATIENCE
    assert "1 traces could be delivered" in caplog.text
    assert "without a last export of metrics" in caplog.text
    assert b'otelnurse_trace_dropped_total{reason="stopped"} 1.0' in telemetry.prometheus_text()[0]
    telemetry.stop(BUDGET)


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_hanging_collector_does_not_hold_up_rounds(protocol, silent, monkeypatch):
    """While an export hangs, what rounds call returns as fast as ever, and /metrics is answered."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", silent)
    telemetry = Telemetry(
        Config(buckets=(1,), traces_protocol=protocol, metrics_protocol=protocol, export_interval=0.001), Observed()
    )
    begun = time.monotonic()
    for _ in range(200):
        told(telemetry)
    telemetry.prometheus_text()
    assert time.monotonic() - begun < PATIENCE
    telemetry.stop(BUDGET)


HANGING = """
import os, sys
from otelnurse.telemetry import Config, Observed, Telemetry
from otelnurse.probe.target import Target
telemetry = Telemetry(Config(buckets=(1,), export_interval=0.001), Observed())
telemetry.check_cancelled(telemetry.check_started(Target("path", "p", "http://127.0.0.1/", 1.0)))
telemetry.round_finished(0.0, 0.0)
telemetry.stop(0.2)
"""


def test_no_thread_keeps_the_process(silent):
    """A process whose exports hang ends when its main thread does."""
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": silent}
    done = subprocess.run([sys.executable, "-c", HANGING], env=environment, timeout=9.0, check=False)
    assert done.returncode == 0


LOADED = """
import sys
from otelnurse.telemetry import Config, Observed, Telemetry
def loaded(name): return any(module == name or module.startswith(name + ".") for module in sys.modules)
telemetry = Telemetry(Config(buckets=(1,), **{config}), Observed())
print(*[int(loaded(name)) for name in ("grpc", "opentelemetry.exporter.otlp.proto.http", "prometheus_client")])
telemetry.stop(0.1)
"""


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"scrape": False}, "0 1 0"),
        ({"traces_protocol": "grpc", "metrics_protocol": "grpc"}, "1 0 1"),
        ({"traces": False, "metrics": False}, "0 0 1"),
    ],
)
def test_only_the_exporter_in_use_is_loaded(config, expected, refusing):
    """gRPC, HTTP and the Prometheus reader are imported where they are used, and nowhere else."""
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": refusing}
    code = LOADED.replace("{config}", repr(config))
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected


def test_unknown_protocol_is_named():
    """A protocol that there is not stops the start, with its name and what would be right."""
    with pytest.raises(ValueError, match=r"http/json.*http/protobuf or grpc"):
        Telemetry(Config(buckets=(1,), traces_protocol="http/json"), Observed())


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
async def test_traces_arrive(protocol, monkeypatch):
    """What was traced before stop stands at the backend after it, by either protocol."""
    with Sink() as sink:
        endpoint = sink.http_endpoint if protocol == "http/protobuf" else sink.grpc_endpoint
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        telemetry = off_loop(
            lambda: Telemetry(Config(buckets=(1,), traces_protocol=protocol, metrics=False), Observed())
        )
        told(telemetry)
        off_loop(lambda: telemetry.stop(30.0))
        assert [span.name for span in sink.spans] == ["check path"]
        assert b'otelnurse_trace_dropped_total{reason="stopped"} 0.0' in off_loop(telemetry.prometheus_text)[0]


async def test_metrics_leave_after_a_round_and_not_before():
    """Nothing is exported before the first round; right after it there is one export, not one for every round."""
    nurse = Nurse()
    assert nurse.kept.exports == []
    for _ in range(20):
        nurse.telemetry.round_finished(1.0, 0.0)
    eventually(lambda: nurse.kept.exports, what="an export after the round")
    for _ in range(20):
        nurse.telemetry.round_finished(2.0, 0.0)
    nurse.stop()
    assert len(nurse.kept.exports) == 2, "one after the first round and one at the end"


async def test_without_rounds_the_heartbeat_still_leaves():
    """A nurse whose rounds are stuck goes on to export, so that its heartbeat is seen to age."""
    nurse = Nurse(export_interval=0.05)
    eventually(lambda: len(nurse.kept.exports) >= 3, what="exports without rounds")
    nurse.stop()


def test_exports_happen_in_a_thread_of_their_own():
    """Collection and export do not run in the thread that tells of the round."""
    threads = set()

    class Where(Kept):
        def export(self, metrics_data, *args, **kwargs):
            threads.add(threading.get_ident())
            return super().export(metrics_data, *args, **kwargs)

    kept = Where()
    telemetry = Telemetry(Config(buckets=(1,), traces=False), Observed(), metrics_to=kept)
    telemetry.round_finished(1.0, 0.0)
    telemetry.stop(30.0)
    assert threads
    assert threading.get_ident() not in threads
