"""Percentiles by nearest rank: each is a value that was really measured."""

import math
from collections.abc import Sequence


def nearest_rank(ordered: Sequence[float], share: float) -> float:
    """Return the smallest of at least one ascending value that at least ``share`` (0 to 1) of all do not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
