"""The reader that hands metrics to an OTLP exporter when told to."""

import time
from collections.abc import Sequence

from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricReader, MetricsData

from otelnurse.telemetry.points import Table, appended


class PushReader(MetricReader):
    """Collects when :meth:`collect` is called, in the caller's thread, and exports at once; always cumulative.

    The SDK's periodic reader would do so on its own clock, in the middle of a round.
    """

    def __init__(self, exporter: MetricExporter, tables: Sequence[Table], number: int) -> None:
        super().__init__()
        self._exporter = exporter
        self._tables = tables
        self._number = number
        self._stopped = False
        self.failed = 0
        """Exports in a row that failed."""

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **_: object) -> None:
        data = appended(metrics_data, self._tables, self._number, time.time_ns())
        result = self._exporter.export(data, timeout_millis=timeout_millis)
        self.failed = 0 if result is MetricExportResult.SUCCESS else self.failed + 1

    def shutdown(self, timeout_millis: float = 30_000, **_: object) -> None:
        """Cut short what the exporter is waiting for; no last export."""
        if not self._stopped:
            self._stopped = True
            self._exporter.shutdown(timeout_millis=timeout_millis)
