"""What the view is made from: everything that the nurse knows at one moment, and nothing that changes any more."""

from collections.abc import Sequence
from dataclasses import dataclass

from otelnurse.discovery.neighbour import Neighbour
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asked this nurse within the last minute."""

    name: str
    """What it calls itself; anybody can send anything."""
    ago: float
    """Seconds since it did so last."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Taken on the event loop in microseconds; what is made of it can be made in any thread."""

    now: float
    """Unix time, seconds: to be shown. Ages are reckoned from ``instant``."""
    instant: int
    """The same moment on the clock of timelines, :func:`time.monotonic_ns`, which nobody sets."""
    node: str
    pod: str
    cluster: str
    """Its name, or empty."""
    interval: float
    """Seconds from one round to the next."""
    targets: Sequence[Target]
    """The checks that are made, in the order of a round."""
    runs: Sequence[Sequence[Timeline]]
    """The finished runs kept of each of ``targets``, oldest first."""
    failures: Sequence[Timeline]
    """The failed runs kept of all checks, also of those no longer made, oldest first."""
    neighbours: Sequence[Neighbour]
    neighbourhood_state: str
    """``ok``, ``skipped``, or ``unknown`` with a reason behind a colon."""
    askers: Sequence[Asker]
    trace_url: str | None
    """Where a trace can be looked at, with ``{trace_id}`` in it."""
