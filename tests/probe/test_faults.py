"""Each fault has its own name, in the right phase and on the right record, within the deadline, and leaves nothing."""

from contextlib import ExitStack

import pytest

from tests.parts import behaviours
from tests.parts.faulty import Faulty
from tests.probe.conftest import LOCAL, Bench, Names, all_sockets_closed
from tests.probe.faults import FAULTS

pytestmark = pytest.mark.anyio


def errors_of(hop):
    """The errors of a hop's records by the record's name."""
    found = {}
    for attempt in hop.connects:
        if attempt.error and not attempt.abandoned:
            found["connect"] = attempt.error
    for name in ("lookup", "handshake", "exchange"):
        record = getattr(hop, name)
        if record and record.error:
            found[name] = record.error
    return found


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_a_fault_and_its_name(fault, trust, tmp_path):
    """A fault gives one error.type in one phase and on one record, within the deadline, and leaves no socket open."""
    with ExitStack() as stack:
        scene = fault.stage(stack, tmp_path)
        with all_sockets_closed():
            resolver = scene.resolver or Names(both_test=["::1", "127.0.0.1"], **LOCAL)
            timeline = await Bench(trust, resolver).ask(scene.url, fault.timeout, **scene.target)

    outcome, hop = timeline.outcome, timeline.hops[-1]
    assert outcome.error_type == fault.error_type
    assert outcome.phase == fault.phase
    assert hop.phase == outcome.phase
    assert outcome.message
    failed = {} if fault.record == "outcome" else {fault.record: fault.error_type}
    assert errors_of(hop) == failed
    assert not any(errors_of(earlier) for earlier in timeline.hops[:-1])
    if not fault.error_type.endswith("_timeout"):
        assert timeline.duration < fault.timeout
    assert all(attempt.tcp is not None for attempt in hop.connects)
    assert (hop.peer_address is None) == (fault.record == "lookup")
    if hop.handshake or hop.exchange:
        assert hop.tcp is not None


async def test_reset_at_once(bench):
    """A server that resets each connection unread is a reset, in whichever phase the kernel tells of it, once."""
    with Faulty(behaviours.resets) as server, all_sockets_closed():
        timeline = await bench.ask(f"http://127.0.0.1:{server.port}/")
    assert timeline.outcome.error_type == "connection_reset"
    assert timeline.outcome.phase in {"connect", "send", "wait"}
    assert errors_of(timeline.hops[0]) == {
        "connect" if timeline.outcome.phase == "connect" else "exchange": "connection_reset"
    }
