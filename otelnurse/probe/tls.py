"""One TLS handshake on a connected socket, and whom to trust."""

import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from otelnurse.probe.errors import CERTIFICATE_FAULTS, Phase, failure, from_os_error
from otelnurse.probe.streams import shake_hands
from otelnurse.probe.tcpinfo import read_tcp_info
from otelnurse.probe.timeline import Certificate, Handshake

_VERSIONS = {"TLSv1": "1.0", "TLSv1.1": "1.1", "TLSv1.2": "1.2", "TLSv1.3": "1.3"}


@dataclass(frozen=True, slots=True)
class Trust:
    """Two ways to shake hands; made once, since a context with the system's roots costs 15 ms."""

    verified: ssl.SSLContext
    unverified: ssl.SSLContext

    @classmethod
    def of(cls, authorities: Iterable[Path] = ()) -> "Trust":
        """Trust the system's roots and the PEM files ``authorities``; raises ``OSError`` naming no file that is bad."""
        verified = ssl.create_default_context()
        for path in authorities:
            verified.load_verify_locations(path)
        unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unverified.check_hostname = False
        unverified.verify_mode = ssl.CERT_NONE
        for context in (verified, unverified):
            context.set_alpn_protocols(["http/1.1"])
        return cls(verified, unverified)


async def handshake(sock: socket.socket, context: ssl.SSLContext, record: Handshake) -> ssl.SSLSocket:
    """Encrypt ``sock``, which is used up by it: on any failure it is closed.

    Fills ``record`` and raises :class:`ProbeError`; a fault of the certificate stands in ``record.fault`` too.
    """
    encrypted: ssl.SSLSocket | None = None
    try:
        # Encoded here, since wrap_socket loses the socket on a name that it cannot encode.
        name = record.server_name.encode("idna").decode("ascii")
        encrypted = context.wrap_socket(
            sock, server_hostname=name, do_handshake_on_connect=False, suppress_ragged_eofs=False
        )
        await shake_hands(encrypted)
    except BaseException as error:
        record.tcp = read_tcp_info(encrypted or sock)
        (encrypted or sock).close()
        if not isinstance(error, (OSError, ValueError)):
            raise
        record.end = time.monotonic_ns()
        # Of a server name that cannot be one, encoding and wrap_socket say ValueError.
        os_error = error if isinstance(error, OSError) else OSError(str(error))
        record.error = from_os_error(os_error, Phase.TLS)
        record.fault = record.error if record.error in CERTIFICATE_FAULTS else None
        raise failure(record.error, Phase.TLS, f"TLS with {record.server_name}: {_words(os_error)}") from error
    record.end = time.monotonic_ns()
    record.tcp = read_tcp_info(encrypted)
    version, cipher = encrypted.version(), encrypted.cipher()
    record.version = _VERSIONS.get(version or "", version)
    record.cipher = cipher[0] if cipher else None
    record.certificate = _certificate(encrypted)
    return encrypted


def _certificate(sock: ssl.SSLSocket) -> Certificate | None:
    """The dates of a certificate that was verified; the module shows no others."""
    shown = sock.getpeercert()
    if not shown:
        return None
    return Certificate(
        not_before=ssl.cert_time_to_seconds(str(shown["notBefore"])),
        not_after=ssl.cert_time_to_seconds(str(shown["notAfter"])),
    )


def _words(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message)
    if isinstance(error, ssl.SSLEOFError):
        return "the peer closed the connection"
    if isinstance(error, ssl.SSLError):
        return str(error.reason or error).lower().replace("_", " ")
    return error.strerror or str(error)
