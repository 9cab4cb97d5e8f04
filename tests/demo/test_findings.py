"""From reports to findings: who is named, with what, and who is not."""

import pytest

from otelnurse.demo.findings import find
from otelnurse.demo.reports import Seen, View

NODES = ("node-1", "node-2", "node-3", "node-4", "node-5")
WELL = Seen(None, 0.002)


def mesh(faults: dict[tuple[str, str], Seen], silent: tuple[str, ...] = ()) -> list[View]:
    """Five nurses that see all well but for ``faults``, by (who reports, of which check)."""
    return [
        View(
            me,
            {}
            if me in silent
            else {
                check: faults.get((me, check), WELL)
                for check in ("me_service", *(f"path_{node}" for node in NODES if node != me))
            },
        )
        for me in NODES
    ]


def of_node_3(seen: Seen, reporters: tuple[str, ...] = ("node-1", "node-2", "node-4", "node-5")) -> list[View]:
    """A mesh in which these report this of node-3."""
    return mesh({(me, "path_node-3"): seen for me in reporters})


@pytest.mark.parametrize("error", ["connection_refused", "connection_reset", "500"])
def test_a_node_is_named_with_the_error_type_that_its_neighbours_report(error: str) -> None:
    """One finding, sure, and in words."""
    (finding,) = find(of_node_3(Seen(error, 0.002)))
    assert finding.sure
    assert finding.sentence == f"node-3: 4 of 4 neighbours report {error}"


@pytest.mark.parametrize(
    ("seen", "end"),
    [
        (Seen("connection_refused"), "node-3: connection_refused is over"),
        (Seen(None, 0.4), "node-3: slowness is over"),
    ],
)
def test_the_end_of_a_finding_names_what_has_ended(seen: Seen, end: str) -> None:
    """One sickness may end while another begins."""
    (finding,) = find(of_node_3(seen))
    assert finding.end == end


def test_a_late_node_is_found_by_its_paths_p50_against_the_others() -> None:
    """No error is needed, and the sentence has both numbers."""
    (finding,) = find(of_node_3(Seen(None, 0.402)))
    assert finding.sure
    assert finding.what == "slow"
    assert finding.sentence == "node-3: 4 of 4 neighbours wait 402 ms for it, usually 2.0 ms"


def test_a_path_that_one_alone_finds_broken_is_told_but_does_not_blame_the_node() -> None:
    """One of four is a matter of the way, and not sure."""
    (finding,) = find(of_node_3(Seen("connection_timeout"), ("node-1",)))
    assert (finding.by, finding.of, finding.sure) == (1, 4, False)


def test_a_nurse_without_a_report_counts_neither_for_nor_against() -> None:
    """Three of three that report say so."""
    views = mesh({(me, "path_node-3"): Seen("500") for me in ("node-1", "node-4", "node-5")}, silent=("node-2",))
    (finding,) = find(views)
    assert (finding.by, finding.of) == (3, 3)


def test_a_failing_service_is_told_after_the_node_behind_it() -> None:
    """The cause comes first: a node that all neighbours name, then what suffers from it."""
    views = mesh(
        {("node-1", "me_service"): Seen("connection_reset")}
        | {(me, "path_node-3"): Seen("connection_refused") for me in NODES if me != "node-3"}
    )
    assert [finding.subject for finding in find(views)] == ["node-3", "me_service"]


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(Seen(None, 0.009), id="several times the usual, but too little to be felt"),
        pytest.param(Seen(None, None), id="no latency known yet"),
    ],
)
def test_a_node_is_not_called_late_for_nothing(seen: Seen) -> None:
    """A busy machine makes milliseconds."""
    assert find(of_node_3(seen)) == []


def test_all_well_is_no_finding() -> None:
    """Neither is a mesh that has not reported."""
    assert find(mesh({})) == []
    assert find(mesh({}, silent=NODES)) == []
