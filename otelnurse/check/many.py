"""Many runs: a line for each, and in the end what they have in common."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TextIO

from otelnurse.check.layout import WIDEST, milliseconds, was_late, wrapped
from otelnurse.check.paint import BOLD, DIM, PHASE_COLOURS, RED, YELLOW, Paint
from otelnurse.check.screen import write
from otelnurse.check.summary import Bin, histogram, phase_durations, spread
from otelnurse.probe.errors import Phase
from otelnurse.probe.timeline import Timeline

_LABEL, _NUMBER, _NARROW_NUMBER, _NARROW = 10, 10, 7, 60
_IN_A_LINE = (Phase.DNS, Phase.CONNECT, Phase.TLS, Phase.WAIT)
"""What usually matters; the table has them all."""


class Many:
    """Prints runs as they come, and sums up those that were well."""

    def __init__(self, out: TextIO, width: int, paint: Paint) -> None:
        self._out = out
        self._width = min(width, WIDEST)
        self._paint = paint
        self._totals: list[float] = []
        self._phases: dict[Phase, list[float]] = {}
        self._failures: Counter[str] = Counter()
        self._late = 0

    def show(self, timeline: Timeline) -> None:
        """One line; the first run's under what is asked."""
        number = len(self._totals) + self._failures.total() + 1
        if number == 1 and timeline.hops:
            asked = wrapped(f"{timeline.hops[0].method} {timeline.hops[0].url}", "", self._width)
            write(self._out, [self._paint(line, BOLD) for line in asked])
        self._late += was_late(timeline)
        phases = phase_durations(timeline)
        if timeline.outcome and timeline.outcome.error_type:
            self._failures[timeline.outcome.error_type] += 1
        else:
            self._totals.append(timeline.duration)
            for phase, seconds in phases.items():
                self._phases.setdefault(phase, []).append(seconds)
        write(self._out, self._lines(number, timeline, phases))

    def close(self) -> None:
        """The summary, if there is anything to sum up."""
        count = len(self._totals) + self._failures.total()
        if not count:
            return
        runs = "1 run" if count == 1 else f"{count} runs"
        told = ", ".join(f"{number} {error}" for error, number in self._failures.most_common())
        failed = f"{self._failures.total()} failed: {told}" if told else "all well"
        verdict = wrapped(f"{runs}, {failed}", "", self._width)
        write(self._out, ["", *(self._paint(line, RED if told else BOLD) for line in verdict)])
        if self._totals:
            write(self._out, ["", *self._table(), "", *self._bars(histogram(self._totals))])
        if self._late:
            note = f"This machine was busy: in {self._late} of them it saw the answer late. Measure again."
            write(self._out, ["", *(self._paint(line, YELLOW) for line in wrapped(note, "", self._width))])

    def _lines(self, number: int, timeline: Timeline, phases: dict[Phase, float]) -> Iterator[str]:
        """As many phases as there is room for, or what failed, below where there is no room beside."""
        head = f"{number:>5}{milliseconds(timeline.duration):>{_NUMBER}} ms"
        outcome = timeline.outcome
        if outcome and outcome.error_type:
            failed = f"{outcome.error_type} in {outcome.phase}"
            beside = len(head) + 2 + len(failed) <= self._width
            yield self._paint(f"{head}  {failed}" if beside else head, RED)
            yield from [] if beside else [self._paint(failed.rjust(self._width), RED)]
            return
        line, used = head, len(head)
        for phase in (phase for phase in _IN_A_LINE if phase in phases):
            part = f"   {phase} {milliseconds(phases[phase])}"
            used += len(part)
            if used > self._width:
                break
            line += self._paint(part, PHASE_COLOURS[phase])
        yield line

    def _table(self) -> Iterator[str]:
        column = _NARROW_NUMBER if self._width < _NARROW else _NUMBER
        heading = "".join(name.rjust(column) for name in ("min", "median", "p95", "max"))
        yield self._paint(f"{'ms':<{_LABEL}}{heading}", DIM)
        for phase in Phase:
            if phase in self._phases:
                yield self._row(phase, self._phases[phase], column, PHASE_COLOURS[phase])
        yield self._row("total", self._totals, column, BOLD)

    def _row(self, label: str, values: Sequence[float], column: int, style: str) -> str:
        it = spread(values)
        numbers = "".join(milliseconds(value).rjust(column) for value in (it.min, it.median, it.p95, it.max))
        return f"{self._paint(label.ljust(_LABEL), style)}{numbers}"

    def _bars(self, bins: Sequence[Bin]) -> Iterator[str]:
        labels = _labels(bins)
        most = max(one.count for one in bins)
        wide, digits = max(map(len, labels)), len(str(most))
        room = self._width - wide - digits - len(" ms    ")
        for label, one in zip(labels, bins, strict=True):
            bar = self._paint(self._paint.bar * math.ceil(one.count / most * room), PHASE_COLOURS[Phase.WAIT])
            yield f"{label.rjust(wide)} ms  {one.count:>{digits}}  {bar}".rstrip()


def _labels(bins: Sequence[Bin]) -> list[str]:
    """The edges in ms, with the decimals that tell them apart."""
    width = next(((one.end - one.start) * 1e3 for one in bins if one.end is not None), 1.0)
    decimals = max(0, -math.floor(math.log10(width)))

    def edge(seconds: float) -> str:
        return f"{seconds * 1e3:.{decimals}f}"

    return [f"over {edge(one.start)}" if one.end is None else f"{edge(one.start)} to {edge(one.end)}" for one in bins]
