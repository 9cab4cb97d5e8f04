"""What one would write: httpx.AsyncClient asks, uvicorn answers, no telemetry; on the nurse's loop and parser.

python -m tests.bench.plain_httpx '{"listen": 8080, "interval": 0.5, "urls": [...], "authority": null}'
"""

import json
import ssl
import sys
from collections.abc import Awaitable, Callable

import anyio
import httpx
import uvicorn


async def happy(_scope: object, _receive: object, send: Callable[[dict[str, object]], Awaitable[None]]) -> None:
    """Answer 200 (ASGI 3)."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def rounds(urls: list[str], interval: float, authority: str | None) -> None:
    """Ask all, one after another, every ``interval`` seconds, each on a connection of its own."""
    async with httpx.AsyncClient(
        verify=ssl.create_default_context(cafile=authority),
        limits=httpx.Limits(max_keepalive_connections=0),
        headers={"Connection": "close"},
        timeout=None,  # it stands still between its turns, maybe in the middle of a request
        trust_env=False,
    ) as client:
        due = anyio.current_time()
        while True:
            for url in urls:
                (await client.get(url)).raise_for_status()
            due += interval * max(1, -int((due - anyio.current_time()) // interval))
            await anyio.sleep_until(due)


async def main(options: dict[str, object]) -> None:
    """Answer and ask until killed."""
    config = uvicorn.Config(happy, port=options["listen"], lifespan="off", ws="none", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve)
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await anyio.sleep(0.01)
        await rounds(options["urls"], options["interval"], options["authority"])


if __name__ == "__main__":
    anyio.run(main, json.loads(sys.argv[1]), backend_options={"use_uvloop": True})
