"""What one source has said so far, and when."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import anyio

from otelnurse.discovery.neighbour import Neighbour

_LOG_INTERVAL = 60.0
_REASONS = 3
"""Different reasons logged within one interval: who mends a file wants to hear of the next mistake in it at once."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SourceSnapshot:
    """One source as metrics and pages show it."""

    name: str
    events: int
    """How often it has told a set of candidates that differed from the one before; the first one counts."""
    errors: int
    """How many of its looks have failed."""
    answered_at: float | None
    """When it last told a set of candidates, in seconds of the neighbourhood's clock; None when it never did."""
    error: str | None
    """Why its last look failed; None when it did not, or when the source does not run."""
    in_use: bool
    """Its candidates are the ones that count."""


class Ledger:
    """Keeps the book of one source; it is the :class:`otelnurse.discovery.source.Report` that the source gets."""

    def __init__(
        self,
        name: str,
        clock: Callable[[], float],
        on_answer: Callable[[], None],
    ) -> None:
        self.name = name
        self.candidates: tuple[Neighbour, ...] = ()
        self.answered_at: float | None = None
        self.error: str | None = None
        self.events = 0
        self.errors = 0
        self._clock = clock
        self._on_answer = on_answer
        self._heard_at = clock()
        self._answer: anyio.Event | None = None
        self._logged_at: float | None = None
        self._logged: set[str] = set()
        self._unlogged = 0
        self._told_failing = False

    def started(self) -> None:
        """Grant the source, which begins to look now, as long until its first answer as between any two."""
        self._heard_at = self._clock()

    def stopped(self) -> None:
        """Forget the last error: a source that does not look has none."""
        self.error = None

    def found(self, candidates: tuple[Neighbour, ...]) -> None:
        """Take down an answer."""
        if self.answered_at is None or candidates != self.candidates:
            self.events += 1
            self.candidates = candidates
        self.answered_at = self._heard_at = self._clock()
        self.error = None
        if self._told_failing:
            _log.info("discovery by %s works again", self.name)
            self._told_failing = False
        if self._answer is not None:
            self._answer.set()
        self._on_answer()

    def failed(self, message: str, fault: Exception | None = None) -> None:
        """Take down a failed look, and log it unless its reason, or three others, were logged this minute."""
        self.error = message
        self.errors += 1
        now = self._clock()
        minute_over = self._logged_at is None or now - self._logged_at >= _LOG_INTERVAL
        if minute_over:
            self._logged_at = now
            self._logged.clear()
        if message not in self._logged and len(self._logged) < _REASONS:
            self._logged.add(message)
            folded = f" ({self._unlogged} more failures since the last such line)" if self._unlogged else ""
            _log.warning("discovery by %s failed: %s%s", self.name, message, folded, exc_info=fault)
            self._unlogged, self._told_failing = 0, True
        else:
            self._unlogged += 1

    def silent_for(self, now: float) -> float:
        """Say how many seconds ago the source last answered or, if it has not yet, was started."""
        return now - self._heard_at

    async def until_silent_for(self, seconds: float) -> None:
        """Return as soon as the source has been silent for that long."""
        while (left := seconds - self.silent_for(self._clock())) > 0:  # noqa: ASYNC110 - there is no event for nothing
            await anyio.sleep(left)

    def next_answer(self) -> anyio.Event:
        """Give the event that the next answer sets."""
        self._answer = anyio.Event()
        return self._answer
