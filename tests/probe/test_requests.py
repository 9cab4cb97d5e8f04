"""What is asked of whom: URLs of every form, the headers that go out, and what a response may hold."""

import anyio
import anyio.lowlevel
import h11
import pytest

from otelnurse.probe.dns.resolver import Resolver
from tests.parts import behaviours as b
from tests.parts.certificates import NAME, showing
from tests.parts.faulty import Faulty
from tests.probe.conftest import Bench, Names, all_sockets_closed
from tests.probe.dns import nameserver as dns

pytestmark = pytest.mark.anyio


async def test_the_request(bench):
    """One GET with host, user agent and the target's own headers, for the path and query that the URL has."""
    with Faulty(b.says(b.OK)) as server:
        await bench.ask(f"http://127.0.0.1:{server.port}/a%20b?c=d", headers=lambda: {"X-Own": "yes"})
    head = server.requests[0].decode()
    assert head.startswith("GET /a%20b?c=d HTTP/1.1\r\n")
    assert f"\r\nHost: 127.0.0.1:{server.port}\r\n" in head
    assert "\r\nUser-Agent: otelnurse/" in head
    assert "\r\nX-Own: yes\r\n" in head


async def test_a_url_without_a_path(bench):
    """The path is / when the URL has none."""
    with Faulty(b.says(b.OK)) as server:
        assert (await bench.ask(f"http://127.0.0.1:{server.port}")).ok
    assert server.requests[0].startswith(b"GET / ")


async def test_an_ipv6_address(bench):
    """An IPv6 address is asked without a lookup, and stands in brackets where a host does."""
    with Faulty(b.says(b.OK), address=("::1", 0)) as server:
        timeline = await bench.ask(f"http://[::1]:{server.port}/")
    (hop,) = timeline.hops
    assert (timeline.ok, hop.host, hop.peer_address, hop.lookup) == (True, "::1", "::1", None)
    assert f"Host: [::1]:{server.port}".encode() in server.requests[0]


async def test_a_name_beyond_ascii(trust):
    """A host in another script is looked up, and asked, in its ASCII form."""
    bench = Bench(trust, Names(**{"xn--bcher-kva_test": ["127.0.0.1"]}))
    with Faulty(b.says(b.OK)) as server:
        timeline = await bench.ask(f"http://b\u00fccher.test:{server.port}/")
    assert timeline.ok
    assert f"Host: xn--bcher-kva.test:{server.port}".encode() in server.requests[0]


async def test_port_0_is_not_port_80(bench):
    """A port that somebody wrote is the one that is tried, even if nobody can listen there."""
    timeline = await bench.ask("http://127.0.0.1:0/")
    assert timeline.hops[0].port == timeline.hops[0].connects[0].port == 0
    assert timeline.outcome.phase == "connect"


@pytest.mark.parametrize(
    "url", ["ftp://x/", "//x/", "x", "", "http://", "http://x:99999/", "http://[::1", "http://x\0/"]
)
async def test_what_cannot_be_asked(bench, url):
    """A URL that cannot be asked fails before anything is done, and the message says why."""
    timeline = await bench.ask(url)
    assert (timeline.outcome.error_type, timeline.outcome.phase, timeline.hops) == ("_OTHER", "prepare", [])
    assert "fault of the nurse" not in timeline.outcome.message
    assert timeline.end >= timeline.start


async def test_a_zone_is_no_literal(tmp_path, trust):
    """An address with a zone, which a URL cannot name portably, fails as a name and does not crash."""
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n")
    (tmp_path / "resolv.conf").write_text("options ndots:1\n")
    resolver = Resolver(tmp_path / "resolv.conf", tmp_path / "hosts", [("127.0.0.1", 1)])
    timeline = await Bench(trust, resolver).ask("http://[fe80::1%25lo]:1/")
    assert (timeline.outcome.phase, "fault of the nurse" in timeline.outcome.message) == ("dns", False)


async def test_headers_that_cannot_be_had(bench):
    """Headers that cannot be read fail the check with their reason, and nobody is asked."""

    def unreadable():
        raise PermissionError(13, "Permission denied", "/token")

    timeline = await bench.ask("http://127.0.0.1:1/", headers=unreadable)
    assert (timeline.outcome.error_type, timeline.outcome.phase) == ("_OTHER", "prepare")
    assert "/token" in timeline.outcome.message
    assert timeline.hops == []


@pytest.mark.parametrize("value", ["two\r\nlines", "nul\0", "\u20ac"])
async def test_headers_that_cannot_be_sent(bench, value):
    """A header that cannot be sent fails the check before anything is sent."""
    with all_sockets_closed():
        timeline = await bench.ask("http://127.0.0.1:1/", headers=lambda: {"X": value})
    assert (timeline.outcome.error_type, timeline.outcome.phase) == ("_OTHER", "prepare")
    assert timeline.hops[0].connects == []


async def test_proxies_are_ignored(bench, monkeypatch):
    """Proxy variables change nothing: the one who is asked is the one who is named."""
    with Faulty(b.says(b.OK)) as server, Faulty(b.status(500)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await bench.ask(f"http://127.0.0.1:{server.port}/")).ok
    assert proxy.requests == []


RESPONSES = {
    "chunked": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 3),
    "ends with the connection": (b"HTTP/1.1 200 OK\r\n\r\nabc", 3),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n\r\nabc", 3),
    "empty": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0),
    "after two informational ones": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\n\r\n" + b.OK, 2),
    "headers beyond ASCII": (b"HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nContent-Length: 0\r\n\r\n", 0),
    "lines without CR": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 2),
}


@pytest.mark.parametrize(("response", "size"), RESPONSES.values(), ids=RESPONSES.keys())
async def test_responses_that_are_well(bench, response, size):
    """Every framing that HTTP has is read to its end."""
    with Faulty(b.says(response)) as server, all_sockets_closed():
        timeline = await bench.ask(f"http://127.0.0.1:{server.port}/")
    assert timeline.ok
    assert timeline.hops[0].exchange.body_size == size


async def test_names_of_headers(bench):
    """Headers that are kept have lower-case names, and values of any octets."""
    with Faulty(b.says(b"HTTP/1.1 200 OK\r\nSERVER-Timing: \xe9\r\nX: y\r\nContent-Length: 0\r\n\r\n")) as server:
        timeline = await bench.ask(f"http://127.0.0.1:{server.port}/")
    assert timeline.hops[0].exchange.headers == {"server-timing": "\xe9"}


LONG = "x" * 50_000
BOASTFUL = {
    "many headers": b.response(200, *(f"X-{number}: {'y' * 500}" for number in range(100))),
    "a long one that is read": b.response(200, f"Server-Timing: {LONG}"),
    "no HTTP": f"{LONG}\r\n\r\n".encode(),
    "a long redirect": b.response(302, f"Location: /{LONG}"),
    "a redirect to a long path": b.response(302, f"Location: /{'x' * 5_000}"),
    "a redirect to what is none": b.response(302, f"Location: gopher:{'x' * 5_000}"),
}


@pytest.mark.parametrize("answer", BOASTFUL.values(), ids=BOASTFUL.keys())
async def test_what_is_kept_is_bounded(bench, answer):
    """However much a server says, a result that is kept is small: there are a hundred of each check."""
    with Faulty(b.says(answer)) as server:
        timeline = await bench.ask(f"http://127.0.0.1:{server.port}/", follow_redirects=True)
    assert len(repr(timeline)) < 4_000 * len(timeline.hops)


async def test_the_certificate_is_not_kept(bench):
    """An unverified certificate is examined, and then only its dates are kept."""
    with Faulty(b.says(b.OK), context=showing("expired")) as server:
        timeline = await bench.ask(f"https://{NAME}:{server.port}/", verify=False)
    (hop,) = timeline.hops
    assert hop.handshake.certificate is not None
    assert hop.certificate_der is None


async def test_a_long_redirect_is_followed_whole(bench):
    """A redirect of a length that is allowed leads where it says, though only its beginning is kept."""
    path = b"/" + b"x" * 5_000
    pages = {b"/": b.response(302, f"Location: {path.decode()}"), path: b.OK}
    with Faulty(b.by_path(pages)) as server:
        timeline = await bench.ask(f"http://127.0.0.1:{server.port}/", follow_redirects=True)
    assert timeline.ok
    assert path in server.requests[1]


async def test_crumbs_do_not_hold_up_others(bench, monkeypatch):
    """While a response of thousands of tiny chunks is read all other tasks get their turns."""
    most, since = 0, 0
    take = h11.Connection.next_event

    def counted(framing):
        nonlocal most, since
        since += 1
        most = max(most, since)
        return take(framing)

    async def others():
        nonlocal since
        while True:
            since = 0
            await anyio.lowlevel.checkpoint()

    monkeypatch.setattr(h11.Connection, "next_event", counted)
    crumbs = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 10_000 + b"0\r\n\r\n"
    with Faulty(b.says(crumbs)) as server:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(others)
            timeline = await bench.ask(f"http://127.0.0.1:{server.port}/")
            tasks.cancel_scope.cancel()
    assert (timeline.ok, timeline.hops[0].exchange.body_size) == (True, 10_000)
    assert most <= 2 * 256


async def test_a_dribble(bench):
    """A response that comes octet by octet is one response."""
    with Faulty(b.dribbles) as server, all_sockets_closed():
        timeline = await bench.ask(f"http://127.0.0.1:{server.port}/")
    exchange = timeline.hops[0].exchange
    assert (timeline.ok, exchange.body_size) == (True, 2)
    assert exchange.first_byte <= exchange.received


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n"],
    ids=["ends with the connection", "announced"],
)
async def test_a_body_without_end(bench, head):
    """Of a body without end a mebibyte is read, and that is well."""
    with Faulty(b.never_ends(head, b"x" * 65536)) as server, all_sockets_closed():
        timeline = await bench.ask(f"http://127.0.0.1:{server.port}/")
    assert timeline.ok
    assert 1 << 20 <= timeline.hops[0].exchange.body_size <= (1 << 20) + 65536


async def test_a_lost_dns_packet(trust, tmp_path):
    """When the first questions are lost there is time to ask again, and the check is well within one deadline."""
    (tmp_path / "resolv.conf").write_text("options timeout:5\n")
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n")
    nameserver = dns.Nameserver()
    try:
        nameserver.script("web.test", dns.in_turn(dns.silence, dns.silence, dns.says("127.0.0.1")))
        resolver = Resolver(tmp_path / "resolv.conf", tmp_path / "hosts", [nameserver.address])
        with Faulty(b.says(b.OK)) as server, all_sockets_closed():
            timeline = await Bench(trust, resolver).ask(f"http://web.test:{server.port}/", 1.5)
    finally:
        nameserver.close()
    assert timeline.ok
    assert [query.error for query in timeline.hops[0].lookup.queries][:2] == ["dns_timeout", "dns_timeout"]
    assert timeline.duration < 1.5


@pytest.mark.parametrize(("method", "status", "ok"), [("HEAD", 200, True), ("OPTIONS", 204, True), ("GET", 204, False)])
async def test_other_methods(bench, method, status, ok):
    """HEAD and OPTIONS are sent as such, also after a redirect; a body is awaited only where there can be one."""
    length = b"" if status == 204 else b"Content-Length: 999\r\n"
    answer = b"HTTP/1.1 %d So\r\n%s\r\n" % (status, length)
    with Faulty(b.says(answer)) as server, Faulty(b.redirects_to(f"http://127.0.0.1:{server.port}/there")) as first:
        url = f"http://127.0.0.1:{first.port}/"
        timeline = await bench.ask(url, method=method, follow_redirects=True)
    assert timeline.ok is ok
    assert [hop.method for hop in timeline.hops] == [method, method]
    assert first.requests[0].startswith(f"{method} / ".encode())
    assert server.requests[0].startswith(f"{method} /there ".encode())
    assert timeline.hops[1].exchange.body_size == 0
