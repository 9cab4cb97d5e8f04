"""HTTP/1.1 as uvicorn speaks it, with bounds on what a request may take: octets of its head, and time to arrive."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 64 * 1024
"""Octets that a request may have besides its body: request line, headers, the framing of chunks, trailers."""
COMPLETE_WITHIN = 5.0
"""Seconds from a request's first octets, or from the connection's beginning, until the request is there as a whole."""
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"  # RFC 6585
)


class BoundedProtocol(HttpToolsProtocol):
    """One connection, which is closed when its request does not keep within the bounds.

    The parser has none of its own: it would collect a header without an end, and wait for ever for the rest of one.
    Between requests uvicorn's own timer for idle connections runs.
    """

    _complete = False
    """Whether nothing came after the end of the last request."""
    _octets = 0
    """Those since the last chunk that ended a request, without bodies."""
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Parse, then look whether it has become too much; what is parsed at once is no more than the loop reads."""
        self._complete = False
        self._octets += len(data)
        super().data_received(data)
        if self._complete:
            self._octets = 0
            self._rest()
        elif self.transport.is_closing():
            self._rest()
        elif self._octets > MAX_HEAD:
            self._rest()
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave no timer behind."""
        self._rest()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Note that another request has begun."""
        self._complete = False
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Drop it: no page reads one."""
        self._octets -= len(body)

    def on_message_complete(self) -> None:
        """Note that the request is there."""
        self._complete = True
        super().on_message_complete()

    def _wait(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(COMPLETE_WITHIN, self._give_up)

    def _rest(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self._patience = None
        # Not close(), which would wait until the other side has read what is to be sent.
        self.transport.abort()
