"""`make bench` measures what it says it does; how much, no test can say."""

import math
import sys

import pytest

from tests.bench import contestants as who
from tests.bench import report
from tests.bench.run import QUICK, run


@pytest.fixture(scope="module")
def found():
    """A short run."""
    return run(sys.executable, QUICK)


def test_everybody_is_measured_beside_the_floor(found):
    """Each contestant has a row, with a ratio to bare sockets that is a number above 0."""
    assert [cost.name for cost in found.fast] == [
        *(who.FLOOR, who.HTTPX, who.SILENT, who.SCRAPED, who.UNSAMPLED, who.ALL),
        *(who.PAGE, who.UNASKED, who.FLOOR_TLS, who.ALL_TLS),
    ]
    assert [cost.name for cost in found.slow] == [who.FLOOR, who.HTTPX, who.ALL]
    for cost in [*found.fast, *found.slow]:
        assert all(math.isfinite(ratio) and ratio > 0 for ratio in cost.ratios), cost
        assert cost.ratios, cost
        assert cost.resident > 0, cost


def test_fever_is_taken_of_every_check(found):
    """The lag, the loopback probe and the bare socket all have samples, and a median no larger than their p99."""
    for fever in found.fever:
        assert fever.lag.count > fever.loopback.count > 1, fever
        for spread in (fever.lag, fever.loopback, fever.bare):
            assert 0 < spread.median <= spread.p99, fever


def test_the_report_has_a_line_for_each(found):
    """Both forms of the tables name every contestant, every load and every dependency."""
    expected = [
        "Aims",
        *(cost.name for cost in found.fast),
        *found.imports,
        *(str(fever.checks) for fever in found.fever),
    ]
    for text in ("".join(t.text() for t in found.tables), "".join(t.markdown() for t in found.tables)):
        assert not [name for name in expected if name not in text]


def test_tables_go_between_the_marks(tmp_path):
    """What stands around the marks stays, what stood between them goes."""
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.write_between_marks(page, "new")
    assert page.read_text() == f"before\n{report.BEGIN}\nnew\n{report.END}\nafter\n"
