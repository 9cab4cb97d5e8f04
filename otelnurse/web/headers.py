"""What every page tells the browser about what it may do."""

from collections.abc import Mapping
from types import MappingProxyType

PAGE: Mapping[str, str] = MappingProxyType(
    {
        # https://www.w3.org/TR/CSP3/: nothing from elsewhere, nothing inline, framed by nobody.
        "content-security-policy": (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }
)
"""Of pages and of the API."""
FILE: Mapping[str, str] = MappingProxyType({**PAGE, "cache-control": "public, max-age=3600"})
"""Of files that change with the version only, which stands in their address."""
