"""The httpx transport that takes a request apart: resolve, connect, TLS, send, wait, receive."""

import logging
import socket
import ssl
import time
from typing import Protocol

import anyio
import h11
import httpx

from otelnurse.probe.connect import connect
from otelnurse.probe.errors import TIMEOUTS, ErrorType, Phase, ProbeError, failure
from otelnurse.probe.exchange import Request, StaleConnectionError, exchange
from otelnurse.probe.judge import Endpoint, Judge
from otelnurse.probe.pool import Origin, Pool
from otelnurse.probe.target import Target
from otelnurse.probe.tcpinfo import read_tcp_info
from otelnurse.probe.timeline import Handshake, Hop, Lookup, Timeline
from otelnurse.probe.tls import Trust, handshake

_log = logging.getLogger(__name__)

HOP = "otelnurse.hop"
"""Key of ``httpx.Request.extensions``: the :class:`Hop` to fill."""
TIMELINE = "otelnurse.timeline"
"""Key of ``httpx.Request.extensions``: the :class:`Timeline` that the hop belongs to."""
DEADLINE = "otelnurse.deadline"
"""Key of ``httpx.Request.extensions``: when the whole check must be over, in seconds of :func:`anyio.current_time`."""


class Resolves(Protocol):
    """What turns names into addresses."""

    async def resolve(self, host: str, lookup: Lookup, timeout: float) -> list[str]:
        """Return addresses or raise :class:`ProbeError`; ``lookup`` is filled as it goes. ``timeout`` is in seconds."""


class ProbeTransport(httpx.AsyncBaseTransport):
    """Sends one request on a socket of its own and writes down what happened in the hop it was given.

    The response that it returns has a status and headers; the body has been read, counted and thrown away. Every
    failure is a :class:`ProbeError` whose class is named as its error type.
    """

    def __init__(self, resolver: Resolves, trust: Trust, judge: Judge, *, reuse: bool = False) -> None:
        self._resolver = resolver
        self._trust = trust
        self._judge = judge
        self._pool = Pool() if reuse else None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, within the deadline that ``request.extensions`` names."""
        hop: Hop = request.extensions[HOP]
        timeline: Timeline = request.extensions[TIMELINE]
        try:
            wire = _encoded(request)
            hop.start = time.monotonic_ns()
            if hop is timeline.hops[0]:
                timeline.start = hop.start  # what went before was this process's own work, not the network's
            with anyio.CancelScope(deadline=request.extensions[DEADLINE]) as scope:
                await self._ask(request, wire, hop, timeline)
            if scope.cancelled_caught:
                raise _cut_off(hop, timeline)
        except ProbeError:
            raise
        except Exception as error:
            # Under our own word also in the CLIENT span, which would else show the class of whatever this is.
            _log.exception("check %s met a fault of the nurse itself", timeline.target.name)
            raise failure(ErrorType.OTHER, hop.phase, f"a fault of the nurse itself: {error!r}") from error
        finally:
            hop.end = hop.end or time.monotonic_ns()
        if hop.exchange is None or hop.exchange.status is None:
            raise failure(ErrorType.OTHER, hop.phase, "the exchange ended without a status")
        return httpx.Response(hop.exchange.status, headers=httpx.Headers(hop.exchange.headers, "latin-1"))

    async def aclose(self) -> None:
        """Close the connections that were kept."""
        if self._pool:
            self._pool.close()

    async def _ask(self, request: httpx.Request, wire: Request, hop: Hop, timeline: Timeline) -> None:
        target = timeline.target
        origin = Origin(request.url.scheme, hop.host, hop.port, target.server_name, target.verify)
        while True:
            sock = self._reused(origin, hop) or await self._connected(request, hop, timeline)
            reusable = False
            try:
                reusable = await exchange(sock, wire, hop, timeline)
            except StaleConnectionError:
                timeline.stale_connections += 1
                hop.exchange = None
                wire = _encoded(request)
            else:
                return
            finally:
                hop.tcp = read_tcp_info(sock)
                if reusable and self._pool:
                    self._pool.put(origin, sock, hop.peer_address or "", hop.peer_port or 0)
                else:
                    sock.close()
            hop.stale_tcp, hop.tcp = hop.tcp, None  # what comes now is another connection's

    def _reused(self, origin: Origin, hop: Hop) -> socket.socket | None:
        kept = self._pool.take(origin) if self._pool and not hop.reused else None
        hop.reused = kept is not None
        if kept is None:
            return None
        hop.peer_address, hop.peer_port = kept.address, kept.port
        return kept.sock

    async def _connected(self, request: httpx.Request, hop: Hop, timeline: Timeline) -> socket.socket:
        addresses = await self._resolved(hop, request.extensions[DEADLINE])
        hop.phase = Phase.CONNECT
        try:
            sock = await connect(addresses, hop.port, hop.connects)
        finally:
            _note_peer(hop)
        if request.url.scheme == "http":
            return sock
        return await self._encrypted(sock, hop, timeline.target, request.extensions[DEADLINE])

    async def _encrypted(self, sock: socket.socket, hop: Hop, target: Target, deadline: float) -> ssl.SSLSocket:
        hop.phase = Phase.TLS
        # A dot at the end is the resolver's business; no certificate has it (RFC 6066, section 3).
        server_name = target.server_name or hop.host.removesuffix(".")
        record = Handshake(server_name, start=time.monotonic_ns())
        hop.handshake = record
        context = self._trust.verified if target.verify else self._trust.unverified
        try:
            encrypted = await handshake(sock, context, record)
        except ProbeError as error:
            hop.end = record.end  # what is asked aside is no part of the measurement
            if record.fault is ErrorType.TLS_CERTIFICATE_NAME_MISMATCH:
                # OpenSSL looks at names before dates; whoever is called at night wants to hear of the dates first.
                endpoint = Endpoint(hop.peer_address or hop.host, hop.port, record.server_name)
                await self._judge.examine(endpoint, record, None, (deadline - anyio.current_time()) / 2)
                record.error = record.fault
                raise failure(record.fault, Phase.TLS, str(error)) from error
            raise
        finally:
            hop.tcp = record.tcp
        if not target.verify:
            hop.certificate_der = encrypted.getpeercert(binary_form=True)
        return encrypted

    async def _resolved(self, hop: Hop, deadline: float) -> list[str]:
        if _is_literal(hop.host):
            return [hop.host]
        hop.phase = Phase.DNS
        hop.lookup = Lookup(hop.host, start=time.monotonic_ns())
        return await self._resolver.resolve(hop.host, hop.lookup, deadline - anyio.current_time())


def _encoded(request: httpx.Request) -> Request:
    try:
        return Request(request.method, request.url.raw_path, request.headers.raw)
    except h11.LocalProtocolError as error:
        raise failure(ErrorType.OTHER, Phase.PREPARE, f"the request cannot be sent: {error}") from error


def _note_peer(hop: Hop) -> None:
    """Whoever answered; otherwise who was still being waited for, otherwise whose error came last and so counts."""
    tried = [c for c in hop.connects if not c.abandoned]
    won = [c for c in tried if c.end is not None and c.error is None]
    waited_for = [c for c in tried if c.end is None]
    for peer in won[:1] or waited_for[-1:] or sorted(tried, key=lambda c: c.end or 0)[-1:]:
        hop.peer_address, hop.peer_port = peer.address, peer.port


def _cut_off(hop: Hop, timeline: Timeline) -> ProbeError:
    """Finish what was under way when the deadline came, under the error that this phase's timeout is called."""
    now = time.monotonic_ns()
    kind = TIMEOUTS[hop.phase]
    if hop.phase is Phase.DNS and hop.lookup:
        hop.lookup.end, hop.lookup.error = now, kind
        for query in hop.lookup.queries:
            if query.answered is None:
                query.error = query.error or kind
    elif hop.phase is Phase.CONNECT:
        for attempt in hop.connects:
            if attempt.end is None:
                attempt.end, attempt.error = now, kind
    elif hop.phase is Phase.TLS and hop.handshake:
        hop.handshake.end, hop.handshake.error = now, kind
    elif hop.exchange:
        hop.exchange.error = kind
    return failure(kind, hop.phase, f"{hop.phase}: no end within {timeline.target.timeout:g} s")


def _is_literal(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return True
    return False
