"""What is said of certificates: verified ones, tolerated ones, and how often a server is asked aside for it."""

import threading

import pytest

from tests.parts import behaviours as b
from tests.parts.certificates import DAY, NAME, NOT_AFTER, NOW, OTHER_NAME, showing, showing_version_5
from tests.parts.faulty import Faulty
from tests.probe.conftest import LOCAL, Bench, Names, all_sockets_closed

pytestmark = pytest.mark.anyio

TOLERATED = {
    "untrusted": (("good", "unknown"), "tls_certificate_untrusted", NOT_AFTER),
    "expired": (("expired",), "tls_certificate_expired", NOW - DAY),
    "wrong name": (("wrong name",), "tls_certificate_name_mismatch", NOT_AFTER),
    "expired, wrong name": (("expired, wrong name",), "tls_certificate_expired", NOW - DAY),
    "good": (("good",), None, NOT_AFTER),
}


def url(server, host=NAME):
    """Where to find it."""
    return f"https://{host}:{server.port}/"


async def test_a_good_one(bench):
    """A verified handshake tells version, cipher and dates, has no fault, and nobody is asked aside."""
    with Faulty(b.says(b.OK), context=showing("good")) as server, all_sockets_closed():
        timeline = await bench.ask(url(server))
    record = timeline.hops[0].handshake
    assert (timeline.ok, record.version, record.fault, record.error) == (True, "1.3", None, None)
    assert record.cipher
    assert (record.certificate.not_before, record.certificate.not_after) == (
        (NOW - DAY).timestamp(),
        NOT_AFTER.timestamp(),
    )
    assert server.connections == 1


@pytest.mark.parametrize(("shown", "fault", "not_after"), TOLERATED.values(), ids=TOLERATED.keys())
async def test_tolerated(bench, shown, fault, not_after):
    """With INSECURE the check is well, its certificate's fault and dates are known, and that is asked for once."""
    with Faulty(b.says(b.OK), context=showing(*shown)) as server, all_sockets_closed():
        timelines = [await bench.ask(url(server), verify=False) for _ in range(3)]
    for timeline in timelines:
        record = timeline.hops[0].handshake
        assert (timeline.ok, record.fault, record.error) == (True, fault, None)
        assert record.certificate.not_after == not_after.timestamp()
    assert server.connections == len(timelines) + 1


@pytest.mark.parametrize("kind", ["expired", "wrong name", "expired, wrong name"])
async def test_dates_of_a_failure(bench, kind):
    """A certificate that fails a check has dates too, for which the server is asked aside once."""
    with Faulty(b.says(b.OK), context=showing(kind)) as server, all_sockets_closed():
        timelines = [await bench.ask(url(server)) for _ in range(3)]
    for timeline in timelines:
        record = timeline.hops[0].handshake
        assert record.fault == record.error == timeline.outcome.error_type
        assert record.certificate.not_after == (NOT_AFTER if kind == "wrong name" else NOW - DAY).timestamp()
    assert server.connections == len(timelines) + 1


@pytest.mark.parametrize("verify", [True, False])
async def test_the_judge_is_not_measured(bench, verify):
    """The second handshake is no part of the check: it begins after the timeline has ended."""
    with Faulty(b.says(b.OK), context=showing("expired, wrong name")) as server:
        ended = []
        judge_asks = bench.judge.examine

        async def examine(endpoint, record, der, timeout):
            ended.append(record.end)
            await judge_asks(endpoint, record, der, timeout)

        bench.judge.examine = examine
        timeline = await bench.ask(url(server), verify=verify)
    assert len(ended) == 1
    assert timeline.end == (timeline.hops[0].exchange.received if timeline.ok else ended[0])


async def test_a_replaced_one_is_judged_anew(bench):
    """When a server shows another certificate, it is that one which is judged."""
    with Faulty(b.says(b.OK), context=showing("expired")) as server:
        before = await bench.ask(url(server), verify=False)
        server.context = showing("renewed")
        after = await bench.ask(url(server), verify=False)
    assert before.hops[0].handshake.fault == "tls_certificate_expired"
    assert after.hops[0].handshake.fault is None
    assert after.hops[0].handshake.certificate.not_after == (NOT_AFTER + DAY).timestamp()
    assert server.connections == 4


async def test_a_server_that_shakes_hands_once(bench):
    """When the server cannot be asked aside the check stands as it is, and the next one asks again."""
    with Faulty(lambda c: (c.request(), c.server.stop_listening(), c.send(b.OK)), context=showing("expired")) as server:
        with all_sockets_closed():
            timeline = await bench.ask(url(server), verify=False)
        record = timeline.hops[0].handshake
    assert (timeline.ok, record.fault, record.certificate) == (True, None, None)


@pytest.mark.parametrize(("verify", "error"), [(True, "tls_certificate_untrusted"), (False, None)])
async def test_one_that_cannot_be_read(bench, verify, error):
    """A certificate of which the dates cannot be read has none; the check ends as it would without them."""
    with Faulty(b.says(b.OK), context=showing_version_5()) as server, all_sockets_closed():
        timeline = await bench.ask(url(server), verify=verify)
    record = timeline.hops[0].handshake
    assert timeline.outcome.error_type == error
    assert (record.fault, record.certificate) == ("tls_certificate_untrusted", None)


@pytest.mark.parametrize(
    ("kind", "verify", "error"),
    [("expired", False, None), ("wrong name", True, "tls_certificate_name_mismatch")],
)
async def test_a_fault_of_the_judge(bench, monkeypatch, caplog, kind, verify, error):
    """A fault of our own while a certificate is examined is logged, and costs the dates, not the check."""

    def fails(_der):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("otelnurse.probe.judge.dates", fails)
    with Faulty(b.says(b.OK), context=showing(kind)) as server, all_sockets_closed():
        timeline = await bench.ask(url(server), verify=verify)
    assert timeline.outcome.error_type == error
    assert timeline.hops[0].handshake.certificate is None
    assert "broken on purpose" in caplog.text


async def test_dates_are_read_beside_the_loop(bench, monkeypatch):
    """What reads a certificate takes tens of milliseconds the first time, in which the loop goes on."""
    seen = []
    monkeypatch.setattr("otelnurse.probe.judge.dates", lambda _der: seen.append(threading.current_thread()))
    with Faulty(b.says(b.OK), context=showing("expired")) as server:
        await bench.ask(url(server), verify=False)
    assert seen
    assert threading.current_thread() not in seen


async def test_held_to_another_name(bench):
    """A certificate is held to the target's server name, where it has one, and that is what SNI says."""
    asked = []
    context = showing("wrong name")
    context.sni_callback = lambda _sock, name, _context: asked.append(name)
    try:
        with Faulty(b.says(b.OK), context=context) as server:
            by_address = await bench.ask(url(server, "127.0.0.1"), server_name=OTHER_NAME)
    finally:
        context.sni_callback = None
    assert by_address.ok
    assert asked == [OTHER_NAME]


async def test_held_to_an_address(bench):
    """A URL with an address is held to the certificate's addresses."""
    with Faulty(b.says(b.OK), context=showing("good")) as good:
        assert (await bench.ask(url(good, "127.0.0.1"))).ok
    with Faulty(b.says(b.OK), context=showing("wrong name")) as bad:
        timeline = await bench.ask(url(bad, "127.0.0.1"))
    assert timeline.outcome.error_type == "tls_certificate_name_mismatch"


async def test_a_dot_at_the_end(trust):
    """A name that ends in a dot, so that no search list is tried, is on the certificate without it."""
    bench = Bench(trust, Names(nurse_test_=["127.0.0.1"]))
    with Faulty(b.says(b.OK), context=showing("good")) as server:
        timeline = await bench.ask(url(server, f"{NAME}."))
    assert timeline.ok


@pytest.mark.parametrize("name", [".bad.test", "x" * 300, "a..test"])
async def test_a_server_name_that_is_none(trust, name):
    """A server name that cannot be one fails the check as TLS, and leaves no socket open."""
    with Faulty(b.says(b.OK), context=showing("good")) as server, all_sockets_closed():
        timeline = await Bench(trust, Names(**LOCAL)).ask(url(server), server_name=name)
    assert (timeline.outcome.error_type, timeline.outcome.phase) == ("tls_failed", "tls")
