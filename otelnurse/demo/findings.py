"""From what the nurses report to who is sick and with what. Pure, and without a word of what the demo has switched."""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from otelnurse.demo.durations import seconds_text
from otelnurse.demo.reports import PATH, Seen, View

SLOW = "slow"
_TIMES, _AT_LEAST = 5, 0.05
"""A path is slow at five times the p50 of all paths, and 50 ms more than it at least: below, it may be the machine."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Some of the nurses that check something report the same fault of it."""

    subject: str
    """The node, or the name of the check that is not of a node (``me_service``)."""
    what: str
    """An ``error.type``, or ``slow``."""
    by: int
    """How many report it."""
    of: int
    """How many check it."""
    is_node: bool
    p50: float | None = None
    """Seconds, where it is slow: the median of what they report."""
    usual: float | None = None
    """Seconds, where it is slow: the p50 of all paths."""

    @property
    def sure(self) -> bool:
        """More than half say so: it is the nurse, and not the way to it from one other."""
        return self.by * 2 > self.of

    @property
    def key(self) -> tuple[str, str]:
        """The same as long as it is the same fault, by however many."""
        return self.subject, self.what

    @property
    def end(self) -> str:
        """What there is to say when nobody reports it any more: ``node-3: connection_refused is over``."""
        return f"{self.subject}: {'slowness' if self.what == SLOW else self.what} is over"

    @property
    def sentence(self) -> str:
        """``node-3: 4 of 4 neighbours report connection_refused``."""
        who = f"{self.subject}: {self.by} of {self.of} {'neighbours' if self.is_node else 'nurses'}"
        if self.p50 is not None and self.usual is not None:
            return f"{who} wait {seconds_text(self.p50)} for it, usually {seconds_text(self.usual)}"
        return f"{who} report {self.what}"


def usual_latency(views: Iterable[View]) -> float | None:
    """Seconds; the median of the p50 of all paths that are well, None when there is none."""
    paths = [
        seen.p50
        for view in views
        for check, seen in view.checks.items()
        if check.startswith(PATH) and seen.error is None and seen.p50 is not None
    ]
    return statistics.median(paths) if paths else None


def is_slow(seen: Seen, usual: float | None) -> bool:
    """Whether an answer, which came, came late in comparison with ``usual`` seconds."""
    if seen.error is not None or seen.p50 is None or usual is None:
        return False
    return seen.p50 > max(usual * _TIMES, usual + _AT_LEAST)


def find(views: Sequence[View]) -> list[Finding]:
    """All faults that the nurses report: sure ones first, nodes before other checks, then by how many report them."""
    usual = usual_latency(views)
    reports: dict[str, list[Seen]] = {}
    for view in views:
        for check, seen in view.checks.items():
            reports.setdefault(check, []).append(seen)
    findings = [
        _finding(check, what, count, seen, usual)
        for check, seen in reports.items()
        for what, count in _faults(check, seen, usual).items()
    ]
    return sorted(findings, key=lambda found: (not (found.sure and found.is_node), not found.is_node, -found.by))


def _faults(check: str, reports: Sequence[Seen], usual: float | None) -> Counter[str]:
    """How often each fault is reported of one check. Only paths are like one another, so only they can be slow."""
    faults = Counter(seen.error for seen in reports if seen.error is not None)
    if late := sum(is_slow(seen, usual) for seen in reports if check.startswith(PATH)):
        faults[SLOW] = late
    return faults


def _finding(check: str, what: str, by: int, reports: Sequence[Seen], usual: float | None) -> Finding:
    p50 = None
    if what == SLOW:
        p50 = statistics.median(seen.p50 for seen in reports if seen.p50 is not None and is_slow(seen, usual))
    return Finding(
        check.removeprefix(PATH), what, by, len(reports), check.startswith(PATH), p50, usual if p50 else None
    )
