"""What a nurse's pages are told, and where it comes from."""

import time
from collections.abc import Callable, Sequence

from otelnurse.checks.plan import Plan
from otelnurse.discovery.neighbour import Neighbour
from otelnurse.discovery.neighbourhood import Neighbourhood
from otelnurse.rounds.history import History
from otelnurse.settings import Settings
from otelnurse.web import alive
from otelnurse.web.incoming import Incoming
from otelnurse.web.view.snapshot import Asker, Snapshot


def neighbourhood_of(settings: Settings, neighbourhood: Neighbourhood) -> tuple[Sequence[Neighbour], str]:
    """The neighbours asked, and ``ok``, ``skipped``, or ``unknown`` and why."""
    if not (settings.check_neighbourhood and settings.discovery):
        return (), alive.SKIPPED
    state, error = neighbourhood.state, neighbourhood.error
    return neighbourhood.current, f"{state}: {error}" if state != alive.OK and error else state


def looking(
    settings: Settings, plan: Plan, history: History, neighbourhood: Neighbourhood, incoming: Incoming
) -> Callable[[], Snapshot]:
    """Return what takes snapshots of all this, to be called on the event loop."""

    def look() -> Snapshot:
        targets = plan.targets()
        neighbours, state = neighbourhood_of(settings, neighbourhood)
        return Snapshot(
            now=time.time(),
            instant=time.monotonic_ns(),
            node=settings.node_name,
            pod=settings.pod_name,
            cluster=settings.cluster_name or "",
            interval=settings.check_interval,
            targets=targets,
            runs=[history.runs(target.name) for target in targets],
            failures=history.failures(),
            neighbours=neighbours,
            neighbourhood_state=state,
            askers=[Asker(name, ago) for name, ago in incoming.sources()],
            trace_url=settings.trace_url,
        )

    return look
