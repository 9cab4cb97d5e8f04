"""The nurse's own fever: how much later than the kernel it sees what it measures."""

import json
import subprocess
from dataclasses import dataclass
from statistics import median, quantiles

from tests.bench.contestants import CHECKS, ELSEWHERE, Place
from tests.bench.world import Askers
from tests.parts.process import answers, free_port
from tests.parts.waiting import eventually

_OWN = CHECKS - ELSEWHERE


@dataclass(frozen=True)
class Spread:
    """What is told of many durations."""

    median: float
    """Microseconds."""
    p99: float
    """Microseconds."""
    count: int

    @classmethod
    def of(cls, seconds: list[float]) -> "Spread":
        """Of at least two durations."""
        us = [it * 1e6 for it in seconds]
        return cls(median(us), quantiles(us, n=100, method="inclusive")[98], len(us))


@dataclass(frozen=True)
class Fever:
    """At one number of checks a round."""

    checks: int
    lag: Spread
    """From the kernel's having a response's first byte to the nurse's seeing it, all checks."""
    loopback: Spread
    """The loopback probe: the nurse asks its own server."""
    bare: Spread
    """A bare blocking socket in another process that asks the same server in the same seconds."""


def take(place: Place, checks: int, interval: float, seconds: float) -> Fever:
    """Run a nurse with everything on, and a bare socket beside it, for so many seconds."""
    port = free_port()
    paths = checks - _OWN - 2
    environment = place.environment(f"fever-{checks}", port, interval, paths=paths) | place.pushing(1.0)
    url = f"http://127.0.0.1:{port}/alwayshappy"
    nurse = [place.python, "-m", "tests.bench.feverish"]
    # A pace of its own, so that it meets rounds at all their places, and mostly none.
    bare = [place.python, "-m", "tests.bench.bare", url, f"{seconds}", f"{interval * 0.618:.3f}"]
    with (
        Askers(interval) as askers,
        subprocess.Popen(nurse, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as it,
    ):
        try:
            eventually(answers(url), what="the nurse to answer")
            askers.ask(port)
            durations = json.loads(subprocess.run(bare, env={}, capture_output=True, check=True, text=True).stdout)
            askers.ask(None)
            it.terminate()
            told = json.loads(it.communicate(timeout=60)[0])
        finally:
            it.kill()
    return Fever(checks, Spread.of(told["lags"]), Spread.of(told["loopback"]), Spread.of(durations))
