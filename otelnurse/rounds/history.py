"""What came of the checks, as far back as people want to look."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence

from otelnurse.probe.timeline import Timeline

RESULTS = 100
"""Runs kept of each check."""
FAILURES = 50
"""Failed runs kept of all checks together."""


class History:
    """The latest runs of each check and the latest failures, whole; bounded by the number of checks."""

    def __init__(self) -> None:
        self._runs: dict[str, deque[Timeline]] = {}
        self._failures: deque[Timeline] = deque(maxlen=FAILURES)

    def add(self, timeline: Timeline) -> None:
        """Remember a finished run."""
        self._runs.setdefault(timeline.target.name, deque(maxlen=RESULTS)).append(timeline)
        if not timeline.ok:
            self._failures.append(timeline)

    def keep_only(self, names: Collection[str]) -> None:
        """Forget the runs of checks that are made no more; their failures stay until newer ones push them out."""
        for name in self._runs.keys() - set(names):
            del self._runs[name]

    def latest(self) -> Mapping[str, Timeline]:
        """The last finished run of each check by its name, in the order in which the checks were first made."""
        return {name: runs[-1] for name, runs in self._runs.items()}

    def runs(self, name: str) -> Sequence[Timeline]:
        """The last runs of one check, oldest first."""
        return tuple(self._runs.get(name, ()))

    def failures(self) -> Sequence[Timeline]:
        """The last failed runs of all checks, oldest first."""
        return tuple(self._failures)
