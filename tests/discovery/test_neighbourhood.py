"""What a nurse believes about its neighbours while sources answer, fail, fall silent and come back."""

import logging

import anyio
import pytest

from otelnurse.discovery.neighbour import Neighbour
from otelnurse.discovery.neighbourhood import Neighbourhood

pytestmark = pytest.mark.anyio

FOREVER = 1e6
SILENCE = 0.02
"""Seconds of silence that let a fallback start, by a clock that moves only when the test says so."""


def nurses(*nodes):
    """One nurse on each node."""
    return tuple(Neighbour(node, "192.0.2.1", 8080) for node in nodes)


class Scripted:
    """A source that the test speaks for."""

    def __init__(self, name):
        self.name = name
        self.report = None
        self.last_report = None
        self.runs = 0
        self._changed = anyio.Event()

    def _change(self, report):
        self.report = report
        self.last_report = report or self.last_report
        self._changed.set()
        self._changed = anyio.Event()

    async def run(self, report):
        """Hand the report to the test."""
        self.runs += 1
        self._change(report)
        try:
            await anyio.sleep_forever()
        finally:
            self._change(None)

    async def until(self, *, running):
        """Wait until it runs, or does not any more."""
        with anyio.fail_after(20):
            while (self.report is not None) != running:
                await self._changed.wait()


class Clock:
    """Stands still until told."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        """Tell the time."""
        return self.now


class Nurse:
    """Hears what a neighbourhood tells."""

    def __init__(self):
        self.changes = []

    def neighbourhood(self, *sources, node="node-1", limit=2, **more):
        """Make one that tells this nurse, and takes no source for silent unless told to."""
        return Neighbourhood(
            node,
            limit,
            sources,
            on_change=self.changes.append,
            **({"stale_after": FOREVER} | more),
        )


@pytest.fixture
def nurse():
    """Somebody to tell."""
    return Nurse()


@pytest.fixture
async def group():
    """A task group that is cancelled when the test is over."""
    async with anyio.create_task_group() as tasks:
        yield tasks
        tasks.cancel_scope.cancel()


async def test_without_sources_nobody_is_there(nurse):
    """A nurse without discovery is well, asks nobody, and has nothing to run."""
    neighbourhood = nurse.neighbourhood()
    with anyio.fail_after(20):
        await neighbourhood.run()
    assert (neighbourhood.state, neighbourhood.current, neighbourhood.error) == ("ok", (), None)


async def test_a_change_reaches_current_at_once(nurse, group):
    """What a source tells is the ring's choice before the source's next breath, and told once."""
    source = Scripted("file_sd")
    neighbourhood = nurse.neighbourhood(source)
    assert neighbourhood.state == "unknown"
    group.start_soon(neighbourhood.run)
    await source.until(running=True)
    source.report.found(nurses("node-1", "node-2", "node-3", "node-4"))
    assert neighbourhood.current == nurses("node-4", "node-3")
    assert neighbourhood.state == "ok"
    source.report.found(nurses("node-1", "node-2", "node-3", "node-4"))
    source.report.found(nurses("node-4", "node-3", "node-2", "node-1"))
    source.report.found(())
    assert nurse.changes == [nurses("node-4", "node-3"), ()]
    assert [(told.events, told.errors) for told in neighbourhood.sources] == [(3, 0)]


async def test_an_empty_answer_is_known_and_a_failure_is_not(nurse, group):
    """A source that has only failed leaves the state unknown; one that says nobody is there makes it ok."""
    source = Scripted("file_sd")
    neighbourhood = nurse.neighbourhood(source)
    group.start_soon(neighbourhood.run)
    await source.until(running=True)
    source.report.failed("no such file")
    assert (neighbourhood.state, neighbourhood.error) == ("unknown", "no such file")
    source.report.found(())
    assert (neighbourhood.state, neighbourhood.error) == ("ok", None)


async def test_what_was_known_stands(nurse, group):
    """While a source fails, neighbours stay, as old as they are, and the reason and the count of failures are there."""
    clock, source = Clock(), Scripted("file_sd")
    neighbourhood = nurse.neighbourhood(source, clock=clock)
    group.start_soon(neighbourhood.run)
    await source.until(running=True)
    assert neighbourhood.sources[0].answered_at is None
    source.report.found(nurses("node-2"))
    clock.now += 500
    source.report.failed("gone")
    clock.now += 500
    source.report.failed("still gone")
    assert neighbourhood.current == nurses("node-2")
    assert (neighbourhood.state, neighbourhood.error) == ("ok", "still gone")
    (told,) = neighbourhood.sources
    assert (told.name, told.events, told.errors, told.answered_at) == ("file_sd", 1, 2, 1000.0)
    source.report.found(nurses("node-2"))
    assert neighbourhood.sources[0].answered_at == clock()
    assert neighbourhood.error is None


async def test_a_fallback_runs_only_while_it_is_needed(nurse, group):
    """The next source starts when the first is silent, counts once it has answered, stops when the first is back."""
    clock, first, second = Clock(), Scripted("http_sd"), Scripted("file_sd")
    neighbourhood = nurse.neighbourhood(first, second, clock=clock, stale_after=SILENCE)
    group.start_soon(neighbourhood.run)
    await first.until(running=True)
    first.report.found(nurses("node-2"))
    clock.now += 1
    await second.until(running=True)
    assert neighbourhood.current == nurses("node-2")
    first.report.failed("away")
    second.report.failed("not yet")
    second.report.found(nurses("node-3"))
    assert neighbourhood.current == nurses("node-3")
    assert [told.in_use for told in neighbourhood.sources] == [False, True]
    assert neighbourhood.error == "away"
    second.report.failed("an error that nobody needs to know once it has stopped")
    first.report.found(nurses("node-4"))
    assert neighbourhood.current == nurses("node-4")
    await second.until(running=False)
    assert neighbourhood.error is None
    # Back again: what it told the first time is old, and does not count before it has answered anew.
    clock.now += 1
    await second.until(running=True)
    first.report.failed("away")
    assert neighbourhood.current == nurses("node-4")
    second.report.found(nurses("node-3"))
    assert nurse.changes == [nurses("node-2"), nurses("node-3"), nurses("node-4"), nurses("node-3")]
    assert (first.runs, second.runs) == (1, 2)


async def test_a_source_that_is_heard_has_no_fallback_running(nurse, group):
    """As long as the first one answers, even with nothing new, the second one is left alone."""
    clock, first, second = Clock(), Scripted("http_sd"), Scripted("file_sd")
    neighbourhood = nurse.neighbourhood(first, second, clock=clock, stale_after=SILENCE)
    group.start_soon(neighbourhood.run)
    await first.until(running=True)
    for _ in range(20):
        clock.now += 0.9 * SILENCE
        first.report.found(())
        await anyio.sleep(SILENCE / 2)
    assert second.runs == 0


async def test_the_third_is_asked_when_two_are_silent(nurse, group):
    """A list falls back from left to right, and the first that returns stops all behind it."""
    first, second, third = (Scripted(name) for name in ("one", "two", "three"))
    clock = Clock()
    neighbourhood = nurse.neighbourhood(first, second, third, clock=clock, stale_after=SILENCE)
    group.start_soon(neighbourhood.run)
    await first.until(running=True)
    clock.now += 1
    await second.until(running=True)
    assert third.runs == 0
    clock.now += 1
    await third.until(running=True)
    third.report.found(nurses("node-3"))
    assert neighbourhood.current == nurses("node-3")
    first.report.found(nurses("node-2"))
    await third.until(running=False)
    await second.until(running=False)
    assert neighbourhood.current == nurses("node-2")


async def test_a_fallback_that_has_not_answered_anew_does_not_count(nurse, group):
    """What a source told in an earlier turn is old: one behind it that answers now goes first."""
    clock, (first, second, third) = Clock(), (Scripted(name) for name in ("one", "two", "three"))
    neighbourhood = nurse.neighbourhood(first, second, third, clock=clock, stale_after=SILENCE)
    group.start_soon(neighbourhood.run)
    await first.until(running=True)
    clock.now += 1
    await second.until(running=True)
    second.report.found(nurses("node-2"))
    clock.now += 1
    await third.until(running=True)
    first.report.found(nurses("node-4"))
    await second.until(running=False)
    clock.now += 1
    await second.until(running=True)
    third.last_report.found(nurses("node-3"))
    assert neighbourhood.current == nurses("node-3")


@pytest.mark.parametrize("fault", [RuntimeError("a bug"), None], ids=["raises", "returns"])
async def test_a_source_that_dies_is_told_and_started_again(nurse, group, fault, caplog):
    """A fault in a source costs what is new, never the nurse or what was known."""

    class Dying:
        name = "file_sd"
        runs = 0

        async def run(self, report):
            self.runs += 1
            report.found(nurses(f"node-{self.runs + 1}"))
            if self.runs == 1:
                if fault is not None:
                    raise fault
                return
            again.set()
            await anyio.sleep_forever()

    again = anyio.Event()
    neighbourhood = nurse.neighbourhood(Dying(), restart_after=0.01)
    group.start_soon(neighbourhood.run)
    with anyio.fail_after(20):
        await again.wait()
    assert nurse.changes == [nurses("node-2"), nurses("node-3")]
    why = "ended by itself" + (": RuntimeError: a bug" if fault else "")
    told = [record.getMessage() for record in caplog.records if record.name == "otelnurse.discovery.ledger"]
    assert told == [f"discovery by file_sd failed: {why}"]


async def test_repeated_failures_are_one_line_a_minute(nurse, group, caplog):
    """A source that fails every second writes one line a minute, with how many it stands for, and one when it heals."""
    clock, source = Clock(), Scripted("file_sd")
    neighbourhood = nurse.neighbourhood(source, clock=clock)
    group.start_soon(neighbourhood.run)
    await source.until(running=True)
    with caplog.at_level(logging.INFO, "otelnurse.discovery"):
        for second in range(120):
            clock.now = 1000.0 + second
            source.report.failed("no such file")
        source.report.found(())
        source.report.found(())
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "discovery by file_sd failed: no such file"),
        ("WARNING", "discovery by file_sd failed: no such file (59 more failures since the last such line)"),
        ("INFO", "discovery by file_sd works again"),
    ]
    assert neighbourhood.sources[0].errors == 120


async def test_a_node_that_nobody_names_is_told_once(nurse, group, caplog):
    """A nurse whose own node is in no list says so, once, until it is in one: else it might ask itself unawares."""
    source = Scripted("file_sd")
    neighbourhood = nurse.neighbourhood(source)
    group.start_soon(neighbourhood.run)
    await source.until(running=True)
    for candidates in (nurses("node-8", "node-9"), nurses("node-9"), nurses("node-1", "node-9"), nurses("node-8")):
        source.report.found(candidates)
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "file_sd names 2 nodes, and not 'node-1', which is this one",
        "file_sd names 1 nodes, and not 'node-1', which is this one",
    ]


async def test_another_reason_is_told_at_once(nurse, group, caplog):
    """Who mends a file hears of the next mistake in it at once; of more than three in a minute, after the minute."""
    clock, source = Clock(), Scripted("file_sd")
    neighbourhood = nurse.neighbourhood(source, clock=clock)
    group.start_soon(neighbourhood.run)
    await source.until(running=True)
    with caplog.at_level(logging.INFO, "otelnurse.discovery"):
        for second in range(5):
            clock.now = 1000.0 + second
            source.report.failed(f"mistake {second}")
            source.report.failed(f"mistake {second}")
    told = [record.getMessage().partition(": ")[2] for record in caplog.records]
    assert told == [
        "mistake 0",
        "mistake 1 (1 more failures since the last such line)",
        "mistake 2 (1 more failures since the last such line)",
    ]


@pytest.mark.parametrize("moment", [0, 0.001, 0.03, 0.06])
async def test_a_stop_stops_every_source(nurse, moment):
    """Cancelled at any moment, with or without a fallback running, nothing goes on."""
    first, second = Scripted("one"), Scripted("two")
    neighbourhood = nurse.neighbourhood(first, second, stale_after=0.03)
    with anyio.move_on_after(moment):
        await neighbourhood.run()
    assert first.report is None
    assert second.report is None
