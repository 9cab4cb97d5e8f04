"""Whom to ask, and a socket towards it."""

import socket
from dataclasses import dataclass

PORT = 53


@dataclass(frozen=True, slots=True)
class Nameserver:
    """A nameserver's address, which may carry an IPv6 scope, and port."""

    host: str
    port: int = PORT

    def __str__(self) -> str:
        """The address, with the port only where it is not 53."""
        if self.port == PORT:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def socket(self, kind: socket.SocketKind) -> socket.socket:
        """A non-blocking socket of the address's family, for the caller to close."""
        sock = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, kind)
        sock.setblocking(False)
        return sock

    def sockaddr(self) -> tuple[str | int, ...]:
        """What ``connect`` wants.

        Raises:
            OSError: the address's scope names no interface of this machine.
        """
        host, _, scope = self.host.partition("%")
        if not scope:
            return host, self.port
        return host, self.port, 0, int(scope) if scope.isdecimal() else socket.if_nametoindex(scope)
