"""``otelnurse demo``: its arguments, and the one place where all of it is put together."""

import argparse
import os
import sys

from otelnurse.duration import parse

_MISSING_EXTRA = 2
_MIN_NURSES, _MAX_NURSES = 3, 30
_MIN_INTERVAL, _MAX_INTERVAL = 0.1, 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tell ``parser`` what the demo takes."""
    parser.add_argument(
        "--duration",
        type=_duration,
        metavar="DURATION",
        help="end after this time, counted from when all nurses are up, e.g. 30s (default: until Ctrl-C)",
    )
    parser.add_argument(
        "--nurses", type=_nurses, default=5, metavar="N", help=f"{_MIN_NURSES} to {_MAX_NURSES} (default: 5)"
    )
    parser.add_argument(
        "--interval", type=_interval, default=1.0, metavar="DURATION", help="the nurses' check interval (default: 1s)"
    )


def run(args: argparse.Namespace) -> int:
    """Play; the exit code: 0 all that was shown was found, 1 it was not or a nurse died, 2 an extra is missing."""
    try:
        import rich  # noqa: F401, PLC0415 - only the demo needs them, and a nurse's image has neither
        import trustme  # noqa: F401, PLC0415
    except ModuleNotFoundError as error:
        sys.stderr.write(f"the demo needs {error.name}: pip install 'otelnurse[demo]'\n")
        return _MISSING_EXTRA
    from otelnurse.demo.stage import perform  # noqa: PLC0415 - imports what was looked for above

    return perform(args.nurses, args.interval, args.duration, os.environ)


def _duration(text: str) -> float:
    try:
        seconds = parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None
    if seconds <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} must be longer than zero")
    return seconds


def _interval(text: str) -> float:
    seconds = _duration(text)
    if not _MIN_INTERVAL <= seconds <= _MAX_INTERVAL:
        raise argparse.ArgumentTypeError(f"{text!r} must be from 100ms to 1m")
    return seconds


def _nurses(text: str) -> int:
    if not text.isdecimal() or not _MIN_NURSES <= int(text) <= _MAX_NURSES:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be a whole number from {_MIN_NURSES} (below, a slow one cannot be told) to {_MAX_NURSES}"
        )
    return int(text)
