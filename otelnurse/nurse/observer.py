"""Tells telemetry and the log of every run of every check."""

import logging

from otelnurse.logs import FailedCheck, FoldingLog, emit_warnings
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Timeline
from otelnurse.rounds.observer import CheckSpan, Observer

_log = logging.getLogger(__name__)
_MOST_TOLERATED = 1_000


class LoggingObserver:
    """Passes everything on to ``inner``, and writes a log line for each failed check, repeats folded per minute."""

    def __init__(self, inner: Observer) -> None:
        self._inner = inner
        self._tolerated: dict[str, str] = {}
        self._failures = FoldingLog(emit_warnings(logging.getLogger("otelnurse.checks")))

    def check_started(self, target: Target) -> CheckSpan:
        """As :class:`Observer` says."""
        return self._inner.check_started(target)

    def check_finished(self, span: CheckSpan, timeline: Timeline) -> None:
        """As :class:`Observer` says."""
        self._inner.check_finished(span, timeline)
        outcome = timeline.outcome
        if outcome is None or outcome.error_type is None:
            self._failures.succeeded(timeline.target.name)
            self._tell_of_tolerated(timeline)
            return
        hop = timeline.hops[-1] if timeline.hops else None
        self._failures.failed(
            FailedCheck(
                check_type=timeline.target.type,
                check_name=timeline.target.name,
                error_type=outcome.error_type,
                phase=outcome.phase or "",
                message=outcome.message,
                peer=hop.peer_address if hop else None,
                trace_id=timeline.trace_id,
            )
        )

    def _tell_of_tolerated(self, timeline: Timeline) -> None:
        """Log a certificate's fault that INSECURE has pass, once for each check and fault."""
        name = timeline.target.name
        for hop in timeline.hops:
            fault = hop.handshake.fault if hop.handshake else None
            if fault and self._tolerated.get(name) != fault:
                if len(self._tolerated) >= _MOST_TOLERATED:
                    self._tolerated.clear()  # most of it is of neighbours that are gone
                self._tolerated[name] = fault
                _log.warning("%s: %s, tolerated since OTELNURSE_INSECURE is set", name, fault)

    def check_cancelled(self, span: CheckSpan) -> None:
        """As :class:`Observer` says."""
        self._inner.check_cancelled(span)

    def check_skipped(self, target: Target, times: int = 1) -> None:
        """As :class:`Observer` says."""
        self._inner.check_skipped(target, times)

    def round_finished(self, finished_at: float, lag: float) -> None:
        """As :class:`Observer` says."""
        self._inner.round_finished(finished_at, lag)
        self._failures.sweep()

    def close(self) -> None:
        """Write down the repeats that were only counted so far."""
        self._failures.close()
