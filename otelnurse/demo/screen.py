"""What the people see: the words that a live terminal and plain lines share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from otelnurse.demo.findings import Finding
from otelnurse.demo.reports import View


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of the demo."""

    line: str
    """What is played and what comes."""
    views: Sequence[View]
    findings: Sequence[Finding]
    usual: float | None = None
    """Seconds; the p50 of all paths."""
    elapsed: float = 0.0
    """Seconds since the mesh was well."""
    duration: float | None = None
    """Seconds after which it ends by itself."""


class Screen(Protocol):
    """Where it is shown."""

    def say(self, text: str, style: str = "") -> None:
        """Something happened; it stays to be read. ``style`` is rich's, for terminals that have colours."""

    def show(self, frame: Frame) -> None:
        """This is how it stands now; it replaces what was shown before."""

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table at the end."""

    def close(self) -> None:
        """Leave the terminal as it was found."""
