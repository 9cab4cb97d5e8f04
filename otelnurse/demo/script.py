"""The story: which nurse is sick when, with what, and for how long. Times are seconds since the mesh was well."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from otelnurse.demo.relay import Mode

DELAY = 0.4
"""Seconds by which a late nurse is late."""

_FULL, _REST, _END = 8.0, 6.0, 2.0


@dataclass(frozen=True, slots=True)
class Sickness:
    """One way in which a nurse can be sick, and what its neighbours must make of it."""

    mode: Mode
    will: str
    """What it will do, in words."""
    does: str
    """What it does, in words."""
    finding: str
    """The word for it in a finding: an ``error.type``, or ``slow``."""


SICKNESSES = (
    Sickness(Mode.REFUSE, "refuse connections", "refuses connections", "connection_refused"),
    Sickness(Mode.LATE, f"answer {DELAY * 1e3:.0f} ms late", f"answers {DELAY * 1e3:.0f} ms late", "slow"),
    Sickness(Mode.STATUS_500, "answer 500", "answers 500", "500"),
    Sickness(Mode.RESET, "reset connections", "resets connections", "connection_reset"),
)


@dataclass(frozen=True, slots=True)
class Act:
    """One nurse has one sickness for a while."""

    node: str
    sickness: Sickness
    start: float
    end: float


def long_enough(interval: float) -> float:
    """Seconds after which a sickness must have been found: two late answers by half of the neighbours, and some air.

    ``interval`` is the nurses' check interval in seconds.
    """
    return 4 * interval + 1.5


def acts(nodes: Sequence[str], interval: float, duration: float | None) -> Iterator[Act]:
    """Each nurse in turn goes through all sicknesses and is then well for a while; endless if ``duration`` is None.

    A short ``duration`` (seconds) makes all shorter, down to :func:`long_enough`, and then leaves out what does not
    fit: nothing is shown that could not be found.
    """
    sick, rest = max(_FULL, long_enough(interval)), max(_REST, _shortest_rest(interval))
    if duration is not None and rest + sick * len(SICKNESSES) + _END > duration:
        rest = _shortest_rest(interval)
        sick = max(long_enough(interval), min(sick, (duration - rest - _END) / len(SICKNESSES)))
    middle = len(nodes) // 2
    clock = 0.0
    for turn in itertools.count():
        clock += rest
        for sickness in SICKNESSES:
            if duration is not None and clock + sick > duration:
                return
            yield Act(nodes[(middle + turn) % len(nodes)], sickness, clock, clock + sick)
            clock += sick


def too_short(nodes: Sequence[str], interval: float, duration: float) -> str | None:
    """What ``duration`` (seconds) leaves out, and how long it must be; None when every sickness fits in."""
    fit = sum(1 for _ in itertools.islice(acts(nodes, interval, duration), len(SICKNESSES)))
    if fit == len(SICKNESSES):
        return None
    one, every = (_shortest_rest(interval) + count * long_enough(interval) for count in (1, len(SICKNESSES)))
    if fit == 0:
        return f"{duration:g} s is too short to show a sickness: one needs {ceil(one)} s, all need {ceil(every)} s"
    return f"{duration:g} s is long enough for {fit} of {len(SICKNESSES)} sicknesses; all need {ceil(every)} s"


def _shortest_rest(interval: float) -> float:
    return 2 * interval + 1.5


class Story:
    """The acts as they come: asked again and again with a time that only grows."""

    def __init__(self, script: Iterator[Act]) -> None:
        self._script = script
        self._last: Act | None = None
        self.act: Act | None = None
        """The one that is on."""
        self.next = next(script, None)

    def advance(self, now: float) -> list[Act]:
        """Move on to ``now``; returns the acts that have begun since."""
        begun = []
        if self.act is not None and now >= self.act.end:
            self._last, self.act = self.act, None
        while self.next is not None and now >= self.next.start:
            self.act, self.next = self.next, next(self._script, None)
            begun.append(self.act)
        return begun

    def line(self, now: float) -> str:
        """What is played and what comes, for the people who watch; no finding is made from it."""
        if self.act is None and self.next is None:
            return (
                "all well again: the story is over" if self._last else "all well: the time is too short for a sickness"
            )
        now_playing = f"{self.act.node} {self.act.sickness.does}; " if self.act else ""
        if self.next is not None and (self.act is None or self.next.start <= self.act.end):
            return f"{now_playing}in {_whole(self.next.start - now)} {self.next.node} will {self.next.sickness.will}"
        if self.act is not None:
            return f"{now_playing}in {_whole(self.act.end - now)} it will be well again"
        return now_playing


def _whole(seconds: float) -> str:
    return f"{max(seconds, 0):.0f} s"
