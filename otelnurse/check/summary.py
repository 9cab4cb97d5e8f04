"""Statistics of many runs; pure functions of numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from otelnurse.probe.errors import Phase
from otelnurse.probe.timeline import Timeline
from otelnurse.probe.waterfall import waterfall
from otelnurse.rank import nearest_rank

BINS = 10
"""Bars of a histogram, about; the last one stands for all that is longer."""
_NICE = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Spread:
    """How some durations lie, in seconds; each of the four is one that was measured (nearest rank)."""

    min: float
    median: float
    p95: float
    max: float


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar of a histogram."""

    start: float
    end: float | None
    """None: without end."""
    count: int


def spread(values: Sequence[float]) -> Spread:
    """Minimum, median, 95th percentile and maximum of at least one value."""
    ordered = sorted(values)
    return Spread(ordered[0], nearest_rank(ordered, 0.5), nearest_rank(ordered, 0.95), ordered[-1])


def histogram(values: Sequence[float]) -> list[Bin]:
    """Bins of one round width from the smallest of at least one value past the 95th percentile, then one for the rest.

    A single outlier therefore takes one bar, and does not press all others into another one.
    """
    shape = spread(values)
    if shape.p95 <= shape.min:
        width = _nice(shape.min / BINS) if shape.min else 1e-6
    else:
        width = _nice((shape.p95 - shape.min) / BINS)
    first = math.floor(shape.min / width)
    last = max(first, math.floor(shape.p95 / width))
    counts = [0] * (last - first + 2)
    for value in values:
        counts[min(math.floor(value / width), last + 1) - first] += 1
    edges = [number * width for number in range(first, last + 2)]
    bins = [Bin(start, end, number) for (start, end), number in zip(pairwise(edges), counts, strict=False)]
    return [*bins, Bin(edges[-1], None, counts[-1])] if counts[-1] else bins


def phase_durations(timeline: Timeline) -> dict[Phase, float]:
    """Seconds during which each phase that began was under way, all redirects together, in the phases' order.

    Addresses that are tried at the same time count once.
    """
    spent: dict[Phase, float] = {}
    seen: dict[Phase, float] = {}
    for row in waterfall(timeline):
        if row.phase is None or row.depth != 1:
            continue
        start, end = row.start, row.start + row.duration
        before = seen.get(row.phase, start)
        spent[row.phase] = spent.get(row.phase, 0.0) + max(0.0, end - max(start, before))
        seen[row.phase] = max(before, end)
    return {phase: spent[phase] for phase in Phase if phase in spent}


def _nice(width: float) -> float:
    """The next number not below ``width`` that is 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(width))
    return next((nice * power for nice in _NICE if nice * power >= width), 10.0 * power)
