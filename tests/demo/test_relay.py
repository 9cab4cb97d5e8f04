"""The relay in front of a nurse: each sickness, as a neighbour meets it on the wire."""

import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import anyio
import httpx
import pytest
from anyio.abc import SocketAttribute, SocketListener, SocketStream

from otelnurse.demo.relay import Mode, Relay
from otelnurse.demo.wire import LOOPBACK, bound_socket, read_head, respond

pytestmark = pytest.mark.anyio

DELAY = 0.3


async def well(stream: SocketStream) -> None:
    """A nurse that always answers 200."""
    async with stream:
        await read_head(stream)
        await respond(stream, HTTPStatus.OK, "{}")


@asynccontextmanager
async def relayed() -> AsyncIterator[Relay]:
    """A relay that runs in front of a well nurse."""
    async with await anyio.create_tcp_listener(local_host=LOOPBACK) as listener, anyio.create_task_group() as group:
        relay = Relay(listener.extra(SocketAttribute.local_port), DELAY)
        group.start_soon(listener.serve, well)
        group.start_soon(relay.run)
        await anyio.wait_all_tasks_blocked()
        yield relay
        group.cancel_scope.cancel()


def connect(port: int) -> None:
    """Connect and hang up, by the system's own call: anyio rewrites what it says."""
    socket.create_connection((LOOPBACK, port)).close()


async def ask(relay: Relay) -> int:
    """The status of one request on a connection of its own."""
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"http://{LOOPBACK}:{relay.port}/alwayshappy")).status_code


async def test_a_well_nurse_is_reached_through_its_relay() -> None:
    """What the nurse behind it answers comes through."""
    async with relayed() as relay:
        assert await ask(relay) == 200


async def test_a_refusing_relay_refuses_and_comes_back_on_the_same_port() -> None:
    """Connections are refused while it refuses, time after time, and afterwards accepted at the same address."""
    async with relayed() as relay:
        for _ in range(2):
            relay.switch(Mode.REFUSE)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(ConnectionRefusedError):
                await anyio.to_thread.run_sync(connect, relay.port)
            relay.switch(Mode.PASS)
            await anyio.wait_all_tasks_blocked()
            assert await ask(relay) == 200


async def test_a_late_relay_holds_back_what_it_then_delivers() -> None:
    """The answer is the nurse's, and comes no earlier than the delay."""
    async with relayed() as relay:
        relay.switch(Mode.LATE)
        before = time.monotonic()
        assert await ask(relay) == 200
        assert time.monotonic() - before >= DELAY


async def test_a_relay_can_answer_500_in_the_nurses_stead() -> None:
    """The request gets a whole HTTP response with status 500."""
    async with relayed() as relay:
        relay.switch(Mode.STATUS_500)
        assert await ask(relay) == 500


async def test_a_resetting_relay_resets_what_it_has_accepted() -> None:
    """The connection comes up, and the request on it ends with the kernel's word for a reset."""
    async with relayed() as relay:
        relay.switch(Mode.RESET)
        async with await anyio.connect_tcp(LOOPBACK, relay.port) as stream:
            await stream.send(b"GET / HTTP/1.1\r\n\r\n")
            with pytest.raises(anyio.BrokenResourceError) as caught:
                await stream.receive()
            assert isinstance(caught.value.__cause__, ConnectionResetError)


async def test_a_switch_to_another_sickness_needs_no_recovery_between() -> None:
    """From refusing straight to answering 500, as the demo plays it."""
    async with relayed() as relay:
        relay.switch(Mode.REFUSE)
        await anyio.wait_all_tasks_blocked()
        relay.switch(Mode.STATUS_500)
        await anyio.wait_all_tasks_blocked()
        assert await ask(relay) == 500


async def test_a_relay_whose_nurse_is_dead_hangs_up_and_serves_again_when_it_is_back() -> None:
    """A dead nurse is the neighbours' business to report, and no end of the relay."""
    nurse = bound_socket()
    relay = Relay(nurse.getsockname()[1], DELAY)
    async with anyio.create_task_group() as group:
        group.start_soon(relay.run)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(httpx.TransportError):
            await ask(relay)
        nurse.listen()
        async with await SocketListener.from_socket(nurse) as listener, anyio.create_task_group() as living:
            living.start_soon(listener.serve, well)
            assert await ask(relay) == 200
            living.cancel_scope.cancel()
        group.cancel_scope.cancel()
