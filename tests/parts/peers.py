"""Who is asked in the lab: the least HTTP server that a nurse can call a neighbour, and one that can do more."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.parts.lab_nurse import PORT
from tests.parts.namespace import Namespace


class Peer(ThreadingHTTPServer):
    """Answers from a thread of the tests; it knows how many it answered."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: str, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__((address, PORT), handler)
        self.answered: list[str] = []
        """The paths asked for, one for each answer; appending is safe between threads."""


class Happy(BaseHTTPRequestHandler):
    """Says 200 to everything, in one packet."""

    server: Peer

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.server.answered.append(self.path)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name for it
        """Say nothing: the tests ask the nurse."""


@contextmanager
def peer(namespace: Namespace, handler: type[BaseHTTPRequestHandler] = Happy, address: str = "") -> Iterator[Peer]:
    """Answer in ``namespace`` while the context lasts, on ``address`` or else on its IPv4 address."""
    with namespace.entered():
        server = Peer(address or namespace.ipv4, handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
