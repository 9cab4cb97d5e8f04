"""From snapshots to HTML: pure functions but for the templates, which are read once. Not for the event loop."""

from collections import Counter
from collections.abc import Sequence

from otelnurse.web.view.model import NeighbourView
from otelnurse.web.view.neighbours import matching
from otelnurse.web.view.runs import details_of, run_of
from otelnurse.web.view.snapshot import Snapshot
from otelnurse.web.view.view import check_in, view_of

ROWS = 50
"""Neighbours listed, the worst first, unless all are asked for; the strip above the list always shows all."""
NAMED = 24
"""Neighbours up to which the strip has room for their names."""


def overview(snapshot: Snapshot, query: str, *, whole: bool) -> str:
    """Render everything at a glance; of the neighbours those that ``query`` matches, all of them if ``whole``."""
    view = view_of(snapshot)
    found = matching(view.neighbours, query)
    return _render(
        "overview.html",
        view=view,
        query=query,
        whole=whole,
        found=found,
        listed=found if whole else found[:ROWS],
        named=len(view.neighbours) <= NAMED,
        counts=_counts(view.neighbours),
        refresh=_refresh(snapshot),
        root="./",
    )


def check(snapshot: Snapshot, name: str) -> str | None:
    """Render one check with all its runs; None when there is no such check."""
    found = check_in(snapshot, name)
    if found is None:
        return None
    shown, timelines = found
    runs = [run_of(it, snapshot.trace_url) for it in reversed(timelines)]
    return _render("check.html", view=snapshot, check=shown, runs=runs, refresh=_refresh(snapshot), root="./")


def run(snapshot: Snapshot, identifier: str) -> str | None:
    """Render one run's waterfall; None when it is not kept."""
    details = details_of(identifier, snapshot)
    if details is None:
        return None
    return _render("run.html", view=snapshot, details=details, run=details.run, root="../")


def missing(snapshot: Snapshot, what: str, root: str) -> str:
    """Say that ``what`` is not there."""
    return _render("missing.html", view=snapshot, what=what, root=root)


def _refresh(snapshot: Snapshot) -> float:
    """Seconds until a page looks for news: news come once a round."""
    return min(5.0, max(1.0, snapshot.interval))


def _counts(neighbours: Sequence[NeighbourView]) -> Sequence[tuple[str, int]]:
    return Counter(it.heat for it in neighbours).most_common()


def _render(template: str, **context: object) -> str:
    # jinja2 is 2 MiB, which a nurse at whom nobody looks need not have.
    from otelnurse.web.ui.templates import environment  # noqa: PLC0415  # see above

    return environment().get_template(template).render(context)
