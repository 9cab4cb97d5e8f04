"""When rounds begin: at a place of its own in the interval for each node, so that nurses do not march in step."""

import hashlib


def offset(node: str, interval: float) -> float:
    """Seconds into each interval of Unix time at which ``node`` begins its rounds; evenly spread over nodes."""
    digest = hashlib.sha256(node.encode()).digest()
    return int.from_bytes(digest[-8:], "big") / 2**64 * interval


def until_next(now: float, interval: float, shift: float) -> float:
    """Seconds from ``now`` (Unix time) to the next beginning, above 0 and at most ``interval``."""
    return interval - (now - shift) % interval
