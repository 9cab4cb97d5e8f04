"""What the page shows and the API serves. Times are Unix seconds, durations seconds, shares from 0 to 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from otelnurse.probe.waterfall import Row
from otelnurse.web.view.snapshot import Asker

Mood = Literal["ok", "failing", "uneasy", "pending"]
"""``uneasy``: nothing fails now, but something did lately, or is not known yet."""
State = Literal["ok", "failing", "pending"]
"""``pending``: no run has ended yet."""
Heat = Literal["failing", "lossy", "pending", "fast", "moderate", "slow"]
"""How a neighbour looks; fast to slow: by latency. ``lossy``: well now, but failures are among its runs kept."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one check."""

    id: str
    """Names it as long as it is kept: its start in Unix nanoseconds."""
    check: str
    title: str
    """What was asked, in words."""
    at: float
    duration: float
    error_type: str | None
    """None: it went well."""
    phase: str | None
    message: str
    trace_id: str | None
    trace_url: str | None
    fever: tuple[str, ...]
    """Why its duration is not to be trusted: ``lag``, ``throttled``, ``overlap``."""


@dataclass(frozen=True, slots=True)
class Details:
    """One run, opened."""

    run: Run
    rows: Sequence[Row]
    end: float
    """Seconds from the first to the last instant of ``rows``: the width of a picture of them."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One run in a history strip."""

    at: float
    duration: float
    error_type: str | None


@dataclass(frozen=True, slots=True)
class Check:
    """One check and what came of it lately."""

    name: str
    type: str
    title: str
    state: State
    since: float | None
    """When the first of the failures that have not ended since began; None unless ``failing``. Reckoned back from now,
    to the millisecond: where the wall clock was set meanwhile, it differs from that run's ``at``."""
    whole: bool
    """All runs kept failed: it may have been failing for longer than ``since`` says."""
    last: Run | None
    p50: float | None
    """Median of the successes of the last minutes, without those that the nurse itself was late for; None: no such."""
    p95: float | None
    usual: float | None
    """``p50``; where that is None, the median of all successes kept: never a number to show, enough for a colour."""
    loss: float
    """The share of the runs kept that failed."""
    kept: int
    failed: int
    history: Sequence[Mark]
    """The runs kept, oldest first; empty for neighbours among others."""


@dataclass(frozen=True, slots=True)
class NeighbourView:
    """A neighbour and the check of the path to it."""

    node: str
    pod: str
    address: str
    port: int
    zone: str
    place: int
    """How near it is on the ring, from 0: an order that does not change with how things are."""
    heat: Heat
    check: Check


@dataclass(frozen=True, slots=True)
class Sentence:
    """What somebody at night needs to know."""

    text: str
    gist: str
    """The same without times: it changes only when something has happened, and so can be read out."""
    mood: Mood


@dataclass(frozen=True, slots=True)
class View:
    """Everything at one moment."""

    now: float
    node: str
    pod: str
    cluster: str
    sentence: Sentence
    checks: Sequence[Check]
    """All but those of the neighbours, in the order of a round."""
    neighbourhood_state: str
    """``ok``, ``skipped``, or ``unknown`` with a reason behind a colon."""
    neighbours: Sequence[NeighbourView]
    """The worst first."""
    failures: Sequence[Run]
    """Newest first."""
    slowest: Sequence[Run]
    """Slowest first; successes only."""
    askers: Sequence[Asker]
