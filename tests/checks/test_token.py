"""The service account's token: sent to the API server alone, read again when it changes, never shown."""

import os
import ssl
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from otelnurse.checks.token import MAX_SIZE, Token
from tests.parts import nurses
from tests.parts.listener import Listener

pytestmark = pytest.mark.anyio

SECRET = "header.payload.signature"


@pytest.fixture
def file(tmp_path):
    """A token as Kubernetes mounts it."""
    path = tmp_path / "token"
    path.write_text(SECRET)
    return path


def bearer(token):
    """The header to be sent."""
    return {"Authorization": f"Bearer {token}"}


def test_a_rotated_token_is_read_again(file):
    """The kubelet replaces the file, other things write in place; the next request sends what stands there."""
    token = Token(file)
    assert token.headers() == bearer(SECRET)
    fresh = file.with_name("fresh")
    fresh.write_text("rotated\n")
    fresh.rename(file)
    assert token.headers() == bearer("rotated")
    file.write_text("in-place")
    os.utime(file, ns=(1, 1))
    assert token.headers() == bearer("in-place")


def test_a_token_that_vanished_and_came_back(file):
    """While it is gone there is nothing to send: an old token would be refused with a reason that misleads."""
    token = Token(file)
    token.headers()
    file.unlink()
    with pytest.raises(OSError, match="No such file"):
        token.headers()
    file.write_text("again")
    assert token.headers() == bearer("again")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no bearer token"),
        ("schl\u00fcssel".encode(), "no bearer token"),
        (b"\xff\xfe\x00", "no bearer token"),
        (b"secret-one\nsecret-two\n", "no bearer token"),
        (b"secret value", "no bearer token"),
        (b"secret\x00value", "no bearer token"),
    ],
)
def test_what_is_no_token_is_refused_without_showing_it(file, content, reason):
    """Whatever else stands in the file is named by the file alone, since it may be secret nevertheless."""
    file.write_bytes(content)
    with pytest.raises(OSError, match=reason) as caught:
        Token(file).headers()
    assert str(file) in str(caught.value)
    assert "secret" not in str(caught.value)


def a_pipe(path):
    """What nobody writes into: whoever opens it for reading waits."""
    os.mkfifo(path)


def too_much(path):
    """A file that goes on and on."""
    path.write_bytes(b"x" * (MAX_SIZE + 1))


@pytest.mark.parametrize("make", [a_pipe, too_much, Path.mkdir])
def test_what_cannot_be_a_token_file_is_not_read(tmp_path, make):
    """What would block the loop, or fill the memory, is refused unread."""
    path = tmp_path / "token"
    make(path)
    with pytest.raises(OSError, match=f"{path} cannot be read: it is no regular file of at most"):
        Token(path).headers()


@pytest.fixture(scope="module")
def authority():
    """A throw-away CA of the API server."""
    return trustme.CA()


@contextmanager
def cluster(folder, authority):
    """An API server of which a service account in ``folder`` knows; yields it and the settings."""
    authority.cert_pem.write_to_path(str(folder / "ca.crt"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    with Listener(tls=context) as server:
        yield (
            server,
            {
                "OTELNURSE_SERVICE_ACCOUNT_DIR": str(folder),
                "KUBERNETES_SERVICE_HOST": "127.0.0.1",
                "KUBERNETES_SERVICE_PORT": str(server.port),
                "KUBERNETES_SERVICE_DNS": "localhost",
            },
        )


async def results(nurse, *names):
    """The last result of each of these checks, as soon as all have one."""
    await nurses.eventually(lambda: all(nurse.history.runs(name) for name in names), what=f"results of {names}")
    return {name: nurse.history.latest()[name] for name in names}


@pytest.mark.usefixtures("file")
async def test_only_the_api_server_gets_the_token(authority, tmp_path):
    """What ends in /version elsewhere, the ingress, the service, neighbours and redirects get none of it."""
    with cluster(tmp_path, authority) as (api, environ), Listener() as other:
        other.redirects["/away"] = f"{api.url}/version?away"
        (tmp_path / "nurses.json").write_text(f'[{{"targets": ["127.0.0.1:{other.port}"], "labels": {{"node": "b"}}}}]')
        extra = {"version": f"{other.url}/version", "direct": f"{api.url}/version?extra", "away": f"{other.url}/away"}
        environ |= {
            "OTELNURSE_INGRESS_URL": other.url,
            "OTELNURSE_SERVICE_URL": other.url,
            "OTELNURSE_EXTRA_CHECKS": "|".join(f"{name}:{url}" for name, url in extra.items()),
            "OTELNURSE_DISCOVERY": f"file_sd:{tmp_path}/nurses.json",
        }
        names = (
            "api_server_direct",
            "api_server_dns",
            "me_ingress",
            "me_service",
            "version",
            "direct",
            "away",
            "path_b",
        )
        async with nurses.running(environ) as nurse:
            last = await results(nurse, *names)
    assert {name: run.ok for name, run in last.items()} == dict.fromkeys(names, True)
    assert {(asked.path, asked.headers.get("authorization")) for asked in api.asked} == {
        ("/version", f"Bearer {SECRET}"),
        ("/version?extra", None),
        ("/version?away", None),
    }
    assert other.asked
    assert not [asked for asked in other.asked if "authorization" in asked.headers]


@pytest.mark.usefixtures("file")
async def test_a_redirecting_api_server_is_not_followed(authority, tmp_path):
    """Its redirect is the check's failure, and nobody else hears of the token."""
    with cluster(tmp_path, authority) as (api, environ), Listener() as thief:
        api.redirects["/version"] = f"{thief.url}/version"
        async with nurses.running(environ) as nurse:
            last = await results(nurse, "api_server_direct")
    assert last["api_server_direct"].outcome.error_type == "302"
    assert not thief.asked


async def test_a_token_that_cannot_be_read_is_a_failed_check(file, authority, tmp_path):
    """The reason stands in the result, nothing is sent, and the nurse goes on; it recovers with the file."""
    with cluster(tmp_path, authority) as (api, environ):
        file.unlink()
        async with nurses.running(environ) as nurse:
            outcome = (await results(nurse, "api_server_direct"))["api_server_direct"].outcome
            assert (outcome.error_type, outcome.phase) == ("_OTHER", "prepare")
            assert outcome.message == f"token file {file} cannot be read: No such file or directory"
            assert not api.asked
            file.write_text(SECRET)
            await nurses.eventually(lambda: nurse.history.latest()["api_server_direct"].ok, what="a good run")
    assert {asked.headers["authorization"] for asked in api.asked} == {f"Bearer {SECRET}"}
