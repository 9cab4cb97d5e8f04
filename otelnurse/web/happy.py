"""``/alwayshappy``, the one page that all the others' checks ask for: as little work as possible."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from otelnurse.checks.path import ORIGIN_HEADER
from otelnurse.checks.urls import ALWAYS_HAPPY
from otelnurse.web.incoming import Incoming

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_ORIGIN = ORIGIN_HEADER.lower().encode("ascii")
_END: Message = {"type": "http.response.body", "body": b""}


class ServerSpan(Protocol):
    """An answer under way, as telemetry sees it."""

    def end(self, status: int) -> None:
        """The answer was sent with ``status``."""


class ServerSpans(Protocol):
    """Starts the SERVER span below the caller's ``traceparent``."""

    def server_span(
        self,
        headers: list[tuple[bytes, bytes]],
        *,
        method: str,
        route: str,
        scheme: str,
        client: tuple[str, int] | None,
        server: tuple[str, int | None] | None,
    ) -> ServerSpan:
        """Never raises."""


class Happy:
    """Answers 200 to whoever asks, says how long that took, and remembers who asked."""

    def __init__(self, incoming: Incoming, spans: ServerSpans) -> None:
        self._incoming = incoming
        self._spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's signature
        """Answer one request (ASGI 3)."""
        began = time.perf_counter()
        headers = scope["headers"]
        span = self._spans.server_span(
            headers,
            method=scope["method"],
            route=ALWAYS_HAPPY,
            scheme=scope["scheme"],
            client=scope["client"],
            server=scope["server"],
        )
        for name, value in headers:
            if name == _ORIGIN:
                self._incoming.asked(value.decode("latin-1"))
        # https://www.w3.org/TR/server-timing/: milliseconds.
        timing = f"app;dur={(time.perf_counter() - began) * 1000:.3f}".encode("ascii")
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-length", b"0"), (b"server-timing", timing)],
            }
        )
        await send(_END)
        span.end(200)
