"""What somebody ordered, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from otelnurse.check.values import Told
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Family


@dataclass(frozen=True, slots=True)
class Order:
    """One target, how often to ask it, and by which means."""

    target: Target
    count: int = 1
    interval: float = 1.0
    """Seconds from the start of one run to the start of the next; one that lasts longer is followed at once."""
    authorities: Sequence[Path] = ()
    """PEM files that are trusted beside the system's roots."""
    told: Sequence[Told] = ()
    family: Family | None = None
    nameservers: Sequence[tuple[str, int]] = ()
    """As (address, port); none: those of resolv.conf."""
