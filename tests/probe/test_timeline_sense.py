"""Timelines make sense whatever a server does: generated responses, cut anywhere, over real sockets."""

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otelnurse.probe.errors import ErrorType
from otelnurse.telemetry.phases import phase_durations
from tests.parts.certificates import NAME, showing
from tests.parts.faulty import Faulty
from tests.probe.conftest import LOCAL, PATIENT, Bench, Names, sockets

pytestmark = pytest.mark.anyio

STATUSES = [200, 200, 200, 204, 301, 404, 500, 503]
IN_HASTE = 0.05
"""Seconds: the deadline where a server stays silent. It may come in any phase, which is the point."""


@dataclass(frozen=True)
class Script:
    """What the server does with each connection."""

    response: bytes
    splits: tuple[int, ...]
    """Where the response is split into segments."""
    cut: int
    """How many octets of it are sent."""
    end: str
    """closes, resets, silent."""
    ends_by_itself: bool
    """Whether the response says where it ends."""
    status: int

    @property
    def complete(self):
        """Whether all of it is sent."""
        return self.cut >= len(self.response)

    def __call__(self, connection):
        """Serve one connection."""
        if not connection.request():
            return
        points = [0, *sorted({min(point, self.cut) for point in self.splits}), self.cut]
        connection.send(*(self.response[a:z] for a, z in itertools.pairwise(points) if a < z))
        if self.end == "silent":
            connection.stay()
        elif self.end == "resets":
            connection.reset()


@st.composite
def scripts(draw):
    """A good response of some framing, split anywhere, and for the most part cut somewhere."""
    status = draw(st.sampled_from(STATUSES))
    body = b"" if status == 204 else draw(st.binary(max_size=3000))
    framing = draw(st.sampled_from(["length", "chunked", "connection"]))
    lines = [b"HTTP/1.1 %d Reason" % status, b"X-Padding: " + b"x" * draw(st.integers(0, 300))]
    if framing == "length" and status != 204:
        lines.append(b"Content-Length: %d" % len(body))
    if framing == "chunked" and status != 204:
        lines.append(b"Transfer-Encoding: chunked")
        sizes = draw(st.lists(st.integers(1, 1000), max_size=5))
        body = b"".join(chunks(body, sizes)) + b"0\r\n\r\n"
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n" * draw(st.integers(0, 2))
    response = early + b"\r\n".join([*lines, b"", b""]) + body
    places = st.integers(0, len(response))
    return Script(
        response,
        tuple(draw(st.lists(places, max_size=6))),
        draw(st.one_of(st.just(len(response)), places)),
        draw(st.sampled_from(["closes", "resets", "silent"])),
        framing != "connection" or status == 204,
        status,
    )


def chunks(body, sizes):
    """The body in chunks of these sizes, the rest in one."""
    for size in [*sizes, len(body)]:
        part, body = body[:size], body[size:]
        if part:
            yield b"%x\r\n%b\r\n" % (len(part), part)


def assert_sense(timeline):
    """Phases are in order, none is negative, their sum is not above the total, and one thing at most has failed."""
    instants = [timeline.start]
    errors = []
    for hop in timeline.hops:
        instants.append(hop.start)
        if hop.lookup:
            instants += [hop.lookup.start, hop.lookup.end]
            errors.append(hop.lookup.error)
        for attempt in hop.connects:
            instants += [attempt.start, attempt.end]
            errors.append(attempt.error)
        if hop.handshake:
            instants += [hop.handshake.start, hop.handshake.end]
            errors.append(hop.handshake.error)
        if hop.exchange:
            record = hop.exchange
            reached = (record.start, record.sent, record.first_byte, record.received)
            instants += [instant for instant in reached if instant is not None]
            errors.append(record.error)
        assert timeline.end <= hop.end or hop is not timeline.hops[-1]
    instants.append(timeline.end)
    assert instants == sorted(instants)

    phases = phase_durations(timeline)
    assert all(lasted >= 0 for lasted in phases.values())
    assert sum(phases.values()) <= timeline.duration + 1e-9

    told = [error for error in errors if error]
    assert len(told) <= 1
    outcome = timeline.outcome
    if outcome.error_type in set(ErrorType):
        assert told == [outcome.error_type]
    else:
        assert told == []
    assert (outcome.phase is None) == outcome.ok
    assert outcome.ok or outcome.phase == timeline.hops[-1].phase


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(script=scripts(), encrypted=st.booleans())
async def test_any_response(trust, script, encrypted):
    """Whatever is sent and wherever it is cut, timeline and outcome make sense and all sockets are closed."""
    before = sockets()
    bench = Bench(trust, Names(**LOCAL))
    silent = script.end == "silent" and not (script.complete and script.ends_by_itself)
    with Faulty(script, context=showing("good") if encrypted else None) as server:
        url = f"{'https' if encrypted else 'http'}://{NAME}:{server.port}/"
        timeline = await bench.ask(url, IN_HASTE if silent else PATIENT)
    assert sockets() <= before
    assert_sense(timeline)
    error_type = timeline.outcome.error_type
    if silent:
        assert error_type.endswith("_timeout")
    elif script.complete and (script.ends_by_itself or script.end == "closes"):
        assert error_type == (None if script.status == 200 else str(script.status))
    elif script.end == "closes" and script.ends_by_itself:
        assert error_type == "connection_closed"
    elif script.end == "resets":
        assert error_type == "connection_reset"


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.binary(max_size=200), end=st.sampled_from(["closes", "resets"]))
async def test_any_octets(trust, data, end):
    """Whatever octets a server answers, the timeline makes sense and the check is no fault of the nurse."""
    before = sockets()
    script = Script(data, (), len(data), end, ends_by_itself=False, status=0)
    with Faulty(script) as server:
        timeline = await Bench(trust).ask(f"http://127.0.0.1:{server.port}/")
    assert sockets() <= before
    assert_sense(timeline)
    assert timeline.outcome.error_type in {"connection_closed", "connection_reset", "protocol_error"}
