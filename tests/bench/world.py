"""Everybody else: ten neighbours and the API server to be asked, and ten neighbours that ask."""

import ssl
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

import anyio
import anyio.abc
import trustme
from anyio.from_thread import BlockingPortal, start_blocking_portal
from anyio.streams.tls import TLSListener

from tests.bench.floor import Asked, ask

NEIGHBOURS = 10
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nserver-timing: app;dur=0.100\r\nconnection: close\r\n\r\n"


class World:
    """Answers while its context lasts, on ports of 127.0.0.1; ``folder`` gets the service account of the API server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ends = ExitStack()
        self.answered = 0
        """Requests so far, of all kinds."""
        self.ports: list[int] = []
        """Where neighbours answer."""
        self.api_port = 0
        """Where the API server answers, with TLS."""
        self.authority = folder / "ca.crt"
        """Who signed its certificate."""

    def __enter__(self) -> Self:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.authority))
        (self._folder / "token").write_text("a-token")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        portal = self._ends.enter_context(start_blocking_portal(backend_options={"use_uvloop": True}))
        self.ports = [self._listen(portal, None) for _ in range(NEIGHBOURS)]
        self.api_port = self._listen(portal, context)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ends.close()

    def _listen(self, portal: BlockingPortal, context: ssl.SSLContext | None) -> int:
        tcp = portal.call(partial(anyio.create_tcp_listener, local_host="127.0.0.1"))
        listener = TLSListener(tcp, context, standard_compatible=False) if context else tcp
        self._ends.callback(portal.call, listener.aclose)
        self._ends.callback(portal.start_task_soon(listener.serve, self._answer).cancel)
        return int(tcp.extra(anyio.abc.SocketAttribute.local_port))

    async def _answer(self, stream: anyio.abc.ByteStream) -> None:
        async with stream:
            try:
                await stream.receive()
                await stream.send(_ANSWER)
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return
            self.answered += 1


class Askers:
    """Ten neighbours that ask whoever is named by :meth:`ask`, each once per ``interval`` seconds, evenly spread."""

    def __init__(self, interval: float) -> None:
        self._pause = interval / NEIGHBOURS
        self._requests: list[Asked] = []
        self._asking = Lock()
        self._stop = Event()
        self._thread = Thread(target=self._run)

    def ask(self, port: int | None, *, sampled: bool = True) -> None:
        """Ask who listens on ``port`` from now on, in traces that are recorded or not; nobody with None.

        Returns when whoever was asked before has answered the last time.
        """
        trace = f"traceparent: 00-{'5' * 32}-{'7' * 16}-{'01' if sampled else '00'}"
        requests = [
            Asked.of(
                f"http://127.0.0.1:{port}/alwayshappy",
                None,
                *("User-Agent: otelnurse/1", "Accept: */*", f"KUBENURSE-NEIGHBOUR-ORIGIN: asker-{number}", trace),
            )
            for number in range(NEIGHBOURS)
            if port
        ]
        with self._asking:
            self._requests = requests

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        due, turn = time.monotonic(), 0
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            with self._asking:
                if self._requests:
                    ask(self._requests[turn % NEIGHBOURS])
            due, turn = due + self._pause, turn + 1
