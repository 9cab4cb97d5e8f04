"""Log lines: their two formats, and the folding of what goes on failing."""

import json
import logging
import sys
from collections.abc import Iterator, Mapping

import pytest

from otelnurse import logs
from otelnurse.folding import FoldRepeats
from otelnurse.logs import FailedCheck, FoldingLog

LOGGER = logging.getLogger("otelnurse.test")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("otelnurse")
    before = root.level, root.handlers[:], ours.level
    yield
    root.level, root.handlers[:], ours.level = before


class Log:
    """A folding log, its clock, and what it has written."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lines: list[tuple[str, Mapping[str, object]]] = []
        self.folding = FoldingLog(lambda message, fields: self.lines.append((message, fields)), lambda: self.now)

    def fail(self, at: float, error_type: str = "connection_refused", name: str = "path_a") -> None:
        """Report a failure at a time."""
        self.now = at
        self.folding.failed(FailedCheck("path", name, error_type, "connect", "no", peer="10.0.0.1", trace_id=f"{at}"))


def test_first_failure_is_told_at_once() -> None:
    """The first line carries what one needs to look the failure up."""
    log = Log()
    log.fail(at=0)
    assert log.lines == [
        (
            "path_a failed: no",
            {
                "otelnurse.check.type": "path",
                "otelnurse.check.name": "path_a",
                "error.type": "connection_refused",
                "otelnurse.phase": "connect",
                "network.peer.address": "10.0.0.1",
                "trace_id": "0",
            },
        )
    ]


def test_repeats_are_one_line_a_minute() -> None:
    """However often it fails, there is a line at once and one per minute with the count and the last trace."""
    log = Log()
    for second in range(181):
        log.fail(at=second)
    assert [fields.get("count") for _, fields in log.lines] == [None, 59, 60, 60]
    assert log.lines[1][0] == "path_a failed 59 times more in 60 s: no"
    assert log.lines[1][1]["trace_id"] == "59"


def test_nothing_is_lost_between_lines() -> None:
    """Lines and counts together make up every failure, also those counted when the nurse stops."""
    log = Log()
    for second in range(100):
        log.fail(at=second)
    log.folding.close()
    assert sum(int(fields.get("count", 1)) for _, fields in log.lines) == 100


def test_different_failures_do_not_fold() -> None:
    """Another check, or another reason, has its own first line."""
    log = Log()
    log.fail(at=0)
    log.fail(at=1, error_type="dns_timeout")
    log.fail(at=2, name="path_b")
    assert len(log.lines) == 3


def test_after_a_quiet_minute_it_is_told_at_once_again() -> None:
    """A failure long after the last one is news."""
    log = Log()
    log.fail(at=0)
    log.fail(at=61)
    assert [message for message, _ in log.lines] == ["path_a failed: no"] * 2


def test_sweep_tells_of_repeats_when_nothing_fails_any_more() -> None:
    """The count does not wait for the next failure."""
    log = Log()
    log.fail(at=0)
    log.fail(at=1)
    log.now = 60
    log.folding.sweep()
    assert log.lines[1][0] == "path_a failed once more in 60 s: no"


def test_many_failures_cost_as_many_times_one() -> None:
    """With four times as many checks that fail, a failure costs no more: the loop does not wait for the log."""

    def calls(checks: int) -> int:
        log, counted = Log(), 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            for number in range(checks):
                log.fail(at=0, name=f"path_{number}")
        finally:
            sys.setprofile(None)
        return counted

    assert calls(400) < 5 * calls(100)


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One object per line, with the fields beside time, level, logger and message."""
    logs.configure("json", "info")
    LOGGER.warning("two\nlines", extra={"fields": {"error.type": "500", "message": "never this"}})
    line = json.loads(capsys.readouterr().err)
    assert line.pop("time").endswith("Z")
    assert line == {"level": "warning", "logger": "otelnurse.test", "message": "two\nlines", "error.type": "500"}


def test_json_of_an_exception_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A traceback does not break the line."""
    logs.configure("json", "info")
    try:
        raise RuntimeError("no")
    except RuntimeError:
        LOGGER.exception("broke")
    (line,) = capsys.readouterr().err.splitlines()
    assert "RuntimeError: no" in json.loads(line)["exception"]


def test_a_traceback_is_written_once_a_minute() -> None:
    """A fault that every check meets does not fill the disk; another one is told at once."""
    clock = iter([0.0, 1.0, 2.0, 59.0, 60.0])
    fold = FoldRepeats("otelnurse", lambda: next(clock))
    fault = RuntimeError("a bug")

    def written(check: str) -> str | None:
        cause = (RuntimeError, fault, None)
        record = logging.LogRecord("otelnurse.probe", logging.ERROR, "", 1, "check %s met a fault", (check,), cause)
        return record.getMessage() if fold.filter(record) else None

    assert [written(check) for check in ("a", "a", "b", "a", "a")] == [
        "check a met a fault",
        None,
        "check b met a fault",
        None,
        "check a met a fault (2 more since the last such line)",
    ]


def test_what_a_library_repeats_is_written_once_a_minute() -> None:
    """An exporter whose collector is away says so once a minute, not at each try; another sentence is told at once."""
    clock = iter([0.0, 1.0, 2.0, 61.0])
    fold = FoldRepeats("otelnurse", lambda: next(clock))

    def written(message: str, *words: object) -> str | None:
        record = logging.LogRecord("opentelemetry.exporter", logging.WARNING, "", 1, message, words, None)
        return record.getMessage() if fold.filter(record) else None

    assert [
        written("retrying in %.2fs", 0.98),
        written("retrying in %.2fs", 2.1),
        written("gave up"),
        written("retrying in %.2fs", 1.0),
    ] == ["retrying in 0.98s", None, "gave up", "retrying in 1.00s (1 more since the last such line)"]


def test_a_recovery_is_told_once() -> None:
    """Who read that a check fails reads that it is well again; who did not is not bothered."""
    log = Log()
    log.folding.succeeded("path_a")
    log.fail(at=0)
    log.fail(at=1)
    log.folding.succeeded("path_a")
    log.folding.succeeded("path_a")
    log.fail(at=2)
    log.folding.succeeded("path_a")
    assert [message for message, _ in log.lines] == ["path_a failed: no", "path_a is well again"]


def test_tracebacks_are_folded_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The log of a nurse has the traceback of a fault, and not once per check."""
    logs.configure("text", "info")
    for _ in range(3):
        try:
            raise RuntimeError("no")
        except RuntimeError:
            LOGGER.exception("broke")
    assert capsys.readouterr().err.count("RuntimeError: no") == 1


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Fields stand behind the message; what has spaces is quoted."""
    logs.configure("text", "info")
    logs.emit_warnings(LOGGER)("100% gone", {"error.type": "500", "reason": "two words"})
    _, rest = capsys.readouterr().err.rstrip("\n").split(" ", 1)
    assert rest == 'WARNING otelnurse.test: 100% gone error.type=500 reason="two words"'


def test_levels(capsys: pytest.CaptureFixture[str]) -> None:
    """The level is ours alone: libraries are heard from warning up. Configuring twice writes no line twice."""
    logs.configure("text", "debug")
    logs.configure("text", "debug")
    LOGGER.debug("ours")
    logging.getLogger("library").info("theirs")
    assert [line.rsplit(" ", 1)[1] for line in capsys.readouterr().err.splitlines()] == ["ours"]
