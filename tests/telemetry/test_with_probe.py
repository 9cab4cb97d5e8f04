"""The real probe on real sockets: what it meets is what the CLIENT span says, for each kind of fault."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import trustme
from opentelemetry.trace import SpanKind, StatusCode

from otelnurse.probe.errors import ErrorType, Phase, failure
from otelnurse.probe.judge import Judge
from otelnurse.probe.prober import Prober
from otelnurse.probe.target import Method, Target
from otelnurse.probe.timeline import Lookup
from otelnurse.probe.tls import Trust
from otelnurse.probe.transport import ProbeTransport
from tests.telemetry.scripted import Nurse
from tests.telemetry.test_span_tree import assert_nested

pytestmark = pytest.mark.anyio

Answer = Callable[[socket.socket], None]


class NoNames:
    """A resolver that knows nobody."""

    async def resolve(self, host: str, lookup: Lookup, timeout: float) -> list[str]:  # noqa: ARG002
        """Say so."""
        lookup.end, lookup.error = lookup.start, ErrorType.HOST_NOT_FOUND
        raise failure(ErrorType.HOST_NOT_FOUND, Phase.DNS, f"{host} does not exist")


@contextmanager
def listening(answer: Answer) -> Iterator[int]:
    """A server that does ``answer`` with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        answer(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def says(response: bytes) -> Answer:
    """Read the request, answer, close."""

    def answer(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(response)

    return answer


def resets(connection: socket.socket) -> None:
    """Read the request, then reset."""
    connection.recv(65_536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def stays_silent(connection: socket.socket) -> None:
    """Read until the other side gives up."""
    while connection.recv(65_536):
        pass


def unknown_certificate(connection: socket.socket) -> None:
    """Show a certificate of a CA that nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    context.wrap_socket(connection, server_side=True).close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FAULTS = [
    (says(OK), "http", None),
    (says(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"), "http", "500"),
    (says(b"HTTP/1.1 204 No Content\r\n\r\n"), "http", "204"),
    (says(b"rubbish\r\n\r\n"), "http", "protocol_error"),
    (says(b""), "http", "connection_closed"),
    (says(OK[:-1]), "http", "connection_closed"),
    (resets, "http", "connection_reset"),
    (stays_silent, "http", "response_timeout"),
    (stays_silent, "https", "tls_timeout"),
    (says(b""), "https", "tls_failed"),
    (unknown_certificate, "https", "tls_certificate_untrusted"),
]


async def probed(nurse: Nurse, url: str, method: Method = "GET") -> None:
    """One check by the real probe, as rounds would run it."""
    trust = Trust.of()
    judge = Judge(trust)
    transport = nurse.telemetry.wrap(ProbeTransport(NoNames(), trust, judge))
    target = Target("extra", "e", url, 0.3, method)
    span = nurse.telemetry.check_started(target)
    timeline = await Prober(transport, judge).run(target)
    nurse.telemetry.check_finished(span, timeline)
    await transport.aclose()


@pytest.mark.parametrize(("answer", "scheme", "error"), FAULTS)
async def test_client_span_says_what_the_probe_met(answer, scheme, error):
    """error.type, peer address and port are ours on CLIENT and root, and all spans are nested, for every fault."""
    nurse = Nurse()
    with listening(answer) as port:
        await probed(nurse, f"{scheme}://127.0.0.1:{port}/?token=hidden")
    spans = nurse.spans()
    assert_nested(spans)
    [client] = [span for span in spans if span.kind is SpanKind.CLIENT]
    [check] = [span for span in spans if span.parent is None]
    assert client.attributes.get("error.type") == check.attributes.get("error.type") == error
    assert client.attributes["network.peer.address"] == "127.0.0.1"
    assert client.attributes["network.peer.port"] == port
    assert "hidden" not in str([span.to_json() for span in spans])


@pytest.mark.parametrize(("method", "error"), [("OPTIONS", None), ("HEAD", "204")])
async def test_client_span_judges_as_the_probe_does(method, error):
    """What is success for the check's method is none of its spans' error, and the other way round."""
    nurse = Nurse()
    with listening(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as port:
        await probed(nurse, f"http://127.0.0.1:{port}/", method)
    status = StatusCode.ERROR if error else StatusCode.UNSET
    found = {span.name: (span.attributes.get("error.type"), span.status.status_code) for span in nurse.spans()}
    assert (found["check extra"], found[method]) == ((error, status), (error, status))


async def test_nobody_listens():
    """A closed port is connection_refused on CLIENT, connect and root, with the address that was tried."""
    nurse = Nurse()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    await probed(nurse, f"http://127.0.0.1:{port}/")
    spans = nurse.spans()
    assert {span.name: span.attributes["error.type"] for span in spans} == dict.fromkeys(
        ["check extra", "GET", "socket connect"], "connection_refused"
    )
    assert {span.attributes["network.peer.port"] for span in spans if span.parent} == {port}


async def test_nobody_of_that_name():
    """A name that does not exist is host_not_found on CLIENT, lookup and root, with the default port and no peer."""
    nurse = Nurse()
    await probed(nurse, "http://nobody.example/")
    spans = nurse.spans()
    assert {span.name: span.attributes["error.type"] for span in spans} == dict.fromkeys(
        ["check extra", "GET", "DNS lookup"], "host_not_found"
    )
    [client] = [span for span in spans if span.kind is SpanKind.CLIENT]
    assert client.attributes["server.port"] == 80
    assert "network.peer.address" not in client.attributes
