"""What templates call: numbers and times as text."""

from datetime import UTC, datetime


def clock(unix: float) -> str:
    """A moment as ``03:12:05``, UTC."""
    return datetime.fromtimestamp(unix, UTC).strftime("%H:%M:%S")


def iso(unix: float) -> str:
    """A moment for machines: RFC 3339, milliseconds."""
    return datetime.fromtimestamp(unix, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
