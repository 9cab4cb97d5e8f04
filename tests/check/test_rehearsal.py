"""The request before the first one: it is over when that starts, and nobody depends on it."""

import anyio
import pytest

from otelnurse.check.rehearsal import rehearse
from otelnurse.probe.tls import Trust
from tests.probe.conftest import all_sockets_closed


@pytest.mark.anyio
async def test_it_leaves_nothing_behind():
    """Its servers are gone when it returns."""
    trust = Trust.of()
    with all_sockets_closed(), anyio.fail_after(30):
        await rehearse(trust)


def test_a_machine_that_cannot_rehearse(check, url, monkeypatch):
    """The request is made all the same."""

    async def cannot(*_args, **_kwargs):
        raise OSError("no loopback here")

    monkeypatch.setattr(anyio, "create_udp_socket", cannot)
    said = check(url)
    assert (said.code, said.err) == (0, "")
    assert "status 200" in said.out


def test_it_comes_first(check, server, url, monkeypatch):
    """Whom somebody wants to know about is not asked before it is over."""
    connections = []

    async def note(_trust):
        connections.append(server.connections)

    monkeypatch.setattr("otelnurse.check.run.rehearse", note)
    assert check(url, "-n", "2", "--interval", "0").code == 0
    assert connections == [0]


def test_the_server_asked_sees_one_request(check, server, url):
    """It is a request to ourselves, and to nobody else."""
    assert check(url).code == 0
    assert server.connections == 1
