"""Every option does what it says, as the server sees it and as the person does."""

import pytest

from otelnurse import __version__
from tests.parts import behaviours as b
from tests.parts import certificates
from tests.parts.faulty import Faulty, closed_port


def head(server):
    """The one request that came."""
    (request,) = server.requests
    return request.decode()


def test_a_plain_check(check, server, url):
    """One GET, as a nurse asks, without a trace's headers; exit 0 and nothing on standard error."""
    said = check(url)
    assert (said.code, said.err) == (0, "")
    assert head(server).startswith("GET / HTTP/1.1\r\n")
    assert f"User-Agent: otelnurse/{__version__}\r\n" in head(server)
    assert "traceparent" not in head(server).lower()
    for words in (f"GET {url}", "status 200", "socket connect", "wait", "receive", "body of 2 octets", "retransmits"):
        assert words in said.out


@pytest.mark.parametrize("option", ["-X", "--method"])
def test_method(check, server, url, option):
    """HEAD goes out as HEAD."""
    assert check(url, option, "HEAD").code == 0
    assert head(server).startswith("HEAD / ")


def test_headers(check, server, url):
    """Headers go out; one that the probe sends itself is replaced, repeated ones are joined."""
    options = (
        "-H",
        "x-one: 1",
        "--header",
        "X-One: 2",
        "-H",
        "user-agent: mine",
        "-H",
        "Cookie: a=1",
        "-H",
        "cookie:b=2",
    )
    assert check(url, *options).code == 0
    assert "X-One: 1, 2\r\n" in head(server)
    assert "User-Agent: mine\r\n" in head(server)
    assert "Cookie: a=1; b=2\r\n" in head(server)
    assert "otelnurse/" not in head(server)


def test_redirects(check, server, url):
    """Without -L a redirect is a failure; with it both requests are shown, and a header stays with the first."""
    with Faulty(b.redirects_to(url)) as first:
        start = f"http://127.0.0.1:{first.port}/"
        said = check(start)
        assert (said.code, said.err) == (1, f"otelnurse check: 302 in receive: {start} answered 302\n")
        said = check(start, "-L", "-H", "Authorization: Bearer secret")
    assert said.code == 0
    assert said.out.index(f"GET {start}") < said.out.index(f"GET {url}")
    assert b"secret" in first.requests[1]
    assert "secret" not in head(server) + said.out


def test_timeout(check):
    """When time is up, the phase that took it is named."""
    with Faulty(b.silent) as server:
        said = check(f"http://127.0.0.1:{server.port}/", "--timeout", "500ms")
    assert (said.code, said.err) == (1, "otelnurse check: response_timeout in wait: no end within 0.5 s\n")


def test_nameserver(check, server, nameserver, by_name):
    """The chosen nameserver is asked for both families, and what it said is shown."""
    said = check(f"http://nurse.test:{server.port}/", *by_name)
    assert said.code == 0
    assert {asked.type for asked in nameserver.asked} == {"A", "AAAA"}
    assert "nurse.test is ::1, 127.0.0.1" in said.out
    assert f"127.0.0.1:{nameserver.address[1]} by udp: NOERROR, replica replica-7" in said.out
    assert f"[::1]:{server.port}" in said.out, "every address tried is shown"


@pytest.mark.parametrize(("option", "type", "listens"), [("-4", "A", "127.0.0.1"), ("-6", "AAAA", "::1")])
def test_one_family(check, nameserver, by_name, option, type, listens):  # noqa: A002 - the word of DNS
    """Only one kind of address is asked for and tried."""
    with Faulty(b.says(b.OK), address=(listens, 0)) as server:
        said = check(f"http://nurse.test:{server.port}/", *by_name, option)
    assert said.code == 0
    assert {asked.type for asked in nameserver.asked} == {type}
    assert said.out.count("socket connect") == 1


def test_one_family_holds_for_redirects(check):
    """A redirect to an address of the other kind is not followed."""
    with Faulty(b.redirects_to("http://[::1]:9/")) as server:
        said = check(f"http://127.0.0.1:{server.port}/", "-4", "-L")
    assert said.code == 1
    assert "::1 is not ipv4, which was chosen" in said.err


def test_resolve(check, secure, authority):
    """A name gets the addresses that were told for this port, and is what the certificate is held to."""
    told = f"Nurse.Test:{secure.port}:[::1],127.0.0.1"
    said = check(f"https://nurse.test:{secure.port}/", "--resolve", told, "--cacert", authority)
    assert said.code == 0
    assert "nurse.test is ::1, 127.0.0.1 (as told)" in said.out
    assert f"Host: nurse.test:{secure.port}\r\n" in head(secure)


@pytest.mark.parametrize(
    ("host", "told"),
    [("nurse.test", "*"), ("nurse.test", "+nurse.test"), ("nurse.test.", "nurse.test"), ("nurse.test", "nurse.test.")],
)
def test_resolve_as_curl_has_it(check, server, host, told):
    """Any host, curl's plus, and a final dot on either side: the addresses told are taken."""
    said = check(f"http://{host}:{server.port}/", "--resolve", f"{told}:{server.port}:127.0.0.1")
    assert (said.code, said.err) == (0, "")
    assert "(as told)" in said.out


def test_resolve_for_one_family(check, server):
    """Of the addresses told those of the other kind are left out."""
    said = check(f"http://nurse.test:{server.port}/", "-4", "--resolve", f"nurse.test:{server.port}:[::1],127.0.0.1")
    assert (said.code, said.err) == (0, "")
    assert "nurse.test is 127.0.0.1 (as told)" in said.out


def test_resolve_is_for_its_port(check, server, nameserver, by_name):
    """Another port of the same host is asked for as usual."""
    other = f"nurse.test:{closed_port()}:127.0.0.9"
    right = f"other.test:{server.port}:127.0.0.9"
    assert check(f"http://nurse.test:{server.port}/", *by_name, "--resolve", other, "--resolve", right).code == 0
    assert nameserver.asked


def test_tls_is_shown(check, secure, authority):
    """Version, cipher and the certificate's last day, with the days that are left."""
    said = check(f"https://127.0.0.1:{secure.port}/", "--cacert", authority, columns=120)
    assert said.code == 0
    for words in ("TLS 1.3", "TLS_", f"certificate valid until {certificates.NOT_AFTER.date()}, 29 days left"):
        assert words in said.out
    assert "expires soon" not in said.out


def test_an_unknown_authority(check, secure):
    """Without --cacert the system's authorities count alone."""
    said = check(f"https://127.0.0.1:{secure.port}/")
    assert said.code == 1
    assert said.err.startswith("otelnurse check: tls_certificate_untrusted in tls: ")


@pytest.mark.parametrize("option", ["-k", "--insecure"])
def test_insecure(check, authority, option):
    """A bad certificate is let pass, and what is wrong with it is told all the same."""
    with Faulty(b.says(b.OK), context=certificates.showing("expired")) as server:
        said = check(f"https://127.0.0.1:{server.port}/", option, "--cacert", authority, columns=120)
    assert (said.code, said.err) == (0, "")
    assert "is not to be trusted: tls_certificate_expired, let pass by" in said.out
