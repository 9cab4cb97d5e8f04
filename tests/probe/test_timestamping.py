"""The kernel goes on stamping between two connections, so that the lag of each is the truth."""

import select
import socket
import time

from otelnurse.probe.tcpinfo import Timestamping, arrival_lag, ask_for_timestamps
from tests.parts.waiting import eventually

PAUSE = 0.02
"""Seconds by which each answer is looked at late."""


def lag_is_seen(listener: socket.socket) -> bool:
    """Whether a fresh connection whose answer is looked at late says so; a stamp made only when asked for does not."""
    with socket.socket() as client:
        ask_for_timestamps(client)
        client.connect(listener.getsockname())
        server, _ = listener.accept()
        with server:
            server.sendall(b"x")
            select.select([client], [], [])
            time.sleep(PAUSE)
            lag = arrival_lag(client)
    return lag is not None and lag / 1e9 >= PAUSE


def test_every_connection_tells_its_lag_while_timestamping_is_open():
    """Once stamping has begun, it goes on while no connection is open, and each new one knows when its answer came."""
    timestamping = Timestamping()
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            eventually(lambda: lag_is_seen(listener), what="the kernel to begin stamping")
            assert [lag_is_seen(listener) for _ in range(20)] == [True] * 20
    finally:
        timestamping.close()
