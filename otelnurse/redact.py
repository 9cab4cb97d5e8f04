"""URLs, and what was meant as one, without what must not be seen: names, passwords and tokens."""

from urllib.parse import urlsplit, urlunsplit

_HIDDEN = "***"


def redact(url: str) -> str:
    """Return ``url`` without userinfo and with its query hidden; a URL that cannot be read becomes ``***``.

    (https://opentelemetry.io/docs/specs/semconv/attributes-registry/url/, ``url.full``.)
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return _HIDDEN
    host = parts.netloc.rpartition("@")[2]
    if not host:
        return _HIDDEN  # without "//" a password may stand anywhere
    return urlunsplit((parts.scheme, host, parts.path, _HIDDEN if parts.query else "", ""))


def redact_text(text: str) -> str:
    """Return what somebody wrote where URLs belong, right, wrong or several of them, as far as it cannot be secret.

    All that stands before the last ``@`` and all behind the first ``?`` may be.
    """
    before, at, after = text.rpartition("@")
    if at:
        scheme, slashes, _ = before.partition("//")
        text = f"{scheme}//{_HIDDEN}@{after}" if slashes else f"{_HIDDEN}@{after}"
    base, _, query = text.partition("?")
    return f"{base}?{_HIDDEN}" if query else text
