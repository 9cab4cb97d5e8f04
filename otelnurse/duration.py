"""Go's durations as text: what kubenurse's users write, and so ours (https://pkg.go.dev/time#ParseDuration)."""

import re
from fractions import Fraction

NS_PER_S = 1_000_000_000
_LONGEST_NS = 2**63 - 1  # Go keeps nanoseconds in an int64
_UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "\N{MICRO SIGN}s": 1_000,
    "\N{GREEK SMALL LETTER MU}s": 1_000,
    "ms": 1_000_000,
    "s": NS_PER_S,
    "m": 60 * NS_PER_S,
    "h": 3600 * NS_PER_S,
}
_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([^0-9.]+)")


def parse(text: str) -> float:
    """Read ``1h2m3.5s``, ``500ms``, ``-2us`` or ``0``; seconds.

    Raises:
        ValueError: it is none; the message says what would be right.
    """
    unsigned = text[1:] if text[:1] in ("+", "-") else text
    sign = -1 if text.startswith("-") else 1
    if unsigned == "0":
        return 0.0
    if re.fullmatch(r"[0-9]*\.?[0-9]+", unsigned):
        raise ValueError(f"a duration needs a unit: {text}s, or {text}ms")
    parts = _PART.findall(unsigned)
    if not parts or "".join(number + unit for number, unit in parts) != unsigned:
        raise ValueError("this is no duration: write one like 5s, 500ms or 1m30s")
    for _, unit in parts:
        if unit not in _UNITS_NS:
            raise ValueError(f"{unit!r} is no unit of a duration: there are h, m, s, ms, us and ns")
    nanoseconds = sum(int(Fraction(number) * _UNITS_NS[unit]) for number, unit in parts)
    if nanoseconds > _LONGEST_NS:
        raise ValueError("this is longer than the 292 years that a duration can be")
    return sign * nanoseconds / NS_PER_S


def show(seconds: float) -> str:
    """Write seconds as Go would, so that :func:`parse` reads the same number again."""
    nanoseconds = round(abs(seconds) * NS_PER_S)
    sign = "-" if seconds < 0 and nanoseconds else ""
    return sign + (_with_hours(nanoseconds) if nanoseconds >= NS_PER_S else _below_a_second(nanoseconds))


def _with_hours(nanoseconds: int) -> str:
    minutes, rest = divmod(nanoseconds, 60 * NS_PER_S)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{_decimal(rest, NS_PER_S)}s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def _below_a_second(nanoseconds: int) -> str:
    for unit in ("ms", "\N{MICRO SIGN}s", "ns"):
        if nanoseconds >= _UNITS_NS[unit]:
            return f"{_decimal(nanoseconds, _UNITS_NS[unit])}{unit}"
    return "0s"


def _decimal(nanoseconds: int, unit: int) -> str:
    whole, rest = divmod(nanoseconds, unit)
    digits = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)
