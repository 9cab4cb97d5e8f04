"""How much of what others send is kept: the history holds many results, and a hostile server may send much."""

from otelnurse.probe.timeline import Timeline

MAX_TEXT = 500
"""Characters kept of a text."""
KEPT_HEADERS = frozenset({b"location", b"server-timing"})
"""The response headers that anybody reads, in lower case."""


def cut(text: str) -> str:
    """``text``, or its beginning with an ellipsis when it is longer than :data:`MAX_TEXT`."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}\N{HORIZONTAL ELLIPSIS}"


def slim(timeline: Timeline) -> None:
    """Let go of what the run itself needed and nobody needs afterwards."""
    for hop in timeline.hops:
        hop.certificate_der = None
        if hop.exchange:
            hop.exchange.headers = {name: cut(value) for name, value in hop.exchange.headers.items()}
