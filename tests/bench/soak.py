"""Minutes of rounds at a 0.1 s interval while faults come and go: does the nurse grow, leak, or miscount?

    make soak                                   ten minutes
    make soak SOAK_ARGS="--minutes 1"

One nurse (a process of its own) asks five neighbours, each the same second nurse behind a relay that turns sick and
well again, itself as service, and a name that does not resolve. Everything goes to the real collector, and the traces
from there to a sink that counts root spans. At the end the nurse is stopped cleanly, and two accounts of what it did
must agree to the last check: the metrics at the collector's Prometheus endpoint, and the traces. Exits 1 when they do
not, or when memory or descriptors went on growing after the first third.
"""

import argparse
import itertools
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import anyio
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client import Metric

from otelnurse.demo.relay import Mode, Relay
from tests.parts.collector import Collector
from tests.parts.otlp_sink import Sink
from tests.parts.process import Process, answers, free_port
from tests.parts.waiting import eventually

PATHS = 5
"""Neighbours; no multiple of the four sicknesses, so that each neighbour gets each of them."""
INTERVAL = 0.1
SICK_FOR, WELL_FOR = 3.0, 2.0
GROWTH_MIB = 4.0
"""Between the first third and the end; Python's allocator breathes by this much."""


class CountingSink(Sink):
    """Counts root spans by check type and error.type, and keeps none."""

    def __init__(self) -> None:
        super().__init__()
        self.roots: Counter[tuple[str, str]] = Counter()

    def keep(self, request: ExportTraceServiceRequest) -> None:
        """Count the roots in a request; called from the server's threads."""
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    attributes = {pair.key: pair.value.string_value for pair in span.attributes}
                    if not span.parent_span_id and "otelnurse.check.type" in attributes:
                        self.roots[attributes["otelnurse.check.type"], attributes.get("error.type", "")] += 1


@dataclass(frozen=True)
class Sample:
    """How large the nurse was at a moment."""

    rss_mib: float
    descriptors: int

    @classmethod
    def of(cls, pid: int) -> "Sample":
        """Read it from /proc."""
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return cls(pages * 4096 / 2**20, len(list(Path(f"/proc/{pid}/fd").iterdir())))


def counted(families: dict[str, Metric]) -> Counter[tuple[str, str]]:
    """Return finished checks by type and error.type, as docs/metrics.md says that they add up."""
    done: Counter[tuple[str, str]] = Counter()
    for sample in (sample for family in families.values() for sample in family.samples):
        labels, value = sample.labels, int(sample.value)
        if sample.name == "otelnurse_check_duration_seconds_count":
            done[labels["otelnurse_check_type"], labels.get("error_type", "")] += value
        elif sample.name == "otelnurse_fever_seconds_count":
            done["loopback", labels.get("error_type", "")] += value
        elif sample.name == "otelnurse_fever_checks_total" and labels["otelnurse_fever"] != "overlap":
            done[labels["otelnurse_check_type"], ""] += value if labels["otelnurse_check_type"] != "loopback" else 0
    return done


async def sicken(relays: list[Relay], stop: threading.Event) -> None:
    """Make one relay after the other sick in each of the ways, until told to stop."""
    modes = [mode for mode in Mode if mode is not Mode.PASS]
    for relay, mode in zip(itertools.cycle(relays), itertools.cycle(modes)):
        relay.switch(mode)
        await anyio.sleep(SICK_FOR)
        relay.switch(Mode.PASS)
        await anyio.sleep(WELL_FOR)
        if stop.is_set():
            return


async def relay_for(relays: list[Relay], stop: threading.Event) -> None:
    """Run the relays until told to stop."""
    async with anyio.create_task_group() as tasks:
        for relay in relays:
            tasks.start_soon(relay.run)
        await sicken(relays, stop)
        tasks.cancel_scope.cancel()


def environment(port: int, node: str, **more: str) -> dict[str, str]:
    """Settings of a nurse on ``port``."""
    return {
        "OTELNURSE_HTTP_ADDRESS": f"127.0.0.1:{port}",
        "OTELNURSE_NODE_NAME": node,
        "OTELNURSE_CHECK_TIMEOUT": "1s",
        "OTELNURSE_SHUTDOWN_DURATION": "10s",
        **more,
    }


def nurse(log: Path, port: int, node: str, **more: str) -> Process:
    """Make a nurse process that is not running yet."""
    return Process(
        [sys.executable, "-m", "otelnurse", "run"],
        ready=answers(f"http://127.0.0.1:{port}/alwayshappy"),
        log=log,
        environment=environment(port, node, **more),
    )


def main() -> int:
    """Run the soak and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    with (
        tempfile.TemporaryDirectory() as folder,
        CountingSink() as sink,
        Collector(Path(folder), traces_http=sink.http_endpoint) as collector,
    ):
        return soak(Path(folder), collector, sink, minutes * 60)


def soak(folder: Path, collector: Collector, sink: CountingSink, seconds: float) -> int:
    """Return the exit code after ``seconds``."""
    peer_port, port = free_port(), free_port()
    relays = [Relay(peer_port, delay=0.3) for _ in range(PATHS)]
    groups = [{"targets": [f"127.0.0.1:{r.port}"], "labels": {"node": f"node-{i}"}} for i, r in enumerate(relays)]
    file_sd = folder / "neighbours.json"
    file_sd.write_text(json.dumps(groups))
    watched = nurse(
        folder / "nurse.log",
        port,
        "me",
        OTELNURSE_CHECK_INTERVAL=f"{INTERVAL}s",
        OTELNURSE_DISCOVERY=f"file_sd:{file_sd}",
        OTELNURSE_SERVICE_URL=f"http://127.0.0.1:{port}",
        OTELNURSE_EXTRA_CHECKS="nowhere:http://nowhere.invalid/",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.http_endpoint,
    )
    peer = nurse(folder / "peer.log", peer_port, "peer", OTELNURSE_CHECK_INTERVAL="1h")
    stop = threading.Event()
    weather = threading.Thread(target=anyio.run, args=(relay_for, relays, stop))
    peer.start()
    weather.start()
    watched.start()
    samples = []
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            time.sleep(min(10.0, seconds / 12))
            samples.append(Sample.of(watched.pid))
            print(f"{seconds - (until - time.monotonic()):5.0f} s  {samples[-1]}", flush=True)
    finally:
        watched.stop()
        stop.set()
        weather.join()
        peer.stop()
    shown = counted({name: family for name, family in collector.metrics().items() if name.startswith("otelnurse")})
    try:
        # The peer made a round of its own, too; both nurses are in both accounts.
        eventually(lambda: sink.roots == shown, what="the traces to agree with the metrics")
    except TimeoutError:
        problems = [
            f"metrics and traces disagree: {shown - sink.roots} in metrics alone, {sink.roots - shown} in traces"
        ]
    else:
        problems = []
    for (kind, error), count in sorted(shown.items()):
        print(f"{kind:12} {error or 'ok':24} {count:7}")
    return told([*problems, *grown(samples)])


def grown(samples: list[Sample]) -> list[str]:
    """Say what went on growing after the first third of the time."""
    early, late = samples[: len(samples) // 3 + 1], samples[-1]
    print(f"memory {early[-1].rss_mib:.1f} -> {late.rss_mib:.1f} MiB", end=", ")
    print(f"descriptors {early[-1].descriptors} -> {late.descriptors}")
    problems = []
    if late.rss_mib - early[-1].rss_mib > GROWTH_MIB:
        problems.append("memory grew after the first third")
    if late.descriptors > max(sample.descriptors for sample in early) + PATHS:
        problems.append("descriptors grew after the first third")
    return problems


def told(problems: list[str]) -> int:
    """Print the problems and return the exit code."""
    for problem in problems:
        print(f"FAILED: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
