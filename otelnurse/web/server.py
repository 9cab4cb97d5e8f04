"""uvicorn, without its signal handlers: stopping is the nurse's business."""

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import uvicorn
from anyio import to_thread

from otelnurse.stamp import Stamp, stamp
from otelnurse.web.app import App

_log = logging.getLogger(__name__)
_KEEP_ALIVE = 130
"""Seconds; longer than any sensible interval, so that neighbours with REUSE_CONNECTIONS find theirs open."""
_CONCURRENT = 8_192
"""Connections at the same time, idle ones of neighbours included (with NEIGHBOUR_LIMIT=0 all of them may ask); more get
503, so that nobody can use up the nurse's memory."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Serves one application on one socket, which it closes at the end.

    Making one reads the certificate's files; raises ``OSError`` (``ssl.SSLError``) when they are of no use.
    """

    def __init__(self, app: App, sock: socket.socket, certificate: "CertificateFiles | None" = None) -> None:
        self._sock = sock
        self._certificate = certificate
        self._config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=1,
            limit_concurrency=_CONCURRENT,
            ssl_certfile=certificate.certificate if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
        self._config.load()
        self._server = _Server(self._config)

    async def serve(self) -> None:
        """Answer requests until cancelled, then close idle connections and give answers under way a second."""
        async with anyio.create_task_group() as tasks:
            if self._certificate and self._config.ssl:
                tasks.start_soon(self._certificate.watch, self._config.ssl)
            try:
                await self._server.serve(sockets=[self._sock])
            finally:
                # A cancellation goes through uvicorn as if there were nothing to close.
                if self._server.started:
                    with anyio.CancelScope(shield=True):
                        await self._server.shutdown(sockets=[self._sock])


class CertificateFiles:
    """A certificate and its key in files that somebody replaces before they expire."""

    def __init__(self, certificate: Path, key: Path, interval: float = 10.0) -> None:
        self.certificate = certificate
        self.key = key
        self._interval = interval
        self._stamp = self._look()

    async def watch(self, context: ssl.SSLContext) -> None:
        """Load the files into ``context`` whenever they change; a pair that does not fit leaves the old one in use."""
        while True:
            await anyio.sleep(self._interval)
            now = await to_thread.run_sync(self._look)
            if now == self._stamp:
                continue
            self._stamp = now
            try:
                await to_thread.run_sync(self._load, context)
            except (OSError, ValueError) as error:  # ssl.SSLError is an OSError; a passphrase of length 0 a ValueError
                _log.warning("certificate %s was not reloaded, the old one stays in use: %s", self.certificate, error)
            else:
                _log.info("certificate %s reloaded", self.certificate)

    def _load(self, context: ssl.SSLContext) -> None:
        # Tried out first: a context that got a certificate and then a key that does not fit serves nobody.
        # With an empty passphrase, lest OpenSSL asks for one on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key, password="")
        context.load_cert_chain(self.certificate, self.key, password="")

    def _look(self) -> tuple[Stamp | None, ...]:
        return _stamp(self.certificate), _stamp(self.key)


def _stamp(path: Path) -> Stamp | None:
    try:
        return stamp(path.stat())
    except OSError:
        return None
