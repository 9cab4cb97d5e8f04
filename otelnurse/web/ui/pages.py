"""``/ui/``: what a person sees of a nurse."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from otelnurse.web import headers
from otelnurse.web.shown import Shown
from otelnurse.web.ui import render
from otelnurse.web.view.snapshot import Snapshot

Render = Callable[[Snapshot], str | None]
_OK, _NOT_FOUND = 200, 404
_STATIC = {"style.css": "text/css", "page.js": "text/javascript"}
_GONE = "This run is kept no more: of each check the last 100 are, and the last 50 failures."
_UNKNOWN = "This nurse makes no such check, or makes it no more."


class UserInterface:
    """The routes of the page."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self.routes = [
            Route("/ui", self._slash, methods=["GET"]),
            Route("/ui/", self._overview, methods=["GET"]),
            Route("/ui/check", self._check, methods=["GET"]),
            Route("/ui/run/{run}", self._run, methods=["GET"]),
            *(Route(f"/ui/{name}", _file(name, kind), methods=["GET"]) for name, kind in _STATIC.items()),
        ]

    async def _slash(self, _: Request) -> Response:
        return RedirectResponse("ui/", status_code=301)

    async def _overview(self, request: Request) -> Response:
        query, whole = request.query_params.get("q", ""), "all" in request.query_params
        return await self._page(lambda snapshot: render.overview(snapshot, query, whole=whole))

    async def _check(self, request: Request) -> Response:
        name = request.query_params.get("name", "")
        return await self._page(
            lambda snapshot: render.check(snapshot, name), lambda snapshot: render.missing(snapshot, _UNKNOWN, "./")
        )

    async def _run(self, request: Request) -> Response:
        identifier: str = request.path_params["run"]
        return await self._page(
            lambda snapshot: render.run(snapshot, identifier), lambda snapshot: render.missing(snapshot, _GONE, "../")
        )

    async def _page(self, page: Render, otherwise: Callable[[Snapshot], str] | None = None) -> Response:
        """Answer with ``page``; with ``otherwise`` and 404 where there is none."""

        def work(snapshot: Snapshot) -> tuple[str, int]:
            if text := page(snapshot):
                return text, _OK
            return otherwise(snapshot) if otherwise else "", _NOT_FOUND

        text, status = await self._shown.make(work)
        return HTMLResponse(text, status, headers=headers.PAGE)


def _file(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    path = Path(__file__).parent / "static" / name

    async def answer(_: Request) -> Response:
        content = await to_thread.run_sync(path.read_bytes)
        return Response(content, headers=headers.FILE, media_type=kind)

    return answer
