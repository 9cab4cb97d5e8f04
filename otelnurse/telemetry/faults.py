"""Telemetry's own faults: told, never handed on to what is being measured."""

import logging
import time
from types import TracebackType

_log = logging.getLogger(__name__)
_QUIET = 60.0
"""Seconds between two reports: a fault in every check of every round must not fill a disk."""


class Faults:
    """``with faults:`` logs and swallows what is raised inside; once a minute, with the number held back since."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._quiet_until = 0.0
        self._held_back = 0

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Swallow an ``Exception``; a cancellation goes on."""
        if kind is None or error is None or not issubclass(kind, Exception):
            return False
        now = time.monotonic()
        if now < self._quiet_until:
            self._held_back += 1
            return True
        _log.error(
            "%s (%d more since the last report)",
            self._what,
            self._held_back,
            exc_info=(kind, error, traceback),
        )
        self._quiet_until, self._held_back = now + _QUIET, 0
        return True
