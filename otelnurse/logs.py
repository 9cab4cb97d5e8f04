"""Log lines on standard error: for people or as JSON, and one per minute for what goes on failing."""

import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from otelnurse.folding import FOLD_SECONDS, FoldRepeats

Emit = Callable[[str, Mapping[str, object]], None]
"""Takes a message and structured fields."""

_MOST_TOLD = 1_000


def configure(log_format: Literal["text", "json"], level: str) -> None:
    """Send all log lines to standard error; ours from ``level`` up, those of libraries from warning up.

    Structured fields are what a call passes as ``extra={"fields": {...}}``. May be called again.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(FoldRepeats("otelnurse"))
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("otelnurse").setLevel(level.upper())


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time (RFC 3339, UTC), level, logger, message, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Fields never replace one of the first four."""
        line = {
            "time": _time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({**_fields_of(record), **line}, default=str, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """``time LEVEL logger: message key=value ...``, a traceback below."""

    def format(self, record: logging.LogRecord) -> str:
        """Fields whose value is a text with spaces are quoted."""
        fields = "".join(f" {key}={_plain(value)}" for key, value in _fields_of(record).items())
        line = f"{_time_of(record)} {record.levelname} {record.name}: {record.getMessage()}{fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def emit_warnings(logger: logging.Logger) -> Emit:
    """Make what :class:`FoldingLog` writes to: warnings of a logger."""
    return lambda message, fields: logger.warning("%s", message, extra={"fields": fields})


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """What a log line tells of a check that failed."""

    check_type: str
    check_name: str
    error_type: str
    phase: str
    message: str
    peer: str | None = None
    """The IP address asked, or the last one tried."""
    trace_id: str | None = None

    def fields(self) -> dict[str, object]:
        """Structured fields by the names that spans use; those that are not known are left out."""
        fields = {
            "otelnurse.check.type": self.check_type,
            "otelnurse.check.name": self.check_name,
            "error.type": self.error_type,
            "otelnurse.phase": self.phase,
            "network.peer.address": self.peer,
            "trace_id": self.trace_id,
        }
        return {key: value for key, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Fold:
    since: float
    last: FailedCheck
    repeats: int = 0


class FoldingLog:
    """Logs failed checks: of each check and error.type the first at once, and how many followed once a minute.

    It has no thread and no timer: :meth:`sweep` is to be called now and then, once a round, say.
    """

    def __init__(self, emit: Emit, clock: Callable[[], float] = time.monotonic) -> None:
        self._emit = emit
        self._clock = clock
        self._folds: dict[tuple[str, str], _Fold] = {}
        self._told: set[str] = set()
        """Checks of which the last line says that they fail."""

    def failed(self, check: FailedCheck) -> None:
        """Log it, or count it among the repeats of what was logged less than a minute ago."""
        key = (check.check_name, check.error_type)
        self._settle(key, self._clock())
        fold = self._folds.get(key)
        if fold:
            self._folds[key] = replace(fold, last=check, repeats=fold.repeats + 1)
        else:
            self._folds[key] = _Fold(self._clock(), check)
            self._tell_failing(check.check_name)
            self._emit(f"{check.check_name} failed: {check.message}", check.fields())

    def succeeded(self, check_name: str) -> None:
        """Log that it is well again, if the last line about it says that it is not."""
        if check_name in self._told:
            self._told.remove(check_name)
            self._emit(f"{check_name} is well again", {"otelnurse.check.name": check_name})

    def sweep(self) -> None:
        """Log the repeats of every minute that is over; what did not fail again in it is forgotten."""
        now = self._clock()
        for key in [*self._folds]:
            self._settle(key, now)

    def close(self) -> None:
        """Log the repeats that are still only counted."""
        now = self._clock()
        for fold in self._folds.values():
            if fold.repeats:
                self._tell(fold, now)
        self._folds.clear()

    def _tell_failing(self, check_name: str) -> None:
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()  # of neighbours that are gone nobody will say that they are well again
        self._told.add(check_name)

    def _settle(self, key: tuple[str, str], now: float) -> None:
        fold = self._folds.get(key)
        if fold is None or now - fold.since < FOLD_SECONDS:
            return
        if fold.repeats:
            self._tell(fold, now)
            self._folds[key] = _Fold(now, fold.last)
        else:
            del self._folds[key]

    def _tell(self, fold: _Fold, now: float) -> None:
        times = "once" if fold.repeats == 1 else f"{fold.repeats} times"
        message = f"{fold.last.check_name} failed {times} more in {now - fold.since:.0f} s: {fold.last.message}"
        self._tell_failing(fold.last.check_name)
        self._emit(message, {**fold.last.fields(), "count": fold.repeats})


def _time_of(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fields_of(record: logging.LogRecord) -> Mapping[str, object]:
    """What the call gave as fields; nothing when it gave none."""
    fields = getattr(record, "fields", None)
    return fields if isinstance(fields, Mapping) else {}


def _plain(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or "\n" in text or '"' in text or not text else text
