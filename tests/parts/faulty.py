"""Servers that misbehave as they are told to: real sockets, a thread for each connection, port 0 of a loopback address.

A behaviour is a function of one :class:`Connection`; when it returns, the connection is closed.
"""

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

from tests.parts.waiting import eventually

_LINGER_0 = struct.pack("ii", 1, 0)


class Connection:
    """A client, from the server's side. What a client that hangs up makes of it is no error."""

    def __init__(self, sock, server):
        self.sock = sock
        self.server = server

    def request(self):
        """Read one request's head; empty when the client hung up."""
        head = b""
        while b"\r\n\r\n" not in head:
            part = self.sock.recv(65536)
            if not part:
                return b""
            head += part
        self.server.requests.append(head)
        return head

    def send(self, *parts):
        """Send these, each in a segment of its own unless the kernel is slow."""
        for part in parts:
            self.sock.sendall(part)

    def reset(self):
        """End the connection by RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
        self.sock.close()

    def stay(self):
        """Be silent until the client hangs up."""
        while self.sock.recv(65536):
            pass


Behaviour = Callable[[Connection], None]


class Faulty:
    """A server that does with each connection what ``behaviour`` says; with ``context`` it shakes hands first."""

    def __init__(self, behaviour: Behaviour, *, context: ssl.SSLContext | None = None, address=("127.0.0.1", 0)):
        self.behaviour = behaviour
        self.context = context
        self.requests = []
        self.connections = 0
        self._open = set()
        self._listener = socket.create_server(address, family=family_of(address[0]))
        self._port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, name="misbehaving server")]
        self._threads[0].start()

    @property
    def port(self):
        """Where it listens."""
        return self._port

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.stop_listening()
        self._shut_down()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def stop_listening(self):
        """Refuse connections from now on."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)

    def hang_up(self):
        """Close what is open, and return when the kernel has told the clients."""
        self._shut_down()
        eventually(lambda: not self._open, what="connections to end")

    def _shut_down(self):
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), name="misbehaving connection")
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw = sock
        try:
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
                self._open.add(sock)
                _shake_hands(sock)
            self.behaviour(Connection(sock, self))
        except OSError:
            pass
        finally:
            sock.close()
            raw.close()
            self._open.difference_update({raw, sock})


def _shake_hands(sock):
    try:
        sock.do_handshake()
    except ssl.SSLError:
        # Give the client time to read the alert: hanging up at once may overtake it by a RST.
        while socket.socket.recv(sock, 65536):
            pass
        raise


def family_of(address):
    """Of an IP address as text."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Blackhole:
    """A port whose SYNs the kernel drops: its queue of connections is full and nobody ever takes one from it."""

    def __init__(self, address=("127.0.0.1", 0)):
        self._listener = socket.socket(family_of(address[0]))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(address)
        self._listener.listen(0)
        self.port = self._listener.getsockname()[1]
        self._filler = socket.create_connection((address[0], self.port))

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._filler.close()
        self._listener.close()


def closed_port(address="127.0.0.1"):
    """A port that nobody listens on, and that the kernel will not give to anybody soon."""
    with socket.create_server((address, 0), family=family_of(address)) as listener:
        return listener.getsockname()[1]
