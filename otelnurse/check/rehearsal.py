"""One turn of everything over loopback before it counts.

The first request of a process runs through code that has never run, and takes milliseconds longer for it: its DNS
lookup three times as long. That is no part of the network that somebody wants to know about.
"""

import logging
import socket
from contextlib import suppress

import anyio
import dns.message
import dns.rdatatype
import dns.rrset
from anyio.abc import SocketAttribute, SocketStream, TaskGroup, UDPSocket

from otelnurse.probe.dns.resolver import Resolver
from otelnurse.probe.judge import Judge
from otelnurse.probe.prober import Prober
from otelnurse.probe.target import Target
from otelnurse.probe.tls import Trust
from otelnurse.probe.transport import ProbeTransport

_log = logging.getLogger(__name__)
_HOST = "127.0.0.1"
_PATIENCE = 1.0
"""Seconds; it takes ten milliseconds, and nobody waits for one that goes wrong."""
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_NAME = "rehearsal.invalid."
"""Which the DNS of the world never has (RFC 2606)."""
_ADDRESSES = {dns.rdatatype.A: _HOST, dns.rdatatype.AAAA: "::1"}


async def rehearse(trust: Trust) -> None:
    """Ask ourselves, by our own nameserver, for HTTP and for TLS, which we do not speak; no matter what comes of it."""
    try:
        with anyio.move_on_after(_PATIENCE):
            await _ask_ourselves(trust)
    except* Exception as errors:  # noqa: BLE001  # a machine without loopback, or a stranger's datagram: measure cold
        _log.debug("the rehearsal failed: %r", errors.exceptions)


async def _ask_ourselves(trust: Trust) -> None:
    judge = Judge(trust)
    async with anyio.create_task_group() as servers:
        resolver = Resolver(nameservers=[(_HOST, await _serve_dns(servers))])
        port = await _serve_http(servers)
        prober = Prober(ProbeTransport(resolver, trust, judge), judge)
        for scheme in ("http", "https"):
            await prober.run(Target("loopback", "rehearsal", f"{scheme}://{_NAME}:{port}/", _PATIENCE))
        servers.cancel_scope.cancel()


async def _serve_dns(servers: TaskGroup) -> int:
    sock = await anyio.create_udp_socket(socket.AF_INET, local_host=_HOST)

    async def serve(sock: UDPSocket) -> None:
        async with sock:
            async for wire, source in sock:
                query = dns.message.from_wire(wire)
                kind = query.question[0].rdtype
                response = dns.message.make_response(query)
                response.answer.append(dns.rrset.from_text(_NAME, 0, "IN", kind, _ADDRESSES[kind]))
                await sock.sendto(response.to_wire(), *source)

    servers.start_soon(serve, sock)
    return int(sock.extra(SocketAttribute.local_port))  # noqa: S610  # anyio's, not Django's


async def _serve_http(servers: TaskGroup) -> int:
    listener = await anyio.create_tcp_listener(local_host=_HOST)

    async def answer(stream: SocketStream) -> None:
        async with stream:
            with suppress(anyio.BrokenResourceError, anyio.EndOfStream):
                await stream.receive()
                await stream.send(_OK)

    async def serve() -> None:
        async with listener:
            await listener.serve(answer)

    servers.start_soon(serve)
    return int(listener.extra(SocketAttribute.local_port))  # noqa: S610  # as above
