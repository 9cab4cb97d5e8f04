"""What a setting can be: how its text is read, shown, forgiven and described."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from otelnurse import duration
from otelnurse.redact import redact_text
from otelnurse.settings import kubenurse, parse
from otelnurse.settings.values import Address, DiscoverySource

T = TypeVar("T")


def _show(value: object) -> str:
    return "" if value is None else str(value)


def _no_remark(_text: str) -> str | None:
    return None


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A type of setting."""

    words: str
    """For the reader of the table."""
    parse: Callable[[str], T]
    """Raises a ``ValueError`` that says what would be right."""
    show: Callable[[T], str] = _show
    """The value as text, as ``parse`` would read it again but for what is secret."""
    redact: Callable[[str], str] = str
    """What the user wrote, right or wrong, as it may be printed."""
    remark: Callable[[str], str | None] = _no_remark
    """A warning about a text that is read nevertheless."""
    forgive: Callable[[str], kubenurse.Forgiven[T]] | None = None
    """How kubenurse reads what ``parse`` refuses; None: the default is taken."""


def one_of(*words: T) -> Kind[T]:
    """One of some words, in whatever case."""
    known = {str(word): word for word in words}

    def choose(text: str) -> T:
        if text.lower() not in known:
            raise ValueError(f"write one of {', '.join(known)}")
        return known[text.lower()]

    return Kind(", ".join(f"`{word}`" for word in known), choose)


def _scheme_taken(text: str) -> str | None:
    return None if parse.has_scheme(text) else "no scheme is given, https is taken"


def _schemes_taken(text: str) -> str | None:
    bare = [part.partition(":")[0].strip() for part in text.split("|") if ":" in part and not parse.has_scheme(part)]
    return f"no scheme is given for {', '.join(bare)}, https is taken" if bare else None


def _show_sources(sources: tuple[DiscoverySource, ...]) -> str:
    return ",".join(redact_text(str(source)) for source in sources) or "none"


def _show_checks(checks: tuple[tuple[str, str], ...]) -> str:
    return "|".join(f"{name}:{redact_text(url)}" for name, url in checks)


def _show_url(value: str | None) -> str:
    return redact_text(value or "")


TEXT: Kind[str] = Kind("text", parse.text)
OPTIONAL_TEXT: Kind[str | None] = Kind("text", parse.optional)
PATH: Kind[Path | None] = Kind("path", parse.path)
FOLDER: Kind[Path] = Kind("path", parse.folder)
COUNT: Kind[int] = Kind("whole number", parse.count)
PORT: Kind[int] = Kind("port", parse.port)
RATIO: Kind[float] = Kind("number from 0 to 1", parse.ratio, show="{:g}".format)
NODE: Kind[str] = Kind("printable ASCII without spaces", parse.node)
HOST: Kind[str | None] = Kind("host name or IP address", parse.host)
HOST_NAME: Kind[str] = Kind("host name or IP address", parse.host_name)
ADDRESS: Kind[Address] = Kind("`host:port`, `[IPv6]:port`, `:port`", parse.address)
NOT_NEGATIVE: Kind[float] = Kind("duration from 0s up", parse.not_negative, show=duration.show)
POSITIVE: Kind[float] = Kind("duration above 0s", parse.positive, show=duration.show)
OFF: Kind[bool] = Kind("`true`, `false`", parse.boolean, lambda on: str(on).lower(), forgive=kubenurse.only_true)
"""A switch that kubenurse turns on at the very word "true"."""
ON: Kind[bool] = Kind("`true`, `false`", parse.boolean, lambda on: str(on).lower(), forgive=kubenurse.only_false)
"""A switch that kubenurse turns off at the very word "false"."""
BASE_URL: Kind[str | None] = Kind("URL", parse.base_url, _show_url, redact_text, remark=_scheme_taken)
TRACE_URL: Kind[str | None] = Kind(
    "URL with `{trace_id}`", parse.trace_url, _show_url, redact_text, remark=_scheme_taken
)
BUCKETS: Kind[tuple[float, ...]] = Kind(
    "rising numbers (seconds), separated by commas", parse.buckets, lambda bounds: ",".join(f"{b:g}" for b in bounds)
)
EXTRA_CHECKS: Kind[tuple[tuple[str, str], ...]] = Kind(
    "`name:url`, separated by a bar",
    parse.extra_checks,
    _show_checks,
    redact_text,
    remark=_schemes_taken,
    forgive=kubenurse.good_extra_checks,
)
DISCOVERY: Kind[tuple[DiscoverySource, ...]] = Kind(
    "`none`, or `file_sd:PATH` and `http_sd:URL`, separated by commas",
    parse.discovery,
    _show_sources,
    redact_text,
)
