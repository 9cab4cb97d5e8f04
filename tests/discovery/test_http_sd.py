"""A real HTTP server that answers well, badly, and not at all."""

import gzip
import json
import ssl

import anyio
import pytest
import trustme

from otelnurse import __version__
from otelnurse.discovery.http_sd import HttpSource
from otelnurse.discovery.neighbour import Neighbour

pytestmark = pytest.mark.anyio

OFTEN = 0.01
CONTEXT = ssl.create_default_context()
NURSES = (Neighbour("a", "192.0.2.1", 8080),)
OTHERS = (Neighbour("b", "192.0.2.2", 8080),)


def groups(nurses):
    """The document for these neighbours."""
    return json.dumps([{"targets": [f"{n.address}:{n.port}"], "labels": {"node": n.node}} for n in nurses]).encode()


def response(body=b"", status="200 OK", content_type="application/json", **more):
    """One HTTP response as bytes."""
    headers = {"Content-Type": content_type, "Content-Length": len(body)}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def saying(*responses):
    """An answerer that goes through these and stays at the last."""
    left = list(responses)

    async def answer(_head, _stream):
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def source(url, **more):
    """A source that asks often."""
    return HttpSource(url, CONTEXT, **({"interval": OFTEN} | more))


async def test_it_asks_as_prometheus_does(serving, looking):
    """The request has Prometheus's headers, so that existing servers answer it, and our own name."""
    async with serving(saying(response(groups(NURSES)))) as server, looking(source(server.url)) as recorder:
        assert await recorder.next("found") == NURSES
    head = server.heads[0]
    assert head.startswith("GET /targets HTTP/1.1\r\n")
    for line in (
        "Accept: application/json",
        "X-Prometheus-Refresh-Interval-Seconds: 0.01",
        f"User-Agent: otelnurse/{__version__}",
    ):
        assert f"\r\n{line}\r\n" in head


async def test_proxy_variables_are_ignored(serving, looking, monkeypatch):
    """A proxy meant for others does not stand between a nurse and its neighbours' list."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:9")
    async with serving(saying(response(groups(NURSES)))) as server, looking(source(server.url)) as recorder:
        await recorder.next("found")
    assert not [what for kind, what in recorder.reports if kind == "failed"]


async def test_a_change_is_found(serving, looking):
    """The next answer replaces the one before."""
    answers = saying(
        response(groups(NURSES)), response(groups(OTHERS), content_type='application/json; charset="utf-8"')
    )
    async with serving(answers) as server, looking(source(server.url)) as recorder:
        assert [await recorder.next("found"), await recorder.next("found")] == [NURSES, OTHERS]


async def test_an_unchanged_answer_is_not_sent_again(serving, looking):
    """With an ETag the server may say 304; that is an answer, and the same neighbours."""

    async def answer(head, _stream):
        if 'If-None-Match: "one"' in head:
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return response(groups(NURSES), ETag='"one"')

    async with serving(answer) as server, looking(source(server.url)) as recorder:
        first, second = await recorder.next("found"), await recorder.next("found")
    assert first == second == NURSES
    assert "If-None-Match" not in server.heads[0]


async def test_a_304_that_nothing_was_said_about_is_an_error(serving, looking):
    """Without a tag sent, a server cannot know that nothing has changed."""
    answers = saying(response(groups(NURSES)), b"HTTP/1.1 304 Not Modified\r\n\r\n")
    async with serving(answers) as server, looking(source(server.url)) as recorder:
        await recorder.next("found")
        assert "answered with status 304, not 200" in await recorder.next("failed")


async def test_the_tag_of_a_broken_answer_is_not_believed(serving, looking):
    """An answer that could not be used is never confirmed by a 304."""

    async def answer(head, _stream):
        if 'If-None-Match: "broken"' in head:
            return b"HTTP/1.1 304 Not Modified\r\n\r\n"
        return response(b"[{", ETag='"broken"')

    async with serving(answer) as server, looking(source(server.url)) as recorder:
        assert "not JSON" in await recorder.next("failed")
        assert "not JSON" in await recorder.next("failed")


async def test_a_redirect_is_followed(serving, looking):
    """As Prometheus does; one that goes in circles is an error."""

    async def answer(head, _stream):
        if head.startswith("GET /targets "):
            return response(status="302 Found", Location="/elsewhere")
        return response(groups(NURSES))

    circle = saying(response(status="302 Found", Location="/targets"))
    async with serving(answer) as server, looking(source(server.url)) as recorder:
        assert await recorder.next("found") == NURSES
    async with serving(circle) as server, looking(source(server.url)) as recorder:
        assert "redirects" in await recorder.next("failed")


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (response(status="500 Internal Server Error"), "answered with status 500, not 200"),
        (response(status="404 Not Found"), "answered with status 404, not 200"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "answered with status 204, not 200"),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", "answered with status 304, not 200"),
        (response(b"<html>", content_type="text/html"), "content type 'text/html', not application/json"),
        (response(gzip.compress(b"[]"), Content_Encoding="gzip"), "content encoding 'gzip' that was not asked for"),
        (response(b"[{"), "not JSON"),
        (response(b'[{"targets": [":1"]}]'), "group 0: target ':1': the address is empty"),
        (response(b"[ " + b" " * 2**24), "longer than 16777216 bytes"),
        (response(Location="http://[", status="302 Found"), ""),
        (b"\x16\x03\x01 garbage\r\n\r\n", ""),
    ],
    ids=["500", "404", "204", "304", "type", "gzip", "half", "faulty", "huge", "bad redirect", "garbage"],
)
async def test_a_bad_answer_is_told_and_the_next_good_one_taken(serving, looking, bad, words):
    """Whatever comes instead of neighbours is an error that names the place and the reason, and is asked again."""
    async with serving(saying(bad, response(groups(NURSES)))) as server, looking(source(server.url)) as recorder:
        message = await recorder.next("failed")
        assert message.startswith(f"{server.url}: ")
        assert words in message
        assert len(message) > len(f"{server.url}: ")
        assert await recorder.next("found") == NURSES


@pytest.mark.parametrize("drip", [False, True], ids=["silent", "dripping"])
async def test_a_server_that_never_gets_done_is_given_up(serving, looking, drip):
    """Silence and a body that drips for ever both end at the timeout, with no connection left."""

    async def answer(_head, stream):
        if drip:
            await stream.send(response(Content_Length=10**9))
            while True:
                await stream.send(b" ")
                await anyio.sleep(0.01)
        return await stream.receive()

    async with serving(answer) as server:
        async with looking(source(server.url, timeout=0.2)) as recorder:
            assert "no complete answer within 0.2 s" in await recorder.next("failed")
        await server.until_unused()


@pytest.mark.parametrize("drip", [False, True], ids=["silent", "dripping"])
@pytest.mark.parametrize("moment", [0, 0.002, 0.01, 0.05])
async def test_a_stop_leaves_no_connection(serving, looking, moment, drip):
    """Cancelled while connecting, waiting or reading, the source closes what it had opened."""

    async def answer(_head, stream):
        if drip:
            await stream.send(response(Content_Length=10**9))
        return await stream.receive()

    async with serving(answer) as server:
        async with looking(source(server.url)):
            await anyio.sleep(moment)
        await server.until_unused()


async def test_nobody_listens(serving, looking):
    """A server that is away is an error, and secrets in the URL do not get into it."""
    async with serving(saying(b"")) as server:
        url = server.url
    secret = url.replace("://", "://user:hunter2@") + "?token=hunter2"
    async with looking(source(secret)) as recorder:
        message = await recorder.next("failed")
    assert message.startswith(f"{url}?***: ")
    assert "hunter2" not in message


async def test_failures_are_asked_again_less_and_less_often(serving, looking, monkeypatch):
    """From a thirtieth of the interval, doubling up to it, with jitter downwards; a success starts over."""
    pauses = []
    sleep = anyio.sleep

    async def note(seconds):
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr("otelnurse.discovery.http_sd.anyio.sleep", note)
    bad = response(status="503 Service Unavailable")
    answers = saying(*[bad] * 7, response(groups(NURSES)), bad)
    async with serving(answers) as server, looking(source(server.url, interval=30.0, jitter=lambda: 0.5)) as recorder:
        await recorder.next("found")
        await recorder.next("failed")
        while len(pauses) < 9:
            await sleep(0.001)
    assert pauses[:9] == pytest.approx([0.75, 1.5, 3, 6, 12, 22.5, 22.5, 30, 0.75])


async def test_tls_is_verified_with_the_given_context(serving, looking):
    """A certificate that the shared context trusts is good, and any other an error."""
    authority = trustme.CA()
    trusting, serverside = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(trusting)
    authority.issue_cert("127.0.0.1").configure_cert(serverside)
    async with serving(saying(response(groups(NURSES))), tls=serverside) as server:
        async with looking(HttpSource(server.url, trusting, interval=OFTEN)) as recorder:
            assert await recorder.next("found") == NURSES
        async with looking(HttpSource(server.url, CONTEXT, interval=OFTEN)) as recorder:
            assert "CERTIFICATE_VERIFY_FAILED" in await recorder.next("failed")


@pytest.mark.parametrize("url", ["", "nurses.example/x", "ftp://nurses.example/", "http:///x"])
def test_what_is_no_url_is_refused(url):
    """A wrong URL is told at the start, with its value."""
    with pytest.raises(ValueError, match="is no URL of the form http"):
        HttpSource(url, CONTEXT)
