"""URLs without what must not be seen."""

from urllib.parse import urlsplit, urlunsplit


def redact(url: str) -> str:
    """Return ``url`` without userinfo and with its query hidden; a URL that cannot be read becomes ``***``.

    (https://opentelemetry.io/docs/specs/semconv/attributes-registry/url/, ``url.full``.)
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "***"
    host = parts.netloc.rpartition("@")[2]
    if not host:
        return "***"  # without "//" a password may stand anywhere
    return urlunsplit((parts.scheme, host, parts.path, "***" if parts.query else "", ""))
