"""The nurse's rounds: all checks one after another in one wake-up, none of them ever waiting for a slow one.

A prober that starts everything at once measures its own queue, and one that wakes up for each check measures cold
caches (docs/why.md). So checks start one at a time; one that has no answer after a short patience goes on by itself.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import anyio
import anyio.abc

from otelnurse.probe.target import Target
from otelnurse.rounds.fever import Throttling, signs
from otelnurse.rounds.history import History
from otelnurse.rounds.observer import Observer
from otelnurse.rounds.probes import Probes, probed
from otelnurse.rounds.schedule import offset, until_next

PATIENCE = 0.02
"""Seconds that the next check waits for this one; less when there are many, so that they fit half the interval."""
MAX_OPEN = 32
"""Checks that may be under way at the same time."""


@dataclass(slots=True)
class _Run:
    target: Target
    done: anyio.Event = field(default_factory=anyio.Event)
    overlapped: bool = False
    """Whether another check started beside it."""


class Rounds:
    """Makes rounds until it is stopped."""

    def __init__(
        self,
        prober: Probes,
        observer: Observer,
        targets: Callable[[], Sequence[Target]],
        *,
        interval: float,
        node: str,
        history: History,
        throttling: Throttling,
    ) -> None:
        self._prober = prober
        self._observer = observer
        self._targets = targets
        self._interval = interval
        self._offset = offset(node, interval)
        self._history = history
        self._throttling = throttling
        self._open: dict[str, _Run] = {}
        self._stopped = anyio.Event()
        self._hurry = anyio.Event()
        self._started_all = anyio.Event()
        self._settled = anyio.Event()
        self._last_round: float | None = None
        self._earliest = 0.0
        self._running = False

    async def run(self, grace: float) -> None:
        """Make rounds until :meth:`stop`, then wait ``grace`` seconds for open checks and drop what is left."""
        due = time.monotonic() + until_next(time.time(), self._interval, self._offset)
        async with anyio.create_task_group() as tasks:
            while True:
                # A round that was brought forward has used up its place: the next one cannot take another before that.
                self._earliest = due - self._interval
                await _until(self._earliest, self._stopped)
                await _until(due, self._hurry)
                if self._stopped.is_set():
                    break
                self._hurry = anyio.Event()
                await self._round(tasks, lag=max(0.0, time.monotonic() - due))
                due = self._following(due)
            self._settled.set()  # the round that somebody may be waiting for will not be
            with anyio.move_on_after(grace):
                for run in list(self._open.values()):
                    await run.done.wait()
            tasks.cancel_scope.cancel()

    def stop(self) -> None:
        """Begin no more checks."""
        self._stopped.set()
        self._hurry.set()

    async def fresh(self, max_age: float, patience: float) -> None:
        """Return once the results are younger than ``max_age`` seconds, after ``patience`` seconds in any case.

        Joins the round that is under way, or brings the next one forward. However many ask, there is one round more
        than without them: the one brought forward does not come again at its time. Returns at once when no round can
        begin within ``patience``, or ever.
        """
        if self._stopped.is_set():
            return
        now = time.monotonic()
        if self._last_round is not None and now - self._last_round < max_age:
            return
        if not self._running:
            if self._earliest - now > patience:
                return
            self._hurry.set()
        with anyio.move_on_after(patience):
            await self._settled.wait()

    async def pause(self, patience: float) -> None:
        """Return once no checks are being started, after ``patience`` seconds in any case."""
        if self._running:
            with anyio.move_on_after(patience):
                await self._started_all.wait()

    def _following(self, due: float) -> float:
        """When the round after the one of ``due`` begins; rounds that this process was too late for are counted."""
        missed = max(0, int((time.monotonic() - due) / self._interval))
        if missed:
            for target in self._targets():
                self._observer.check_skipped(target, missed)
        return due + (missed + 1) * self._interval

    async def _round(self, tasks: anyio.abc.TaskGroup, lag: float) -> None:
        self._throttling.read()
        targets = self._targets()
        self._history.keep_only({target.name for target in targets})
        self._running = True
        try:
            runs = await self._start_all(tasks, targets)
        finally:
            self._running = False
            over, self._started_all = self._started_all, anyio.Event()
            over.set()
        self._last_round = time.monotonic()
        settled, self._settled = self._settled, anyio.Event()
        tasks.start_soon(_settle, runs, settled)
        self._observer.round_finished(time.time(), lag)

    async def _start_all(self, tasks: anyio.abc.TaskGroup, targets: Sequence[Target]) -> list[_Run]:
        patience = min(PATIENCE, self._interval / 2 / max(1, len(targets)))
        runs = []
        for target in targets:
            if self._stopped.is_set():
                break
            if run := await self._start(tasks, target, patience):
                runs.append(run)
        return runs

    async def _start(self, tasks: anyio.abc.TaskGroup, target: Target, patience: float) -> _Run | None:
        """Start one check and give it a moment; returns what is under way for ``target`` now, if anything."""
        under_way = self._open.get(target.name)
        if under_way or len(self._open) >= MAX_OPEN:
            self._observer.check_skipped(target)
            return under_way
        for slower in self._open.values():
            slower.overlapped = True
        run = self._open[target.name] = _Run(target)
        tasks.start_soon(self._check, run)
        with anyio.move_on_after(patience):
            await run.done.wait()
        return run

    async def _check(self, run: _Run) -> None:
        throttled_before = self._throttling.count
        span = self._observer.check_started(run.target)
        try:
            timeline = await probed(self._prober, run.target)
        except BaseException:
            self._observer.check_cancelled(span)
            raise
        else:
            timeline.trace_id = span.trace_id
            throttled = self._throttling.read() != throttled_before
            timeline.fever = signs(timeline, throttled=throttled, overlapped=run.overlapped)
            self._history.add(timeline)
            self._observer.check_finished(span, timeline)
        finally:
            del self._open[run.target.name]
            run.done.set()


async def _settle(runs: Sequence[_Run], settled: anyio.Event) -> None:
    try:
        for run in runs:
            await run.done.wait()
    finally:
        settled.set()


async def _until(moment: float, event: anyio.Event) -> None:
    """Wait for ``event``, at most until ``moment`` of :func:`time.monotonic`."""
    with anyio.move_on_after(moment - time.monotonic()):
        await event.wait()
