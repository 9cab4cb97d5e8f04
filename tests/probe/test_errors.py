"""What the system says, by the name that we give it."""

import errno
import ssl

import pytest

from otelnurse.probe.errors import TIMEOUTS, ErrorType, Phase, failure, from_os_error

BY_NUMBER = {
    errno.ECONNREFUSED: "connection_refused",
    errno.ETIMEDOUT: "connection_timeout",
    errno.ECONNRESET: "connection_reset",
    errno.EPIPE: "connection_reset",
    errno.ECONNABORTED: "connection_reset",
    errno.EHOSTUNREACH: "host_unreachable",
    errno.ENETUNREACH: "network_unreachable",
    errno.EADDRNOTAVAIL: "network_unreachable",
    errno.EMFILE: "_OTHER",
    errno.EPERM: "_OTHER",
}


@pytest.mark.parametrize(("number", "error_type"), BY_NUMBER.items())
@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.TLS])
def test_system_errors(number, error_type, phase):
    """An error of the system has one name, whichever phase it comes in."""
    assert from_os_error(OSError(number, "words"), phase) == error_type


@pytest.mark.parametrize("number", BY_NUMBER)
def test_system_errors_in_the_handshake(number):
    """In the handshake all of them are a failure of TLS."""
    assert from_os_error(OSError(number, "words"), Phase.TLS) == "tls_failed"


def test_an_error_without_a_number():
    """An error that has no number is told apart as unknown."""
    assert from_os_error(OSError("words"), Phase.CONNECT) == "_OTHER"


@pytest.mark.parametrize(
    ("code", "error_type"),
    [
        (9, "tls_certificate_expired"),
        (10, "tls_certificate_expired"),
        (18, "tls_certificate_untrusted"),
        (19, "tls_certificate_untrusted"),
        (20, "tls_certificate_untrusted"),
        (62, "tls_certificate_name_mismatch"),
        (64, "tls_certificate_name_mismatch"),
    ],
)
def test_certificates(code, error_type):
    """OpenSSL's codes are told by what is wrong with the certificate."""
    error = ssl.SSLCertVerificationError()
    error.verify_code = code
    assert from_os_error(error, Phase.TLS) == error_type


@pytest.mark.parametrize("kind", [ssl.SSLEOFError, ssl.SSLZeroReturnError])
def test_the_end_of_an_encrypted_stream(kind):
    """An end in the handshake is a failure of TLS; later it is what it is without TLS."""
    assert from_os_error(kind(), Phase.TLS) == "tls_failed"
    assert from_os_error(kind(), Phase.SEND) == "connection_closed"


def test_other_errors_of_tls():
    """An alert that comes after the handshake is a failure of TLS."""
    assert from_os_error(ssl.SSLError(1, "alert"), Phase.WAIT) == "tls_failed"


@pytest.mark.parametrize("error_type", ErrorType)
def test_an_exception_is_named_like_its_error_type(error_type):
    """The instrumentation writes the class's name into the span, so it is the error type; one class for each."""
    error = failure(error_type, Phase.CONNECT, "words")
    assert (type(error).__qualname__, error.error_type, error.phase, str(error)) == (
        error_type.value,
        error_type,
        Phase.CONNECT,
        "words",
    )
    assert type(failure(error_type, Phase.DNS, "")) is type(error)


def test_every_phase_has_a_timeout():
    """Whatever phase a deadline cuts off, there is a name for it."""
    assert set(TIMEOUTS) == set(Phase)
