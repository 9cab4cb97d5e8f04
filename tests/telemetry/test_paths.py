"""The numbers of neighbours: from 0, each in its own row, gone with the neighbour."""

import gc
import tracemalloc
from dataclasses import replace

import pytest

from otelnurse.probe.errors import ErrorType, Phase
from otelnurse.probe.timeline import Outcome, TcpInfo, Timeline
from otelnurse.telemetry.paths import PathTable
from tests.telemetry.scripted import PATH, Nurse, Plan

pytestmark = pytest.mark.anyio


def tcp(rtt: float = 0.001, retransmits: int = 0, segments: int = 6) -> TcpInfo:
    """What the kernel says of a connection."""
    return TcpInfo(rtt, None, retransmits, segments)


def values(nurse: Nurse, name: str) -> list[float]:
    """The values of a metric's points in the last export."""
    return [point.value for point in nurse.kept.points(name)]


async def test_new_neighbour_is_exported_from_zero():
    """Counters of a neighbour exist before its first check, so that its first failure is an increase."""
    nurse = Nurse()
    nurse.telemetry.neighbours_changed(["node-b", "node-c"])
    nurse.stop()
    assert values(nurse, "otelnurse.path.checks") == [0, 0]
    assert values(nurse, "otelnurse.path.failures") == [0, 0]
    assert {p.attributes["otelnurse.peer.node"] for p in nurse.kept.points("otelnurse.path.duration")} == {
        "node-b",
        "node-c",
    }


async def test_gone_neighbour_leaves_at_once_and_comes_back_from_zero():
    """After a neighbour left nothing of it is exported, not its certificate either; its late result counts nowhere."""
    nurse = Nurse()
    secure = replace(PATH, url="https://10.0.0.2:8443/alwayshappy")
    nurse.telemetry.neighbours_changed(["node-b"])
    await nurse.check(secure, Plan(tls=True))
    assert "node-b" in nurse.text()
    nurse.telemetry.neighbours_changed([])
    assert "node-b" not in nurse.text()
    await nurse.check(secure, Plan(tls=True))
    assert 'node="node-b"' not in nurse.text()
    assert "otelnurse_certificate_not_after_seconds{" not in nurse.text()
    nurse.telemetry.neighbours_changed(["node-b"])
    nurse.stop()
    assert values(nurse, "otelnurse.path.checks") == [0]


async def test_ten_thousand_neighbours_come_and_go():
    """However many neighbours there were, only today's are exported, and memory is that of today's."""
    nurse = Nurse(traces_ratio=0.0)
    tracemalloc.start()
    sizes = []
    for batch in range(1_000):
        nodes = [f"node-{batch * 10 + i}" for i in range(10)]
        nurse.telemetry.neighbours_changed(nodes)
        for node in nodes:
            timeline = Timeline.begin(replace(PATH, name=f"path_{node}", peer_node=node))
            span = nurse.telemetry.check_started(timeline.target)
            timeline.end, timeline.outcome = timeline.start + 1_000_000, Outcome()
            nurse.telemetry.check_finished(span, timeline)
        # Caches of attributes are bounded, and full by then.
        if batch in {200, 999}:
            nurse.text()
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    text = nurse.text()
    nurse.stop()
    assert text.count("otelnurse_path_checks_total{") == 10
    assert [point.value for point in nurse.kept.points("otelnurse.path.checks")] == [1] * 10
    assert sum(point.count for point in nurse.kept.points("otelnurse.check.duration")) == 10_000
    assert "overflow=" not in text
    assert sizes[1] < sizes[0] * 1.2


async def test_rtt_is_the_smallest_since_this_readers_last_export():
    """Scrapes and pushes each see the minimum since their own last time, and nothing when nothing was measured."""
    nurse = Nurse()
    nurse.telemetry.neighbours_changed(["node-b"])
    for rtt in (0.003, 0.001, 0.002):
        await nurse.check(PATH, Plan(tcp=tcp(rtt)))
    assert 'otelnurse_path_rtt_seconds{otelnurse_peer_node="node-b"} 0.001' in nurse.text()
    assert "otelnurse_path_rtt_seconds{" not in nurse.text()
    await nurse.check(PATH, Plan(tcp=tcp(0.002)))
    assert 'otelnurse_path_rtt_seconds{otelnurse_peer_node="node-b"} 0.002' in nurse.text()
    nurse.stop()
    assert values(nurse, "otelnurse.path.rtt") == [0.001]


async def test_rtt_measured_with_a_resent_syn_is_not_shown():
    """A SYN sent again makes the kernel's first sample useless."""
    nurse = Nurse()
    nurse.telemetry.neighbours_changed(["node-b"])
    await nurse.check(PATH, Plan(tcp=tcp(1.0, retransmits=1)))
    nurse.stop()
    assert values(nurse, "otelnurse.path.rtt") == []
    assert values(nurse, "otelnurse.path.syn.retransmitted") == [1]
    assert values(nurse, "otelnurse.path.segments.retransmitted") == [1]


async def test_segments_of_a_kept_connection_are_counted_once():
    """On a connection that is used again only what the kernel counted since the last check is added."""
    nurse = Nurse()
    nurse.telemetry.neighbours_changed(["node-b"])
    await nurse.check(PATH, Plan(tcp=tcp(segments=6)))
    await nurse.check(PATH, Plan(tcp=tcp(segments=10, retransmits=2), reused=True))
    await nurse.check(PATH, Plan(tcp=tcp(segments=5)))
    nurse.stop()
    assert values(nurse, "otelnurse.path.segments.sent") == [15]
    assert values(nurse, "otelnurse.path.segments.retransmitted") == [2]


async def test_segments_of_a_kept_connection_that_had_died_are_counted():
    """What was sent on it since the last check is added to what its replacement sent, or to nothing without one."""
    nurse = Nurse()
    first, second, third = [await nurse.check(PATH, Plan(tcp=tcp(segments=segments))) for segments in (6, 5, 0)]
    second.hops[0].stale_tcp = tcp(segments=10, retransmits=2)
    third.hops[0].stale_tcp, third.hops[0].tcp, third.hops[0].connects = tcp(segments=7), None, []
    table = PathTable(1)
    table.neighbours_changed(["node-b"])
    for timeline in (first, second, third):
        table.record(timeline, trusted=True)
    found = {metric.name: metric.data.data_points[0].value for metric in table.metrics(0, 1)[2:]}
    assert found["otelnurse.path.segments.sent"] == 6 + (10 - 6) + 5 + (7 - 5)
    assert found["otelnurse.path.segments.retransmitted"] == 2
    nurse.stop()


async def test_segments_of_a_connection_never_made_are_counted():
    """SYNs into the void are what a dead path shows: the failed attempt's own count is added."""
    nurse = Nurse()
    nurse.telemetry.neighbours_changed(["node-b"])
    lost = Plan(ErrorType.CONNECTION_TIMEOUT, Phase.CONNECT, tcp=tcp(0, retransmits=2, segments=3))
    await nurse.check(PATH, lost)
    nurse.stop()
    assert values(nurse, "otelnurse.path.segments.sent") == [3]
    assert values(nurse, "otelnurse.path.syn.retransmitted") == [2]


async def test_snapshot_does_not_change_afterwards():
    """What was collected stays as it was while checks go on."""
    nurse = Nurse()
    table = PathTable(1)
    table.neighbours_changed(["node-b"])
    before = table.metrics(0, 1)
    table.record(await nurse.check(PATH), trusted=True)
    assert [point.count for point in before[0].data.data_points] == [0]
    assert [sum(point.bucket_counts) for point in before[0].data.data_points] == [0]
    nurse.stop()
