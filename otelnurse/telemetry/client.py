"""The CLIENT span of each HTTP request: httpx's public instrumentation, put right where it does not know better."""

import os
from functools import lru_cache

import httpx
from opentelemetry import propagate, trace
from opentelemetry.instrumentation.httpx import AsyncOpenTelemetryTransport
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import Span, StatusCode, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from otelnurse.probe.redirects import following
from otelnurse.probe.timeline import Exchange, Hop, Timeline
from otelnurse.probe.transport import HOP, TIMELINE
from otelnurse.probe.verdict import is_well
from otelnurse.redact import redact
from otelnurse.telemetry import names
from otelnurse.telemetry.faults import Faults
from otelnurse.telemetry.handle import current_check

_OPT_IN = "OTEL_SEMCONV_STABILITY_OPT_IN"


def wrap(transport: httpx.AsyncBaseTransport, provider: TracerProvider) -> httpx.AsyncBaseTransport:
    """Put a CLIENT span around every request and ``traceparent`` on it.

    The instrumentation's metric is switched off: it misses failures, and its exemplars are taken too early.
    """
    _speak_stable_http()
    # The instrumentation injects what the global propagator says. Checks carry a trace context and nothing else,
    # whatever OTEL_PROPAGATORS says: neighbours read traceparent alone, and baggage would go to strangers.
    propagate.set_global_textmap(TraceContextTextMapPropagator())
    return AsyncOpenTelemetryTransport(
        SpanDetails(transport), tracer_provider=provider, meter_provider=NoOpMeterProvider()
    )


def _speak_stable_http() -> None:
    """Ask the instrumentation for the stable names; there is no other way than its variable, read once per process."""
    words = [word.strip() for word in os.environ.get(_OPT_IN, "").split(",") if word.strip()]
    if not {"http", "http/dup"} & set(words):
        os.environ[_OPT_IN] = ",".join([*words, "http"])


class SpanDetails(httpx.AsyncBaseTransport):
    """Sits between the instrumentation and the probe, and writes what the probe found out into the CLIENT span.

    It is the only place where that can be done: the instrumentation's hook is not called when the request failed, and
    the span ends as soon as this returns.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._faults = Faults("a CLIENT span could not be described; the check goes on")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass on, then describe."""
        span = trace.get_current_span()
        check = current_check()
        # No CLIENT span is current when nothing is sampled, or when OTEL_PYTHON_HTTPX_EXCLUDED_URLS names this URL.
        if check is None or span is check.span or not span.is_recording():
            return await self._inner.handle_async_request(request)
        hop: Hop = request.extensions[HOP]
        timeline: Timeline = request.extensions[TIMELINE]
        check.clients.append((hop, span))
        try:
            return await self._inner.handle_async_request(request)
        finally:
            with self._faults:
                _describe(span, hop, timeline, request.url)

    async def aclose(self) -> None:
        """Close the probe's transport."""
        await self._inner.aclose()


@lru_cache(maxsize=1024)
def _fixed(url: str, host: str, port: int) -> dict[str, str | int]:
    return {
        names.URL_FULL: redact(url),
        names.SERVER_ADDRESS: host,
        names.SERVER_PORT: port,
        names.SYNTHETIC: names.SYNTHETIC_TEST,
    }


def _describe(span: Span, hop: Hop, timeline: Timeline, url: httpx.URL) -> None:
    attributes: dict[str, str | int | bool] = dict(_fixed(hop.url, hop.host, hop.port))
    if hop.peer_address is not None and hop.peer_port is not None:
        attributes[names.PEER_ADDRESS] = hop.peer_address
        attributes[names.PEER_PORT] = hop.peer_port
    if hop.reused:
        attributes[names.CONNECTION_REUSED] = True
    exchange = hop.exchange
    if exchange is None:
        span.set_attributes(attributes)
        return
    if _is_failure(hop.method, exchange, timeline, url):
        attributes[names.ERROR_TYPE] = str(exchange.status)
        span.set_status(StatusCode.ERROR)
    span.set_attributes(attributes)
    for name, instant in (
        (names.EVENT_SENT, exchange.sent),
        (names.EVENT_FIRST_BYTE, exchange.first_byte),
        (names.EVENT_END_OF_BODY, exchange.received if exchange.error is None else None),
    ):
        if instant is not None:
            span.add_event(name, timestamp=timeline.unix_ns(instant))


def _is_failure(method: str, exchange: Exchange, timeline: Timeline, url: httpx.URL) -> bool:
    """Whether the answer itself is what went wrong."""
    if exchange.status is None or exchange.error is not None or is_well(method, exchange.status):
        return False
    return not _followed(exchange, timeline, url)


def _followed(exchange: Exchange, timeline: Timeline, url: httpx.URL) -> bool:
    """Whether the probe will go on from here: a redirect on the way is no failure."""
    try:
        return following(exchange, url, timeline) is not None
    except ValueError:
        return False
