"""The API over HTTP."""

import json
from collections.abc import Callable
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from otelnurse.web import headers
from otelnurse.web.api import bodies
from otelnurse.web.shown import Shown
from otelnurse.web.view.snapshot import Snapshot

DESCRIPTION = Path(__file__).parent / "openapi.json"
"""The API as OpenAPI 3.1 describes it; docs/openapi.json is the same."""
PREFIX = "/api/v1"


class Api:
    """The routes of the API."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self.routes = [
            Route(f"{PREFIX}/checks", self._checks, methods=["GET"]),
            Route(f"{PREFIX}/failures", self._failures, methods=["GET"]),
            Route(f"{PREFIX}/neighbours", self._neighbours, methods=["GET"]),
            Route(f"{PREFIX}/openapi.json", self._description, methods=["GET"]),
        ]

    async def _checks(self, _: Request) -> Response:
        return await self._answer(bodies.checks)

    async def _failures(self, _: Request) -> Response:
        return await self._answer(bodies.failures)

    async def _neighbours(self, request: Request) -> Response:
        query = request.query_params.get("q", "")
        return await self._answer(lambda snapshot: bodies.neighbours(snapshot, query))

    async def _description(self, _: Request) -> Response:
        content = await to_thread.run_sync(DESCRIPTION.read_bytes)
        return Response(content, headers=headers.FILE, media_type="application/json")

    async def _answer(self, body: Callable[[Snapshot], bodies.Body]) -> Response:
        content = await self._shown.make(lambda snapshot: json.dumps(body(snapshot)))
        return Response(content, headers=headers.PAGE, media_type="application/json")
