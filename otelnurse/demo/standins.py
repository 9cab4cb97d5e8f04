"""What a cluster has besides nurses, in small: an API server, an ingress and a service."""

import itertools
import json
import socket
import ssl
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path

import anyio
import trustme
from anyio.abc import SocketListener, SocketStream
from anyio.streams.tls import TLSListener, TLSStream

from otelnurse.demo.wire import GONE, LOOPBACK, bound_socket, read_head, respond, splice


class ApiServer:
    """Answers ``/version`` over TLS to who shows the token, 401 to others, by a certificate of a throw-away CA."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._authority = trustme.CA(organization_name="otelnurse demo")
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert(LOOPBACK, "::1", "localhost").configure_cert(self._context)
        self._sockets = _dual_stack()
        self.port: int = self._sockets[0].getsockname()[1]

    def write_service_account(self, folder: Path) -> None:
        """Lay out ``folder`` as Kubernetes mounts /var/run/secrets/kubernetes.io/serviceaccount."""
        folder.mkdir()
        (folder / "token").write_text(self._token)
        (folder / "namespace").write_text("demo")
        self._authority.cert_pem.write_to_path(str(folder / "ca.crt"))

    async def run(self) -> None:
        """Serve until cancelled."""
        async with anyio.create_task_group() as group:
            for sock in self._sockets:
                group.start_soon(self._listen, sock)

    def close(self) -> None:
        """Give the port back, if it never ran."""
        for sock in self._sockets:
            sock.close()

    async def _listen(self, sock: socket.socket) -> None:
        sock.listen()
        async with TLSListener(
            await SocketListener.from_socket(sock), self._context, standard_compatible=False
        ) as listener:
            await listener.serve(self._serve)

    async def _serve(self, stream: TLSStream) -> None:
        try:
            async with stream:
                lines = (await read_head(stream)).decode("latin-1").split("\r\n")
                if not any(_is_header(line, "authorization", f"Bearer {self._token}") for line in lines):
                    await respond(stream, HTTPStatus.UNAUTHORIZED, '{"kind": "Status", "reason": "Unauthorized"}')
                elif lines[0].startswith("GET /version "):
                    await respond(stream, HTTPStatus.OK, json.dumps({"major": "1", "gitVersion": "v1.35.0-demo"}))
                else:
                    await respond(stream, HTTPStatus.NOT_FOUND, '{"kind": "Status", "reason": "NotFound"}')
        except GONE:
            return  # the nurse gave up: it is the one to tell why


class Balancer:
    """An ingress (HTTP, tries the next nurse when one does not answer) or a service (TCP, does not), round-robin."""

    def __init__(self, backends: Sequence[int], *, retries: bool) -> None:
        """``backends``: ports of 127.0.0.1; ``retries``: what an ingress does and a service cannot."""
        self._backends = backends
        self._retries = retries
        self._turns = itertools.count()
        self._socket = bound_socket()
        self.url = f"http://{LOOPBACK}:{self._socket.getsockname()[1]}"

    async def run(self) -> None:
        """Serve until cancelled."""
        self._socket.listen()
        async with await SocketListener.from_socket(self._socket) as listener:
            await listener.serve(self._serve)

    async def _serve(self, client: SocketStream) -> None:
        try:
            async with client:
                await (self._proxy(client) if self._retries else self._forward(client))
        except GONE:
            return  # a service has no better answer to a dead backend than to hang up

    async def _forward(self, client: SocketStream) -> None:
        async with await anyio.connect_tcp(LOOPBACK, next(self._in_turn())) as upstream:
            await splice(client, upstream)

    async def _proxy(self, client: SocketStream) -> None:
        head = _with_connection_close(await read_head(client))
        for port in self._in_turn():
            try:
                answer = await _ask(port, head)
            except GONE:
                continue
            await client.send(answer)
            return
        await respond(client, HTTPStatus.BAD_GATEWAY, '{"message": "no nurse answers"}')

    def _in_turn(self) -> Iterator[int]:
        first = next(self._turns)
        return (self._backends[(first + step) % len(self._backends)] for step in range(len(self._backends)))


async def _ask(port: int, head: bytes) -> bytes:
    """The whole answer of one nurse, status line to last byte; nurses' answers are small."""
    async with await anyio.connect_tcp(LOOPBACK, port) as upstream:
        await upstream.send(head)
        answer = [await upstream.receive()]
        answer.extend([chunk async for chunk in upstream])
        return b"".join(answer)


def _dual_stack() -> list[socket.socket]:
    """The same free port of 127.0.0.1 and, where there is one, of ::1: ``localhost`` is both."""
    sockets = [bound_socket()]
    six = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    try:
        six.setblocking(False)
        six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        six.bind(("::1", sockets[0].getsockname()[1]))
        sockets.append(six)
    except OSError:
        six.close()  # no IPv6 on this machine, then nobody expects it of localhost
    return sockets


def _is_header(line: str, name: str, value: str) -> bool:
    key, _, content = line.partition(":")
    return key.strip().lower() == name and content.strip() == value


def _with_connection_close(head: bytes) -> bytes:
    """One request per connection: what follows the first response needs no framing then."""
    first, _, rest = head.partition(b"\r\n")
    kept = [line for line in rest.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([first, b"Connection: close", *kept])
