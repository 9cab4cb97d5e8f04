"""From timelines to runs, single and summed up."""

from collections.abc import Iterable, Sequence
from heapq import nlargest

from otelnurse.checks.loopback import LOOPBACK
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import NS_PER_S, Timeline
from otelnurse.probe.waterfall import waterfall
from otelnurse.rank import nearest_rank
from otelnurse.web.view import words
from otelnurse.web.view.model import Check, Details, Mark, Run
from otelnurse.web.view.snapshot import Snapshot

RECENT = 300.0
"""Seconds: the last minutes, of which percentiles are told."""
SLOWEST = 10
_UNTRUSTED = frozenset({"lag", "throttled"})


def began(timeline: Timeline) -> float:
    """Unix time, seconds, as the wall clock then was: to be shown."""
    return timeline.unix_ns(timeline.start) / NS_PER_S


def age(timeline: Timeline, snapshot: Snapshot) -> float:
    """Seconds since it began, whatever has been done to the wall clock since."""
    return (snapshot.instant - timeline.start) / NS_PER_S


def run_of(timeline: Timeline, trace_url: str | None) -> Run:
    """Sum up one finished run."""
    outcome, target = timeline.outcome, timeline.target
    link = trace_url.replace("{trace_id}", timeline.trace_id) if trace_url and timeline.trace_id else None
    return Run(
        id=str(timeline.unix_ns(timeline.start)),
        check=target.name,
        title=words.title(target.type, target.name, target.peer_node),
        at=began(timeline),
        duration=timeline.duration,
        error_type=_error(timeline),
        phase=str(outcome.phase) if outcome and outcome.phase else None,
        message=outcome.message if outcome else "",
        trace_id=timeline.trace_id,
        trace_url=link,
        fever=timeline.fever,
    )


def check_of(target: Target, runs: Sequence[Timeline], snapshot: Snapshot, *, history: bool = True) -> Check:
    """Sum up one check; without its ``history``, the dearest part, where nobody looks at that."""
    failed = sum(not run.ok for run in runs)
    streak = _streak(runs)
    durations = sorted(_trusted(runs, snapshot))
    p50 = percentile(durations, 0.5)
    return Check(
        name=target.name,
        type=target.type,
        title=words.title(target.type, target.name, target.peer_node),
        state="pending" if not runs else "failing" if streak else "ok",
        since=round(snapshot.now - age(streak[0], snapshot), 3) if streak else None,
        whole=bool(streak) and len(streak) == len(runs),
        last=run_of(runs[-1], snapshot.trace_url) if runs else None,
        p50=p50,
        p95=percentile(durations, 0.95),
        usual=percentile(sorted(run.duration for run in runs if run.ok), 0.5) if p50 is None else p50,
        loss=failed / len(runs) if runs else 0.0,
        kept=len(runs),
        failed=failed,
        history=[Mark(began(run), run.duration, _error(run)) for run in runs] if history else [],
    )


def slowest(snapshot: Snapshot) -> list[Timeline]:
    """The slowest of the successes kept, but those whose slowness was the nurse's own."""
    successes = (
        run
        for target, runs in zip(snapshot.targets, snapshot.runs, strict=True)
        for run in runs
        if target.type != LOOPBACK and run.ok and not _UNTRUSTED.intersection(run.fever)
    )
    return nlargest(SLOWEST, successes, key=_nanoseconds)


def details_of(identifier: str, snapshot: Snapshot) -> Details | None:
    """Open the run of that id; None when it is kept no more, or never was."""
    for timeline in _all(snapshot):
        if str(timeline.unix_ns(timeline.start)) == identifier:
            return details(timeline, snapshot.trace_url)
    return None


def details(timeline: Timeline, trace_url: str | None) -> Details:
    """Open one finished run."""
    rows = waterfall(timeline)
    end = max((row.start + row.duration for row in rows), default=0.0)
    return Details(run_of(timeline, trace_url), rows, max(end, timeline.duration))


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the nearest rank of ascending values; None of none."""
    return nearest_rank(ordered, share) if ordered else None


def _all(snapshot: Snapshot) -> Iterable[Timeline]:
    yield from reversed(snapshot.failures)
    for runs in snapshot.runs:
        yield from runs


def _streak(runs: Sequence[Timeline]) -> Sequence[Timeline]:
    """The failures at the end, after which no success came."""
    start = len(runs)
    while start and not runs[start - 1].ok:
        start -= 1
    return runs[start:]


def _trusted(runs: Sequence[Timeline], snapshot: Snapshot) -> Iterable[float]:
    return (
        run.duration
        for run in runs
        if run.ok and age(run, snapshot) <= RECENT and not _UNTRUSTED.intersection(run.fever)
    )


def _nanoseconds(timeline: Timeline) -> int:
    return (timeline.end or timeline.start) - timeline.start


def _error(timeline: Timeline) -> str | None:
    error = timeline.outcome.error_type if timeline.outcome else None
    return None if error is None else str(error)
