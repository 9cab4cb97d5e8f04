"""Signs that a measurement tells more about the nurse than about the network."""

import pytest

from otelnurse.rounds.fever import LAG, Throttling
from tests.rounds.scripted import Prober, making_rounds, targets


def cpu_stat(throttled):
    """What the kernel writes into a cgroup's cpu.stat."""
    return f"usage_usec 1\nnr_periods 9\nnr_throttled {throttled}\nthrottled_usec 5\n"


@pytest.fixture
def stat(tmp_path):
    """A file like the kernel's."""
    file = tmp_path / "cpu.stat"
    file.write_text(cpu_stat(3))
    return file


@pytest.mark.anyio
async def test_a_throttled_nurse_says_so(stat):
    """Only what ran while the kernel stopped the container is marked."""
    throttling = Throttling((stat,))
    async with making_rounds(targets("slow", "quick"), Prober("slow"), throttling=throttling) as scene:
        await scene.until(lambda: scene.notes.runs("quick"))
        stat.write_text(cpu_stat(4))
        scene.prober.let_go("slow")
        await scene.until(lambda: len(scene.notes.runs("slow")) > 1)
    throttling.close()
    first, second, *_ = scene.notes.runs("slow")
    assert "throttled" in first.fever
    assert "throttled" not in second.fever
    assert "throttled" not in scene.notes.runs("quick")[0].fever


@pytest.mark.anyio
@pytest.mark.parametrize(("lag", "fever"), [(None, ()), (LAG / 2, ()), (LAG * 2, ("lag",))])
async def test_a_late_look_is_marked(lag, fever):
    """Where the kernel had the answer long before this process saw it, the measurement is not to be trusted."""
    prober = Prober()
    prober.lag = lag
    async with making_rounds(targets("a"), prober) as scene:
        await scene.more_rounds(1)
    assert scene.notes.finished[0].fever == fever


def test_the_older_file_is_read_where_the_newer_is_missing(tmp_path, stat):
    """It stands elsewhere in a cgroup of version 1."""
    throttling = Throttling((tmp_path / "missing", stat))
    assert throttling.count == 3
    throttling.close()


def test_no_limit_no_throttling(tmp_path):
    """Without such a file, and with one that does not count, nothing is throttled."""
    empty = tmp_path / "cpu.stat"
    empty.write_text("usage_usec 1\n")
    for candidates in ((), (tmp_path / "missing",), (empty,)):
        throttling = Throttling(candidates)
        assert throttling.read() == 0
        throttling.close()
        assert throttling.read() == 0
