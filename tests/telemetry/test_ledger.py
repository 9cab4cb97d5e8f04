"""Every kept trace is delivered or counted as dropped, with the reason."""

import re
from collections import Counter
from threading import Event

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from otelnurse.telemetry.ledger import Ledger, LedgerExporter, LedgerProcessor
from tests.telemetry.scripted import PATH, Nurse, Plan

pytestmark = pytest.mark.anyio


class Failing(SpanExporter):
    """A backend that refuses."""

    def export(self, *_):
        """Refuse."""
        return SpanExportResult.FAILURE

    def shutdown(self):
        """Nothing is open."""


class Queue(LedgerProcessor):
    """A batch processor as far as a ledger is concerned: ended spans in order."""

    def __init__(self, ledger):
        super().__init__(ledger)
        self.spans = []

    def on_end(self, span):
        """Queue it."""
        super().on_end(span)
        self.spans.append(span)


class Books:
    """A ledger with a queue in front and an exporter behind."""

    def __init__(self, result=SpanExportResult.SUCCESS):
        self.dropped = Counter()
        self.ledger = Ledger(lambda traces, reason: self.dropped.update({reason: traces}))
        self.queue = Queue(self.ledger)
        backend = Failing()
        backend.export = lambda _: result
        self.exporter = LedgerExporter(self.ledger, backend)
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(self.queue)
        tracer = provider.get_tracer("test")
        for _ in range(5):
            tracer.start_span("GET").end()
            tracer.start_span("check", attributes={"otelnurse.kept_because": "sampled"}).end()


def test_delivered_traces_are_not_dropped():
    """What was exported is off the books."""
    books = Books()
    books.exporter.export(books.queue.spans)
    assert books.ledger.close() == 0
    assert not books.dropped


def test_overflow_is_the_queue_being_full():
    """What is older than the spans exported, and not among them, fell out of the queue."""
    books = Books()
    books.exporter.export(books.queue.spans[6:])
    assert books.dropped == {"queue_full": 3}
    assert books.ledger.close() == 0


def test_refused_batch_is_export_failed():
    """A batch that the backend refused counts by its roots, not by its spans."""
    books = Books(SpanExportResult.FAILURE)
    books.exporter.export(books.queue.spans[:4])
    assert books.dropped == {"export_failed": 2}
    assert books.ledger.close() == 3
    assert books.dropped == {"export_failed": 2, "stopped": 3}


async def test_kept_is_delivered_plus_dropped():
    """The counters of a nurse whose backend refuses add up, from 0 for every reason."""
    nurse = Nurse(spans=Failing())
    assert 'otelnurse_trace_dropped_total{reason="export_failed"} 0.0' in nurse.text()
    for _ in range(4):
        await nurse.check(PATH, Plan())
    nurse.stop()
    assert 'otelnurse_trace_kept_total{otelnurse_kept_because="sampled"} 4.0' in nurse.text()
    assert 'otelnurse_trace_dropped_total{reason="export_failed"} 4.0' in nurse.text()


async def test_a_slow_backend_costs_traces_that_are_counted(monkeypatch):
    """Behind a backend that is too slow the queue overflows, and delivered and dropped still add up to kept."""
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "8")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4")
    go_on = Event()
    delivered = []

    class Slow(Failing):
        def export(self, spans):
            go_on.wait(30.0)
            delivered.extend(span.name for span in spans)
            return SpanExportResult.SUCCESS

    nurse = Nurse(spans=Slow())
    for _ in range(50):
        await nurse.check(PATH, Plan())
    go_on.set()
    nurse.stop()
    [dropped] = re.findall(r'otelnurse_trace_dropped_total{reason="queue_full"} (\S+)', nurse.text())
    assert float(dropped) > 0
    assert delivered.count("check path") + float(dropped) == 50
