"""Which kept traces got out, and why others did not: the SDK's batch processor does not tell."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from otelnurse.telemetry.names import KEPT_BECAUSE

QUEUE_FULL, EXPORT_FAILED, STOPPED = "queue_full", "export_failed", "stopped"
REASONS = (QUEUE_FULL, EXPORT_FAILED, STOPPED)
_MOST_PENDING = 65_536
"""Far beyond any queue of the SDK's: memory is bounded also when an export never returns."""


class Ledger:
    """Root spans of kept traces between their end and their delivery.

    The processor's queue is first in, first out, and drops its oldest when it is full. So whatever is older here than a
    span that is being exported, and is not exported with it, was dropped.
    """

    def __init__(self, dropped: Callable[[int, str], None]) -> None:
        self._dropped = dropped
        self._pending: OrderedDict[int, None] = OrderedDict()
        self._in_flight = 0
        self._lock = Lock()

    def entered(self, span: ReadableSpan) -> None:
        """``span`` ended and goes to the queue."""
        if not _is_kept_root(span):
            return
        with self._lock:
            self._pending[_id(span)] = None
            if len(self._pending) <= _MOST_PENDING:
                return
            self._pending.popitem(last=False)
        self._dropped(1, QUEUE_FULL)

    def leaving(self, spans: Sequence[ReadableSpan]) -> None:
        """``spans`` were taken off the queue and are being exported."""
        lost = 0
        with self._lock:
            leaving = {_id(span) for span in spans if _is_kept_root(span)} & self._pending.keys()
            self._in_flight = len(leaving)
            while leaving:
                oldest, _ = self._pending.popitem(last=False)
                if oldest in leaving:
                    leaving.remove(oldest)
                else:
                    lost += 1
        if lost:
            self._dropped(lost, QUEUE_FULL)

    def settled(self, *, delivered: bool) -> None:
        """The export that was under way is over."""
        with self._lock:
            traces, self._in_flight = self._in_flight, 0
        if traces and not delivered:
            self._dropped(traces, EXPORT_FAILED)

    def close(self) -> int:
        """Give up what is not delivered; returns how many traces that is."""
        with self._lock:
            rest = len(self._pending) + self._in_flight
            self._pending.clear()
            self._in_flight = 0
        if rest:
            self._dropped(rest, STOPPED)
        return rest


def _id(span: ReadableSpan) -> int:
    return span.context.span_id if span.context else 0


def _is_kept_root(span: ReadableSpan) -> bool:
    return span.attributes is not None and KEPT_BECAUSE in span.attributes


class LedgerProcessor(SpanProcessor):
    """To be added in front of the batch processor."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing begins here."""

    def on_end(self, span: ReadableSpan) -> None:
        """Enter it."""
        self._ledger.entered(span)


class LedgerExporter(SpanExporter):
    """Between the batch processor and the exporter."""

    def __init__(self, ledger: Ledger, exporter: SpanExporter) -> None:
        self._ledger = ledger
        self._exporter = exporter
        self._stopped = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export and keep the books."""
        self._ledger.leaving(spans)
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            self._ledger.settled(delivered=result is SpanExportResult.SUCCESS)
        return result

    def shutdown(self) -> None:
        """Cut short what the exporter is waiting for; again is nothing."""
        if not self._stopped:
            self._stopped = True
            self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is held here."""
        return self._exporter.force_flush(timeout_millis)
