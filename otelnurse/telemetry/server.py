"""The SERVER span of a request that a neighbour's check makes; it sits in the neighbour's trace."""

from collections.abc import Iterable

from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from otelnurse.telemetry import names
from otelnurse.telemetry.children import Attributes

_PROPAGATOR = TraceContextTextMapPropagator()
_OUR_AGENT = b"otelnurse/"
_SERVER_FAULT = 500


class ServerSpan:
    """A request being answered; :meth:`end` exactly once."""

    __slots__ = ("_span",)

    def __init__(self, span: Span) -> None:
        self._span = span

    def end(self, status: int) -> None:
        """The response has been sent, or given up: 5xx is this side's fault, 4xx is not (semantic conventions)."""
        if not self._span.is_recording():
            return
        self._span.set_attribute(names.RESPONSE_STATUS, status)
        if status >= _SERVER_FAULT:
            self._span.set_attribute(names.ERROR_TYPE, str(status))
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


UNRECORDED = ServerSpan(INVALID_SPAN)
"""What stands in for a span where none is recorded."""


def start_server_span(
    tracer: Tracer,
    headers: Iterable[tuple[bytes, bytes]],
    *,
    method: str,
    route: str,
    scheme: str,
    client: tuple[str, int] | None,
    server: tuple[str, int | None] | None,
) -> ServerSpan:
    """Start ``{method} {route}`` below the incoming ``traceparent``, when its flag says that the trace is recorded."""
    parent, state, agent = b"", b"", b""
    for name, value in headers:
        if name == b"traceparent":
            parent = value
        elif name == b"tracestate":
            state = value
        elif name == b"user-agent":
            agent = value
    if parent and not _sampled(parent):
        return UNRECORDED
    attributes: Attributes = {
        names.REQUEST_METHOD: method,
        names.ROUTE: route,
        names.URL_PATH: route,
        names.URL_SCHEME: scheme,
        names.USER_AGENT: agent.decode("latin-1"),
    }
    if agent.startswith(_OUR_AGENT):
        attributes[names.SYNTHETIC] = names.SYNTHETIC_TEST
    if client is not None:
        attributes[names.CLIENT_ADDRESS] = attributes[names.PEER_ADDRESS] = client[0]
        attributes[names.PEER_PORT] = client[1]
    if server is not None:
        attributes[names.SERVER_ADDRESS] = server[0]
        if server[1] is not None:
            attributes[names.SERVER_PORT] = server[1]
    carrier = {"traceparent": parent.decode("latin-1"), "tracestate": state.decode("latin-1")}
    context = _PROPAGATOR.extract(carrier, Context()) if parent else Context()
    return ServerSpan(tracer.start_span(f"{method} {route}", context, SpanKind.SERVER, attributes))


def _sampled(traceparent: bytes) -> bool:
    """The last bit of the flags (https://www.w3.org/TR/trace-context/#sampled-flag); a header beyond reading is not."""
    flags = traceparent.strip().split(b"-")[3:4]
    try:
        return bool(flags and int(flags[0], 16) & 1)
    except ValueError:
        return False
