"""A timeline as rows: each part at its place, its error where it failed, and nothing that did not happen."""

from otelnurse.probe.errors import ErrorType, Phase
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import (
    Certificate,
    Connect,
    Exchange,
    Handshake,
    Hop,
    Lookup,
    Outcome,
    Query,
    TcpInfo,
    Timeline,
)
from otelnurse.probe.waterfall import days_left, waterfall

MS = 1_000_000
DAY = 86_400
ANCHOR = 1_800_000_000 * 1_000_000_000 - 1000 * MS
"""The timelines below begin at 1,800,000,000 s of Unix time."""
TARGET = Target("extra", "site", "https://site.example/", 5.0)


def at(milliseconds):
    """An instant, counted from the timeline's start."""
    return 1000 * MS + round(milliseconds * MS)


def made(*hops, end=None, outcome=None):
    """A finished timeline."""
    return Timeline(TARGET, at(0), ANCHOR, end=at(end or 0), hops=list(hops), outcome=outcome or Outcome())


def whole():
    """A request in which everything happened: two queries, an address that refused, TLS, and a body."""
    return Hop(
        "GET",
        "https://site.example/",
        "site.example",
        443,
        at(0),
        at(11),
        Phase.RECEIVE,
        lookup=Lookup(
            "site.example",
            at(0),
            at(2),
            ("2001:db8::1", "192.0.2.1"),
            "dns",
            [
                Query("192.0.2.53:53", "A", "site.example.", "udp", at(0), at(1), "NOERROR", nsid="dns-7"),
                Query("192.0.2.53:53", "AAAA", "site.example.", "udp", at(0.5), at(2), "NOERROR"),
            ],
        ),
        connects=[
            Connect("2001:db8::1", 443, at(2), at(3), error=ErrorType.CONNECTION_REFUSED),
            Connect("192.0.2.1", 443, at(3), at(4), 40000, TcpInfo(0.0005, None, 1, None)),
        ],
        handshake=Handshake(
            "site.example", at(4), at(7), "1.3", "TLS_AES_128_GCM_SHA256", Certificate(0, 1_800_000_000 + 14.5 * DAY)
        ),
        exchange=Exchange(at(7), at(7.5), at(9), at(9.1), at(10), 200, 12, {"server-timing": "app;dur=1"}),
        peer_address="192.0.2.1",
        peer_port=443,
        tcp=TcpInfo(0.0004, None, 0, None),
    )


def test_every_part_has_its_row_at_its_place():
    """Names, depth, offset and duration are those of the timeline, in the order in which things began."""
    rows = waterfall(made(whole(), end=10))
    assert [(r.name, r.depth, round(r.start * 1e3, 3), round(r.duration * 1e3, 3), r.error) for r in rows] == [
        ("GET https://site.example/", 0, 0, 10, None),
        ("DNS lookup", 1, 0, 2, None),
        ("query A", 2, 0, 1, None),
        ("query AAAA", 2, 0.5, 1.5, None),
        ("socket connect", 1, 2, 1, "connection_refused"),
        ("socket connect", 1, 3, 1, None),
        ("TLS client handshake", 1, 4, 3, None),
        ("send", 1, 7, 0.5, None),
        ("wait", 1, 7.5, 1.5, None),
        ("receive", 1, 9, 1, None),
    ]


def test_details_say_who_answered_what():
    """Nameserver and its replica, answers, addresses, certificate with the days left, kernel's counters, the body."""
    details = [row.detail for row in waterfall(made(whole(), end=10))]
    assert details == [
        "status 200, peer 192.0.2.1:443, kernel RTT 0.400 ms, 0 retransmits",
        "site.example is 2001:db8::1, 192.0.2.1",
        "192.0.2.53:53 by udp: NOERROR, replica dns-7",
        "192.0.2.53:53 by udp: NOERROR",
        "[2001:db8::1]:443",
        "192.0.2.1:443, from port 40000, kernel RTT 0.500 ms, 1 retransmit",
        "site.example, TLS 1.3, TLS_AES_128_GCM_SHA256, certificate valid until 2027-01-29, 14 days left",
        "",
        "the server says: app;dur=1",
        "body of 12 octets",
    ]


def test_the_error_stands_where_it_happened():
    """A silent server is the wait's error and the request's; the wait lasts until the deadline."""
    hop = Hop("GET", "http://192.0.2.1/", "192.0.2.1", 80, at(0), at(5000), Phase.WAIT)
    hop.exchange = Exchange(at(1), at(2), error=ErrorType.RESPONSE_TIMEOUT)
    rows = waterfall(made(hop, end=5000, outcome=Outcome("response_timeout", Phase.WAIT, "no end within 5 s")))
    assert [(r.name, r.error, r.phase) for r in rows] == [
        ("GET http://192.0.2.1/", "response_timeout", None),
        ("send", None, Phase.SEND),
        ("wait", "response_timeout", Phase.WAIT),
    ]
    assert rows[-1].start + rows[-1].duration == 5.0


def test_an_address_that_lost_the_race_is_no_failure():
    """The slower of two addresses is shown as given up, without an error."""
    hop = Hop("GET", "http://site/", "site", 80, at(0), at(300), Phase.CONNECT)
    hop.connects = [
        Connect("2001:db8::1", 80, at(0), at(300), error=ErrorType.OTHER, abandoned=True),
        Connect("192.0.2.1", 80, at(250), at(300)),
    ]
    _, lost, won = waterfall(made(hop, end=300))
    assert (lost.muted, lost.error, won.muted) == (True, None, False)
    assert "given up" in lost.detail


def test_only_the_last_request_of_a_redirected_check_carries_its_error():
    """Each hop has its request row, and what failed is the last one."""
    first = Hop("GET", "http://a/", "a", 80, at(0), at(1))
    second = Hop("GET", "http://b/", "b", 80, at(1), at(2))
    rows = waterfall(made(first, second, end=2, outcome=Outcome("500", Phase.RECEIVE, "b answered 500")))
    assert [(row.name, row.error) for row in rows] == [("GET http://a/", None), ("GET http://b/", "500")]


def test_nothing_is_shown_of_what_never_was_sent():
    """A check that failed before its first request has no rows."""
    assert waterfall(made(outcome=Outcome("_OTHER", Phase.PREPARE, "token: Permission denied"))) == []


def test_a_certificate_that_has_expired_says_when():
    """Days left are counted at the time of the check, and below zero it is called expired."""
    hop = whole()
    hop.handshake.certificate = Certificate(0, 1_800_000_000 - 2 * DAY)
    timeline = made(hop, end=10)
    assert days_left(hop.handshake.certificate, timeline) == -2
    assert "certificate expired 2027-01-13" in waterfall(timeline)[6].detail
