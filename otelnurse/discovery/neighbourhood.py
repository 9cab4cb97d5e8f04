"""Whom this nurse asks, at any moment: sources that fall back on each other, the ring, and what was last known."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Literal

import anyio

from otelnurse.discovery.ledger import Ledger, SourceSnapshot
from otelnurse.discovery.neighbour import Neighbour
from otelnurse.discovery.ring import neighbours_of
from otelnurse.discovery.source import Source

_log = logging.getLogger(__name__)

STALE_AFTER = 90.0
"""Seconds without an answer after which a source counts as silent: three refreshes of http_sd."""

RESTART_AFTER = 60.0
"""Seconds until a source that died of a fault of its own is started again."""


class Neighbourhood:
    """Runs the sources and keeps the ring's choice among what they tell.

    The leftmost source that has answered lately counts. The one to its right runs only while all to its left are
    silent, so that a fallback costs nothing as long as it is not needed, and stops as soon as one of them answers
    again. When all are silent, what was known last stands, and :attr:`sources` says since when.

    Everything is read and written on the event loop; reading never waits.
    """

    def __init__(
        self,
        node: str,
        limit: int,
        sources: Sequence[Source],
        *,
        on_change: Callable[[tuple[Neighbour, ...]], None],
        clock: Callable[[], float] = time.monotonic,
        stale_after: float = STALE_AFTER,
        restart_after: float = RESTART_AFTER,
    ) -> None:
        """Choose ``limit`` neighbours (0: all) of ``node``.

        ``on_change`` gets :attr:`current` whenever it has changed; it is called on the event loop and must neither
        wait nor raise. ``clock`` yields seconds and runs evenly.
        """
        self.current: tuple[Neighbour, ...] = ()
        """The ring's choice, nearest first, own node left out; read-only."""
        self._node = node
        self._limit = limit
        self._on_change = on_change
        self._clock = clock
        self._stale_after = stale_after
        self._restart_after = restart_after
        self._sources = tuple(sources)
        self._ledgers = tuple(Ledger(source.name, clock, self._choose) for source in sources)
        self._in_use: Ledger | None = None
        self._chosen_from: tuple[Neighbour, ...] = ()
        self._missed_itself = False

    @property
    def state(self) -> Literal["ok", "unknown"]:
        """Unknown until a source has answered for the first time; without sources there is nothing to know."""
        return "unknown" if self._sources and self._in_use is None else "ok"

    @property
    def error(self) -> str | None:
        """Why the leftmost source whose last look failed did so; None when none did."""
        return next((ledger.error for ledger in self._ledgers if ledger.error is not None), None)

    @property
    def sources(self) -> tuple[SourceSnapshot, ...]:
        """How each source is doing, in their order."""
        return tuple(
            SourceSnapshot(
                name=ledger.name,
                events=ledger.events,
                errors=ledger.errors,
                answered_at=ledger.answered_at,
                error=ledger.error,
                in_use=ledger is self._in_use,
            )
            for ledger in self._ledgers
        )

    async def run(self) -> None:
        """Run the sources until cancelled; without any, return at once."""
        if self._sources:
            await self._run_from(0)

    async def _run_from(self, index: int) -> None:
        """Run the source at ``index``, and those to its right whenever it is silent."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._attend, index)
            while index + 1 < len(self._sources):
                await self._ledgers[index].until_silent_for(self._stale_after)
                # Asked for without waiting in between, so that no answer slips through.
                answer = self._ledgers[index].next_answer()
                async with anyio.create_task_group() as fallback:
                    fallback.start_soon(self._run_from, index + 1)
                    await answer.wait()
                    fallback.cancel_scope.cancel()

    async def _attend(self, index: int) -> None:
        """Keep one source running: a fault in it is told and costs a pause, not the nurse."""
        source, ledger = self._sources[index], self._ledgers[index]
        ledger.started()
        try:
            while True:
                try:
                    await source.run(ledger)
                    ledger.failed("ended by itself")
                except Exception as fault:  # noqa: BLE001 - whatever it is, checks go on with what is known
                    ledger.failed(f"ended by itself: {type(fault).__name__}: {fault}", fault)
                await anyio.sleep(self._restart_after)
        finally:
            ledger.stopped()

    def _choose(self) -> None:
        """Decide which source counts, after one has answered, and let the ring choose anew if need be."""
        now = self._clock()
        fresh = (ledger for ledger in self._ledgers if self._answers(ledger, now))
        self._in_use = next(fresh, self._in_use)
        if self._in_use is None or self._in_use.candidates is self._chosen_from:
            return
        self._chosen_from = self._in_use.candidates
        self._look_for_itself(self._in_use.name)
        chosen = neighbours_of(self._node, self._chosen_from, self._limit)
        if chosen != self.current:
            self.current = chosen
            self._on_change(chosen)

    def _look_for_itself(self, source: str) -> None:
        """Say so, once, when ``source`` does not name the own node: under another name it would ask itself."""
        listed = any(candidate.node == self._node for candidate in self._chosen_from)
        if self._chosen_from and not listed and not self._missed_itself:
            _log.warning("%s names %d nodes, and not %r, which is this one", source, len(self._chosen_from), self._node)
        self._missed_itself = bool(self._chosen_from) and not listed

    def _answers(self, ledger: Ledger, now: float) -> bool:
        """Tell whether the source has answered lately."""
        return ledger.answered_at is not None and now - ledger.answered_at < self._stale_after
