"""Who asked this nurse lately: the ring's predecessors, whom a nurse does not know by itself."""

import time
from collections import OrderedDict
from collections.abc import Callable

WINDOW = 60.0
"""Seconds for which a source counts."""
_UNLIMITED = 10_000
_NAME = 253
"""Longest name of a node (RFC 1123 subdomain); nobody else's header gets to fill the memory."""


class Incoming:
    """Distinct sources of the last minute; anybody can send names, so their number is bounded."""

    def __init__(self, neighbour_limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        # With a limit each nurse is asked by as many as it asks; four times that leaves room for rolling changes.
        self._bound = 4 * neighbour_limit or _UNLIMITED
        self._clock = clock
        self._seen: OrderedDict[str, float] = OrderedDict()
        self.overflow = 0
        """Askers that were not counted since there were too many already."""

    def asked(self, source: str) -> None:
        """Count ``source`` for a minute."""
        now = self._clock()
        source = source[:_NAME]
        if source not in self._seen:
            self._forget(now)
            if len(self._seen) >= self._bound:
                self.overflow += 1
                return
        self._seen[source] = now
        self._seen.move_to_end(source)

    def count(self) -> int:
        """How many distinct sources asked within the last minute; may be called from any thread."""
        horizon = self._clock() - WINDOW
        return sum(seen > horizon for seen in list(self._seen.values()))

    def sources(self) -> list[tuple[str, float]]:
        """Who asked within the last minute and how many seconds ago, the latest first; on the event loop only."""
        now = self._clock()
        return [(source, now - seen) for source, seen in reversed(self._seen.items()) if seen > now - WINDOW]

    def _forget(self, now: float) -> None:
        while self._seen and next(iter(self._seen.values())) <= now - WINDOW:
            self._seen.popitem(last=False)
