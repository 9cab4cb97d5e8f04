"""Turns: one contestant after the other goes on for a while, the others stand still, and so on from the beginning.

Whatever else the machine has to do hits all alike within a cycle, so that the ratios within it can be trusted where
the numbers cannot.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import httpx

from tests.bench.clock import cpu_seconds, resident_mib
from tests.bench.contestants import CHECKS, ELSEWHERE, Contestant
from tests.bench.world import Askers, World

_SETTLE = 2
"""Intervals of each turn that are not measured: caches are cold, missed rounds are told, late exports made up for."""
PAGE_PERIOD = 3.0
"""Seconds after which a page that is open asks again."""


@dataclass(frozen=True)
class Turn:
    """What one contestant used in one turn."""

    cpu: float
    """Seconds."""
    checks: float
    """Made meanwhile."""
    resident: float
    """MiB at its end."""

    @property
    def per_check(self) -> float:
        """Milliseconds of CPU for each check."""
        return self.cpu / self.checks * 1000


def take_turns(
    contestants: Sequence[Contestant], world: World, interval: float, *, seconds: float, cycles: int
) -> dict[str, list[Turn]]:
    """Start all, let each go on for ``seconds`` in each of ``cycles``, and stop them; turns by contestants' names."""
    turns: dict[str, list[Turn]] = {it.name: [] for it in contestants}
    with ExitStack() as ends, Askers(interval) as askers:
        for it in contestants:
            ends.callback(it.process.kill)
            it.start()
        for _ in range(cycles):
            for it in contestants:
                turns[it.name].append(_turn(it, world, askers, interval, seconds))
    return turns


def _turn(it: Contestant, world: World, askers: Askers, interval: float, seconds: float) -> Turn:
    it.go_on()
    with _page_open(it.port if it.page else None, min(PAGE_PERIOD, seconds / 2)):
        askers.ask(it.port if it.asked else None, sampled=it.sampled)
        time.sleep(_SETTLE * interval)
        cpu, answered = cpu_seconds(it.process.pid), world.answered
        time.sleep(seconds)
        cpu, answered = cpu_seconds(it.process.pid) - cpu, world.answered - answered
        askers.ask(None)
    resident = resident_mib(it.process.pid)
    it.pause()
    if not answered:
        raise RuntimeError(f"{it.name} asked nobody in {seconds} s:\n{it.process.output()}")
    return Turn(cpu, answered / ELSEWHERE * CHECKS, resident)


@contextmanager
def _page_open(port: int | None, period: float) -> Iterator[None]:
    if port is None:
        yield
        return
    closed = Event()

    def look() -> None:
        with httpx.Client(trust_env=False, timeout=5.0) as browser:
            while not closed.wait(period):
                browser.get(f"http://127.0.0.1:{port}/ui/").raise_for_status()

    somebody = Thread(target=look)
    somebody.start()
    try:
        yield
    finally:
        closed.set()
        somebody.join()
