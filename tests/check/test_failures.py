"""Exit codes, and the one line that says why."""

import pytest

from tests.parts import behaviours as b
from tests.parts.faulty import Faulty, closed_port


def test_nobody_listens(check):
    """Exit 1: the error's type, its phase, and words; the picture says it as well."""
    port = closed_port()
    said = check(f"http://127.0.0.1:{port}/")
    assert said.code == 1
    assert (
        said.err == f"otelnurse check: connection_refused in connect: connect to 127.0.0.1:{port}: Connection refused\n"
    )
    assert "connection_refused" in said.out


def test_an_unknown_name(check, by_name):
    """A name that does not exist is told with who said so."""
    said = check("http://missing.test/", *by_name)
    assert said.code == 1
    assert said.err.startswith("otelnurse check: host_not_found in dns: no address for missing.test: ")
    assert "NXDOMAIN" in said.err
    assert said.err.count("\n") == 1


def test_a_status(check):
    """Any status but 200 is a failure, named by its number."""
    with Faulty(b.status(503)) as server:
        said = check(f"http://127.0.0.1:{server.port}/?token=secret")
    assert said.code == 1
    assert said.err.startswith("otelnurse check: 503 in receive: ")
    assert "secret" not in said.err + said.out


def test_a_request_that_cannot_be_sent(check, url):
    """A header that contradicts the request fails before anything is sent, in one line."""
    said = check(url, "-H", "Content-Length: 5")
    assert said.code == 1
    assert said.err.startswith("otelnurse check: _OTHER in prepare: the request cannot be sent")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["web.example"],
            "cannot be asked: the scheme '', which is neither http nor https; did you mean https://web.example?",
        ),
        (["ftp://x/"], "argument URL: 'ftp://x/' cannot be asked: the scheme 'ftp', which is neither http nor https"),
        (["http://"], "argument URL: 'http://' cannot be asked: a URL without a host"),
        (["http://x:99999/"], "argument URL: 'http://x:99999/' cannot be asked: the port 99999, which does not exist"),
        (["http://x", "-n", "0"], "argument -n/--count: '0' must be a whole number from 1 to 1000000"),
        (["http://x", "-n", "1e3"], "argument -n/--count: '1e3' must be a whole number"),
        (["http://x", "--timeout", "5"], "argument --timeout: '5': a duration needs a unit: 5s"),
        (["http://x", "--timeout", "0s"], "argument --timeout: '0s' must be longer than zero"),
        (["http://x", "--interval=-1s"], "argument --interval: '-1s' must not be negative"),
        (["http://x", "-X", "POST"], "argument -X/--method: invalid choice: 'POST'"),
        (
            ["http://x", "-H", "Host"],
            "argument -H/--header: what has no colon must be a name, a colon and a value in ASCII",
        ),
        (["http://x", "-H", "A: \n"], "must be a name, a colon and a value in ASCII"),
        (["http://x", "--cacert", "/nowhere"], "argument --cacert: '/nowhere' cannot be read: No such file"),
        (["http://x", "--cacert", __file__], "must hold certificates in PEM, and holds none"),
        (["http://x", "--resolve", "x:80"], "argument --resolve: 'x:80' must be HOST:PORT:ADDRESS"),
        (["http://x", "--resolve", "x:0:192.0.2.1"], "'0' is no port"),
        (["http://x", "--resolve", "x:80:y"], "'y' is no IP address"),
        (["http://x", "--resolve", "192.0.2.1:80:192.0.2.2"], "begins with an address, which needs no resolving"),
        (["http://x", "--nameserver", "x"], "argument --nameserver: 'x' must be an address and perhaps a port"),
        (["http://x", "--nameserver", "192.0.2.1:x"], "'x' is no port"),
        (["http://x", "-4", "-6"], "argument -6: not allowed with argument -4"),
        (["http://192.0.2.1", "-6"], "argument URL: 192.0.2.1 is no address of ipv6"),
        (["http://x", "-4", "--resolve", "x:80:[::1]"], "argument --resolve: ::1 is no address of ipv4"),
    ],
)
def test_a_wrong_argument_is_named_with_what_would_be_right(check, arguments, complaint):
    """Exit 2, and the option, its value and what would be right."""
    said = check(*arguments)
    assert (said.code, said.out) == (2, "")
    assert complaint in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["ftp://user:s3cret@x/?token=s3cret"],
        ["user:s3cret@x/?token=s3cret"],
        ["http://user:s3cret@x:99999/?token=s3cret"],
        ["http://x:y/?token=s3cret"],
        ["http://user:s3cret/@x"],
        ["http://x", "-H", "Authorization: Bearer s3cret\xe9"],
        ["http://x", "-H", "Bearer s3cret"],
    ],
)
def test_a_complaint_gives_nothing_away(check, arguments):
    """What is wrong is told without passwords, queries and the values of headers."""
    said = check(*arguments)
    assert said.code == 2
    assert "error: argument " in said.err
    assert "s3cret" not in said.err


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
    ],
)
def test_how_nameservers_are_written(text, address):
    """Both families, with and without a port."""
    from otelnurse.check import values  # noqa: PLC0415  # the one function that is tested here by itself

    assert values.nameserver(text) == address
