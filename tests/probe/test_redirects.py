"""Redirects: how far they are followed, what goes along, and that all hops share one deadline."""

import pytest

from tests.parts import behaviours as b
from tests.parts.faulty import Faulty
from tests.probe.conftest import HASTY, LOCAL, Bench, Names, all_sockets_closed

pytestmark = pytest.mark.anyio

TOKEN = {"Authorization": "Bearer secret"}


def token():
    """What a target sends along."""
    return TOKEN


def url(server, path="/"):
    """Where to find it."""
    return f"http://127.0.0.1:{server.port}{path}"


async def test_followed_with_each_hop_written_down(bench):
    """A relative and an absolute redirect lead to the end, and each request is a hop of its own, in order."""
    responses = {b"/a/b?c": b.response(307, "Location: d"), b"/e": b.OK}
    with Faulty(b.by_path(responses)) as server, all_sockets_closed():
        responses[b"/a/d"] = b.response(303, f"Location: {url(server, '/e')}")
        timeline = await bench.ask(url(server, "/a/b?c"), follow_redirects=True)
    assert timeline.ok
    assert [hop.url.partition(str(server.port))[2] for hop in timeline.hops] == ["/a/b?***", "/a/d", "/e"]
    assert [hop.exchange.status for hop in timeline.hops] == [307, 303, 200]
    for earlier, later in zip(timeline.hops, timeline.hops[1:], strict=False):
        assert earlier.end <= later.start


async def test_not_followed_unless_told(bench):
    """Without FOLLOW_REDIRECTS a redirect is the answer, and nobody else is asked."""
    with Faulty(b.says(b.OK)) as other, Faulty(b.redirects_to(url(other))) as server:
        timeline = await bench.ask(url(server))
    assert (timeline.outcome.error_type, len(timeline.hops), other.requests) == ("302", 1, [])


async def test_a_token_stays_at_home(bench):
    """What the target sends goes along to the same origin and to no other, also not on the way back."""

    def behave(connection):
        away = len(connection.server.requests) == 1
        b.redirects_to("/same" if not connection.server.requests else url(other if away else server))(connection)

    with Faulty(behave) as server, Faulty(b.redirects_to(url(server, "/back"))) as other:
        await bench.ask(url(server), follow_redirects=True, headers=token)
    told = [b"Bearer secret" in request for request in server.requests]
    assert told[:2] == [True, True]
    assert not any(told[2:])
    assert server.requests[2:]
    assert other.requests
    assert not any(b"secret" in request for request in other.requests)


async def test_credentials_of_a_url(bench):
    """Userinfo goes to the URL's origin as basic authentication, decoded, to no other, and is shown nowhere."""
    with Faulty(b.says(b.OK)) as other, Faulty(b.redirects_to(url(other))) as server:
        timeline = await bench.ask(f"http://us%40er:pa%3Ass@127.0.0.1:{server.port}/", follow_redirects=True)
    assert b"Authorization: Basic dXNAZXI6cGE6c3M=" in server.requests[0]
    assert b"uthorization" not in other.requests[0]
    assert "pa" not in repr([timeline.hops, timeline.outcome])


async def test_five_and_no_more(bench):
    """Five redirects are followed; the sixth is the answer."""
    with Faulty(b.redirects_to("/")) as server, all_sockets_closed():
        timeline = await bench.ask(url(server), follow_redirects=True)
    assert len(server.requests) == len(timeline.hops) == 6
    assert timeline.outcome.error_type == "302"
    assert "more than 5" in timeline.outcome.message


@pytest.mark.parametrize(
    "location", ["ftp://x/", "http://[::1", "http://x:99999/", "http://x:-1/", "javascript:1", "http://xn--/"]
)
async def test_to_nowhere(bench, location):
    """A redirect to what cannot be asked stands for itself, and the message says what it was."""
    with Faulty(b.redirects_to(location)) as server:
        timeline = await bench.ask(url(server), follow_redirects=True)
    assert (timeline.outcome.error_type, timeline.outcome.phase, len(timeline.hops)) == ("302", "receive", 1)
    assert "redirected to" in timeline.outcome.message


@pytest.mark.parametrize("location", ["\xff\xfe", "%", "?", "//", "\t"])
async def test_odd_locations(bench, location):
    """Whatever octets a location is made of, the check fails by a name of its own and by no fault of the nurse."""
    with Faulty(b.redirects_to(location)) as server:
        timeline = await bench.ask(url(server), follow_redirects=True)
    assert timeline.outcome.error_type == "302"


async def test_one_deadline_for_all_hops(trust):
    """Each hop, and each lookup, gets what the ones before it have left."""
    bench = Bench(trust, Names(**LOCAL))
    with Faulty(b.redirects_to("/")) as server:
        await bench.ask(f"http://nurse.test:{server.port}/", follow_redirects=True)
    assert len(bench.names.given) == 6
    assert bench.names.given == sorted(bench.names.given, reverse=True)
    assert bench.names.given[0] > bench.names.given[-1]


async def test_the_deadline_in_a_later_hop(bench):
    """When the deadline comes after a redirect it is the later hop that carries it."""
    with Faulty(b.silent) as silent, Faulty(b.redirects_to(url(silent))) as server, all_sockets_closed():
        timeline = await bench.ask(url(server), HASTY, follow_redirects=True)
    assert (timeline.outcome.error_type, len(timeline.hops)) == ("response_timeout", 2)
    assert timeline.hops[0].exchange.error is None
