"""What is remembered of the checks, and for how long."""

from otelnurse.probe.errors import Phase
from otelnurse.probe.timeline import Outcome, Timeline
from otelnurse.rounds.history import History
from tests.rounds.scripted import targets


def run(name, error_type=None):
    """A finished run."""
    timeline = Timeline.begin(*targets(name))
    timeline.outcome = Outcome(error_type, Phase.WAIT, "as told") if error_type else Outcome()
    return timeline


def test_the_last_hundred_of_each_check_are_kept():
    """One check's runs push out none of another's."""
    history = History()
    runs = [run("often") for _ in range(150)]
    seldom = run("seldom")
    for timeline in (seldom, *runs):
        history.add(timeline)
    assert history.runs("often") == tuple(runs[50:])
    assert history.runs("seldom") == (seldom,)
    assert history.runs("never") == ()
    assert history.latest() == {"seldom": seldom, "often": runs[-1]}


def test_the_last_fifty_failures_are_kept_whole():
    """All checks' failures stand in one list, oldest first; successes push none out."""
    history = History()
    failed = [run(f"check-{number}", "connection_refused") for number in range(60)]
    for timeline in failed:
        history.add(timeline)
        history.add(run("well"))
    assert history.failures() == tuple(failed[10:])


def test_a_check_that_is_gone_is_forgotten_but_its_failures():
    """Neighbours come and go without filling the memory; why one failed before it went can still be read."""
    history = History()
    failed = run("path_gone", "response_timeout")
    for number in range(10_000):
        history.add(run(f"path_{number}"))
        history.keep_only({"path_stays"})
    history.add(failed)
    history.add(run("path_stays"))
    history.keep_only({"path_stays"})
    assert set(history.latest()) == {"path_stays"}
    assert history.failures() == (failed,)
