"""A check under way, from telemetry's side."""

from dataclasses import dataclass, field

from opentelemetry import context as otel
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Span, format_trace_id, set_span_in_context

from otelnurse.probe.timeline import Hop

_KEY = otel.create_key("otelnurse.check")


@dataclass(slots=True, eq=False)
class CheckHandle:
    """The root span of a check and the CLIENT spans of its hops; a ``CheckSpan`` as rounds know it."""

    span: Span | None = None
    context: Context | None = None
    clients: list[tuple[Hop, Span]] = field(default_factory=list)
    trace_id: str | None = None

    @classmethod
    def enter(cls, span: Span) -> "CheckHandle":
        """Make ``span`` and its handle current in this task."""
        sampled = span.get_span_context().trace_flags.sampled
        trace_id = format_trace_id(span.get_span_context().trace_id) if sampled else None
        handle = cls(span, trace_id=trace_id)
        handle.context = otel.set_value(_KEY, handle, set_span_in_context(span, Context()))
        otel.attach(handle.context)
        return handle

    def leave(self) -> None:
        """Make nothing current again.

        Not by the token of ``attach``: that one is good in the task that made it only, and complains elsewhere. A task
        in which something else is current by now is left as it is.
        """
        if self.context is not None and otel.get_current() is self.context:
            otel.attach(Context())

    def client_of(self, hop: Hop) -> Span | None:
        """The CLIENT span of ``hop``; None when it has none that records."""
        return next((span for known, span in self.clients if known is hop), None)

    def last_end(self) -> int:
        """When the last CLIENT span ended, Unix ns; 0 when none did."""
        return max((span_bounds(span)[1] for _, span in self.clients), default=0)


def current_check() -> CheckHandle | None:
    """The check that runs in this task."""
    handle = otel.get_value(_KEY)
    return handle if isinstance(handle, CheckHandle) else None


def span_bounds(span: Span) -> tuple[int, int]:
    """Start and end of a recording span in Unix ns; 0 for what is not known."""
    if not isinstance(span, ReadableSpan):
        return 0, 0
    return span.start_time or 0, span.end_time or 0
