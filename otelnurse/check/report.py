"""A finished run for machines; docs/check.md describes every field, and a test holds the two together.

Instants are seconds after the run's start, durations are seconds; what is unknown or never happened is null.
"""

from datetime import UTC, datetime

from otelnurse.check.summary import phase_durations
from otelnurse.probe.errors import Phase
from otelnurse.probe.timeline import (
    NS_PER_S,
    Certificate,
    Connect,
    Exchange,
    Handshake,
    Hop,
    Lookup,
    Query,
    TcpInfo,
    Timeline,
)
from otelnurse.probe.waterfall import days_left

Object = dict[str, object]


def report(timeline: Timeline) -> Object:
    """What ``--json`` prints of a run."""
    last = timeline.hops[-1] if timeline.hops else None
    exchange = last.exchange if last else None
    outcome = timeline.outcome
    error = None
    if outcome and outcome.error_type:
        error = {"type": outcome.error_type, "phase": outcome.phase, "message": outcome.message}
    spent = phase_durations(timeline)
    began = datetime.fromtimestamp(timeline.unix_ns(timeline.start) / NS_PER_S, UTC)
    return {
        "time": began.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "ok": timeline.ok,
        "status": exchange.status if exchange else None,
        "body_size": exchange.body_size if exchange else None,
        "duration": timeline.duration,
        "phases": {phase: _rounded(spent.get(phase)) for phase in Phase if phase is not Phase.PREPARE},
        "lag": timeline.lag,
        "error": error,
        "requests": [_request(hop, timeline) for hop in timeline.hops],
    }


def _request(hop: Hop, timeline: Timeline) -> Object:
    at = _Offsets(timeline)
    return {
        "method": hop.method,
        "url": hop.url,
        "host": hop.host,
        "port": hop.port,
        "peer_address": hop.peer_address,
        "peer_port": hop.peer_port,
        "start": at(hop.start),
        "end": at(hop.end),
        "dns": _lookup(hop.lookup, at) if hop.lookup else None,
        "connects": [_connect(connect, at) for connect in hop.connects],
        "tls": _handshake(hop.handshake, timeline, at) if hop.handshake else None,
        "http": _exchange(hop.exchange, at) if hop.exchange else None,
        "tcp": _tcp(hop.tcp) if hop.tcp else None,
    }


def _rounded(seconds: float | None) -> float | None:
    """To the nanoseconds that were measured."""
    return None if seconds is None else round(seconds, 9)


class _Offsets:
    """Turns instants into seconds after the run's start."""

    def __init__(self, timeline: Timeline) -> None:
        self._start = timeline.start

    def __call__(self, instant: int | None) -> float | None:
        return None if instant is None else max(0, instant - self._start) / NS_PER_S


def _lookup(lookup: Lookup, at: _Offsets) -> Object:
    return {
        "name": lookup.name,
        "source": lookup.source,
        "answers": list(lookup.answers),
        "start": at(lookup.start),
        "end": at(lookup.end),
        "error": lookup.error,
        "queries": [_query(query, at) for query in lookup.queries],
    }


def _query(query: Query, at: _Offsets) -> Object:
    return {
        "nameserver": query.nameserver,
        "transport": query.transport,
        "type": query.type,
        "name": query.name,
        "start": at(query.sent),
        "end": at(query.answered),
        "rcode": query.rcode,
        "nsid": query.nsid,
        "error": query.error,
    }


def _connect(connect: Connect, at: _Offsets) -> Object:
    return {
        "address": connect.address,
        "port": connect.port,
        "local_port": connect.local_port,
        "start": at(connect.start),
        "end": at(connect.end),
        "error": connect.error,
        "abandoned": connect.abandoned,
        "tcp": _tcp(connect.tcp) if connect.tcp else None,
    }


def _handshake(handshake: Handshake, timeline: Timeline, at: _Offsets) -> Object:
    return {
        "server_name": handshake.server_name,
        "version": handshake.version,
        "cipher": handshake.cipher,
        "start": at(handshake.start),
        "end": at(handshake.end),
        "certificate": _certificate(handshake.certificate, timeline) if handshake.certificate else None,
        "certificate_fault": handshake.fault,
        "error": handshake.error,
    }


def _certificate(certificate: Certificate, timeline: Timeline) -> Object:
    return {
        "not_before": _date(certificate.not_before),
        "not_after": _date(certificate.not_after),
        "days_left": round(days_left(certificate, timeline), 3),
    }


def _date(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).isoformat().replace("+00:00", "Z")


def _exchange(exchange: Exchange, at: _Offsets) -> Object:
    return {
        "status": exchange.status,
        "body_size": exchange.body_size,
        "start": at(exchange.start),
        "sent": at(exchange.sent),
        "first_byte": at(exchange.first_byte),
        "end": at(exchange.received),
        "error": exchange.error,
    }


def _tcp(tcp: TcpInfo) -> Object:
    return {
        "rtt": tcp.rtt or None,  # none came back where nothing answered
        "min_rtt": tcp.min_rtt,
        "retransmits": tcp.retransmits,
        "segments_sent": tcp.segments_sent,
    }
