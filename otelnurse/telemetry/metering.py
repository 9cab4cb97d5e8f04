"""The metrics half: instruments, tables of our own, and the two ways out."""

import logging
import time

from opentelemetry.context import Context
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, MetricReader
from opentelemetry.sdk.resources import Resource

from otelnurse import __version__
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Timeline
from otelnurse.telemetry import names
from otelnurse.telemetry.certificates import CertificateTable
from otelnurse.telemetry.config import Config, Observed
from otelnurse.telemetry.exporting import Exporting
from otelnurse.telemetry.instruments import Instruments, observe
from otelnurse.telemetry.ledger import REASONS
from otelnurse.telemetry.paths import PathTable
from otelnurse.telemetry.points import SCOPE
from otelnurse.telemetry.push import PushReader
from otelnurse.telemetry.recorder import Recorder

_log = logging.getLogger(__name__)
_READERS = 2


class Metering:
    """Everything that is counted; pushed when there is an ``exporter``, pulled when ``config.scrape`` says so."""

    def __init__(self, config: Config, observed: Observed, resource: Resource, exporter: MetricExporter | None) -> None:
        self.paths = PathTable(_READERS)
        self.certificates = CertificateTable()
        tables = (self.paths, self.certificates)
        self._push = PushReader(exporter, tables, 0) if exporter is not None else None
        self._pull = None
        if config.scrape:
            from otelnurse.telemetry.pull import PullReader  # noqa: PLC0415 - who is not scraped need not load it

            self._pull = PullReader(tables, 1)
        readers: list[MetricReader] = [reader for reader in (self._push, self._pull) if reader is not None]
        provider = MeterProvider(readers, resource, shutdown_on_exit=False)
        meter = provider.get_meter(SCOPE, __version__)
        self._to = Instruments(meter, config.buckets)
        self._last_round: float | None = None
        observe(meter, observed, lambda: self._last_round)
        self._recorder = Recorder(self._to, self.paths, self.certificates, config.cluster_domain)
        for reason in REASONS:
            self.dropped(0, reason)
        self._exporting = Exporting(self._push, config.export_interval) if self._push is not None else None

    def finished(self, timeline: Timeline, context: Context) -> None:
        """A check is over."""
        self._recorder.record(timeline, context)

    def skipped(self, target: Target, times: int) -> None:
        """So many times a check was due and did not run."""
        self._to.round_skipped.add(times, {names.CHECK_TYPE: target.type})

    def round_finished(self, finished_at: float, lag: float) -> None:
        """A round is over: note it, and wake the export."""
        self._last_round = finished_at
        self._to.round_lag.record(lag)
        if self._exporting is not None:
            self._exporting.round_finished()

    def kept(self, because: str) -> None:
        """A trace goes to the exporter."""
        self._to.trace_kept.add(1, {names.KEPT_BECAUSE: because})

    def dropped(self, traces: int, reason: str) -> None:
        """Traces did not get there; called from any thread."""
        self._to.trace_dropped.add(traces, {names.REASON: reason})

    def text(self) -> tuple[bytes, str]:
        """What a scrape gets, and its content type."""
        return self._pull.text() if self._pull is not None else (b"", "text/plain; charset=utf-8")

    def flush(self) -> None:
        """Begin the last export."""
        if self._exporting is not None:
            self._exporting.stop()

    def wait(self, deadline: float) -> None:
        """Wait for it until ``deadline``, in seconds of :func:`time.monotonic`, then give up."""
        if self._exporting is None or self._push is None:
            return
        in_time = self._exporting.finished.wait(max(0.0, deadline - time.monotonic()))
        self._push.shutdown()
        if not in_time or self._push.failed:
            _log.warning("stopped without a last export of metrics: the collector did not take it in time")
