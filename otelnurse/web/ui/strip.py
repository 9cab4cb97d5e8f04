"""Runs as a picture: geometry only, in units of an SVG's view box."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from otelnurse.rounds.history import RESULTS
from otelnurse.web.view.model import Mark

SLOT, BAR, HEIGHT = 4, 3, 40
"""Width of a run's place, of its bar, and height of the whole."""
WIDTH = RESULTS * SLOT
FAILED = BAR + 2 * (SLOT - BAR)
"""Width of a failure's bar: with the gaps on both sides, so that it is at least 2 px wide in the narrowest tile."""
_LOWEST = 4
_FLOOR = 1e-4
"""Seconds at which a bar is lowest; each further power of ten raises it by as much."""
_DECADES = 5


@dataclass(frozen=True, slots=True)
class Failed:
    """A failed run: a bar of its own, of full height whatever it took."""

    x: int
    mark: Mark


@dataclass(frozen=True, slots=True)
class Strip:
    """The history of one check, the latest run at the right."""

    successes: str
    """All bars of successes as one SVG path, so that a hundred runs cost little; height by the logarithm of time."""
    failures: Sequence[Failed]


def strip(history: Sequence[Mark]) -> Strip:
    """Draw the runs kept, at most :data:`otelnurse.rounds.history.RESULTS` of them."""
    first = RESULTS - len(history)
    bars, failures = [], []
    for place, mark in enumerate(history, first):
        x = place * SLOT
        if mark.error_type is None:
            bars.append(f"M{x} {HEIGHT}V{HEIGHT - _height(mark.duration)}h{BAR}V{HEIGHT}z")
        else:
            failures.append(Failed(min(max(0, x - SLOT + BAR), WIDTH - FAILED), mark))
    return Strip("".join(bars), failures)


def _height(seconds: float) -> int:
    decades = math.log10(max(seconds, _FLOOR) / _FLOOR)
    return _LOWEST + round((HEIGHT - _LOWEST) * min(1.0, decades / _DECADES))
