"""What all sources of neighbours have in common: they look, again and again, and say what came of it."""

from typing import Protocol

from otelnurse.discovery.neighbour import Neighbour


class Report(Protocol):
    """Where a source says what came of a look. Neither method waits, blocks or raises."""

    def found(self, candidates: tuple[Neighbour, ...]) -> None:
        """Tell the whole present set, own node included, in any order; also when it is the same as before.

        A source that says nothing is taken for silent. Handing over the same tuple again costs next to nothing.
        """

    def failed(self, message: str) -> None:
        """Tell in words that this look yielded nothing, naming the place looked at. What was found before stands."""


class Source(Protocol):
    """One way to learn who the neighbours are."""

    @property
    def name(self) -> str:
        """As settings and metrics name it: ``file_sd``, ``http_sd``."""

    async def run(self, report: Report) -> None:
        """Look until cancelled; never returns by itself. May be run again after it was cancelled."""
