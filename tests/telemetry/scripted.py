"""Checks without a network: a transport that writes timelines as the probe would, and telemetry around it."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from opentelemetry.sdk.metrics.export import (
    DataPointT,
    Metric,
    MetricExporter,
    MetricExportResult,
    MetricsData,
)
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otelnurse.probe.errors import ErrorType, Phase, ProbeError, failure
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import (
    Certificate,
    Connect,
    Exchange,
    Handshake,
    Hop,
    Lookup,
    Outcome,
    Query,
    TcpInfo,
    Timeline,
)
from otelnurse.probe.transport import HOP, TIMELINE
from otelnurse.telemetry import Config, Observed, Telemetry

T = TypeVar("T")
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds; those of a nurse to whom nobody named others."""
PATH = Target("path", "path_node-b", "http://10.0.0.2:8080/alwayshappy", 5.0, peer_node="node-b", peer_zone="z1")
SERVICE = Target("me_service", "me_service", "https://svc.cluster.local:8443/alwayshappy", 5.0)
INGRESS = Target(
    "me_ingress", "me_ingress", "https://user:secret@nurse.example/?token=hidden", 5.0, follow_redirects=True
)
EXTRA = Target("extra", "intranet", "http://intranet.example/", 5.0)
LOOPBACK = Target("loopback", "loopback", "http://127.0.0.1:8080/alwayshappy", 5.0)
TCP = TcpInfo(rtt=0.0005, min_rtt=0.0004, retransmits=0, segments_sent=6)


@dataclass(frozen=True)
class Plan:
    """What is to happen to one request."""

    error: ErrorType | None = None
    phase: Phase | None = None
    status: int = 200
    location: str = ""
    name: bool = False
    tls: bool = False
    fault: ErrorType | None = None
    loser: bool = False
    reused: bool = False
    tcp: TcpInfo = field(default_factory=lambda: TCP)


class Clock:
    """Instants a microsecond apart, none of which is ahead of the real clock when :meth:`catch_up` returns."""

    def __init__(self) -> None:
        self._now = time.monotonic_ns()

    def tick(self) -> int:
        """The next instant."""
        self._now += 1_000
        return self._now

    def catch_up(self) -> None:
        """Wait, some microseconds, until the real clock is past the last instant."""
        while time.monotonic_ns() <= self._now:
            pass


class Scripted(httpx.AsyncBaseTransport):
    """Plays one plan after the other."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._plans = list(plans)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Fill the hop, then answer or fail as the plan says."""
        self.requests.append(request)
        plan = self._plans.pop(0)
        hop: Hop = request.extensions[HOP]
        clock = Clock()
        hop.start = clock.tick()
        play(plan, hop, clock)
        hop.end = clock.tick()
        clock.catch_up()
        if plan.error is not None and plan.phase is not None:
            raise failure(plan.error, plan.phase, "as planned")
        headers = {"location": plan.location} if plan.location else {}
        return httpx.Response(plan.status, headers=headers)


def play(plan: Plan, hop: Hop, clock: Clock) -> None:
    """Fill ``hop`` phase by phase, up to the one in which it is to fail."""
    steps = {Phase.DNS: _resolve, Phase.CONNECT: _connect, Phase.TLS: _shake}
    needed = {Phase.DNS: plan.name, Phase.CONNECT: not plan.reused, Phase.TLS: plan.tls}
    hop.reused = plan.reused
    for phase, step in steps.items():
        error = plan.error if plan.phase is phase else None
        if phase is Phase.CONNECT:
            hop.peer_address, hop.peer_port = "10.0.0.2", hop.port
        if needed[phase]:
            step(plan, hop, clock, error)
        if error:
            return
    _exchange(plan, hop, clock)


def _resolve(plan: Plan, hop: Hop, clock: Clock, error: ErrorType | None) -> None:  # noqa: ARG001 - one of the steps
    hop.lookup = Lookup(hop.host, clock.tick())
    query = Query("10.96.0.10", "A", hop.host, "udp", clock.tick(), clock.tick(), "NOERROR", "coredns-1", error)
    hop.lookup.queries.append(query)
    hop.lookup.end, hop.lookup.error = clock.tick(), error
    hop.lookup.answers = () if error else ("10.0.0.2",)


def _connect(plan: Plan, hop: Hop, clock: Clock, error: ErrorType | None) -> None:
    if plan.loser:
        hop.connects.append(Connect("fd00::2", hop.port, clock.tick(), clock.tick(), abandoned=True))
    hop.connects.append(Connect("10.0.0.2", hop.port, clock.tick(), clock.tick(), 40000, plan.tcp, error))


def _shake(plan: Plan, hop: Hop, clock: Clock, error: ErrorType | None) -> None:
    hop.handshake = Handshake(hop.host, clock.tick(), clock.tick(), fault=plan.fault, error=error)
    hop.handshake.certificate = Certificate(1.7e9, 1.9e9)
    if not error:
        hop.handshake.version, hop.handshake.cipher = "1.3", "TLS_AES_256_GCM_SHA384"


def _exchange(plan: Plan, hop: Hop, clock: Clock) -> None:
    hop.tcp = plan.tcp
    hop.exchange = exchange = Exchange(clock.tick(), error=plan.error)
    if plan.phase is Phase.SEND:
        return
    exchange.sent = clock.tick()
    if plan.phase is Phase.WAIT:
        return
    exchange.first_byte = exchange.seen = clock.tick()
    exchange.status = plan.status
    exchange.headers = {"location": plan.location} if plan.location else {}
    if plan.phase is not Phase.RECEIVE:
        exchange.received = clock.tick()


class Kept(MetricExporter):
    """Keeps what is exported, and passes it ``on`` where there is somebody."""

    def __init__(self, on: MetricExporter | None = None) -> None:
        super().__init__()
        self.exports: list[MetricsData] = []
        self._on = on

    def export(self, metrics_data: MetricsData, *_: object, **__: object) -> MetricExportResult:
        """Keep it."""
        result = self._on.export(metrics_data) if self._on else MetricExportResult.SUCCESS
        self.exports.append(metrics_data)
        return result

    def force_flush(self, *_: object) -> bool:
        """Nothing is held."""
        return True

    def shutdown(self, *_: object, **__: object) -> None:
        """Nothing is open."""

    @property
    def metrics(self) -> dict[str, Metric]:
        """The last export by name."""
        found = [
            metric
            for resource in self.exports[-1].resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]
        assert len({metric.name for metric in found}) == len(found), "a metric was exported twice"
        return {metric.name: metric for metric in found}

    def points(self, name: str) -> list[DataPointT]:
        """The points of a metric; none when it was not exported."""
        metric = self.metrics.get(name)
        return list(metric.data.data_points) if metric else []


def off_loop(call: Callable[[], T]) -> T:
    """Call what blocks in a thread; the test waits for it."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


class Nurse:
    """Telemetry whose exports stay here."""

    def __init__(
        self,
        observed: Observed | None = None,
        spans: SpanExporter | None = None,
        metrics: MetricExporter | None = None,
        **config: object,
    ) -> None:
        self.memory = InMemorySpanExporter()
        self.kept = Kept(metrics)
        self.telemetry = off_loop(
            lambda: Telemetry(
                Config(**{"export_interval": 3600.0, "node": "node-a", "buckets": BUCKETS, **config}),
                observed or Observed(),
                spans_to=spans or self.memory,
                metrics_to=self.kept,
            )
        )

    async def check(
        self, target: Target, *plans: Plan, fever: tuple[str, ...] = (), lag: float | None = None
    ) -> Timeline:
        """Run a check through rounds' observer as rounds would, redirects included."""
        transport = self.telemetry.wrap(Scripted(plans or (Plan(),)))
        span = self.telemetry.check_started(target)
        timeline = Timeline.begin(target)
        timeline.trace_id, timeline.fever, timeline.lag = span.trace_id, fever, lag
        url = httpx.URL(target.url)
        timeline.outcome = Outcome()
        try:
            for _ in plans or (Plan(),):
                port = url.port or {"http": 80, "https": 443}[url.scheme]
                hop = Hop("GET", str(url), url.host, port, time.monotonic_ns())
                timeline.hops.append(hop)
                request = httpx.Request("GET", url, extensions={HOP: hop, TIMELINE: timeline})
                response = await transport.handle_async_request(request)
                if response.headers.get("location", "ftp:").partition(":")[0] != "ftp":
                    url = url.join(response.headers["location"])
            if response.status_code != 200:
                timeline.outcome = Outcome(str(response.status_code), Phase.RECEIVE, "answered")
        except ProbeError as error:
            timeline.outcome = Outcome(error.error_type, error.phase, str(error))
        timeline.end = timeline.hops[-1].end
        self.telemetry.check_finished(span, timeline)
        return timeline

    def stop(self, budget: float = 30.0) -> None:
        """Stop as a nurse does: in a thread."""
        off_loop(lambda: self.telemetry.stop(budget))

    def text(self) -> str:
        """What a scrape gets."""
        return off_loop(self.telemetry.prometheus_text)[0].decode()

    def spans(self) -> list[ReadableSpan]:
        """Stop, and return all spans."""
        self.stop()
        return list(self.memory.get_finished_spans())

    def metrics(self) -> Kept:
        """Stop, which exports a last time, and return that."""
        self.stop()
        return self.kept
