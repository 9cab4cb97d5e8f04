"""Text to value: pure functions, each raising a ``ValueError`` whose message says what would be right."""

import math
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from otelnurse import duration
from otelnurse.settings.values import Address, DiscoverySource

OWN_CHECKS = frozenset(
    {
        *("api_server_direct", "api_server_dns", "me_ingress", "me_service", "path", "extra", "loopback"),
        *("neighbourhood", "neighbourhood_state", "hostname", "headers", "user_agent", "request_uri", "remote_addr"),
        "last_check_result",
    }
)
"""Names that an extra check cannot have: they would be counted as ours, or hidden by what else is in /alive."""
_HIGHEST_PORT = 65535
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\]")
_CHECK_NAME = re.compile(r"[^\s:|]+")


def text(value: str) -> str:
    """Anything."""
    return value


def optional(value: str) -> str | None:
    """Anything, or nothing."""
    return value or None


def path(value: str) -> Path | None:
    """A file, or none; whether it is there is looked at later."""
    return Path(value) if value else None


def folder(value: str) -> Path:
    """A folder, which need not exist."""
    return Path(value)


def boolean(value: str) -> bool:
    """``true`` or ``false``, in whatever case."""
    if value.lower() not in ("true", "false"):
        raise ValueError("write true or false")
    return value.lower() == "true"


def count(value: str) -> int:
    """A whole number from 0 up."""
    if not re.fullmatch(r"\+?[0-9]{1,9}", value):
        raise ValueError("write a whole number from 0 up")
    return int(value)


def port(value: str) -> int:
    """A port that can be dialled."""
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 0 < int(value) <= _HIGHEST_PORT:
        raise ValueError(f"write a port from 1 to {_HIGHEST_PORT}")
    return int(value)


def ratio(value: str) -> float:
    """A share from 0 to 1."""
    number = _number(value)
    if not 0 <= number <= 1:
        raise ValueError("write a number from 0 to 1")
    return number


def not_negative(value: str) -> float:
    """A duration from 0 up; seconds."""
    seconds = duration.parse(value)
    if seconds < 0:
        raise ValueError("a duration cannot be negative here: write 0s or more")
    return seconds


def positive(value: str) -> float:
    """A duration above 0; seconds."""
    seconds = duration.parse(value)
    if seconds <= 0:
        raise ValueError("the duration must be longer than 0: write one like 5s or 500ms")
    return seconds


def node(value: str) -> str:
    """The name of a node, which goes into a header of every request to a neighbour; or nothing."""
    if not re.fullmatch(r"[!-~]*", value):
        raise ValueError("write printable ASCII without spaces, like worker-1.example.com")
    return value


def host(value: str) -> str | None:
    """A host name or an IP address, with or without the brackets of IPv6; or nothing."""
    return host_name(value) if value else None


def host_name(value: str) -> str:
    """A host name or an IP address, with or without the brackets of IPv6."""
    ipv6 = _BRACKETED.fullmatch(value) or (_BRACKETED.fullmatch(f"[{value}]") if ":" in value else None)
    bare = ipv6[1] if ipv6 else value
    if not (ipv6 or _HOST.fullmatch(bare)) or not _can_be_asked(f"https://[{bare}]/" if ipv6 else f"https://{bare}/"):
        raise ValueError("write a host name or an IP address alone, like nurse.example.com, 192.0.2.1 or 2001:db8::1")
    return bare


def address(value: str) -> Address:
    """``host:port``, ``[IPv6]:port``, or ``:port`` for all addresses, as Go writes it."""
    name, colon, number = value.rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", number) or int(number) > _HIGHEST_PORT:
        raise ValueError(f"write host:port or [IPv6 address]:port, with a port from 0 to {_HIGHEST_PORT}")
    bracketed = name.startswith("[") and name.endswith("]")
    if ":" in name and not bracketed:
        raise ValueError("an IPv6 address needs brackets: [::1]:8080")
    return Address((name[1:-1] if bracketed else name) or "::", int(number))


def url(value: str) -> str:
    """An absolute http or https URL; without a scheme it is taken as https."""
    whole = value if has_scheme(value) else f"https://{value}"
    if re.search(r"\s", whole) or not _can_be_asked(whole):
        raise ValueError("write a URL like https://nurse.example.com or http://nurse.example.com:8080")
    return whole


def has_scheme(value: str) -> bool:
    """Whether a URL says how to speak to its host."""
    return "://" in value


def base_url(value: str) -> str | None:
    """A URL to which a path can be appended, without the slash at its end; or nothing."""
    if not value:
        return None
    whole = url(value)
    if "?" in whole or "#" in whole:
        raise ValueError("leave the query and the fragment out: /alwayshappy is appended to this URL")
    return whole.rstrip("/")


def trace_url(value: str) -> str | None:
    """A URL with a place for the trace id; or nothing."""
    if not value:
        return None
    whole = url(value)
    if "{trace_id}" not in whole:
        raise ValueError("write {trace_id} where the trace's id belongs, as in https://jaeger.example/trace/{trace_id}")
    if "@" in urlsplit(whole).netloc:
        raise ValueError("leave user and password out: this URL stands on a page that anybody may see")
    return whole


def buckets(value: str) -> tuple[float, ...]:
    """Upper bounds of a histogram in seconds, rising."""
    bounds = tuple(_number(part.strip()) for part in value.split(","))
    if not all(math.isfinite(bound) and bound >= 0 for bound in bounds) or any(a >= b for a, b in pairwise(bounds)):
        raise ValueError("write seconds that rise from one to the next, separated by commas: 0.005,0.01,0.025")
    return bounds


def extra_check(value: str) -> tuple[str, str]:
    """One ``name:url``."""
    name, colon, target = (part.strip() for part in value.partition(":"))
    if not colon or not target or not _CHECK_NAME.fullmatch(name):
        raise ValueError("write name:url, several separated by |, and no spaces in a name")
    if name in OWN_CHECKS or name.startswith("path_"):
        raise ValueError(f"{name!r} is a word of otelnurse's own: choose another name")
    return name, url(target)


def extra_checks(value: str) -> tuple[tuple[str, str], ...]:
    """``name:url|name:url``, each name once; or nothing."""
    checks = tuple(extra_check(part) for part in value.split("|")) if value else ()
    names = [name for name, _ in checks]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the name {name!r} stands there {names.count(name)} times: give each check its own")
    return checks


def discovery(value: str) -> tuple[DiscoverySource, ...]:
    """``none``, or a list of ``file_sd:PATH`` and ``http_sd:URL`` that falls back from left to right."""
    if value == "none":
        return ()
    return tuple(_source(part.strip()) for part in value.split(","))


def _source(value: str) -> DiscoverySource:
    kind, _, where = value.partition(":")
    if kind == "kubernetes":
        raise ValueError("this version cannot ask Kubernetes yet: it has file_sd:PATH and http_sd:URL")
    if kind == "file_sd" and where:
        return DiscoverySource("file_sd", where)
    if kind == "http_sd" and where:
        return DiscoverySource("http_sd", url(where))
    raise ValueError("write file_sd:PATH or http_sd:URL, several separated by commas, or none alone")


def _can_be_asked(url: str) -> bool:
    """Whether the probe can ask it, by the probe's own word; nobody can dial port 0."""
    from otelnurse.probe import urls  # noqa: PLC0415  # httpx: where no URL is set, printing settings does without

    try:
        return urls.port_of(urls.read(url)) != 0
    except ValueError:
        return False


def _number(value: str) -> float:
    # float() also reads 1_000 and digits of other scripts
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", value):
        raise ValueError(f"{value!r} is no number" if value else "a number is missing")
    return float(value)
