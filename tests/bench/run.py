"""One run of the bench: who takes turns, at which pace, for how long."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import contestants as who
from tests.bench import fever, memory, report
from tests.bench.contestants import Contestant, Place
from tests.bench.report import Cost, Table
from tests.bench.turns import take_turns
from tests.bench.world import World
from tests.parts.collector import Collector


@dataclass(frozen=True)
class Extent:
    """How much is measured; times in seconds."""

    fast: float
    """The short interval."""
    turn: float
    cycles: int
    slow: float
    """The long interval."""
    slow_turn: float
    slow_cycles: int
    loads: Sequence[int]
    """Checks a round at which fever is taken."""
    fever: float
    """For how long, each."""


FULL = Extent(0.5, 15.0, 3, 5.0, 30.0, 2, (14, 50, 200), 50.0)
QUICK = Extent(0.1, 0.3, 1, 0.15, 0.3, 1, (14,), 2.5)


@dataclass(frozen=True)
class Found:
    """What came of it."""

    fast: Sequence[Cost]
    slow: Sequence[Cost]
    fever: Sequence[fever.Fever]
    imports: dict[str, float]
    tables: Sequence[Table]


def run(python: str, extent: Extent) -> Found:
    """Measure under the interpreter ``python``."""
    with (
        tempfile.TemporaryDirectory() as name,
        World(Path(name)) as world,
        Collector(Path(name)) as collector,
    ):
        place = Place(python, Path(name), world, collector.http_endpoint, extent.turn)
        fast = _cost(_fast(place, extent.fast), world, extent.fast, extent.turn, extent.cycles)
        slow = _cost(_slow(place, extent.slow), world, extent.slow, extent.slow_turn, extent.slow_cycles)
        fevers = [fever.take(place, checks, extent.fast, extent.fever) for checks in extent.loads]
    imports = memory.imports(python)
    tables = [
        report.aims_table(fast, fevers[0]),
        report.cost_table(f"{who.CHECKS} checks every {extent.fast:g} s", fast),
        report.cost_table(f"{who.CHECKS} checks every {extent.slow:g} s", slow),
        report.fever_table(f"Fever at {extent.fast:g} s: median / p99, microseconds", fevers),
        report.memory_table(imports),
    ]
    return Found(fast, slow, fevers, imports, tables)


def _cost(found: list[Contestant], world: World, interval: float, seconds: float, cycles: int) -> list[Cost]:
    return report.costs(found, take_turns(found, world, interval, seconds=seconds, cycles=cycles))


def _fast(place: Place, interval: float) -> list[Contestant]:
    return [
        place.floor(who.FLOOR, interval),
        place.plain_httpx(who.HTTPX, interval),
        place.nurse(who.SILENT, interval, ratio=None, scraped=False),
        place.nurse(who.SCRAPED, interval, ratio=None, beside=who.SILENT),
        place.nurse(who.UNSAMPLED, interval, ratio=0.0, beside=who.SCRAPED),
        place.nurse(who.ALL, interval, beside=who.SCRAPED),
        place.nurse(who.PAGE, interval, beside=who.ALL, page=True),
        place.nurse(who.UNASKED, interval, beside=who.ALL, asked=False),
        place.floor(who.FLOOR_TLS, interval, tls=True),
        place.nurse(who.ALL_TLS, interval, beside=who.FLOOR_TLS, tls=True),
    ]


def _slow(place: Place, interval: float) -> list[Contestant]:
    return [
        place.floor(who.FLOOR, interval),
        place.plain_httpx(who.HTTPX, interval),
        place.nurse(who.ALL, interval),
    ]
