"""What came of the turns, as tables for the terminal and for docs/performance.md."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.contestants import ALL, FLOOR, Contestant
from tests.bench.fever import Fever
from tests.bench.turns import Turn

BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"


@dataclass(frozen=True)
class Cost:
    """One contestant's."""

    name: str
    per_check: float
    """Median over the cycles, ms of CPU for each check."""
    ratios: Sequence[float]
    """To the floor, one for each cycle."""
    beside: str | None
    adds: float | None
    """Median of the ratios to ``beside``, minus 1."""
    resident: float
    """MiB at the end of its last turn."""


@dataclass(frozen=True)
class Table:
    """Columns and rows of text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """As Markdown, with the title as a heading."""
        lines = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        return "\n".join([f"### {self.title}", "", *(f"| {' | '.join(line)} |" for line in lines), ""])

    def text(self) -> str:
        """For a terminal."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        padded = ("  ".join([it[0].ljust(widths[0]), *map(str.rjust, it[1:], widths[1:])]) for it in lines)
        return "\n".join([self.title, *padded, ""])


def costs(contestants: Sequence[Contestant], turns: Mapping[str, Sequence[Turn]]) -> list[Cost]:
    """Put each contestant's turns beside those of the floor in the same cycle."""
    return [
        Cost(
            it.name,
            median(turn.per_check for turn in turns[it.name]),
            _ratios(turns[it.name], turns[FLOOR]),
            it.beside,
            median(_ratios(turns[it.name], turns[it.beside])) - 1 if it.beside else None,
            turns[it.name][-1].resident,
        )
        for it in contestants
    ]


def _ratios(turns: Sequence[Turn], beside: Sequence[Turn]) -> list[float]:
    return [it.per_check / other.per_check for it, other in zip(turns, beside, strict=True)]


def cost_table(title: str, found: Sequence[Cost]) -> Table:
    """CPU and memory."""
    rows = [
        [
            it.name,
            f"{it.per_check:.2f}",
            f"{median(it.ratios):.1f}",
            f"{min(it.ratios):.1f} to {max(it.ratios):.1f}",
            "" if it.adds is None else f"{it.adds:+.0%} to {it.beside}",
            f"{it.resident:.0f}",
        ]
        for it in found
    ]
    return Table(title, ["who", "CPU ms/check", "x bare sockets", "cycles", "adds", "MiB"], rows)


def fever_table(title: str, found: Sequence[Fever]) -> Table:
    """Medians and 99th percentiles in microseconds."""
    rows = [
        [
            str(it.checks),
            *(f"{spread.median:.0f} / {spread.p99:.0f}" for spread in (it.lag, it.loopback, it.bare)),
            f"{it.loopback.median - it.bare.median:+.0f} / {it.loopback.p99 - it.bare.p99:+.0f}",
            f"{it.lag.count} / {it.loopback.count} / {it.bare.count}",
        ]
        for it in found
    ]
    columns = ["checks a round", "later than the kernel", "loopback probe", "bare socket", "difference", "samples"]
    return Table(title, columns, rows)


def aims_table(found: Sequence[Cost], loopback: Fever) -> Table:
    """What issue 4 asks for, beside what was reached; ``loopback`` is the fever at the usual number of checks."""
    nurse = next(cost for cost in found if cost.name == ALL)
    more_median, more_p99 = loopback.loopback.median - loopback.bare.median, loopback.loopback.p99 - loopback.bare.p99
    rows = [
        ["CPU ms/check, everything on", "at most 1.0", f"{nurse.per_check:.2f}"],
        ["beside bare sockets", "at most 3 x", f"{median(nurse.ratios):.1f} x"],
        ["MiB resident, everything on", "at most 45", f"{nurse.resident:.0f}"],
        ["loopback probe beside a bare socket, median", "below 100 us", f"{more_median:+.0f} us"],
        ["the same, p99", "below 300 us", f"{more_p99:+.0f} us"],
    ]
    return Table("Aims", ["of one nurse", "aim", "reached"], rows)


def memory_table(parts: Mapping[str, float]) -> Table:
    """What imports cost."""
    rows = [[name, f"{size:.1f}"] for name, size in [*parts.items(), ("all", sum(parts.values()))]]
    return Table("Memory at import, one after the other", ["part", "MiB"], rows)


def machine() -> str:
    """The machine's cores, CPU, kernel and Python in one sentence."""
    told = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), platform.machine())
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores of {model}, Linux {platform.release()}, Python {platform.python_version()}; "
        f"load average {load:.2f} at the end."
    )


def write_between_marks(path: Path, text: str) -> None:
    """Replace what stands between the marks in ``path``; raises ``ValueError`` when they are not there."""
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path}: the marks {BEGIN} and {END} are missing")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}")
