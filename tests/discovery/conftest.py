"""What the tests of discovery share: somebody to report to, and a small HTTP server that says what it is told to."""

import ssl
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.streams.tls import TLSStream

OUTER_LIMIT = 20.0
"""Seconds after which a test that waits in vain fails."""


class Recorder:
    """Takes reports down, and lets a test wait for one."""

    def __init__(self):
        self.reports = []
        self._read = 0
        self._news = anyio.Event()

    def found(self, candidates):
        """Take an answer down."""
        self._take("found", candidates)

    def failed(self, message):
        """Take a failed look down."""
        self._take("failed", message)

    def _take(self, kind, what):
        self.reports.append((kind, what))
        self._news.set()

    async def next(self, kind, accept=lambda _: True):
        """Wait for the next report of this kind that is accepted, skipping others, and return what it told."""
        with anyio.fail_after(OUTER_LIMIT):
            while True:
                while self._read < len(self.reports):
                    told, what = self.reports[self._read]
                    self._read += 1
                    if told == kind and accept(what):
                        return what
                self._news = anyio.Event()
                await self._news.wait()


@pytest.fixture
def recorder():
    """Somebody to report to."""
    return Recorder()


@pytest.fixture
def looking(recorder):
    """Run a source that reports to the recorder as long as the context lasts."""

    @asynccontextmanager
    async def run(source):
        async with anyio.create_task_group() as group:
            group.start_soon(source.run, recorder)
            yield recorder
            group.cancel_scope.cancel()

    return run


class Server:
    """An HTTP server on loopback; `answer` gets a request's head as text and its stream, and returns bytes or None."""

    def __init__(self, answer, port, tls):
        self.answer = answer
        self.tls = tls
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/targets"
        self.heads = []
        self._open = 0
        self._closed = anyio.Event()

    async def serve(self, stream):
        """Answer one connection's requests until it closes."""
        self._open += 1
        try:
            async with stream:
                if self.tls:
                    stream = await TLSStream.wrap(stream, ssl_context=self.tls, standard_compatible=False)
                while True:
                    head = b""
                    while not head.endswith(b"\r\n\r\n"):
                        head += await stream.receive(1)
                    self.heads.append(head.decode())
                    await stream.send(await self.answer(head.decode(), stream))
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, ssl.SSLError):
            pass
        finally:
            self._open -= 1
            self._closed.set()

    async def until_unused(self):
        """Wait until the other side has closed every connection."""
        with anyio.fail_after(OUTER_LIMIT):
            while self._open:
                self._closed = anyio.Event()
                await self._closed.wait()


@pytest.fixture
def serving():
    """Serve with a coroutine function as long as the context lasts, over TLS when given a context for it."""

    @asynccontextmanager
    async def run(answer, tls=None):
        async with await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0) as listener:
            server = Server(answer, listener.extra(anyio.abc.SocketAttribute.local_port), tls)
            async with anyio.create_task_group() as group:
                group.start_soon(listener.serve, server.serve)
                yield server
                group.cancel_scope.cancel()

    return run
