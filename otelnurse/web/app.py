"""The nurse's pages."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from otelnurse.checks.urls import ALWAYS_HAPPY
from otelnurse.web import alive
from otelnurse.web.api.routes import Api
from otelnurse.web.happy import Happy, Receive, Scope, Send
from otelnurse.web.shown import Shown
from otelnurse.web.ui.pages import UserInterface
from otelnurse.web.view.snapshot import Snapshot

FRESH = 3.0
"""Seconds for which results count as fresh enough for ``/alive``."""
_OK, _NOT_FOUND, _ERROR, _UNAVAILABLE = 200, 404, 500, 503
_PAUSE = 0.2
"""Seconds that a scrape waits at most for the checks that are being started."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages show, and whom they ask for it."""

    alive: alive.Sources
    always_200: bool
    """``/alive`` answers 200 whatever it has to say, as kubenurse does."""
    fresh: Callable[[float], Awaitable[None]]
    """Returns when the results are younger than so many seconds, or could not be had in time."""
    pause: Callable[[float], Awaitable[None]]
    """Returns when no checks are being started, so that collecting metrics does not disturb them."""
    metrics: Callable[[], tuple[bytes, str]] | None
    """The exposition and its content type, made in a thread; None when nothing is to be scraped."""
    ready: Callable[[], bool]
    look: Callable[[], Snapshot]
    """Everything that the nurse knows now; takes microseconds."""


class App:
    """An ASGI application: the hot path first, everything else through Starlette."""

    def __init__(self, happy: Happy, pages: Pages) -> None:
        self._happy = happy
        self._pages = pages
        shown = Shown(pages.look, pages.pause)
        self._rest = Starlette(
            routes=[
                Route("/", self._root),
                Route("/alive", self._alive),
                Route("/ready", self._ready),
                Route("/metrics", self._metrics),
                *UserInterface(shown).routes,
                *Api(shown).routes,
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] == "http" and scope["path"] == ALWAYS_HAPPY:
            await self._happy(scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    async def _root(self, _: Request) -> Response:
        return RedirectResponse("/alive", status_code=301)

    async def _alive(self, request: Request) -> Response:
        await self._pages.fresh(FRESH)
        report, well = alive.report(self._pages.alive)
        client = request.client
        report |= {
            "headers": _headers(request),
            "user_agent": request.headers.get("user-agent", ""),
            "request_uri": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "remote_addr": f"{client.host}:{client.port}" if client else "",
        }
        status = _OK if well or self._pages.always_200 else _ERROR
        return Response(json.dumps(report, indent=1) + "\n", status, media_type="application/json")

    async def _ready(self, _: Request) -> Response:
        return PlainTextResponse("", _OK if self._pages.ready() else _UNAVAILABLE)

    async def _metrics(self, _: Request) -> Response:
        if self._pages.metrics is None:
            return PlainTextResponse("metrics go out by OTLP alone (OTELNURSE_METRICS=otlp)\n", _NOT_FOUND)
        await self._pages.pause(_PAUSE)
        text, content_type = await to_thread.run_sync(self._pages.metrics)
        return Response(text, headers={"content-type": content_type})


def _headers(request: Request) -> dict[str, list[str]]:
    """The request's headers as Go writes them: canonical names, a list of values each."""
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(name.title(), []).append(value)
    return headers
