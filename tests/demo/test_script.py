"""The story of sicknesses, and the judgement on what was found of it."""

import itertools

import pytest

from otelnurse.demo.findings import Finding
from otelnurse.demo.script import SICKNESSES, Story, acts, long_enough, too_short
from otelnurse.demo.verdicts import Verdicts, missed

NODES = ("node-1", "node-2", "node-3", "node-4", "node-5")


def test_thirty_seconds_are_enough_for_every_sickness() -> None:
    """What the README promises of `--duration 30s`."""
    assert [act.sickness for act in acts(NODES, 1, 30)] == list(SICKNESSES)


@pytest.mark.parametrize("duration", [3, 8, 12, 30, 61, 300])
@pytest.mark.parametrize("interval", [0.1, 1, 5])
def test_whatever_is_shown_is_shown_long_enough_and_ends_in_time(interval: float, duration: float) -> None:
    """No sickness begins that could not be found before the end."""
    for act in acts(NODES, interval, duration):
        assert act.end <= duration
        assert act.end - act.start >= long_enough(interval) - 1e-9


@pytest.mark.parametrize(
    ("duration", "warning"),
    [
        (3, "3 s is too short to show a sickness: one needs 9 s, all need 26 s"),
        (9, "9 s is long enough for 1 of 4 sicknesses; all need 26 s"),
        (26, None),
    ],
)
def test_a_duration_that_is_too_short_is_said_so_with_one_that_is_not(duration: float, warning: str | None) -> None:
    """And the lengths that it names are enough."""
    assert too_short(NODES, 1, duration) == warning


def test_without_an_end_every_nurse_gets_its_turn_and_the_first_one_comes_back() -> None:
    """All sicknesses of one, then the next."""
    shown = [act.node for act in itertools.islice(acts(NODES, 1, None), 6 * len(SICKNESSES))]
    assert shown[:: len(SICKNESSES)] == ["node-3", "node-4", "node-5", "node-1", "node-2", "node-3"]


def test_the_line_says_what_is_played_and_what_comes() -> None:
    """From well to sick to well, in words with seconds."""
    story = Story(acts(NODES, 1, 12))
    assert story.line(0) == "in 4 s node-3 will refuse connections"
    assert [act.node for act in story.advance(4)] == ["node-3"]
    assert story.line(4) == "node-3 refuses connections; in 5 s it will be well again"
    story.advance(11)
    assert story.line(11) == "all well again: the story is over"


def judged(*looks: tuple[float, list[Finding]]) -> Verdicts:
    """The verdict on node-3 refusing, of these looks."""
    verdicts = Verdicts(1)
    (act,) = acts(NODES, 1, 12)
    verdicts.begin(act, act.start)
    for after, findings in looks:
        verdicts.judge(act.start + after, findings)
    return verdicts


REFUSED = Finding("node-3", "connection_refused", 4, 4, is_node=True)


def test_a_finding_with_node_and_kind_right_is_found_at_its_time() -> None:
    """The summary's row has by how many and after how long."""
    verdicts = judged((0.5, []), (1.5, [REFUSED]), (5.5, [REFUSED]))
    assert verdicts.all[0].row() == ("node-3", "refuses connections", "found", "4 of 4 after 1.5 s")
    assert not missed(verdicts.all)


def test_what_more_than_half_find_first_and_all_later_is_told_as_two_moments() -> None:
    """The row agrees with the line that was said when it was found."""
    by_three = Finding("node-3", "connection_refused", 3, 4, is_node=True)
    (verdict,) = judged((0.5, [by_three]), (1.0, [REFUSED]), (1.5, [by_three])).all
    assert verdict.row()[-1] == "3 of 4 after 0.5 s, 4 of 4 after 1.0 s"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([], id="nothing"),
        pytest.param([Finding("node-4", "connection_refused", 4, 4, is_node=True)], id="another node"),
        pytest.param([Finding("node-3", "500", 4, 4, is_node=True)], id="another sickness"),
        pytest.param([Finding("node-3", "connection_refused", 1, 4, is_node=True)], id="one path only"),
    ],
)
def test_a_sickness_shown_long_enough_and_not_named_is_missed(wrong: list[Finding]) -> None:
    """This is what makes the exit code 1."""
    verdicts = judged((1, wrong), (5.5, wrong))
    assert missed(verdicts.all)
    assert "NOT FOUND" in verdicts.all[0].row()


def test_a_sickness_cut_short_is_not_held_against_the_nurses() -> None:
    """Ctrl-C right after it began."""
    assert not missed(judged((1, [])).all)
