"""Everything put together."""

from collections.abc import Sequence

from otelnurse.probe.timeline import Timeline
from otelnurse.web.view.model import Check, Heat, NeighbourView, View
from otelnurse.web.view.runs import check_of, run_of, slowest
from otelnurse.web.view.sentence import sentence
from otelnurse.web.view.snapshot import Snapshot

FAST, MODERATE = 0.002, 0.02
"""Seconds of median latency up to which a neighbour is fast, or moderate; what takes longer is slow."""
_WORST_FIRST: tuple[Heat, ...] = ("failing", "lossy", "pending", "slow", "moderate", "fast")


def view_of(snapshot: Snapshot) -> View:
    """Put everything as it is shown. Some 0.1 ms per check with its hundred runs: not for the event loop."""
    checks = [
        check_of(target, runs, snapshot, history=target.type != "path")
        for target, runs in zip(snapshot.targets, snapshot.runs, strict=True)
    ]
    by_node = {target.peer_node: check for target, check in zip(snapshot.targets, checks, strict=True)}
    neighbours = [
        NeighbourView(it.node, it.pod, it.address, it.port, it.zone, place, heat(check), check)
        for place, it in enumerate(snapshot.neighbours)
        if (check := by_node.get(it.node))
    ]
    fixed = [check for check in checks if check.type != "path"]
    return View(
        now=snapshot.now,
        node=snapshot.node,
        pod=snapshot.pod,
        cluster=snapshot.cluster,
        sentence=sentence(snapshot, checks),
        checks=fixed,
        neighbourhood_state=snapshot.neighbourhood_state,
        neighbours=sorted(neighbours, key=_badness),
        failures=[run_of(run, snapshot.trace_url) for run in reversed(snapshot.failures)],
        slowest=[run_of(run, snapshot.trace_url) for run in slowest(snapshot)],
        askers=snapshot.askers,
    )


def check_in(snapshot: Snapshot, name: str) -> tuple[Check, Sequence[Timeline]] | None:
    """One check by its name and its runs, oldest first; None when no such check is made."""
    for target, runs in zip(snapshot.targets, snapshot.runs, strict=True):
        if target.name == name:
            return check_of(target, runs, snapshot), runs
    return None


def heat(check: Check) -> Heat:
    """How a neighbour looks; one that refuses, or did lately, is never fast, whatever its latency is."""
    if check.state != "ok":
        return check.state
    if check.failed:
        return "lossy"
    if check.usual is None:
        return "pending"
    return "fast" if check.usual <= FAST else "moderate" if check.usual <= MODERATE else "slow"


def _badness(it: NeighbourView) -> tuple[int, float, float, int]:
    return _WORST_FIRST.index(it.heat), -it.check.loss, -(it.check.usual or 0.0), it.place
