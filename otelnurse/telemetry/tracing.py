"""The tracing half: a provider, its way out, and the spans of checks and of answers."""

import logging
from collections.abc import Callable
from threading import Event, Thread

import httpx
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from otelnurse import __version__
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Timeline
from otelnurse.telemetry import client, root
from otelnurse.telemetry.handle import CheckHandle
from otelnurse.telemetry.ledger import Ledger, LedgerExporter, LedgerProcessor
from otelnurse.telemetry.points import SCOPE
from otelnurse.telemetry.sampling import Share

_log = logging.getLogger(__name__)


class Tracing:
    """Traces of a share ``ratio`` of checks to ``exporter``; ``dropped(n, reason)`` is told of each that is lost."""

    def __init__(
        self, resource: Resource, ratio: float, exporter: SpanExporter, dropped: Callable[[int, str], None]
    ) -> None:
        self._ledger = Ledger(dropped)
        self._exporter = LedgerExporter(self._ledger, exporter)
        self._batch = BatchSpanProcessor(self._exporter)
        # Not at exit: whoever made this stops it, within a budget.
        self._provider = TracerProvider(Share(ratio), resource, shutdown_on_exit=False)
        self._provider.add_span_processor(LedgerProcessor(self._ledger))
        self._provider.add_span_processor(self._batch)
        self.tracer = self._provider.get_tracer(SCOPE, __version__)
        self.flushed = Event()
        """Set when :meth:`flush` is through, well or not."""

    def wrap(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        """A CLIENT span around each request of ``transport``."""
        return client.wrap(transport, self._provider)

    def start(self, target: Target) -> CheckHandle:
        """Start a check's root span and make it current."""
        return root.start(self.tracer, target)

    def finish(self, handle: CheckHandle, timeline: Timeline) -> str | None:
        """End it; returns why the trace is kept, or None."""
        return root.finish(self.tracer, handle, timeline)

    def flush(self) -> None:
        """Begin to send what is queued, and stop, in a thread that holds up nobody."""

        def run() -> None:
            try:
                self._batch.shutdown()  # type: ignore[no-untyped-call]  # the SDK's, without hints
            finally:
                self.flushed.set()

        Thread(target=run, name="otelnurse-flush", daemon=True).start()

    def give_up(self) -> None:
        """Stop waiting, count what is left and say so."""
        self._exporter.shutdown()
        lost = self._ledger.close()
        if lost:
            _log.warning("stopped before %d traces could be delivered", lost)
