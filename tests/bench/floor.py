"""The floor: the same requests and answers as a nurse's, by blocking sockets and with nothing else around them.

    python -m tests.bench.floor '{"listen": 8080, "interval": 0.5, "urls": [...], "authority": null}'

One thread makes rounds, the other answers whoever asks. A response's status is all that is looked at.
"""

import json
import socket
import ssl
import sys
import time
from dataclasses import dataclass
from threading import Thread
from urllib.parse import urlsplit

_CHUNK = 65_536
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """One request, made ready."""

    address: tuple[str, int]
    host: str
    wire: bytes
    context: ssl.SSLContext | None

    @classmethod
    def of(cls, url: str, context: ssl.SSLContext | None, *headers: str) -> "Asked":
        """Read ``url``; ``context`` is used for https alone. ``headers`` are whole lines."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
        lines = [f"GET {parts.path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close", *headers, "", ""]
        return cls((host, port), host, "\r\n".join(lines).encode("ascii"), context if parts.scheme == "https" else None)


def ask(asked: Asked) -> None:
    """Connect, send, receive once, close; raises ``OSError``, or ``ValueError`` for anything but 200."""
    with socket.create_connection(asked.address) as plain:
        if asked.context is None:
            _exchange(plain, asked.wire)
            return
        with asked.context.wrap_socket(plain, server_hostname=asked.host) as sock:
            _exchange(sock, asked.wire)


def _exchange(sock: socket.socket, wire: bytes) -> None:
    sock.sendall(wire)
    got = sock.recv(_CHUNK)
    if not got.startswith(b"HTTP/1.1 200"):
        raise ValueError(f"not 200: {got[:40]!r}")


def rounds(asked: list[Asked], interval: float) -> None:
    """Ask all, one after another, every ``interval`` seconds; rounds that were missed are not made up for."""
    due = time.monotonic()
    while True:
        for it in asked:
            ask(it)
        due += interval * max(1, -int((due - time.monotonic()) // interval))
        time.sleep(max(0.0, due - time.monotonic()))


def answer(listener: socket.socket) -> None:
    """Say 200 to everybody, one after another."""
    while True:
        sock, _ = listener.accept()
        with sock:
            sock.recv(_CHUNK)
            sock.sendall(_ANSWER)


def main(options: dict[str, object]) -> None:
    """Answer and ask until killed."""
    listener = socket.create_server(("127.0.0.1", options["listen"]))
    Thread(target=answer, args=(listener,), daemon=True).start()
    context = ssl.create_default_context(cafile=options["authority"])
    rounds([Asked.of(url, context) for url in options["urls"]], options["interval"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
