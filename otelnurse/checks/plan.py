"""All the checks that one nurse makes, in the order of a round."""

from collections.abc import Callable, Iterable, Sequence

from otelnurse.discovery.neighbour import Neighbour
from otelnurse.probe.target import Target


class Plan:
    """The loopback probe first, then the fixed checks, then the neighbours as they come and go."""

    def __init__(self, fixed: Sequence[Target], path: Callable[[Neighbour], Target]) -> None:
        self._fixed = tuple(fixed)
        self._path = path
        self._paths: tuple[Target, ...] = ()

    def neighbours_changed(self, neighbours: Iterable[Neighbour]) -> None:
        """From the next round on, ask these."""
        self._paths = tuple(self._path(it) for it in neighbours)

    def targets(self) -> tuple[Target, ...]:
        """What the round that begins now asks."""
        return self._fixed + self._paths
