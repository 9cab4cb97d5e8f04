"""A finished run as lines of text: the waterfall, and what is worth a word."""

import textwrap
from collections.abc import Iterator

from otelnurse.check.paint import BOLD, DIM, PHASE_COLOURS, RED, YELLOW, Paint, harmless
from otelnurse.probe.timeline import Hop, Timeline
from otelnurse.probe.waterfall import Row, days_left, waterfall

WIDEST = 120
"""Columns; a longer bar is no easier to read."""
_NAME, _DURATION, _NARROWEST_BAR = 22, 10, 8
_INDENT = "  "
_LATE = 0.002
"""Seconds from which on a nurse says that it was late itself (docs/why.md)."""
_SOON = 14
"""Days."""


def picture(timeline: Timeline, width: int, paint: Paint) -> list[str]:
    """The run as a waterfall that is ``width`` columns wide."""
    width = min(width, WIDEST)
    lines: list[str] = []
    for row in waterfall(timeline):
        if row.depth == 0:
            lines += [*([""] if lines else []), *_heading(row, width, paint)]
        else:
            lines += _phase(row, timeline.duration, width, paint)
    for note in _notes(timeline):
        lines += [paint(line, YELLOW) for line in wrapped(note, "", width)]
    return lines


def was_late(timeline: Timeline) -> bool:
    """Whether this machine saw the answer so much later than its kernel had it that the numbers are in doubt."""
    return timeline.lag is not None and timeline.lag >= _LATE


def milliseconds(seconds: float) -> str:
    """Three digits that matter, or two decimals: ``0.03``, ``1.25``, ``84.1``, ``5003``."""
    number = seconds * 1e3
    return f"{number:.{2 if number < 10 else 1 if number < 100 else 0}f}"  # noqa: PLR2004  # powers of ten


def wrapped(text: str, indent: str, width: int) -> list[str]:
    """``text`` without control characters, in lines that are ``width`` columns wide at most, ``indent`` included."""
    return textwrap.wrap(harmless(text), width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _heading(row: Row, width: int, paint: Paint) -> Iterator[str]:
    for line in wrapped(row.name, "", width):
        yield paint(line, BOLD)
    for line in wrapped(row.detail, _INDENT, width):
        yield paint(line, DIM)


def _phase(row: Row, total: float, width: int, paint: Paint) -> Iterator[str]:
    indent = _INDENT * row.depth
    colour = DIM if row.muted else RED if row.error else PHASE_COLOURS[row.phase] if row.phase else ""
    room = width - _NAME - _DURATION - 2 * len(_INDENT)
    bar = _bar(row, total, room, paint, colour) if room >= _NARROWEST_BAR else " " * max(0, room + len(_INDENT))
    lasted = f"{milliseconds(row.duration)} ms".rjust(_DURATION)
    name = f"{indent}{row.name}".ljust(_NAME + len(_INDENT))
    yield f"{name}{bar}{paint(lasted, DIM) if row.depth > 1 else lasted}"
    for line in wrapped(row.error or "", indent + _INDENT, width):
        yield paint(line, RED)
    for line in wrapped(row.detail, indent + _INDENT, width):
        yield paint(line, DIM)


def _bar(row: Row, total: float, room: int, paint: Paint, colour: str) -> str:
    """At least one column, within the room, and where it belongs."""
    scale = room / total if total else 0.0
    first = min(int(row.start * scale), room - 1)
    length = max(1, min(round((row.start + row.duration) * scale), room) - first)
    return f"{' ' * first}{paint(paint.bar * length, colour)}{' ' * (room - first - length)}  "


def _notes(timeline: Timeline) -> Iterator[str]:
    for hop in timeline.hops:
        yield from _of_certificate(hop, timeline)
    if was_late(timeline):
        late = milliseconds(timeline.lag or 0.0)
        yield f"This machine was busy: the first byte was there {late} ms before it was seen. Measure again."


def _of_certificate(hop: Hop, timeline: Timeline) -> Iterator[str]:
    record = hop.handshake
    if record is None or record.error:
        return
    if record.fault:
        yield f"The certificate of {record.server_name} is not to be trusted: {record.fault}, let pass by --insecure."
    elif record.certificate and 0 <= days_left(record.certificate, timeline) < _SOON:
        yield f"The certificate of {record.server_name} expires soon."
