"""Fresh results for whoever asks, without rounds becoming more frequent; and pauses between the starts."""

import math
import time

import anyio
import pytest

from tests.rounds.scripted import OUTER_LIMIT, Prober, making_rounds, targets

pytestmark = pytest.mark.anyio

LONG = 1e8
"""An interval of which no test sees the end, and a patience that no test exhausts."""


async def ask(scene, number, *, max_age=LONG, patience=LONG):
    """Ask so many at the same time, and wait for all."""
    with anyio.fail_after(OUTER_LIMIT):
        async with anyio.create_task_group() as askers:
            for _ in range(number):
                askers.start_soon(scene.rounds.fresh, max_age, patience)


async def test_who_asks_first_brings_the_round_forward():
    """Results are there when the answer comes, long before the round was due."""
    async with making_rounds(targets("a", "b"), interval=LONG) as scene:
        await ask(scene, 1)
        assert set(scene.history.latest()) == {"a", "b"}
        assert scene.notes.lags == [0.0]


async def test_a_hundred_askers_make_one_round():
    """However many ask at once, one round serves them all."""
    async with making_rounds(targets("a"), interval=LONG) as scene:
        await ask(scene, 100)
        assert scene.notes.rounds == 1


async def test_young_results_are_served_at_once():
    """Results younger than asked for make no round."""
    async with making_rounds(targets("a"), interval=LONG) as scene:
        await ask(scene, 1)
        await ask(scene, 100)
        assert scene.notes.rounds == 1


async def test_young_results_are_served_while_the_next_round_runs():
    """Who could be answered with what there is does not wait for a check that hangs."""
    async with making_rounds(targets("a", "hangs"), interval=0.05) as scene:
        await scene.more_rounds(1)
        scene.prober.slow["hangs"] = anyio.Event()
        await scene.until(lambda: scene.prober.open)
        await ask(scene, 1)
        scene.prober.let_go("hangs")


async def test_askers_join_the_running_round():
    """Who asks in the middle of the first round waits for its end, and no second one follows."""
    async with making_rounds(targets("a", "slow"), Prober("slow"), interval=LONG) as scene:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, scene, 1)
            await scene.until(lambda: scene.prober.open)
            tasks.start_soon(ask, scene, 10)
            await anyio.wait_all_tasks_blocked()
            scene.prober.let_go("slow")
        assert scene.notes.rounds == 1
        assert set(scene.history.latest()) == {"a", "slow"}


async def test_asking_all_the_time_adds_one_round_at_most():
    """With somebody who is content with nothing rounds are those of the interval, and one more."""
    interval = 0.05
    async with making_rounds(targets("a"), interval=interval) as scene:
        begin = time.monotonic()
        for _ in range(10):
            await ask(scene, 3, max_age=0.0, patience=OUTER_LIMIT)
        passed, made = time.monotonic() - begin, scene.notes.rounds
        assert made <= passed / interval + 2
        # And rounds go on at their interval when nobody asks any more: none of their places was used up beforehand.
        begin = time.monotonic()
        await scene.more_rounds(4)
        assert time.monotonic() - begin < 20 * interval


async def test_who_cannot_be_served_in_time_is_told_at_once():
    """When no round can begin within the patience nobody waits for it in vain."""
    async with making_rounds(targets("a"), interval=LONG) as scene:
        await ask(scene, 1)
        with anyio.fail_after(OUTER_LIMIT):
            await scene.rounds.fresh(0.0, OUTER_LIMIT * 10)
        assert scene.notes.rounds == 1


async def test_patience_ends_the_wait():
    """A check that hangs holds up nobody for longer than the patience."""
    async with making_rounds(targets("hangs"), Prober("hangs"), interval=LONG) as scene:
        await ask(scene, 1, patience=0.05)
        assert not scene.history.latest()


async def test_a_stop_lets_askers_go():
    """Who waits when the nurse stops, or asks afterwards, gets what there is."""
    async with making_rounds(targets("hangs"), Prober("hangs"), interval=LONG, grace=0.0) as scene:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, scene, 3)
            await scene.until(lambda: scene.prober.open)
            scene.rounds.stop()
        await ask(scene, 3)


async def test_a_stop_lets_go_whoever_waits_for_a_round_that_will_not_be():
    """Who waits for the place of the next round is let go when the nurse stops before it."""
    async with making_rounds(targets("a"), interval=LONG) as scene:
        await ask(scene, 1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: ask(scene, 3, max_age=0.0, patience=math.inf))
            await anyio.wait_all_tasks_blocked()
            scene.rounds.stop()
    assert scene.notes.rounds == 1


async def test_a_pause_is_between_the_starts():
    """Who wants quiet gets it when no check is being started, and at once when none is."""
    async with making_rounds(targets("slow", "b"), Prober("slow"), interval=LONG) as scene:
        await scene.rounds.pause(LONG)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, scene, 1)
            await scene.until(lambda: scene.prober.open)
            await scene.rounds.pause(LONG)
            assert scene.prober.started == ["slow", "b"]
            scene.prober.let_go("slow")
