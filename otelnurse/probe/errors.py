"""The closed set of reasons for which a request can fail, and the mapping from what the system said to one of them.

Everything here is a pure function of its arguments: no sockets, no clocks. The names are the values of the semantic
convention attribute ``error.type`` (https://opentelemetry.io/docs/specs/semconv/attributes-registry/error/); besides
these, a status code other than 200 stands for itself as text ("500").
"""

import errno
import ssl
from enum import StrEnum


class ErrorType(StrEnum):
    """Why a request failed; the public vocabulary of ``error.type``."""

    HOST_NOT_FOUND = "host_not_found"
    DNS_TIMEOUT = "dns_timeout"
    DNS_SERVER_FAILURE = "dns_server_failure"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_TIMEOUT = "connection_timeout"
    CONNECTION_RESET = "connection_reset"
    HOST_UNREACHABLE = "host_unreachable"
    NETWORK_UNREACHABLE = "network_unreachable"
    TLS_TIMEOUT = "tls_timeout"
    TLS_CERTIFICATE_UNTRUSTED = "tls_certificate_untrusted"
    TLS_CERTIFICATE_EXPIRED = "tls_certificate_expired"
    TLS_CERTIFICATE_NAME_MISMATCH = "tls_certificate_name_mismatch"
    TLS_FAILED = "tls_failed"
    SEND_TIMEOUT = "send_timeout"
    RESPONSE_TIMEOUT = "response_timeout"
    CONNECTION_CLOSED = "connection_closed"
    PROTOCOL_ERROR = "protocol_error"
    OTHER = "_OTHER"


class Phase(StrEnum):
    """The part of a request in which time was spent or in which it failed, in the order in which they happen."""

    PREPARE = "prepare"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    WAIT = "wait"
    RECEIVE = "receive"


TIMEOUTS = {
    Phase.PREPARE: ErrorType.OTHER,
    Phase.DNS: ErrorType.DNS_TIMEOUT,
    Phase.CONNECT: ErrorType.CONNECTION_TIMEOUT,
    Phase.TLS: ErrorType.TLS_TIMEOUT,
    Phase.SEND: ErrorType.SEND_TIMEOUT,
    Phase.WAIT: ErrorType.RESPONSE_TIMEOUT,
    Phase.RECEIVE: ErrorType.RESPONSE_TIMEOUT,
}
"""What a deadline that passed is called, by the phase that it cut off."""

_BY_ERRNO = {
    errno.ECONNREFUSED: ErrorType.CONNECTION_REFUSED,
    errno.ETIMEDOUT: ErrorType.CONNECTION_TIMEOUT,
    errno.ECONNRESET: ErrorType.CONNECTION_RESET,
    errno.EPIPE: ErrorType.CONNECTION_RESET,
    errno.ECONNABORTED: ErrorType.CONNECTION_RESET,
    errno.EHOSTUNREACH: ErrorType.HOST_UNREACHABLE,
    errno.EHOSTDOWN: ErrorType.HOST_UNREACHABLE,
    # Linux's word for ICMPv6 "administratively prohibited", whose IPv4 counterpart it calls EHOSTUNREACH.
    errno.EACCES: ErrorType.HOST_UNREACHABLE,
    errno.ENETUNREACH: ErrorType.NETWORK_UNREACHABLE,
    errno.ENETDOWN: ErrorType.NETWORK_UNREACHABLE,
    errno.EADDRNOTAVAIL: ErrorType.NETWORK_UNREACHABLE,
    errno.EAFNOSUPPORT: ErrorType.NETWORK_UNREACHABLE,
}

# X509_V_ERR_* of OpenSSL's x509_vfy.h. A chain that cannot be built is told before the dates of its members.
_CERT_NOT_YET_VALID, _CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH = 9, 10, 62, 64
_BY_VERIFY_CODE = {
    _CERT_NOT_YET_VALID: ErrorType.TLS_CERTIFICATE_EXPIRED,
    _CERT_HAS_EXPIRED: ErrorType.TLS_CERTIFICATE_EXPIRED,
    _HOSTNAME_MISMATCH: ErrorType.TLS_CERTIFICATE_NAME_MISMATCH,
    _IP_ADDRESS_MISMATCH: ErrorType.TLS_CERTIFICATE_NAME_MISMATCH,
}

CERTIFICATE_FAULTS = frozenset(
    {
        ErrorType.TLS_CERTIFICATE_UNTRUSTED,
        ErrorType.TLS_CERTIFICATE_EXPIRED,
        ErrorType.TLS_CERTIFICATE_NAME_MISMATCH,
    }
)


def from_os_error(error: OSError, phase: Phase) -> ErrorType:
    """Classify what a socket call raised in ``phase``.

    A reset or an early end during the TLS handshake is ``tls_failed``: whoever reads it wants to look at TLS first.
    Once the handshake is over they mean what they mean without TLS.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _BY_VERIFY_CODE.get(error.verify_code, ErrorType.TLS_CERTIFICATE_UNTRUSTED)
    if phase is not Phase.TLS and isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return ErrorType.CONNECTION_CLOSED
    if phase is Phase.TLS or isinstance(error, ssl.SSLError):
        return ErrorType.TLS_FAILED
    return _BY_ERRNO.get(error.errno or 0, ErrorType.OTHER)


class ProbeError(Exception):
    """A request failed, and this is why, where, and in words.

    The instrumentation of httpx writes the ``__qualname__`` of an exception's class into the span's ``error.type``;
    so that our word stands there, :func:`failure` raises a subclass that carries the error type as its name.
    """

    error_type: str
    phase: Phase

    def __init__(self, message: str, phase: Phase) -> None:
        super().__init__(message)
        self.phase = phase


_CLASSES: dict[str, type[ProbeError]] = {}


def failure(error_type: str, phase: Phase, message: str) -> ProbeError:
    """Make the exception that stands for ``error_type``, to be raised by the caller.

    Only members of :class:`ErrorType` have a class: a closed set, so that this table stays bounded.
    """
    kind = ErrorType(error_type)
    if kind not in _CLASSES:
        _CLASSES[kind] = type(kind.value, (ProbeError,), {"error_type": kind, "__module__": __name__})
    return _CLASSES[kind](message, phase)
