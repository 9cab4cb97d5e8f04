"""The reader that answers /metrics: OpenTelemetry's own Prometheus reader with our tables. Imported when asked for."""

import time
from collections.abc import Sequence
from threading import Lock

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics.export import MetricsData
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from otelnurse.telemetry.points import Table, appended


class PullReader(PrometheusMetricReader):
    """Collects for each scrape, in the scraping thread, into a registry of its own."""

    def __init__(self, tables: Sequence[Table], number: int) -> None:
        self._tables = tables
        self._number = number
        self._own = CollectorRegistry()
        self._scrape = Lock()
        super().__init__(disable_target_info=True, scope_info_enabled=False, registry=self._own)

    def _receive_metrics(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: object) -> None:
        data = appended(metrics_data, self._tables, self._number, time.time_ns())
        super()._receive_metrics(data, timeout_millis, **kwargs)

    def text(self) -> tuple[bytes, str]:
        """The Prometheus text exposition and its content type; blocks while it collects."""
        # The reader hands over through one queue: of two scrapes at a time one got both collections, the other none.
        with self._scrape:
            return generate_latest(self._own), CONTENT_TYPE_LATEST
