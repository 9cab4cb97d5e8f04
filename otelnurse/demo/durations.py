"""Durations as Go writes them (https://pkg.go.dev/time#ParseDuration), from milliseconds up."""

import re

_SECONDS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ms|s|m|h)")
_TENTHS_BELOW = 0.01


def parse_duration(text: str) -> float:
    """Seconds of a duration such as ``30s``, ``1m30s`` or ``500ms``.

    Raises:
        ValueError: It is not one, or not above zero.
    """
    parts = _PART.findall(text)
    if "".join(number + unit for number, unit in parts) != text or not parts:
        raise ValueError(f"{text!r} is no duration; write it as 30s, 1m30s or 500ms")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if seconds <= 0:
        raise ValueError(f"{text!r} must be longer than zero")
    return seconds


def seconds_text(seconds: float) -> str:
    """A latency for a narrow column: ``0.7 ms``, ``412 ms``, ``2.1 s``."""
    if seconds < _TENTHS_BELOW:
        return f"{seconds * 1e3:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1e3:.0f} ms"
    return f"{seconds:.1f} s"
