"""Numbers and error types as people say them."""

from otelnurse.probe.errors import ErrorType

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400

_PHRASES = {
    ErrorType.HOST_NOT_FOUND: "name not found",
    ErrorType.DNS_TIMEOUT: "nameserver does not answer",
    ErrorType.DNS_SERVER_FAILURE: "nameserver failure",
    ErrorType.CONNECTION_REFUSED: "connection refused",
    ErrorType.CONNECTION_TIMEOUT: "connection timeout",
    ErrorType.CONNECTION_RESET: "connection reset",
    ErrorType.HOST_UNREACHABLE: "host unreachable",
    ErrorType.NETWORK_UNREACHABLE: "network unreachable",
    ErrorType.TLS_TIMEOUT: "TLS handshake timeout",
    ErrorType.TLS_CERTIFICATE_UNTRUSTED: "TLS certificate untrusted",
    ErrorType.TLS_CERTIFICATE_EXPIRED: "TLS certificate expired",
    ErrorType.TLS_CERTIFICATE_NAME_MISMATCH: "TLS certificate for another name",
    ErrorType.TLS_FAILED: "TLS handshake failed",
    ErrorType.SEND_TIMEOUT: "request not taken in time",
    ErrorType.RESPONSE_TIMEOUT: "no response in time",
    ErrorType.CONNECTION_CLOSED: "connection closed early",
    ErrorType.PROTOCOL_ERROR: "response is not HTTP",
    ErrorType.OTHER: "failed before it could be asked",
}
_CHECKS = {
    "api_server_direct": "API server by address",
    "api_server_dns": "API server by name",
    "me_ingress": "ingress",
    "me_service": "service",
    "loopback": "this nurse itself",
}


def phrase(error_type: str) -> str:
    """An error type in words; a status code becomes ``answers 500``."""
    if error_type in _PHRASES:
        return _PHRASES[ErrorType(error_type)]
    return f"answers {error_type}"


def title(check_type: str, name: str, peer_node: str | None = None) -> str:
    """What a check asks, in words: ``ingress``, ``path to node-3``, or the extra check's own name."""
    if check_type == "path":
        return f"path to {peer_node or name.removeprefix('path_')}"
    return _CHECKS.get(check_type, name)


def lasting(seconds: float) -> str:
    """A time that people wait: ``40 s``, ``5 min``, ``3 h``, ``2 d``."""
    if seconds < _MINUTE:
        return f"{max(0, seconds):.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR:.0f} h"
    return f"{seconds // _DAY:.0f} d"


def latency(seconds: float | None) -> str:
    """A time that packets take, with three digits that count: ``0.371 ms``, ``12.3 ms``, ``2.10 s``; or a dash."""
    if seconds is None:
        return "-"
    value, unit = (seconds, "s") if seconds >= 1 else (seconds * 1e3, "ms")
    digits = sum(value < bound for bound in (1, 10, 100))
    return f"{value:.{digits}f} {unit}"


def share(value: float) -> str:
    """A share of one as a percentage in which a single failure does not vanish: ``0 %``, ``0.4 %``, ``12 %``."""
    percent = value * 100
    if percent == 0 or percent >= 1:
        return f"{percent:.0f} %"
    return f"{percent:.1g} %"


def listed(words: list[str], at_most: int = 3) -> str:
    """``a``, ``a and b``, ``a, b and c``, or ``a, b and 5 more``."""
    if len(words) > at_most:
        words = [*words[: at_most - 1], f"{len(words) - at_most + 1} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
