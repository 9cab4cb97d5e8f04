"""Where finished runs go to: the picture of one, or lines of JSON; :mod:`otelnurse.check.many` has the third way."""

import json
from collections.abc import Iterable
from typing import Protocol, TextIO

from otelnurse.check.layout import picture
from otelnurse.check.paint import Paint
from otelnurse.check.report import report
from otelnurse.probe.timeline import Timeline


class Screen(Protocol):
    """Takes runs as they finish."""

    def show(self, timeline: Timeline) -> None:
        """A run has finished."""

    def close(self) -> None:
        """There will be no more."""


class One:
    """Draws each run."""

    def __init__(self, out: TextIO, width: int, paint: Paint) -> None:
        self._out = out
        self._width = width
        self._paint = paint

    def show(self, timeline: Timeline) -> None:
        """The waterfall; nothing when it failed before anything was asked."""
        write(self._out, picture(timeline, self._width, self._paint))

    def close(self) -> None:
        """All is said."""


class Json:
    """Prints each run as one line of JSON."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def show(self, timeline: Timeline) -> None:
        """One object, in ASCII."""
        write(self._out, [json.dumps(report(timeline))])

    def close(self) -> None:
        """All is said."""


def write(out: TextIO, lines: Iterable[str]) -> None:
    """Print these lines at once, so that who reads a pipe reads them when they are said.

    What the output's encoding does not have becomes a question mark.
    """
    encoding = out.encoding or "utf-8"
    text = "".join(f"{line}\n" for line in lines)
    out.write(text.encode(encoding, "replace").decode(encoding))
    out.flush()
