"""What rounds tell of themselves, and to whom: the seam behind which telemetry lives."""

from typing import Protocol

from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Timeline


class CheckSpan(Protocol):
    """A check under way, as the observer sees it."""

    trace_id: str | None
    """32 hexadecimal digits, or None when nothing is traced."""


class Observer(Protocol):
    """Gets to know every run of every check, exactly once each. No method waits, blocks or raises."""

    def check_started(self, target: Target) -> CheckSpan:
        """Called in the task that runs the check, right before it; makes its span current in that task."""

    def check_finished(self, span: CheckSpan, timeline: Timeline) -> None:
        """Called when ``timeline.outcome`` and ``timeline.fever`` stand."""

    def check_cancelled(self, span: CheckSpan) -> None:
        """Called in place of :meth:`check_finished` when the nurse stopped first: it counts nowhere."""

    def check_skipped(self, target: Target, times: int = 1) -> None:
        """It was due so often and did not run: its last run is not over, too many are open, or nobody was awake."""

    def round_finished(self, finished_at: float, lag: float) -> None:
        """A round is over: Unix time in seconds, and how many seconds late it had begun."""
