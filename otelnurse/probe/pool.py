"""Connections that are kept for the next check, with REUSE_CONNECTIONS."""

import socket
import time
from dataclasses import dataclass
from typing import NamedTuple

from otelnurse.probe.streams import is_dead

IDLE = 90.0
"""Seconds after which a connection that nobody took is closed."""


class Origin(NamedTuple):
    """What a connection is good for."""

    scheme: str
    host: str
    port: int
    server_name: str | None
    verify: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A connection at rest."""

    sock: socket.socket
    address: str
    port: int
    since: float


class Pool:
    """At most one idle connection for each origin."""

    def __init__(self) -> None:
        self._kept: dict[Origin, Kept] = {}

    def take(self, origin: Origin) -> Kept | None:
        """Hand out the connection to ``origin`` if there is one, not too old, and its peer has not closed it."""
        kept = self._kept.pop(origin, None)
        if kept and (time.monotonic() - kept.since > IDLE or is_dead(kept.sock)):
            kept.sock.close()
            return None
        return kept

    def put(self, origin: Origin, sock: socket.socket, address: str, port: int) -> None:
        """Keep ``sock``, and close what has been idle for too long."""
        now = time.monotonic()
        if origin in self._kept:
            sock.close()
        else:
            self._kept[origin] = Kept(sock, address, port, now)
        for other in [o for o, kept in self._kept.items() if now - kept.since > IDLE]:
            self._kept.pop(other).sock.close()

    def close(self) -> None:
        """Close them all."""
        while self._kept:
            self._kept.popitem()[1].sock.close()
