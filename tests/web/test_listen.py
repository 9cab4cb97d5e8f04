"""Where a nurse listens: both families, one, and what is said when it cannot."""

import errno
import socket

import pytest

from otelnurse.web import listen as module
from otelnurse.web.listen import ListenError, listen
from tests.parts import nurses

SETTING = "OTELNURSE_HTTP_ADDRESS"


@pytest.mark.anyio
async def test_all_addresses_are_those_of_both_families():
    """[::] is answered at 127.0.0.1 and at ::1, on the same port."""
    async with nurses.running({SETTING: "[::]:0"}) as nurse, nurses.asking(nurse) as client:
        for host in ("127.0.0.1", "[::1]"):
            assert (await client.get(f"http://{host}:{nurse.port}/alwayshappy")).status_code == 200


@pytest.mark.anyio
async def test_the_loopback_probe_finds_a_nurse_on_ipv6_alone():
    """A nurse that listens on one address alone probes itself there."""
    async with nurses.running({SETTING: "[::1]:0"}, host="[::1]") as nurse:
        probe = await nurses.eventually(lambda: nurse.history.latest().get("loopback"), what="a round")
    assert (probe.ok, probe.target.url) == (True, f"http://[::1]:{nurse.port}/alwayshappy")


def test_one_ipv6_address_is_ipv6_alone():
    """Who asks for ::1 gets nothing else."""
    with listen("::1", 0, SETTING) as sock, socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", sock.getsockname()[1])) == errno.ECONNREFUSED


def test_without_ipv6_all_addresses_are_those_of_ipv4(monkeypatch):
    """On a kernel without IPv6 a nurse still starts.

    Switching IPv6 off needs root and another network namespace; such a kernel refuses the socket's making, as here.
    """
    make = socket.socket

    def refuse(family=socket.AF_INET, *rest, **more):
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return make(family, *rest, **more)

    monkeypatch.setattr(module.socket, "socket", refuse)
    with listen("::", 0, SETTING) as sock, make() as client:
        assert sock.family == socket.AF_INET
        assert client.connect_ex(("127.0.0.1", sock.getsockname()[1])) == 0


def test_a_port_in_use_is_named():
    """The error tells the setting, the address and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError) as caught:
            listen("127.0.0.1", port, SETTING)
    assert str(caught.value) == f"{SETTING}=127.0.0.1:{port}: the port is in use by another process; choose a free one"


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_an_address_of_somebody_else_is_named(host):
    """An address that this machine does not have is told as it would be written, IPv6 in brackets."""
    with pytest.raises(ListenError, match=r"this machine has no such address|Address family not supported") as caught:
        listen(host, 0, SETTING)
    assert f"[{host}]:0" in str(caught.value) if ":" in host else f"={host}:0" in str(caught.value)
