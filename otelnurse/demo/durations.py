"""Latencies as people read them."""

_TENTHS_BELOW = 0.01


def seconds_text(seconds: float) -> str:
    """A latency for a narrow column: ``0.7 ms``, ``412 ms``, ``2.1 s``."""
    if seconds < _TENTHS_BELOW:
        return f"{seconds * 1e3:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1e3:.0f} ms"
    return f"{seconds:.1f} s"
