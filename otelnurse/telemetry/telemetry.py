"""Telemetry of one nurse: the one thing of this package that others hold."""

import time
from collections.abc import Collection, Iterable

import httpx
from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.trace import INVALID_SPAN, set_span_in_context

from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Timeline
from otelnurse.telemetry import root
from otelnurse.telemetry.config import Config, Observed
from otelnurse.telemetry.exporters import metric_exporter, span_exporter
from otelnurse.telemetry.faults import Faults
from otelnurse.telemetry.handle import CheckHandle
from otelnurse.telemetry.metering import Metering
from otelnurse.telemetry.resource import make_resource
from otelnurse.telemetry.server import UNRECORDED, ServerSpan, start_server_span
from otelnurse.telemetry.tracing import Tracing


class Telemetry:
    """Spans and metrics of checks; the ``Observer`` of rounds. Nothing here fails, or holds up, what it looks at.

    Exporters are made as ``config`` says unless they are given. Raises ``ValueError`` for a protocol or an exporter's
    variable that makes no sense: a start is strict.
    """

    def __init__(
        self,
        config: Config,
        observed: Observed,
        *,
        spans_to: SpanExporter | None = None,
        metrics_to: MetricExporter | None = None,
    ) -> None:
        resource = make_resource(config)
        # Exporters first: they are what can be wrong, and everything after them starts threads.
        if config.metrics and metrics_to is None:
            metrics_to = metric_exporter(config.metrics_protocol)
        if config.traces and spans_to is None:
            spans_to = span_exporter(config.traces_protocol)
        self._metering = Metering(config, observed, resource, metrics_to if config.metrics else None)
        self._tracing: Tracing | None = None
        if config.traces and spans_to is not None:
            self._tracing = Tracing(resource, config.traces_ratio, spans_to, self._metering.dropped)
        self._faults = Faults("telemetry failed; what it was about goes on")
        self._stopped = False

    def wrap(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        """Put a CLIENT span around each request of the probe's transport; nothing where traces are off."""
        return transport if self._tracing is None else self._tracing.wrap(transport)

    def neighbours_changed(self, nodes: Collection[str]) -> None:
        """``nodes`` are the neighbours from now on: new ones are exported from 0, others no more."""
        with self._faults:
            self._metering.paths.neighbours_changed(nodes)
            self._metering.certificates.neighbours_changed(nodes)

    def check_started(self, target: Target) -> CheckHandle:
        """Start the check's trace and make it current in this task."""
        if self._tracing is not None:
            with self._faults:
                return self._tracing.start(target)
        return CheckHandle()

    def check_finished(self, span: object, timeline: Timeline) -> None:
        """Make spans and numbers of it. ``span`` is what :meth:`check_started` returned."""
        handle = span if isinstance(span, CheckHandle) else CheckHandle()
        with self._faults:
            handle.leave()
        with self._faults:
            kept = self._tracing.finish(handle, timeline) if self._tracing is not None else None
            if kept is not None:
                self._metering.kept(kept)
        with self._faults:
            self._metering.finished(timeline, set_span_in_context(handle.span or INVALID_SPAN))

    def check_cancelled(self, span: object) -> None:
        """It counts nowhere; its trace, where there is one, says so."""
        with self._faults:
            if isinstance(span, CheckHandle):
                span.leave()
                root.cancel(span)

    def check_skipped(self, target: Target, times: int = 1) -> None:
        """So many times it was due and did not run."""
        with self._faults:
            self._metering.skipped(target, times)

    def round_finished(self, finished_at: float, lag: float) -> None:
        """Unix time in seconds, and by how many seconds the round began late; wakes the export of metrics."""
        with self._faults:
            self._metering.round_finished(finished_at, lag)

    def server_span(
        self,
        headers: Iterable[tuple[bytes, bytes]],
        *,
        method: str,
        route: str,
        scheme: str = "http",
        client: tuple[str, int] | None = None,
        server: tuple[str, int | None] | None = None,
    ) -> ServerSpan:
        """Start the SERVER span of an answer from what an ASGI scope holds; call ``end(status)`` on what it returns."""
        if self._tracing is not None:
            with self._faults:
                return start_server_span(
                    self._tracing.tracer,
                    headers,
                    method=method,
                    route=route,
                    scheme=scheme,
                    client=client,
                    server=server,
                )
        return UNRECORDED

    def prometheus_text(self) -> tuple[bytes, str]:
        """The body of /metrics and its content type; empty where scraping is off. Blocks: call it in a thread."""
        return self._metering.text()

    def stop(self, budget: float) -> None:
        """Send what is left, for at most ``budget`` seconds, and stop. Blocks: call it in a thread. Never raises.

        What could not be sent is logged; traces among it stand in ``otelnurse.trace.dropped`` for whoever scrapes.
        """
        if self._stopped:
            return
        self._stopped = True
        deadline = time.monotonic() + budget
        with self._faults:
            self._metering.flush()
        with self._faults:
            if self._tracing is not None:
                self._tracing.flush()
                self._tracing.flushed.wait(max(0.0, deadline - time.monotonic()))
                self._tracing.give_up()
        with self._faults:
            self._metering.wait(deadline)
