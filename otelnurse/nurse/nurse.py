"""One nurse: its parts, put together, and how they live and end."""

import logging
import socket
import time
from collections.abc import Awaitable, Callable

import anyio
from anyio import to_thread

from otelnurse.discovery.neighbour import Neighbour
from otelnurse.discovery.neighbourhood import Neighbourhood
from otelnurse.nurse.observer import LoggingObserver
from otelnurse.nurse.pages import looking, neighbourhood_of
from otelnurse.nurse.sources import make_sources
from otelnurse.nurse.targets import authorities, make_plan, not_made
from otelnurse.nurse.telemetry import make_telemetry
from otelnurse.probe.dns.resolver import Resolver
from otelnurse.probe.judge import Judge
from otelnurse.probe.prober import Prober
from otelnurse.probe.tcpinfo import Timestamping
from otelnurse.probe.tls import Trust
from otelnurse.probe.transport import ProbeTransport, Resolves
from otelnurse.rounds.fever import Throttling
from otelnurse.rounds.history import History
from otelnurse.rounds.rounds import Rounds
from otelnurse.settings import Settings
from otelnurse.web import alive
from otelnurse.web.app import App, Pages
from otelnurse.web.happy import Happy
from otelnurse.web.incoming import Incoming
from otelnurse.web.listen import ListenError, listen
from otelnurse.web.server import CertificateFiles, Server

_log = logging.getLogger(__name__)
_RESTART = 1.0
"""Seconds until a part that died of a fault of its own is started again."""
_FLUSH_SHARE = 0.4
"""The share of SHUTDOWN_DURATION that the last export may take."""
_MARGIN = 0.15
"""The share that is left when there are no answers any more, so that the whole is over in time."""
_CLOSE_SHARE = 0.05
"""The share, out of the margin, that connections may take to be closed."""


class Nurse:
    """Listens from its making on; :meth:`run` makes rounds until :meth:`stop`.

    Raises :class:`otelnurse.web.listen.ListenError`, and ``ValueError`` for OTEL_* variables that make no sense.
    """

    def __init__(self, settings: Settings, *, resolver: Resolves | None = None) -> None:
        self._settings = settings
        self._sockets = _listen(settings)
        try:
            self._assemble(settings, resolver or Resolver())
        except BaseException:
            self._close_sockets()
            raise

    def _assemble(self, settings: Settings, resolver: Resolves) -> None:
        for sentence in not_made(settings):
            _log.warning(sentence)
        self.address, self.port = self._sockets[0].getsockname()[:2]
        """Where plain HTTP is answered."""
        self.tls_port: int | None = self._sockets[1].getsockname()[1] if settings.use_tls else None
        """Where HTTPS is answered, if it is."""
        self._stopping = anyio.Event()

        self.history = History()
        trust = Trust.of(authorities(settings))
        incoming = Incoming(settings.neighbour_limit)
        self._plan = make_plan(settings, _loopback(settings.http_address.host), self.port)
        self._neighbourhood = Neighbourhood(
            settings.node_name,
            settings.neighbour_limit,
            list(make_sources(settings, trust.verified)),
            on_change=self._neighbours_changed,
        )
        self._telemetry = make_telemetry(settings, self._neighbourhood, incoming)
        judge = Judge(trust)
        transport = ProbeTransport(resolver, trust, judge, reuse=settings.reuse_connections)
        self._transport = self._telemetry.wrap(transport)
        self._observer = LoggingObserver(self._telemetry)
        self._throttling = Throttling()
        self._timestamping = Timestamping()
        self._rounds = Rounds(
            Prober(self._transport, judge, reuse=settings.reuse_connections),
            self._observer,
            self._plan.targets,
            interval=settings.check_interval,
            node=settings.node_name,
            history=self.history,
            throttling=self._throttling,
        )
        app = App(Happy(incoming, self._telemetry), self._pages(incoming))
        closing = settings.shutdown_duration * _CLOSE_SHARE
        self._servers = [Server(app, self._sockets[0], grace=closing)]
        if settings.use_tls and settings.cert_file and settings.cert_key:
            certificate = CertificateFiles(settings.cert_file, settings.cert_key)
            self._servers.append(Server(app, self._sockets[1], certificate, grace=closing))

    async def run(self) -> None:
        """Make rounds and answer until :meth:`stop`; then end within SHUTDOWN_DURATION."""
        budget = self._settings.shutdown_duration
        flush = budget * _FLUSH_SHARE
        grace = budget * (1 - _FLUSH_SHARE - _MARGIN)
        rounds_over = anyio.Event()
        try:
            async with anyio.create_task_group() as tasks:
                for server in self._servers:
                    tasks.start_soon(self._supervise, "web server", server.serve)
                tasks.start_soon(self._supervise, "discovery", self._neighbourhood.run)
                tasks.start_soon(self._make_rounds, grace, rounds_over)
                await self._stopping.wait()
                deadline = time.monotonic() + budget * (1 - _MARGIN)
                self._rounds.stop()
                await rounds_over.wait()
                await to_thread.run_sync(self._telemetry.stop, min(flush, max(0.0, deadline - time.monotonic())))
                # Whoever still sends requests here is answered: endpoints take a moment to forget a pod.
                await anyio.sleep(max(0.0, deadline - time.monotonic()))
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await self._transport.aclose()
            self._close()

    def stop(self) -> None:
        """Be not ready any more, finish what is under way, and end."""
        self._stopping.set()

    async def _make_rounds(self, grace: float, over: anyio.Event) -> None:
        await self._supervise("rounds", lambda: self._rounds.run(grace))
        over.set()

    async def _supervise(self, name: str, part: Callable[[], Awaitable[None]]) -> None:
        """Run ``part``; a fault in it is told and costs a pause, not the nurse."""
        while True:
            try:
                await part()
            except Exception:  # noqa: BLE001  # whatever it is, the other parts go on
                _log.exception("%s died of a fault of its own and starts again", name)
                await anyio.sleep(_RESTART)
            else:
                return

    def _neighbours_changed(self, neighbours: tuple[Neighbour, ...]) -> None:
        self._plan.neighbours_changed(neighbours)
        self._telemetry.neighbours_changed([it.node for it in neighbours])

    def _pages(self, incoming: Incoming) -> Pages:
        settings = self._settings
        patience = settings.check_timeout + 1

        return Pages(
            alive=alive.Sources(
                hostname=settings.pod_name,
                history=self.history,
                expected=lambda: [target.name for target in self._plan.targets()],
                neighbourhood=lambda: neighbourhood_of(settings, self._neighbourhood),
            ),
            always_200=settings.alive_status == "always200",
            fresh=lambda max_age: self._rounds.fresh(max_age, patience),
            pause=self._rounds.pause,
            metrics=None if settings.metrics == "otlp" else self._telemetry.prometheus_text,
            ready=lambda: not self._stopping.is_set(),
            look=looking(settings, self._plan, self.history, self._neighbourhood, incoming),
        )

    def _close(self) -> None:
        self._observer.close()
        self._throttling.close()
        self._timestamping.close()
        self._close_sockets()

    def _close_sockets(self) -> None:
        for sock in self._sockets:
            sock.close()


def _listen(settings: Settings) -> list[socket.socket]:
    """The socket for HTTP, and with USE_TLS the one for HTTPS; none when one of them cannot be had."""
    sockets: list[socket.socket] = []
    try:
        sockets.append(listen(settings.http_address.host, settings.http_address.port, "OTELNURSE_HTTP_ADDRESS"))
        if settings.use_tls:
            sockets.append(listen(settings.https_address.host, settings.https_address.port, "OTELNURSE_HTTPS_ADDRESS"))
    except ListenError:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def _loopback(host: str) -> str:
    """The address at which a server that listens on ``host`` is reached from its own machine."""
    return {"::": "127.0.0.1", "0.0.0.0": "127.0.0.1"}.get(host.strip("[]"), host.strip("[]"))
