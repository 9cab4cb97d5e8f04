"""A real HTTP server that writes down what it was asked, and answers as it is told."""

import ssl
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    headers: dict[str, str]
    """By lower-case name."""
    connection: tuple[str, int]
    """The client's address and port: the same for requests over one connection."""


@dataclass
class Listener:
    """Listens on a free port of 127.0.0.1 while its context lasts; with ``tls`` over HTTPS."""

    status: int = 200
    redirects: dict[str, str] = field(default_factory=dict)
    """Locations by path; answered with 302."""
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    """All requests so far; appended to by the server's threads."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its root, without a slash at the end."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], listener: Listener) -> None:
        super().__init__(address, _Handler)
        self.listener = listener

    def finish_request(self, request, client_address) -> None:
        """Shake hands in the connection's own thread."""
        try:
            if self.listener.tls:
                request = self.listener.tls.wrap_socket(request, server_side=True)
            super().finish_request(request, client_address)
        except OSError:
            pass  # who hangs up in the middle is none of this server's business
        finally:
            request.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Note and answer."""
        listener = self.server.listener
        headers = {name.lower(): value for name, value in self.headers.items()}
        listener.asked.append(Asked(self.path, headers, self.client_address))
        location = listener.redirects.get(self.path)
        self.send_response(302 if location else listener.status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name for it
        """Say nothing: the tests ask the listener."""
