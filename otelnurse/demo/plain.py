"""Without a terminal: one line per event, nothing that moves, no colour."""

import sys
from collections.abc import Sequence

from otelnurse.demo.screen import Frame


class Plain:
    """A :class:`~otelnurse.demo.screen.Screen` for pipes, files and CI."""

    def say(self, text: str, style: str = "") -> None:  # noqa: ARG002 - lines have no style
        """Print it at once, so that who reads the pipe reads it when it happens."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def show(self, frame: Frame) -> None:
        """Nothing: what matters of it is said as events."""

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns padded with blanks."""
        widths = [max(len(line[column]) for line in (headings, *rows)) for column in range(len(headings))]
        for line in (headings, *rows):
            self.say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())

    def close(self) -> None:
        """Nothing to restore."""
