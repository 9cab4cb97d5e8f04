"""Statistics of any durations."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from otelnurse.check.summary import histogram, phase_durations, spread
from otelnurse.probe.errors import Phase
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Connect, Exchange, Hop, Timeline

DURATIONS = st.lists(st.integers(0, 10**12).map(lambda ns: ns / 1e9), min_size=1, max_size=200)
"""Seconds, from nothing to a quarter of an hour, as whole nanoseconds."""


@given(DURATIONS)
def test_spread(values):
    """The four are in order and were measured, and at most a twentieth is above the p95."""
    it = spread(values)
    assert min(values) == it.min <= it.median <= it.p95 <= it.max == max(values)
    assert {it.median, it.p95} <= set(values)
    assert sum(value > it.p95 for value in values) <= len(values) / 20


@given(DURATIONS)
def test_histogram(values):
    """Every value is in one bin, bins touch, and there are not too many of them."""
    bins = histogram(values)
    assert sum(one.count for one in bins) == len(values)
    assert all(left.end == right.start for left, right in pairwise(bins))
    assert bins[0].start <= min(values)
    assert bins[0].count
    assert len(bins) <= 13
    for one in bins:
        inside = sum(one.start <= value < (one.end or float("inf")) for value in values)
        assert abs(inside - one.count) <= sum(abs(value - one.start) < 1e-9 for value in values) + sum(
            one.end is not None and abs(value - one.end) < 1e-9 for value in values
        )


def test_an_outlier_leaves_the_others_apart():
    """One slow run does not press all others into one bar."""
    bins = histogram([0.001 * number for number in range(1, 40)] + [60.0])
    assert sum(one.count > 0 for one in bins) > 5
    assert bins[-1].end is None


def test_addresses_tried_at_once_count_once():
    """Connecting lasts from the first attempt's start to the winner's end, however many attempts there are."""
    hop = Hop("GET", "http://x/", "x", 80, start=0, end=5_000)
    hop.connects = [
        Connect("192.0.2.1", 80, start=0, end=3_000, abandoned=True),
        Connect("192.0.2.2", 80, start=2_000, end=3_000),
    ]
    hop.exchange = Exchange(start=3_000, sent=3_500, first_byte=4_500, seen=4_500, received=5_000, status=200)
    timeline = Timeline(Target("extra", "x", "http://x/", 1.0), start=0, anchor=0, end=5_000, hops=[hop])
    nanoseconds = {phase: round(seconds * 1e9) for phase, seconds in phase_durations(timeline).items()}
    assert nanoseconds == {Phase.CONNECT: 3_000, Phase.SEND: 500, Phase.WAIT: 1_000, Phase.RECEIVE: 500}
