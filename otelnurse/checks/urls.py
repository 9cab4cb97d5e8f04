"""The parts of a URL that several checks share."""

ALWAYS_HAPPY = "/alwayshappy"
"""What every nurse answers with 200 as long as it answers at all."""


def bracketed(host: str) -> str:
    """A host as it stands in a URL: IPv6 addresses in brackets (RFC 3986, section 3.2.2)."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
