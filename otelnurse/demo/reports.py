"""What the nurses say of themselves at /alive and /metrics, read as a stranger would read it."""

import re
import statistics
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

PATH = "path_"
"""Begins the name of a check of a neighbour; its node's name follows."""

FIXED_CHECKS = ("api_server_direct", "api_server_dns", "me_ingress", "me_service")

_SAMPLE = re.compile(r"(\w+)\{(.*)\} (\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_OF_PATHS = (
    "otelnurse_path_duration_seconds_count",
    "otelnurse_path_duration_seconds_sum",
    "otelnurse_path_failures_total",
)
_UNTRUSTED = ("lag", "throttled")
"""Fevers in which a success is missing from the histograms of latency (docs/metrics.md)."""

_RECENT = 3
"""Samples that a p50 is made of: a single late answer does not move it, a second one does."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One check as one nurse reports it."""

    error: str | None
    """The ``error.type`` of the latest result, None when it was well."""
    p50: float | None = None
    """Seconds; the median of the last few successes since it failed last. None while there are none."""


@dataclass(frozen=True, slots=True)
class View:
    """All that one nurse reports."""

    node: str
    checks: Mapping[str, Seen]
    """By name of the check; empty while the nurse does not answer."""
    done: int = 0
    """Checks finished since it started."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """How many of them failed, by ``error.type``."""


@dataclass(slots=True)
class _Total:
    count: float = 0.0
    seconds: float = 0.0
    failures: float = 0.0
    """Of a path: its count and seconds have them in, and nothing tells which are theirs."""


class Reader:
    """Turns what one nurse says, time after time, into a view; it remembers the last few latencies of each check."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._totals: dict[str, _Total] = {}
        self._recent: dict[str, deque[float]] = {}

    def read(self, results: Mapping[str, object], metrics: str) -> View:
        """``results``: /alive's ``last_check_result``, checks and more; ``metrics``: the text of /metrics."""
        totals: dict[str, _Total] = {}
        failures: dict[str, int] = {}
        done = 0
        for name, labels, value in _samples(metrics):
            error = labels.get("error_type") or None  # an empty label is none: one family, one set of label names
            if _is_done(name, labels):
                done += int(value)
                if error is not None:
                    failures[error] = failures.get(error, 0) + int(value)
            check = _check_of(name, labels)
            if check is None or error is not None:
                continue
            total = totals.setdefault(check, _Total())
            if name.endswith("_count"):
                total.count += value
            elif name.endswith("_sum"):
                total.seconds += value
            elif name.endswith("_failures_total"):
                total.failures += value
        for check, total in totals.items():
            self._remember(check, total)
        checks = {check: self._seen(check, str(text)) for check, text in results.items() if _is_check(check)}
        return View(self._node, checks, done, failures)

    def _remember(self, check: str, total: _Total) -> None:
        before = self._totals.get(check, _Total())
        self._totals[check] = total
        if total.failures > before.failures:
            # A refusal takes no time: it would make a sick node the fastest of all, and hide that it is late next.
            self._recent.pop(check, None)
            return
        fresh = int(total.count - before.count)
        if fresh > 0:  # between two looks there is mostly one, then this is its exact duration
            mean = (total.seconds - before.seconds) / fresh
            self._recent.setdefault(check, deque(maxlen=_RECENT)).extend([mean] * min(fresh, _RECENT))

    def _seen(self, check: str, text: str) -> Seen:
        recent = self._recent.get(check)
        error = None if text == "ok" else text.partition(":")[0]
        return Seen(error, statistics.median(recent) if recent else None)


def _is_check(name: str) -> bool:
    return name in FIXED_CHECKS or name.startswith(PATH)


def _samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """Name, labels and value of every sample that has labels (Prometheus's text format 0.0.4)."""
    for line in text.splitlines():
        if match := _SAMPLE.match(line):
            yield match[1], dict(_LABEL.findall(match[2])), float(match[3])


def _is_done(name: str, labels: Mapping[str, str]) -> bool:
    """Whether this sample counts checks of the mesh that are done, and no other sample counts the same ones."""
    if labels.get("otelnurse_check_type") == "loopback":
        return False
    if name == "otelnurse_fever_checks_total":  # successes that the histogram leaves out
        return labels["otelnurse_fever"] in _UNTRUSTED
    return name == "otelnurse_check_duration_seconds_count"


def _check_of(name: str, labels: Mapping[str, str]) -> str | None:
    """The check whose latency this sample tells, by the name that /alive has for it."""
    if name in _OF_PATHS:
        return PATH + labels["otelnurse_peer_node"]
    if name.startswith("otelnurse_check_duration_seconds_") and labels["otelnurse_check_type"] in FIXED_CHECKS:
        return labels["otelnurse_check_type"]
    return None
