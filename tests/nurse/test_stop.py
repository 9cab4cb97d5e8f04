"""How a nurse ends, as a process: its exit status, what it still answers, and what it tells telemetry."""

import os
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.parts import process
from tests.parts.nurses import nurse_process, process_environment
from tests.parts.otlp_sink import Sink
from tests.parts.process import free_port
from tests.parts.waiting import eventually

BUDGET = 1.0
"""SHUTDOWN_DURATION, seconds."""
MARGIN = 6.0
"""Seconds beyond it for the end of the interpreter on a loaded machine; far below what any exporter waits for."""


@contextmanager
def silent():
    """A port that accepts and never says anything; yields its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def absent():
    """A port where nobody listens."""
    yield f"127.0.0.1:{free_port()}"


@contextmanager
def stopping(child):
    """Send TERM and wait for the end in a thread; yields what will be the exit status."""
    with ThreadPoolExecutor(1) as waiting:
        yield waiting.submit(child.stop)


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
@pytest.mark.parametrize("collector", [silent, absent])
def test_a_clean_stop_is_over_in_time_without_a_collector(collector, protocol):
    """Whether the collector hangs or is gone: exit 0 within SHUTDOWN_DURATION, and the pages are answered till then."""
    with collector() as address:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{address}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_METRIC_EXPORT_INTERVAL": "200",
            "OTELNURSE_SHUTDOWN_DURATION": f"{BUDGET}s",
        }
        with nurse_process(environ) as nurse:
            eventually(lambda: "otelnurse_fever_seconds_count" in nurse.get("/metrics").text, what="a round")
            begin = time.monotonic()
            with stopping(nurse.process) as status:
                eventually(lambda: nurse.get("/ready").status_code == 503, what="not ready")
                assert nurse.get("/alwayshappy").status_code == 200
            took = time.monotonic() - begin
            assert status.result() == 0
            assert took < BUDGET + MARGIN
            assert "stopped " in nurse.process.output(), "what could not be delivered is told"


def test_a_second_signal_stops_at_once():
    """Who insists does not wait for SHUTDOWN_DURATION, and the exit status says that it was no clean end."""
    with nurse_process({"OTELNURSE_SHUTDOWN_DURATION": "1h"}) as nurse:
        pid = nurse.process.pid
        with stopping(nurse.process) as status:
            eventually(lambda: nurse.get("/ready").status_code == 503, what="not ready")
            os.kill(pid, signal.SIGINT)
        assert status.result() == 1


@pytest.mark.parametrize("attempt", range(3))
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_start_is_a_clean_stop(number, attempt):  # noqa: ARG001 - the same again, other timing
    """Who is told to stop while still being put together ends with exit 0, as from then on."""
    port = free_port()
    with process.running(
        [sys.executable, "-m", "otelnurse", "run"],
        ready=process.listens(port),
        environment=process_environment({"OTELNURSE_HTTP_ADDRESS": f"127.0.0.1:{port}"}),
    ) as child:
        os.kill(child.pid, number)
        assert child.wait() == 0


def test_no_duration_at_all():
    """With SHUTDOWN_DURATION=0 a stop is clean nevertheless, and drops whatever is under way."""
    with (
        silent() as address,
        nurse_process(
            {"OTELNURSE_SHUTDOWN_DURATION": "0s", "OTELNURSE_EXTRA_CHECKS": f"hangs:http://{address}/"}
        ) as nurse,
    ):
        eventually(lambda: "otelnurse_round_skipped_total" in nurse.get("/metrics").text, what="a hanging check")
        begin = time.monotonic()
        assert nurse.process.stop() == 0
        assert time.monotonic() - begin < MARGIN


def test_a_thread_that_hangs_does_not_hold_up_the_end(tmp_path):
    """A dead file system below the file_sd file keeps a thread of the nurse, not the nurse.

    Such a file system needs root to make; what it does, a call that does not return, is done here in its place.
    """
    port = free_port()
    script = tmp_path / "hanging.py"
    script.write_text(
        "import sys, time\n"
        "from otelnurse.discovery import file_sd\n"
        "from otelnurse.cli import main\n"
        "file_sd._look_at = lambda *_: time.sleep(3600)\n"
        "sys.exit(main(['run']))\n"
    )
    environ = {"OTELNURSE_HTTP_ADDRESS": f"127.0.0.1:{port}", "OTELNURSE_DISCOVERY": f"file_sd:{tmp_path}/n.json"}
    with process.running(
        [sys.executable, script],
        ready=process.answers(f"http://127.0.0.1:{port}/alwayshappy"),
        environment=process_environment(environ) | {"PYTHONPATH": str(Path.cwd())},
    ) as child:
        assert child.stop() == 0


def attributes(span):
    """A span's attributes by name."""
    return {it.key: it.value.string_value or it.value.bool_value for it in span.attributes}


def test_checks_under_way_at_the_stop_count_nowhere():
    """A check that the stop cuts off is in no trace as a failure, and the spans of the finished ones all arrive."""
    with Sink() as sink, silent() as address:
        environ = {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{sink.http_endpoint}/v1/traces",
            "OTELNURSE_SHUTDOWN_DURATION": f"{BUDGET}s",
            "OTELNURSE_EXTRA_CHECKS": f"hangs:http://{address}/",
            "OTELNURSE_CHECK_TIMEOUT": "1h",
        }
        with nurse_process(environ) as nurse:
            eventually(lambda: "otelnurse_round_skipped_total" in nurse.get("/metrics").text, what="a hanging check")
            with stopping(nurse.process) as status:
                eventually(lambda: nurse.get("/ready").status_code == 503, what="not ready")
            assert status.result() == 0
            assert "failed" not in nurse.process.output()
    roots = [attributes(span) for span in sink.spans if not span.parent_span_id and span.kind != span.SPAN_KIND_SERVER]
    hanging = [root for root in roots if root["otelnurse.check.name"] == "hangs"]
    assert [root.get("otelnurse.check.cancelled") for root in hanging] == [True]
    assert not [root for root in roots if "error.type" in root]
    assert [root for root in roots if root["otelnurse.check.name"] == "loopback"]
