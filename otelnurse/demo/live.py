"""In a terminal: the mesh as a table that lives, with what happened scrolling by above it."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from otelnurse.demo.durations import seconds_text
from otelnurse.demo.findings import Finding, is_slow
from otelnurse.demo.reports import FIXED_CHECKS, PATH, View
from otelnurse.demo.screen import Frame

_HEADINGS = ("api", "api dns", "ingress", "service")
_NARROW_HEADINGS = ("api", "dns", "ing", "svc")
_SHORT_ERRORS = {
    "connection_refused": "refused",
    "connection_reset": "reset",
    "connection_timeout": "timeout",
    "response_timeout": "timeout",
    "connection_closed": "closed",
    "host_not_found": "no host",
}
_LEGEND = ". well   ~ late   x failed   ? no report"
_CELL = 7
_FINDINGS = 3
"""So many at a time; the surest come first."""


class Terminal:
    """A :class:`~otelnurse.demo.screen.Screen` on a rich console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")
        self._live.start()

    def say(self, text: str, style: str = "") -> None:
        """Print above the table."""
        self._console.print(Text(text, style=style))

    def show(self, frame: Frame) -> None:
        """Draw the table anew."""
        self._live.update(self._drawn(frame), refresh=True)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print with colours: green found, red not."""
        table = Table(*headings, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*row, style="red" if "NOT FOUND" in row else "")
        self._console.print(table)

    def close(self) -> None:
        """Leave the last table standing, and give the cursor back."""
        self._live.stop()

    def _drawn(self, frame: Frame) -> RenderableType:
        lines: list[RenderableType] = [Text(), self._clock(frame), Text(f"script:  {frame.line}", style="cyan")]
        lines += [_sentence(finding) for finding in frame.findings[:_FINDINGS]]
        lines += [Text()] * (_FINDINGS - len(frame.findings))  # so that the table does not jump
        wide = self._is_wide(frame)
        # The terminal prints its ^C at the end of the last line: that one must have room left, or all moves by a line.
        return Group(*lines, self._mesh(frame, wide=wide), Text("" if wide else _LEGEND))

    def _clock(self, frame: Frame) -> RenderableType:
        if frame.duration is None:
            return Text(f"{frame.elapsed:.0f} s  (Ctrl-C ends it)", style="dim")
        row = Table.grid(padding=(0, 1))
        label = Text(f"{min(frame.elapsed, frame.duration):.0f} of {frame.duration:.0f} s", style="dim")
        row.add_row(ProgressBar(frame.duration, min(frame.elapsed, frame.duration), width=40), label)
        return row

    def _is_wide(self, frame: Frame) -> bool:
        columns = len(FIXED_CHECKS) + len(frame.views)
        return len(frame.views[0].node) + columns * (_CELL + 1) + 1 <= self._console.width

    def _mesh(self, frame: Frame, *, wide: bool) -> Table:
        nodes = [view.node for view in frame.views]
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
        table.add_column("from", no_wrap=True)
        headings = (
            (*_HEADINGS, *nodes) if wide else (*_NARROW_HEADINGS, *(node.removeprefix("node-") for node in nodes))
        )
        for heading in headings:
            table.add_column(heading, justify="right", no_wrap=True, min_width=_CELL if wide else None)
        for view in frame.views:
            checks = (*FIXED_CHECKS, *(PATH + node for node in nodes))
            table.add_row(view.node, *(_cell(view, check, frame.usual, wide=wide) for check in checks))
        return table


def _sentence(finding: Finding) -> Text:
    """A finding is a node that most of its neighbours name; all else may come of it."""
    if finding.sure and finding.is_node:
        return Text(f"finding: {finding.sentence}", style="bold red")
    return Text(f"symptom: {finding.sentence}", style="yellow")


def _cell(view: View, check: str, usual: float | None, *, wide: bool) -> Text:
    """One check by one nurse: a latency or an error; where it is narrow, one letter."""
    seen = view.checks.get(check)
    if seen is None:
        not_a_neighbour = "-" if check == PATH + view.node else ""
        return Text(not_a_neighbour if view.checks else "?", style="dim")
    if seen.error is not None:
        text, style = _SHORT_ERRORS.get(seen.error, seen.error)[:_CELL], "bold white on red"
    elif is_slow(seen, usual):
        text, style = seconds_text(seen.p50 or 0), "black on yellow"
    else:
        text, style = "ok" if seen.p50 is None else seconds_text(seen.p50), "green"
    return Text(text if wide else {"green": ".", "black on yellow": "~"}.get(style, "x"), style=style)
