"""Finding neighbours among many."""

from collections.abc import Sequence

from otelnurse.web.view.model import NeighbourView


def matching(neighbours: Sequence[NeighbourView], query: str) -> list[NeighbourView]:
    """Those in whose node, pod, zone, address, look or error every word of ``query`` stands, in whatever case."""
    wanted = query.casefold().split()
    return [it for it in neighbours if all(word in _text(it) for word in wanted)] if wanted else list(neighbours)


def _text(it: NeighbourView) -> str:
    last = it.check.last
    error = last.error_type if last and last.error_type else ""
    return f"{it.node}\n{it.pod}\n{it.zone}\n{it.address}\n{it.heat}\n{error}".casefold()
