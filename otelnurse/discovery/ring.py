"""Which of all nurses a nurse asks: kubenurse's ring, bit for bit, so that both watch the same paths.

Nodes stand on a ring of 2^64 places by the hash of their name, and each asks the next ones after it. So every node is
asked by as many as it asks, a node that comes or goes changes only its predecessors' lists, and nobody has to agree
with anybody. Definition: postfinance/kubenurse, internal/servicecheck/neighbours.go.
"""

from collections.abc import Iterable
from hashlib import sha256

from otelnurse.discovery.neighbour import Neighbour

_PLACES = 1 << 64


def neighbours_of(node: str, candidates: Iterable[Neighbour], limit: int) -> tuple[Neighbour, ...]:
    """Pick the ``limit`` nodes that follow ``node`` on the ring, nearest first; 0 stands for all of them.

    What the answer depends on is the set of candidates alone, not their order. ``node`` itself is never among the
    answer and need not be among the candidates. A node with several pods counts once, by its smallest (address, port):
    kubenurse lets each pod take a place, and the last node of the list falls off.
    """
    if limit < 0:
        raise ValueError(f"the number of neighbours is {limit}, and cannot be negative; 0 stands for all")
    pods: dict[str, Neighbour] = {}
    for candidate in candidates:
        known = pods.setdefault(candidate.node, candidate)
        if known is not candidate:
            pods[candidate.node] = min(known, candidate)
    pods.pop(node, None)
    start = _place(node)
    # Two names on one place are not to be expected in this universe; the name decides then, so that all agree.
    ordered = sorted(pods, key=lambda name: ((_place(name) - start) % _PLACES, name))
    return tuple(pods[name] for name in ordered[: limit or None])


def _place(node: str) -> int:
    """Say where on the ring a node stands: the first eight bytes of its name's SHA-256, big-endian."""
    return int.from_bytes(sha256(node.encode()).digest()[:8], "big")
