"""When which check runs: in order, never two started together, and never one held up by another."""

import time

import anyio
import pytest

from otelnurse.rounds.rounds import MAX_OPEN
from otelnurse.rounds.schedule import offset, until_next
from tests.rounds.scripted import Prober, making_rounds, targets

pytestmark = pytest.mark.anyio

LONG = 1e8
"""An interval of which no test sees the end: its rounds begin only when they are asked for."""


async def test_checks_run_in_order_one_at_a_time():
    """Each round asks everything in the plan's order, and no check starts while a quick one is under way."""
    async with making_rounds(targets("loopback", "b", "c")) as scene:
        await scene.more_rounds(3)
    whole = scene.notes.rounds * 3
    assert scene.prober.started[:whole] == ["loopback", "b", "c"] * scene.notes.rounds
    assert scene.prober.most_open == 1
    assert not scene.notes.skipped


async def test_a_hanging_check_neither_delays_nor_thins_out_the_others():
    """While one check hangs for ever each of the others runs in every round."""
    async with making_rounds(targets("a", "hangs", "c"), Prober("hangs")) as scene:
        await scene.more_rounds(10)
        rounds = scene.notes.rounds
        assert [len(scene.notes.runs(name)) for name in ("a", "hangs", "c")] == [rounds, 0, rounds]
        assert scene.prober.started.count("hangs") == 1


async def test_a_late_check_is_skipped_and_counted():
    """One that is still under way when it is due again does not start twice; it is counted, and comes again later."""
    async with making_rounds(targets("a", "late"), Prober("late")) as scene:
        await scene.more_rounds(3)
        assert (scene.notes.started["late"], scene.notes.skipped["late"]) == (1, scene.notes.rounds - 1)
        scene.prober.let_go("late")
        await scene.until(lambda: len(scene.notes.runs("late")) > 1)
        assert scene.notes.skipped["a"] == 0


async def test_what_ran_over_its_patience_is_marked():
    """A measurement that others overlapped carries the mark, one that nobody disturbed does not."""
    async with making_rounds(targets("slow", "quick"), Prober("slow")) as scene:
        await scene.until(lambda: scene.notes.runs("quick"))
        scene.prober.let_go("slow")
        await scene.until(lambda: len(scene.notes.runs("slow")) > 1)
    first, second, *_ = scene.notes.runs("slow")
    assert (first.fever, second.fever) == (("overlap",), ())
    assert all(run.fever == () for run in scene.notes.runs("quick"))


async def test_the_last_of_a_round_is_alone():
    """A check that ran over its patience when nothing started beside it was disturbed by nobody."""
    plan, prober = targets("quick", "slow"), Prober("slow")
    async with making_rounds(plan, prober, interval=LONG) as scene, anyio.create_task_group() as askers:
        askers.start_soon(scene.rounds.fresh, LONG, LONG)
        await scene.more_rounds(1)
        prober.let_go("slow")
    assert [run.fever for run in scene.notes.runs("slow")] == [()]


async def test_no_more_than_so_many_are_open():
    """When more checks hang than may be open the rest is skipped and counted; nothing piles up."""
    names = [f"hangs-{number}" for number in range(MAX_OPEN + 5)]
    async with making_rounds(targets(*names), Prober(*names), interval=0.1) as scene:
        await scene.more_rounds(2)
        assert scene.prober.most_open == MAX_OPEN
        assert [name for name in names if not scene.notes.started[name]] == names[MAX_OPEN:]
        assert all(scene.notes.skipped[name] >= scene.notes.rounds for name in names[MAX_OPEN:])


async def test_patience_shrinks_so_that_starts_fit_half_the_interval():
    """However many hang, a round has begun all it may begin well before the next one is due."""
    names = [f"hangs-{number}" for number in range(MAX_OPEN)]
    interval = 0.1
    async with making_rounds(targets(*names, "last"), Prober(*names), interval=interval) as scene:
        await scene.until(lambda: scene.prober.started)
        begin = time.monotonic()
        await scene.more_rounds(1)
        took = time.monotonic() - begin
    patience_without = MAX_OPEN * 0.02
    assert took < patience_without
    assert scene.notes.skipped["last"] > 0


async def test_rounds_that_were_missed_count_as_skipped():
    """When this process was away for some rounds each check of each is counted, in one go, and the grid stays."""
    interval = 0.05
    async with making_rounds(targets("a", "b"), interval=interval) as scene:
        await scene.more_rounds(1)
        time.sleep(interval * 4.5)  # noqa: ASYNC251 - the loop stands still, as when the whole process is stopped
        await scene.more_rounds(1)
        skipped, calls = dict(scene.notes.skipped), scene.notes.skip_calls
        lag = max(scene.notes.lags)
    assert skipped["a"] == skipped["b"] >= 3
    assert calls < sum(skipped.values())
    assert lag > interval * 2


async def test_a_round_asks_who_is_there_when_it_begins():
    """Checks come and go between rounds, and what is made no more is forgotten."""
    plan = list(targets("a", "b"))
    async with making_rounds(lambda: tuple(plan)) as scene:
        await scene.more_rounds(1)
        plan[1:] = targets("c")
        await scene.more_rounds(2)
    assert set(scene.history.latest()) == {"a", "c"}


async def test_runs_know_their_trace():
    """A result can be looked up where its trace is."""
    async with making_rounds(targets("a")) as scene:
        await scene.more_rounds(2)
    assert [run.trace_id for run in scene.notes.finished[:2]] == [f"{1:032x}", f"{2:032x}"]


async def test_stop_waits_for_what_is_under_way():
    """A check that ends within the grace counts."""
    async with making_rounds(targets("slow"), Prober("slow"), grace=LONG) as scene:
        await scene.until(lambda: scene.prober.open)
        scene.rounds.stop()
        await anyio.wait_all_tasks_blocked()
        scene.prober.let_go("slow")
    assert [run.target.name for run in scene.notes.finished] == ["slow"]
    assert not scene.notes.cancelled


async def test_stop_drops_what_does_not_end():
    """After the grace an open check is cancelled: neither success nor failure, and not in the history."""
    async with making_rounds(targets("hangs", "a"), Prober("hangs"), grace=0.01) as scene:
        await scene.more_rounds(1)
    assert scene.notes.cancelled == ["hangs"]
    assert "hangs" not in scene.history.latest()


async def test_a_fault_of_the_prober_costs_one_check(caplog):
    """A prober that raises, which it never should, fails that check with the reason; all others go on."""
    async with making_rounds(targets("a", "hangs", "b"), Prober("hangs")) as scene:
        await scene.more_rounds(1)
        scene.prober.raises = RuntimeError("a fault of the probe's own")
        await scene.more_rounds(2)
        scene.prober.let_go("hangs")
        await scene.until(lambda: scene.notes.runs("hangs"))
    failed = [run for run in scene.notes.finished if not run.ok]
    assert [(run.outcome.error_type, run.outcome.phase) for run in failed] == [("_OTHER", "prepare")]
    assert "a fault of the probe's own" in failed[0].outcome.message
    assert scene.history.failures() == tuple(failed)
    assert (scene.faults, scene.notes.cancelled) == ([], [])
    assert "Traceback" in caplog.text


async def test_rounds_can_be_begun_anew_after_a_fault():
    """What a fault in the midst of a round leaves behind hinders neither the next rounds nor those who ask."""
    async with making_rounds(targets("a", "hangs", "b"), Prober("hangs")) as scene:
        await scene.more_rounds(1)
        scene.notes.fault = RuntimeError("a fault amid the round")
        await scene.until(lambda: scene.faults)
        scene.prober.let_go("hangs")
        await scene.more_rounds(2)
        with anyio.fail_after(LONG):
            await scene.rounds.fresh(LONG, LONG)
            await scene.rounds.pause(LONG)
    assert len(scene.faults) == 1
    assert {"a", "hangs", "b"} == set(scene.history.latest())


async def test_the_first_round_waits_for_its_place():
    """Nodes begin at places of their own within the interval, which do not move."""
    places = [offset(f"node-{number}", 5.0) for number in range(1000)]
    assert all(0 <= place < 5 for place in places)
    quarters = [sum(place // 1.25 == quarter for place in places) for quarter in range(4)]
    assert min(quarters) > 200
    assert places == [offset(f"node-{number}", 5.0) for number in range(1000)]


@pytest.mark.parametrize("now", [0.0, 1.0, 4.999, 5.0, 1_700_000_000.123])
async def test_the_next_place_is_ahead_and_less_than_an_interval_away(now):
    """From any moment the next beginning is later than now, and lies on the grid."""
    wait = until_next(now, 5.0, 1.0)
    assert 0 < wait <= 5.0
    assert (now + wait - 1.0) % 5.0 == pytest.approx(0.0, abs=1e-6) or (now + wait - 1.0) % 5.0 == pytest.approx(5.0)
