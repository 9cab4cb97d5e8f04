"""What the kernel knows of a connection, and how late this process is to hear of it."""

import socket
import time

import anyio
import pytest

from otelnurse.probe import exchange, streams
from otelnurse.probe.tcpinfo import arrival_lag, ask_for_timestamps, read_tcp_info
from tests.parts import behaviours as b
from tests.parts.certificates import NAME, showing
from tests.parts.faulty import Faulty

NS_PER_S = 1e9


@pytest.fixture(autouse=True)
def stamping():
    """The kernel begins to stamp packets some time after the first socket has asked for it: have it do so."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
        ask_for_timestamps(receiver)
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(30)
        for _ in range(1000):
            sender.sendto(b"x", receiver.getsockname())
            if receiver.recvmsg(1, 64)[1]:
                break
            time.sleep(0.01)
        yield


@pytest.fixture
def pair():
    """Two ends of a TCP connection; the first one has asked for time stamps."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as near:
        ask_for_timestamps(near)
        near.connect(listener.getsockname())
        far, _ = listener.accept()
        with far:
            near.setblocking(False)
            yield near, far


def wait_for(sock, octets):
    """Return when so much can be read."""
    while True:
        try:
            if len(sock.recv(octets, socket.MSG_PEEK)) == octets:
                return
        except BlockingIOError:
            continue


def test_an_open_connection(pair):
    """An open connection has a round-trip time, has sent segments and none again."""
    near, far = pair
    near.send(b"x")
    wait_for(far, 1)
    info = read_tcp_info(near)
    assert info.rtt > 0
    assert (info.retransmits, info.segments_sent >= 2) == (0, True)


def test_a_closed_socket(pair):
    """Of a closed socket there is nothing to be known."""
    near, _ = pair
    near.close()
    assert read_tcp_info(near) is None


def test_the_lag_of_waiting_data(pair):
    """The lag is the time since the data came: it grows while nobody reads, and reads nothing."""
    near, far = pair
    before = time.time_ns()
    far.send(b"answer")
    wait_for(near, 6)
    first = arrival_lag(near)
    second = arrival_lag(near)
    assert 0 <= first < second <= time.time_ns() - before
    assert near.recv(10) == b"answer"


def test_no_lag_without_data(pair):
    """Where nothing waits there is no lag."""
    assert arrival_lag(pair[0]) is None


def test_a_reset_is_not_swallowed(pair):
    """Asking for the lag of a connection that was reset raises what reading would have raised."""
    near, far = pair
    far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    far.close()

    def ask_until_it_is_told():
        while True:
            arrival_lag(near)

    with pytest.raises(ConnectionResetError):
        ask_until_it_is_told()


@pytest.mark.anyio
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
async def test_when_the_first_byte_came(bench, encrypted):
    """The first byte reached the kernel before this process saw it, by no more than the check has lasted."""
    with Faulty(b.says(b.OK), context=showing("good") if encrypted else None) as server:
        url = f"https://{NAME}:{server.port}/" if encrypted else f"http://127.0.0.1:{server.port}/"
        timeline = await bench.ask(url)
    record = timeline.hops[0].exchange
    assert record.sent <= record.first_byte <= record.seen
    assert record.first_byte <= record.received
    assert 0 <= timeline.lag <= (record.seen - timeline.start) / NS_PER_S


@pytest.mark.anyio
async def test_a_busy_process(bench, monkeypatch):
    """A process that is kept busy when the answer comes sees it in the lag, and not in the server's time."""

    async def busy(sock, *, stamped):
        await anyio.wait_readable(sock)
        wait_for(sock, len(b.OK))
        until = time.monotonic() + 0.05
        while time.monotonic() < until:
            pass
        return await streams.receive(sock, stamped=stamped)

    monkeypatch.setattr(exchange, "receive", busy)
    with Faulty(b.then_silent(b.OK)) as server:
        timeline = await bench.ask(f"http://127.0.0.1:{server.port}/")
    record = timeline.hops[0].exchange
    waited = (record.first_byte - record.sent) / NS_PER_S
    assert timeline.lag >= 0.05
    assert waited < timeline.lag / 2
    assert timeline.duration < (record.seen - timeline.start) / NS_PER_S
