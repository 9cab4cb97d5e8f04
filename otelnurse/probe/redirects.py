"""Where a response sends the probe, if it may go there."""

import httpx

from otelnurse.probe import urls
from otelnurse.probe.timeline import Exchange, Timeline

MAX_REDIRECTS = 5
MAX_LOCATION = 8_000
"""Octets of a URL that is followed (RFC 9110, section 4.1)."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def following(exchange: Exchange, url: httpx.URL, timeline: Timeline) -> httpx.URL | None:
    """The URL to ask next after ``exchange`` with ``url``; None when this answer is the last one.

    Raises ``ValueError``, which says why, when the answer is a redirect that cannot be followed.
    """
    location = exchange.headers.get("location")
    if not (timeline.target.follow_redirects and exchange.status in _REDIRECTS and location):
        return None
    if len(timeline.hops) > MAX_REDIRECTS:
        raise ValueError(f"redirected more than {MAX_REDIRECTS} times")
    if len(location) > MAX_LOCATION:
        raise ValueError(f"redirected to a URL of more than {MAX_LOCATION} octets")
    try:
        return urls.read(location, url)
    except ValueError as error:
        raise ValueError(f"redirected to {error}") from error
