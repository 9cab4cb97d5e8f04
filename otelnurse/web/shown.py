"""How everything that is shown comes about without disturbing what is measured."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from otelnurse.web.view.snapshot import Snapshot

T = TypeVar("T")
_PAUSE = 0.2
"""Seconds that a page waits at most for the checks that are being started; it never waits for their answers."""


class Shown:
    """Takes snapshots between the starts of checks, and has them worked on one at a time and off the event loop."""

    def __init__(self, look: Callable[[], Snapshot], pause: Callable[[float], Awaitable[None]]) -> None:
        self._look = look
        self._pause = pause
        self._limiter: CapacityLimiter | None = None

    async def make(self, work: Callable[[Snapshot], T]) -> T:
        """Return what ``work`` makes of a snapshot of now."""
        # A limiter belongs to the loop that it was made on.
        self._limiter = self._limiter or CapacityLimiter(1)
        await self._pause(_PAUSE)
        snapshot = self._look()
        return await to_thread.run_sync(work, snapshot, limiter=self._limiter)
