"""How many runs failed, and the one line that says why."""

from collections import Counter

from otelnurse.check.paint import harmless
from otelnurse.probe.timeline import Timeline


class Tally:
    """Counts runs."""

    def __init__(self) -> None:
        self._runs = 0
        self._failures: Counter[str] = Counter()
        self._last = ""

    def add(self, timeline: Timeline) -> None:
        """One that has finished."""
        self._runs += 1
        outcome = timeline.outcome
        if outcome and outcome.error_type:
            self._failures[f"{outcome.error_type} in {outcome.phase}"] += 1
            self._last = outcome.message.removeprefix(f"{outcome.phase}: ")

    @property
    def why(self) -> str:
        """Error type, phase and words; empty when all is well."""
        failed = self._failures.total()
        if not failed:
            return ""
        if self._runs == 1:
            return harmless(f"{next(iter(self._failures))}: {self._last}")
        told = ", ".join(f"{count} {what}" for what, count in self._failures.most_common())
        return harmless(f"{failed} of {self._runs} runs failed: {told}; the last one: {self._last}")
