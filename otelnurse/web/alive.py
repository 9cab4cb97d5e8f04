"""What ``/alive`` says: the latest result of everything, in both shapes that kubenurse has had."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from otelnurse.checks.loopback import LOOPBACK
from otelnurse.discovery.neighbour import Neighbour
from otelnurse.probe.timeline import Timeline
from otelnurse.rounds.history import History

OK = "ok"
SKIPPED = "skipped"
"""A check that is switched off."""
PENDING = "pending"
"""A check that has not ended once since the nurse started."""
KINDS = ("api_server_direct", "api_server_dns", "me_ingress", "me_service")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the answer comes from."""

    hostname: str
    history: History
    expected: Callable[[], Sequence[str]]
    """Names of the checks that are made."""
    neighbourhood: Callable[[], tuple[Sequence[Neighbour], str]]
    """The neighbours asked, and "ok", "unknown", "skipped" or what is wrong."""


def report(sources: Sources) -> tuple[dict[str, object], bool]:
    """Return the results as a JSON object, and whether all is well."""
    latest = sources.history.latest()
    checks: dict[str, str] = dict.fromkeys(KINDS, SKIPPED)
    for name in sources.expected():
        if name != LOOPBACK:
            checks[name] = verdict(latest.get(name))
    neighbours, state = sources.neighbourhood()
    shown: dict[str, object] = {
        "neighbourhood_state": state,
        "neighbourhood": [_neighbour(it) for it in neighbours],
    }
    flat = {name: said for name, said in checks.items() if not name.startswith("path_")}
    well = state in {OK, SKIPPED} and all(said in {OK, SKIPPED} for said in checks.values())
    return {**flat, "hostname": sources.hostname, **shown, "last_check_result": {**checks, **shown}}, well


def verdict(timeline: Timeline | None) -> str:
    """Say ``ok``, or the error type and what happened in words."""
    if timeline is None or timeline.outcome is None:
        return PENDING
    if timeline.ok:
        return OK
    return f"{timeline.outcome.error_type}: {timeline.outcome.message}"


def _neighbour(it: Neighbour) -> Mapping[str, str]:
    """As kubenurse writes it; the host's address is not known here, and who is listed runs."""
    return {"PodName": it.pod, "PodIP": it.address, "HostIP": "", "NodeName": it.node, "Phase": "Running"}
