"""The sockets that a nurse listens on."""

import errno
import socket


class ListenError(Exception):
    """An address cannot be listened on; the text names the setting, the address and the reason."""


def listen(host: str, port: int, setting: str) -> socket.socket:
    """Listen on ``host`` and ``port`` (0: any free one); ``::`` means both families, IPv4 where there is no IPv6.

    Raises :class:`ListenError`.
    """
    host = host.strip("[]")
    if host == "::" and not _has_ipv6():
        host = "0.0.0.0"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock: socket.socket | None = None
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if host == "::" else 1)
        sock.bind((host, port))
        # Here rather than in the server, so that whoever has taken the port is told before anything else starts.
        sock.listen(2048)
    except OSError as error:
        if sock:
            sock.close()
        shown = f"[{host}]:{port}" if family is socket.AF_INET6 else f"{host}:{port}"
        raise ListenError(f"{setting}={shown}: {_words(error)}") from error
    sock.setblocking(False)
    return sock


def _words(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the port is in use by another process; choose a free one"
    if error.errno == errno.EADDRNOTAVAIL:
        return "this machine has no such address"
    if error.errno == errno.EACCES:
        return "not allowed to listen there; ports below 1024 need privileges"
    return error.strerror or str(error)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            sock.bind(("::", 0))
    except OSError:
        return False
    return True
