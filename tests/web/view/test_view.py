"""What is worked out from the runs kept: state, percentiles, loss, looks of neighbours, and runs opened by their id."""

import dataclasses

import pytest

from otelnurse.web.view import words
from otelnurse.web.view.neighbours import matching
from otelnurse.web.view.runs import RECENT, details_of, percentile
from otelnurse.web.view.snapshot import Asker
from otelnurse.web.view.view import view_of
from tests.web.view.scenes import FIXED, NOW, cluster, history, path, run, snapshot

INGRESS = FIXED["ingress"]


def only(runs):
    """The view of the ingress with these runs."""
    return view_of(snapshot([(INGRESS, runs)])).checks[0]


@pytest.mark.parametrize(
    ("errors", "state", "since", "whole", "failed", "loss"),
    [
        ("", "pending", None, False, 0, 0.0),
        ("....", "ok", None, False, 0, 0.0),
        ("x...", "ok", None, False, 1, 0.25),
        (".x.x", "failing", NOW, False, 2, 0.5),
        ("..xx", "failing", NOW - 5, False, 2, 0.5),
        ("xxxx", "failing", NOW - 15, True, 4, 1.0),
    ],
)
def test_state(errors, state, since, whole, failed, loss):
    """The last run says whether it fails, the failures before it since when, and all runs kept how often."""
    check = only(history(INGRESS, errors))
    assert (check.state, check.since, check.whole, check.failed, check.loss) == (state, since, whole, failed, loss)
    assert [mark.error_type is not None for mark in check.history] == [sign == "x" for sign in errors]


def test_percentiles_are_of_the_successes_of_the_last_minutes():
    """Failures, runs of long ago, and those that the nurse itself was late for, say nothing about the network."""
    runs = [
        run(INGRESS, RECENT + 10, duration=9.0),
        run(INGRESS, 20, duration=0.001),
        run(INGRESS, 15, duration=8.0, fever=("lag",)),
        run(INGRESS, 10, duration=0.003, fever=("overlap",)),
        run(INGRESS, 5, "500", duration=7.0),
    ]
    check = only(runs)
    assert (check.p50, check.p95) == (pytest.approx(0.001), pytest.approx(0.003))
    assert only([run(INGRESS, 5, "500")]).p50 is None


@pytest.mark.parametrize(("number", "p50", "p95"), [(1, 1, 1), (2, 1, 2), (20, 10, 19), (100, 50, 95)])
def test_percentile_is_the_nearest_rank(number, p50, p95):
    """Of 1 to N the percentile is the value that so many do not exceed."""
    values = [float(value) for value in range(1, number + 1)]
    assert (percentile(values, 0.5), percentile(values, 0.95)) == (p50, p95)


@pytest.mark.parametrize(
    ("errors", "duration", "heat"),
    [
        ("....", 0.001, "fast"),
        ("....", 0.010, "moderate"),
        ("....", 0.100, "slow"),
        ("...x", 0.001, "failing"),
        ("x...", 0.001, "lossy"),
        ("xxxx", 0.001, "failing"),
        ("", 0.001, "pending"),
    ],
)
def test_a_neighbour_that_refuses_never_looks_fast(errors, duration, heat):
    """Failing and failures among the runs kept come before latency."""
    target = path("node-2")
    taken = snapshot([(target, history(target, errors, duration=duration))], ["node-2"])
    assert [it.heat for it in view_of(taken).neighbours] == [heat]


@pytest.mark.parametrize(
    ("runs", "heat"),
    [
        ([run(path("node-2"), 5, duration=0.1, fever=("lag",))], "slow"),
        ([run(path("node-2"), RECENT + 5, duration=0.01)], "moderate"),
        ([run(path("node-2"), 10, duration=0.1, fever=("lag",)), run(path("node-2"), 5)], "fast"),
    ],
    ids=["all late", "all old", "one to be trusted"],
)
def test_a_neighbour_that_answered_is_not_pending(runs, heat):
    """Where no run is to be trusted, those that are not still say how it looks; numbers they do not become."""
    (shown,) = view_of(snapshot([(path("node-2"), runs)], ["node-2"])).neighbours
    assert (shown.heat, shown.check.p50 is None) == (heat, heat != "fast")


def test_neighbours_come_worst_first_and_keep_their_places():
    """The failing one first, then the lossy one; where each stands on the ring is told as well."""
    shown = view_of(cluster(4, node_4="...x", node_3="x...")).neighbours
    assert [(it.node, it.place) for it in shown] == [("node-4", 2), ("node-3", 1), ("node-2", 0), ("node-5", 3)]


def test_neighbours_are_found_by_any_of_their_words():
    """All words must fit, in whatever case; none finds all."""
    shown = view_of(cluster(10, node_4="...x")).neighbours
    for query, found in {
        "": 10,
        "NODE-4": 1,
        "pod-node-11": 1,
        "failing": 1,
        "refused node-4": 1,
        "refused node-5": 0,
        "10.0.0": 10,
    }.items():
        assert len(matching(shown, query)) == found, query


def test_a_query_without_end_costs_one_look_at_each_neighbour():
    """Words said twice are one, and what nobody types does not count: a long address cannot keep the nurse busy."""
    (shown,) = view_of(cluster(1)).neighbours
    reads = []

    class Counted(str):
        """A node's name that tells when it is put into a text."""

        __slots__ = ()

        def __format__(self, spec):
            reads.append(spec)
            return str.__format__(self, spec)

    counted = dataclasses.replace(shown, node=Counted(shown.node))
    assert matching([counted], "node " * 1000 + "nowhere") == [counted]
    assert len(reads) == 1


def test_failures_come_newest_first_and_the_slowest_first():
    """Failures are no slow requests, nor is what the nurse itself was late for, nor its loopback probe."""
    runs = [run(INGRESS, 40 - ago, duration=ago / 1000) for ago in range(1, 20)]
    lagging = run(INGRESS, 3, duration=9.0, fever=("lag",))
    own = run(FIXED["loopback"], 2, duration=5.0)
    view = view_of(snapshot([(FIXED["loopback"], [own]), (INGRESS, [*runs, lagging, run(INGRESS, 1, "500")])]))
    assert [it.error_type for it in view.failures] == ["500"]
    assert [round(it.duration * 1000) for it in view.slowest] == list(range(19, 9, -1))


def test_a_run_is_opened_by_its_id_as_long_as_it_is_kept():
    """Failures and successes alike; the link to its trace has the id put in."""
    taken = dataclasses.replace(cluster(node_3="...x"), trace_url="https://jaeger.example/trace/{trace_id}?x=1")
    failed = view_of(taken).failures[0]
    opened = details_of(failed.id, taken)
    assert opened.run == failed
    assert opened.run.trace_url == f"https://jaeger.example/trace/{failed.trace_id}?x=1"
    assert opened.rows[0].error == "connection_refused"
    assert details_of(view_of(taken).slowest[0].id, taken) is not None
    assert details_of("1", taken) is None


def test_a_failure_of_a_neighbour_that_is_gone_can_still_be_opened():
    """Failures outlive their check."""
    gone = run(path("node-9"), 5, "500")
    taken = dataclasses.replace(cluster(1), failures=[gone])
    assert details_of(str(gone.unix_ns(gone.start)), taken).run.check == "path_node-9"


def test_askers_are_passed_on():
    """Who checked this nurse is shown as it was counted."""
    taken = dataclasses.replace(cluster(1), askers=[Asker("node-9", 3.0)])
    assert view_of(taken).askers == [Asker("node-9", 3.0)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0.0000071, "0.007 ms"), (0.0123, "12.3 ms"), (0.5, "500 ms"), (2.1, "2.10 s"), (12, "12.0 s")],
)
def test_latency(seconds, text):
    """Three digits that count."""
    assert words.latency(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0 s"), (59, "59 s"), (61, "1 min"), (7300, "2 h"), (90000, "25 h"), (200000, "2 d")]
)
def test_lasting(seconds, text):
    """As people tell how long they have waited."""
    assert words.lasting(seconds) == text


def test_a_single_failure_does_not_vanish_in_a_percentage():
    """What is above zero never reads 0 %."""
    assert [words.share(value) for value in (0, 0.004, 0.01, 0.5)] == ["0 %", "0.4 %", "1 %", "50 %"]
