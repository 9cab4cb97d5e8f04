"""Which URLs can be asked, and where a redirect leads (RFC 3986)."""

import httpx

_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65_535


def read(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """Read an absolute URL, or with ``base`` a reference as a ``Location`` header has it (RFC 9110, section 10.2.2).

    Raises ``ValueError``, which says why a probe cannot ask it.
    """
    try:
        url = httpx.URL(text) if base is None else base.join(text)
        host = url.host  # decoded here, since httpx itself decodes it later, and then complains (RFC 5891)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"no URL: {error}") from error
    if url.scheme not in _PORTS:
        raise ValueError(f"the scheme {url.scheme!r}, which is neither http nor https")
    if not host:
        raise ValueError("a URL without a host")
    if not 0 <= port_of(url) <= _MAX_PORT:
        raise ValueError(f"the port {url.port}, which does not exist")
    return url


def host_of(url: httpx.URL) -> str:
    """The host as it is asked for: in ASCII, and an IPv6 address without brackets."""
    return url.raw_host.decode("ascii")


def port_of(url: httpx.URL) -> int:
    """The port, which may be 0 where somebody wrote that; the scheme's own where there is none."""
    return _PORTS[url.scheme] if url.port is None else url.port
