"""The values of options: text as somebody typed it, made into what the probe takes.

Each function raises :class:`argparse.ArgumentTypeError`, which says what would be right. What costs time to import is
imported when there is a value to read.
"""

import re
import ssl
from argparse import ArgumentTypeError
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from otelnurse import duration
from otelnurse.probe.timeline import Family
from otelnurse.redact import redact_text

DNS_PORT = 53
_MAX_PORT = 65_535
_MAX_COUNT = 1_000_000
_V6 = 6
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t]*)")
"""A field name, and a value in ASCII (RFC 9110, section 5)."""
_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Told:
    """Addresses that stand for a name: nobody is asked."""

    host: str
    """In lower case and without a final dot; ``*``: any."""
    port: int
    addresses: tuple[str, ...]


def url(text: str) -> str:
    """An absolute URL that the probe can ask."""
    from otelnurse.probe import urls  # noqa: PLC0415  # 85 ms of httpx, for this command alone

    try:
        urls.read(text)
    except ValueError as error:
        shown = redact_text(text)
        hint = "" if "://" in text else f"; did you mean https://{shown}?"
        # What httpx took for a port may be a password with a slash in it.
        why = _QUOTED.sub(lambda quoted: quoted[0] if quoted[1] in shown else "'***'", str(error))
        raise ArgumentTypeError(f"{shown!r} cannot be asked: {why}{hint}") from None
    return text


def count(text: str) -> int:
    """How often to ask."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= _MAX_COUNT:
        raise ArgumentTypeError(f"{text!r} must be a whole number from 1 to {_MAX_COUNT}")
    return int(text)


def longer_than_zero(text: str) -> float:
    """A duration such as 5s or 500ms, in seconds."""
    seconds = not_negative(text)
    if seconds == 0:
        raise ArgumentTypeError(f"{text!r} must be longer than zero")
    return seconds


def not_negative(text: str) -> float:
    """A duration that may be 0, in seconds."""
    try:
        seconds = duration.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: {error}") from None
    if seconds < 0:
        raise ArgumentTypeError(f"{text!r} must not be negative")
    return seconds


def header(text: str) -> tuple[str, str]:
    """A header as (name, value); the name as Go writes it, so that one that the probe sends itself is replaced."""
    match = _HEADER.fullmatch(text)
    if match is None:
        name, colon, _ = text.partition(":")  # the name alone is shown: a value, or what has no colon, may be a secret
        shown = repr(name) if colon else "what has no colon"
        raise ArgumentTypeError(f"{shown} must be a name, a colon and a value in ASCII, such as 'Accept: text/html'")
    name, value = match.groups()
    return "-".join(part.capitalize() for part in name.split("-")), value.strip(" \t")


def authorities(text: str) -> Path:
    """A file with certificates in PEM."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(text)
    except ssl.SSLError:
        raise ArgumentTypeError(f"{text!r} must hold certificates in PEM, and holds none") from None
    except OSError as error:
        raise ArgumentTypeError(f"{text!r} cannot be read: {error.strerror or error}") from None
    return Path(text)


def told(text: str) -> Told:
    """What ``--resolve`` says, as curl has it."""
    wanted = "HOST:PORT:ADDRESS[,ADDRESS...], such as example.com:443:192.0.2.1"
    host, _, rest = text.removeprefix("+").partition(":")  # curl's + lets its cache forget; there is none here
    port, _, addresses = rest.partition(":")
    if family_of(host) or host.startswith("["):
        raise ArgumentTypeError(f"{text!r} begins with an address, which needs no resolving; it must be {wanted}")
    try:
        return Told(_as_asked(host), _port(port), tuple(_address(address) for address in addresses.split(",")))
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} must be {wanted}: {error}") from None


def nameserver(text: str) -> tuple[str, int]:
    """An address and a port."""
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        return _address(host), _port(port) if port else DNS_PORT
    except ValueError as error:
        wanted = "an address and perhaps a port, such as 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:53"
        raise ArgumentTypeError(f"{text!r} must be {wanted}: {error}") from None


def family_of(host: str) -> Family | None:
    """The family of a literal address; None for a name."""
    try:
        return "ipv6" if ip_address(host).version == _V6 else "ipv4"
    except ValueError:
        return None


def _as_asked(host: str) -> str:
    """The host as the probe will ask for it: in ASCII and lower case."""
    from otelnurse.probe import urls  # noqa: PLC0415  # as above

    return host if host == "*" else urls.host_of(urls.read(f"http://{host}/")).rstrip(".")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= _MAX_PORT:
        raise ValueError(f"{text!r} is no port")
    return int(text)


def _address(text: str) -> str:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if family_of(bare) is None:
        raise ValueError(f"{text!r} is no IP address")
    return str(ip_address(bare))
