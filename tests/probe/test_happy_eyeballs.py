"""Several addresses of both families: who is tried when, who wins, and whose failure counts (RFC 8305)."""

import errno
import socket

import pytest

from otelnurse.probe import connect
from otelnurse.probe.errors import ErrorType
from tests.parts import behaviours as b
from tests.parts.faulty import Blackhole, Faulty, closed_port
from tests.probe.conftest import HASTY, Bench, Names, all_sockets_closed

pytestmark = pytest.mark.anyio


def at(trust, *addresses):
    """A probe that finds these addresses under the name both.test."""
    return Bench(trust, Names(both_test=addresses))


def url(port):
    """Both addresses, one port."""
    return f"http://both.test:{port}/"


async def test_a_hanging_ipv6_address(trust):
    """An IPv6 address that hangs costs a quarter of a second and no failure; IPv4 is who was spoken to."""
    with Faulty(b.says(b.OK)) as server, Blackhole(("::1", server.port)), all_sockets_closed():
        timeline = await at(trust, "::1", "127.0.0.1").ask(url(server.port))
    hung, good = timeline.hops[0].connects
    assert timeline.ok
    assert (hung.address, hung.abandoned, hung.error) == ("::1", True, None)
    assert (good.address, good.abandoned, good.error) == ("127.0.0.1", False, None)
    assert timeline.hops[0].peer_address == "127.0.0.1"
    assert (good.start - hung.start) / 1e9 >= connect.ATTEMPT_DELAY * 0.9
    assert good.end <= hung.end
    assert hung.tcp is not None


async def test_a_refusing_ipv6_address(trust):
    """An address that refuses makes room for the next at once, and its failure is on its own record only."""
    with Faulty(b.says(b.OK)) as server, all_sockets_closed():
        timeline = await at(trust, "::1", "127.0.0.1").ask(url(server.port))
    refused, good = timeline.hops[0].connects
    assert timeline.ok
    assert (refused.error, good.error) == ("connection_refused", None)
    assert (good.start - refused.start) / 1e9 < connect.ATTEMPT_DELAY
    assert timeline.hops[0].peer_address == "127.0.0.1"


async def test_the_first_one_wins(trust):
    """Where the first address answers no other is tried."""
    with Faulty(b.says(b.OK), address=("::1", 0)) as server, all_sockets_closed():
        timeline = await at(trust, "::1", "127.0.0.1").ask(url(server.port))
    assert [attempt.address for attempt in timeline.hops[0].connects] == ["::1"]


async def test_two_good_ones_at_once(trust, monkeypatch):
    """When two addresses answer at the same time one is used, and the other's socket is closed."""
    monkeypatch.setattr(connect, "ATTEMPT_DELAY", 0.0)
    with Faulty(b.says(b.OK)) as v4, Faulty(b.says(b.OK), address=("::1", v4.port)):
        for _ in range(20):
            with all_sockets_closed():
                timeline = await at(trust, "::1", "127.0.0.1").ask(url(v4.port))
            assert timeline.ok
            won = [attempt for attempt in timeline.hops[0].connects if not attempt.abandoned]
            assert [attempt.address for attempt in won] == [timeline.hops[0].peer_address]


async def test_all_fail_differently(trust, monkeypatch):
    """The failure that came last counts, and it is its address that is named as the peer."""
    real = socket.socket.connect_ex

    def unreachable(sock, address):
        return errno.ENETUNREACH if address[0] == "192.0.2.1" else real(sock, address)

    monkeypatch.setattr(connect.socket, "socket", type("Socket", (socket.socket,), {"connect_ex": unreachable}))
    with all_sockets_closed():
        timeline = await at(trust, "127.0.0.1", "192.0.2.1").ask(url(closed_port()))
    assert [a.error for a in timeline.hops[0].connects] == ["connection_refused", "network_unreachable"]
    assert timeline.outcome.error_type == "network_unreachable"
    assert timeline.hops[0].peer_address == "192.0.2.1"


async def test_the_deadline_while_one_hangs(trust, monkeypatch):
    """When one address refused and another hangs until the deadline, it is the hanging one that fails the check."""
    monkeypatch.setattr(connect, "ATTEMPT_DELAY", 0.01)
    with Blackhole(("::1", 0)) as hole, all_sockets_closed():
        timeline = await at(trust, "::1", "127.0.0.1").ask(url(hole.port), HASTY)
    hung, refused = timeline.hops[0].connects
    assert (hung.error, refused.error) == ("connection_timeout", "connection_refused")
    assert timeline.outcome.error_type == ErrorType.CONNECTION_TIMEOUT
    assert timeline.hops[0].peer_address == "::1"


async def test_many_addresses_of_one_family(trust):
    """Addresses of one family are tried in their order until one answers."""
    with Faulty(b.says(b.OK), address=("127.0.0.9", 0)) as server, all_sockets_closed():
        addresses = [f"127.0.0.{last}" for last in range(2, 10)]
        timeline = await at(trust, *addresses).ask(url(server.port))
    assert [attempt.address for attempt in timeline.hops[0].connects] == addresses
    assert timeline.ok


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1", "127.0.0.1"]])
async def test_out_of_descriptors(trust, monkeypatch, addresses):
    """A machine without descriptors is not blamed on the peer."""

    def no_socket(*_arguments):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(connect.socket, "socket", no_socket)
    timeline = await at(trust, *addresses).ask(url(1))
    monkeypatch.undo()
    assert (timeline.outcome.error_type, timeline.outcome.phase) == ("_OTHER", "connect")
    assert "Too many open files" in timeline.outcome.message


def test_families_take_turns():
    """Addresses are ordered so that the families take turns, the first one's first, each in its own order."""
    assert connect.interleave(["::1", "::2", "::3", "1.1.1.1"]) == ["::1", "1.1.1.1", "::2", "::3"]
    assert connect.interleave(["1.1.1.1", "::1", "::2"]) == ["1.1.1.1", "::1", "::2"]
    assert connect.interleave(["1.1.1.1"]) == ["1.1.1.1"]
