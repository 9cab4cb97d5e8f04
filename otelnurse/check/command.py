"""``otelnurse check``: the one place where all of it is put together, and its exit code."""

import argparse
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from otelnurse.check.arguments import add_arguments, order
from otelnurse.probe.timeline import Timeline

if TYPE_CHECKING:
    from otelnurse.check.screen import Screen

__all__ = ["add_arguments", "run"]

_WELL, _FAILED, _INTERRUPTED = 0, 1, 130
"""Exit codes; argparse has 2 for wrong arguments, and shells 130 for Ctrl-C."""
_USUAL_WIDTH, _NARROWEST = 80, 40


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Ask and print; ``environ`` may have NO_COLOR (no-color.org), TERM and COLUMNS."""
    from otelnurse.check.run import run as ask  # noqa: PLC0415  # the probe, which other commands do without
    from otelnurse.check.tally import Tally  # noqa: PLC0415  # as above

    tally, finished, broken = Tally(), False, False
    screen = _screen(args, sys.stdout, environ)

    def show(timeline: Timeline) -> None:
        tally.add(timeline)
        screen.show(timeline)

    try:
        finished = ask(order(args), show)
        screen.close()
    except* BrokenPipeError:
        broken = True
    if broken:
        # Whoever read this has read enough; Python would complain of it once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if tally.why:
        sys.stderr.write(f"otelnurse check: {tally.why}\n")
    if not (finished or broken):
        return _INTERRUPTED
    return _FAILED if tally.why else _WELL


def _screen(args: argparse.Namespace, out: TextIO, environ: Mapping[str, str]) -> "Screen":
    from otelnurse.check.many import Many  # noqa: PLC0415  # as above
    from otelnurse.check.paint import Paint  # noqa: PLC0415  # as above
    from otelnurse.check.screen import Json, One  # noqa: PLC0415  # as above

    if args.json:
        return Json(out)
    terminal = out.isatty() and environ.get("TERM") != "dumb"
    paint = Paint(colour=terminal and not args.no_color and not environ.get("NO_COLOR"), unicode=_has_lines(out))
    width = _width(out, environ)
    return One(out, width, paint) if args.count == 1 else Many(out, width, paint)


def _has_lines(out: TextIO) -> bool:
    """Whether the output's encoding has the characters that bars are drawn with."""
    try:
        "\N{BOX DRAWINGS HEAVY HORIZONTAL}".encode(out.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _width(out: TextIO, environ: Mapping[str, str]) -> int:
    """Columns: what COLUMNS says, what the terminal has, or the usual number of them."""
    columns = environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdecimal() and int(columns[:4]):
        return max(_NARROWEST, int(columns[:4]))
    try:
        return max(_NARROWEST, os.get_terminal_size(out.fileno()).columns)
    except OSError:
        return _USUAL_WIDTH
