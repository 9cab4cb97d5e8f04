"""One HTTP/1.1 request and its response over a connected socket; the framing is h11's (RFC 9112)."""

import socket
import time
from collections.abc import Iterable

import anyio.lowlevel
import h11

from otelnurse.probe.bounds import KEPT_HEADERS, cut
from otelnurse.probe.errors import ErrorType, Phase, failure, from_os_error
from otelnurse.probe.streams import receive, send_all
from otelnurse.probe.timeline import Exchange, Hop, Timeline

MAX_BODY = 1 << 20
"""Octets of a response's body that are read; what is longer counts as read, and its connection is closed."""
MAX_HEADERS = 65_536
"""Octets of a response's header section; what is longer is a protocol error."""
_AT_A_TIME = 256
"""Pieces of a response that are taken before others get their turn: one read may hold 10,000 chunks of one octet."""


class StaleConnectionError(Exception):
    """A connection that an earlier check had left open was dead before the response's first byte."""


class Request:
    """A request put into bytes before the clock runs, and the state of the connection that it opens.

    Raises ``h11.LocalProtocolError`` when the headers cannot be sent.
    """

    def __init__(self, method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.framing = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEADERS)
        head = self.framing.send(h11.Request(method=method, target=target, headers=list(headers)))
        self.wire = (head or b"") + (self.framing.send(h11.EndOfMessage()) or b"")


async def exchange(sock: socket.socket, request: Request, hop: Hop, timeline: Timeline) -> bool:
    """Send ``request`` on ``sock``, read the response, and say whether the connection can serve another one.

    Fills ``hop.exchange`` as it goes. Raises :class:`ProbeError`, or :class:`StaleConnectionError` for a reused
    connection that ends before the first byte.
    """
    record = hop.exchange = Exchange(start=time.monotonic_ns())
    hop.phase = Phase.SEND
    try:
        await send_all(sock, request.wire)
        record.sent = time.monotonic_ns()
        hop.phase = Phase.WAIT
        return await _read(sock, request.framing, hop, record, timeline)
    except OSError as error:
        if hop.reused and record.first_byte is None:
            raise StaleConnectionError from error
        record.error = from_os_error(error, hop.phase)
        raise failure(record.error, hop.phase, f"{hop.phase}: {error.strerror or error}") from error


async def _read(sock: socket.socket, framing: h11.Connection, hop: Hop, record: Exchange, timeline: Timeline) -> bool:
    pieces = 0
    while True:
        pieces += 1
        await _give_way(pieces)
        event = _next(framing, hop, record)
        if event is h11.NEED_DATA:
            got = await receive(sock, stamped=record.first_byte is None)
            if not got.data:
                if hop.reused and record.first_byte is None:
                    raise StaleConnectionError
                _end_of_stream(framing, hop, record)
                return False
            if record.first_byte is None:
                # The kernel may have the answer before this process gets to note that it has sent the request.
                record.first_byte, record.seen = max(got.arrived, record.sent or 0), got.seen
                timeline.lag = got.lag
                hop.phase = Phase.RECEIVE
            # What came with one read had all arrived when the kernel said so: our own delay is no part of the transfer.
            record.received = max(got.arrived, record.first_byte)
            framing.receive_data(got.data)
        elif isinstance(event, h11.Response):
            record.status = event.status_code
            record.headers = {k.decode("ascii"): v.decode("latin-1") for k, v in event.headers if k in KEPT_HEADERS}
        elif isinstance(event, h11.Data):
            record.body_size += len(event.data)
            if record.body_size > MAX_BODY:
                return False
        elif isinstance(event, h11.EndOfMessage):
            return framing.our_state is framing.their_state is h11.DONE and not framing.trailing_data[0]


async def _give_way(pieces: int) -> None:
    if pieces % _AT_A_TIME == 0:
        await anyio.lowlevel.checkpoint()


def _next(framing: h11.Connection, hop: Hop, record: Exchange) -> "h11.Event | type[h11.NEED_DATA | h11.PAUSED]":
    try:
        return framing.next_event()
    except h11.RemoteProtocolError as error:
        record.error = ErrorType.PROTOCOL_ERROR
        raise failure(record.error, hop.phase, f"the response is not HTTP/1.1: {cut(str(error))}") from error


def _end_of_stream(framing: h11.Connection, hop: Hop, record: Exchange) -> None:
    """The peer closed: that ends a body without a length, and anything else is cut off."""
    framing.receive_data(b"")
    try:
        event = framing.next_event()
    except h11.RemoteProtocolError:
        event = None
    if isinstance(event, h11.EndOfMessage):
        return
    record.error = ErrorType.CONNECTION_CLOSED
    when = "before the response began" if record.first_byte is None else "in the middle of the response"
    raise failure(record.error, hop.phase, f"the peer closed the connection {when}")
