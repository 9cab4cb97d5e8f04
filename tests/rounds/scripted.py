"""Rounds without a network: a prober that ends each run when a test says so, and an observer that takes notes.

It stands for the probe in one respect only: how long a run takes, which is what rounds have to cope with. What a run
yields is a real timeline.
"""

import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from otelnurse.probe.errors import Phase
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Outcome, Timeline
from otelnurse.rounds.fever import Throttling
from otelnurse.rounds.history import History
from otelnurse.rounds.rounds import Rounds

OUTER_LIMIT = 30.0
"""Seconds after which a test that waits in vain fails."""


def targets(*names):
    """Checks by their names."""
    return tuple(Target("extra", name, f"http://{name}.invalid/", 5.0) for name in names)


class Prober:
    """Ends runs at once, but those of ``slow`` checks only when they are let go."""

    def __init__(self, *slow):
        self.slow = {name: anyio.Event() for name in slow}
        self.fails = set()
        self.raises = None
        self.lag = None
        self.started = []
        self.open = 0
        self.most_open = 0

    async def run(self, target):
        """As ``Probes`` says."""
        timeline = Timeline.begin(target)
        self.started.append(target.name)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            if self.raises:
                fault, self.raises = self.raises, None
                raise fault
            await anyio.lowlevel.checkpoint()
            if target.name in self.slow:
                await self.slow[target.name].wait()
        finally:
            self.open -= 1
        timeline.end = time.monotonic_ns()
        timeline.lag = self.lag
        timeline.outcome = Outcome("500", Phase.RECEIVE, "as told") if target.name in self.fails else Outcome()
        return timeline

    def let_go(self, name):
        """End the open runs of ``name``, and all later ones at once."""
        self.slow.pop(name).set()


@dataclass
class Span:
    """A check under way."""

    name: str
    trace_id: str | None = None


@dataclass
class Notes:
    """What the observer was told, and a way to wait for it."""

    started: Counter = field(default_factory=Counter)
    finished: list = field(default_factory=list)
    cancelled: list = field(default_factory=list)
    skipped: Counter = field(default_factory=Counter)
    skip_calls: int = 0
    fault: Exception | None = None
    """To be raised once, from amid a round, although no observer may."""
    rounds: int = 0
    lags: list = field(default_factory=list)

    def check_started(self, target):
        """Note it."""
        self.started[target.name] += 1
        return Span(target.name, trace_id=f"{sum(self.started.values()):032x}")

    def check_finished(self, span, timeline):
        """Note it."""
        assert timeline.outcome is not None
        assert span.name == timeline.target.name
        self.finished.append(timeline)

    def check_cancelled(self, span):
        """Note it."""
        self.cancelled.append(span.name)

    def check_skipped(self, target, times=1):
        """Note it."""
        self.skipped[target.name] += times
        self.skip_calls += 1
        if self.fault:
            fault, self.fault = self.fault, None
            raise fault

    def round_finished(self, _finished_at, lag):
        """Note it."""
        self.rounds += 1
        self.lags.append(lag)

    def runs(self, name):
        """Finished runs of one check."""
        return [timeline for timeline in self.finished if timeline.target.name == name]


@dataclass
class Scene:
    """Rounds under way."""

    rounds: Rounds
    prober: Prober
    notes: Notes
    history: History
    faults: list = field(default_factory=list)
    over: anyio.Event = field(default_factory=anyio.Event)

    async def until(self, look):
        """Wait until ``look`` is true."""
        with anyio.fail_after(OUTER_LIMIT):
            while not look():  # noqa: ASYNC110 - what is waited for is any state, not one event
                await anyio.sleep(0.001)

    async def more_rounds(self, number):
        """Wait for so many rounds from now."""
        goal = self.notes.rounds + number
        await self.until(lambda: self.notes.rounds >= goal)


@asynccontextmanager
async def making_rounds(plan, prober=None, *, interval=0.02, grace=0.0, node="node-a", throttling=None):
    """Make rounds of ``plan``, targets or a function that yields them, while the context lasts."""
    prober, notes, history = prober or Prober(), Notes(), History()
    throttling = throttling or Throttling(())
    rounds = Rounds(
        prober,
        notes,
        plan if callable(plan) else lambda: plan,
        interval=interval,
        node=node,
        history=history,
        throttling=throttling,
    )
    scene = Scene(rounds, prober, notes, history)

    async def run():
        while True:
            try:
                await rounds.run(grace)
            except ExceptionGroup as fault:  # the nurse starts them again, too
                scene.faults.append(fault)
            else:
                break
        scene.over.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        yield scene
        rounds.stop()
        with anyio.fail_after(OUTER_LIMIT):
            await scene.over.wait()
    told = Counter(timeline.target.name for timeline in notes.finished) + Counter(notes.cancelled)
    assert told == notes.started, "each run that was started is told exactly once, as finished or as cancelled"
