"""What a misbehaving HTTP server may do with a connection."""

from tests.parts.faulty import Behaviour, Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def says(*parts: bytes) -> Behaviour:
    """Read the request, send this, and close."""

    def behave(connection: Connection) -> None:
        if connection.request():
            connection.send(*parts)

    return behave


def then_resets(*parts: bytes) -> Behaviour:
    """Read the request, send this, and reset; what was sent before a RST can still be read on Linux."""

    def behave(connection: Connection) -> None:
        connection.request()
        connection.send(*parts)
        connection.reset()

    return behave


def then_silent(*parts: bytes) -> Behaviour:
    """Read the request, send this, and wait."""

    def behave(connection: Connection) -> None:
        connection.request()
        connection.send(*parts)
        connection.stay()

    return behave


def response(code: int, *headers: str, body: bytes = b"") -> bytes:
    """A good response with this status."""
    lines = [f"HTTP/1.1 {code} Some Reason", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def status(code: int, *headers: str, body: bytes = b"") -> Behaviour:
    """Answer with this status."""
    return says(response(code, *headers, body=body))


def by_path(responses: dict[bytes, bytes]) -> Behaviour:
    """Answer as it stands here for the request's path and query."""

    def behave(connection: Connection) -> None:
        connection.send(responses[connection.request().split()[1]])

    return behave


def redirects_to(location: str, code: int = 302) -> Behaviour:
    """Send the client elsewhere."""
    return status(code, f"Location: {location}")


def keeps(connection: Connection) -> None:
    """Answer well, as often as asked, on one connection."""
    while connection.request():
        connection.send(OK)


def dribbles(connection: Connection) -> None:
    """Send a good response octet by octet."""
    connection.request()
    connection.send(*(OK[at : at + 1] for at in range(len(OK))))


def never_ends(head: bytes, more: bytes) -> Behaviour:
    """Send ``head``, and then ``more`` for as long as the client takes it."""

    def behave(connection: Connection) -> None:
        connection.request()
        connection.send(head)
        while True:
            connection.send(more)

    return behave


def silent(connection: Connection) -> None:
    """Take everything and say nothing."""
    connection.stay()


def resets(connection: Connection) -> None:
    """Hang up roughly without having read anything."""
    connection.reset()


def hang_up_after_request(connection: Connection) -> None:
    """Hang up when asked."""
    connection.request()
