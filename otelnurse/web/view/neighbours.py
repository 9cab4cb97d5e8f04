"""Finding neighbours among many."""

from collections.abc import Sequence

from otelnurse.web.view.model import NeighbourView

LONGEST = 200
"""Characters of a query that count: more than anybody types, and few enough for any number of neighbours."""


def matching(neighbours: Sequence[NeighbourView], query: str) -> list[NeighbourView]:
    """Those in whose node, pod, zone, address, look or error every word of ``query`` stands, in whatever case."""
    wanted = set(query[:LONGEST].casefold().split())
    return [it for it in neighbours if _has_all(_text(it), wanted)] if wanted else list(neighbours)


def _has_all(text: str, wanted: set[str]) -> bool:
    return all(word in text for word in wanted)


def _text(it: NeighbourView) -> str:
    last = it.check.last
    error = last.error_type if last and last.error_type else ""
    return f"{it.node}\n{it.pod}\n{it.zone}\n{it.address}\n{it.heat}\n{error}".casefold()
