"""How everything that is shown comes about without disturbing what is measured."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio import Lock, to_thread
from starlette.exceptions import HTTPException

from otelnurse.web import headers
from otelnurse.web.view.snapshot import Snapshot

T = TypeVar("T")
WAITING = 16
"""Requests that may wait for their turn; at some 50 ms a page the last of them waits for a second or so."""
_PAUSE = 0.2
"""Seconds that a page waits at most for the checks that are being started; it never waits for their answers."""
_UNAVAILABLE = 503


class Shown:
    """Takes snapshots between the starts of checks, where these end in time, to be worked on one by one in a thread."""

    def __init__(self, look: Callable[[], Snapshot], pause: Callable[[float], Awaitable[None]]) -> None:
        self._look = look
        self._pause = pause
        self._turn = Lock()

    async def make(self, work: Callable[[Snapshot], T]) -> T:
        """Return what ``work`` makes of a snapshot of now; HTTPException 503 where too many wait for that already."""
        if self._turn.statistics().tasks_waiting >= WAITING:
            too_many = f"{WAITING} others wait for a page of this nurse already\n"
            raise HTTPException(_UNAVAILABLE, too_many, {**headers.PAGE, "retry-after": "1"})
        # Who waits for its turn holds no snapshot: one of 500 neighbours is 0.4 MiB.
        async with self._turn:
            await self._pause(_PAUSE)
            return await to_thread.run_sync(work, self._look())
