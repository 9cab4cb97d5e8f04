"""The way to one nurse, with a switch for how sick the nurse looks from outside.

Neighbours, ingress and service reach a nurse through its relay, so every sickness is real on the wire, and the nurse's
own code knows nothing of it.
"""

import socket
from enum import Enum, auto
from http import HTTPStatus

import anyio
from anyio.abc import SocketStream, TaskGroup

from otelnurse.demo.wire import GONE, LOOPBACK, bound_socket, read_head, reset, respond, splice


class Mode(Enum):
    """What happens to a new connection; open ones are left as they are."""

    PASS = auto()
    """Forwarded to the nurse."""
    REFUSE = auto()
    """Nobody listens."""
    LATE = auto()
    """Forwarded after the delay."""
    STATUS_500 = auto()
    """Answered with 500 Internal Server Error in the nurse's stead."""
    RESET = auto()
    """Accepted, and reset when the request has come."""


class Relay:
    """A TCP forwarder from a port of its own to the port ``upstream``, both on 127.0.0.1.

    The port is taken at once, listens while :meth:`run` runs, and is free afterwards.
    """

    def __init__(self, upstream: int, delay: float) -> None:
        """``delay``: seconds that :attr:`Mode.LATE` holds a connection back."""
        self._upstream = upstream
        self._delay = delay
        self._mode = Mode.PASS
        self._listening: anyio.CancelScope | None = None
        self._well = anyio.Event()
        self._socket = bound_socket()
        self.port: int = self._socket.getsockname()[1]

    def switch(self, mode: Mode) -> None:
        """Treat connections that come from now on by ``mode``."""
        self._mode = mode
        if mode is not Mode.REFUSE:
            self._well.set()
            return
        self._well = anyio.Event()
        if self._listening is not None:
            self._listening.cancel()

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            async with anyio.create_task_group() as connections:
                while True:
                    if self._mode is Mode.REFUSE:
                        await self._well.wait()
                    self._socket.listen()
                    with anyio.CancelScope() as self._listening:
                        await self._accept(connections)
                    # A socket that is bound and does not listen refuses, and keeps the port from being given to others.
                    self._socket.close()
                    self._socket = bound_socket(self.port)
        finally:
            self._socket.close()

    async def _accept(self, connections: TaskGroup) -> None:
        while True:
            await anyio.wait_readable(self._socket)
            try:
                client, _ = self._socket.accept()
            except (BlockingIOError, ConnectionAbortedError):
                continue  # it went away again before it was accepted
            client.setblocking(False)
            connections.start_soon(self._serve, client, self._mode)

    async def _serve(self, client: socket.socket, mode: Mode) -> None:
        if mode is Mode.RESET:
            try:
                await anyio.wait_readable(client)
            finally:
                reset(client)
            return
        try:
            async with await SocketStream.from_socket(client) as stream:
                if mode is Mode.STATUS_500:
                    await read_head(stream)
                    await respond(stream, HTTPStatus.INTERNAL_SERVER_ERROR, '{"message": "the demo made this up"}')
                    return
                if mode is Mode.LATE:
                    await anyio.sleep(self._delay)
                async with await anyio.connect_tcp(LOOPBACK, self._upstream) as upstream:
                    await splice(stream, upstream)
        except GONE:
            return  # an end went away: the neighbour gave up, or the nurse is dead; both are for the nurses to tell
