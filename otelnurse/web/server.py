"""uvicorn, without its signal handlers: stopping is the nurse's business."""

import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import uvicorn
from anyio import to_thread

from otelnurse.stamp import Stamp, stamp
from otelnurse.web.app import App
from otelnurse.web.protocol import BoundedProtocol

_log = logging.getLogger(__name__)
_KEEP_ALIVE = 130
"""Seconds; longer than any sensible interval, so that neighbours with REUSE_CONNECTIONS find theirs open."""
_CONCURRENT = 8_192
"""Connections at the same time, idle ones included (with NEIGHBOUR_LIMIT=0 all neighbours may keep one); while there
are more, whoever asks gets 503. This bounds the nurse's memory, and does not keep a stranger from crowding out others
with connections on which something was asked once."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Serves one application on one socket, which it closes at the end.

    Making one reads the certificate's files; raises ``OSError`` (``ssl.SSLError``) when they are of no use.
    """

    def __init__(
        self, app: App, sock: socket.socket, certificate: "CertificateFiles | None" = None, *, grace: float = 1.0
    ) -> None:
        """``grace``: seconds at the end for answers under way and for peers to close their side."""
        self._sock = sock
        self._certificate = certificate
        self._grace = grace
        self._config = uvicorn.Config(
            app,
            http=BoundedProtocol,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE,
            limit_concurrency=_CONCURRENT,
            ssl_certfile=certificate.certificate if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
        self._config.load()
        self._server = _Server(self._config)

    async def serve(self) -> None:
        """Answer requests until cancelled; then close idle connections, give the others their grace, and drop them."""
        async with anyio.create_task_group() as tasks:
            if self._certificate and self._config.ssl:
                tasks.start_soon(self._certificate.watch, self._config.ssl)
            try:
                await self._server.serve(sockets=[self._sock])
            finally:
                # A cancellation goes through uvicorn as if there were nothing to close.
                if self._server.started:
                    with anyio.move_on_after(self._grace, shield=True):
                        await self._server.shutdown(sockets=[self._sock])
                    self._drop()

    def _drop(self) -> None:
        """End what is still there: answers that take too long, and peers that never say that they have closed, too."""
        for task in [*self._server.server_state.tasks]:
            task.cancel()
        for connection in [*self._server.server_state.connections]:
            connection.transport.abort()


class CertificateFiles:
    """A certificate and its key in files that somebody replaces before they expire."""

    def __init__(self, certificate: Path, key: Path, interval: float = 10.0) -> None:
        self.certificate = certificate
        self.key = key
        self._interval = interval
        self._stamp = self._look()

    async def watch(self, context: ssl.SSLContext) -> None:
        """Let ``context`` show the files' pair of now whenever they change; one that does not fit is never shown."""
        while True:
            await anyio.sleep(self._interval)
            now = await to_thread.run_sync(self._look)
            if now == self._stamp:
                continue
            self._stamp = now
            try:
                fresh = await to_thread.run_sync(self._load)
            except (OSError, ValueError) as error:  # ssl.SSLError is an OSError; a passphrase of length 0 a ValueError
                _log.warning("certificate %s was not reloaded, the old one stays in use: %s", self.certificate, error)
            else:
                context.sni_callback = _shows(fresh)
                _log.info("certificate %s reloaded", self.certificate)

    def _load(self) -> ssl.SSLContext:
        # Not into the context in use: a handshake would see the new certificate beside the old key.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # With an empty passphrase, lest OpenSSL asks for one on the terminal.
        context.load_cert_chain(self.certificate, self.key, password="")
        return context

    def _look(self) -> tuple[Stamp | None, ...]:
        return _stamp(self.certificate), _stamp(self.key)


def _shows(fresh: ssl.SSLContext) -> Callable[[ssl.SSLObject, str | None, ssl.SSLContext], None]:
    """What makes a handshake show the certificate of ``fresh``; it is called also when no server is named."""

    def show(connection: ssl.SSLObject, _server_name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = fresh

    return show


def _stamp(path: Path) -> Stamp | None:
    try:
        return stamp(path.stat())
    except OSError:
        return None
