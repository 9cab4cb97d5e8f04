"""The numbers of each neighbour: from 0 when it appears, gone when it goes."""

import time
from bisect import bisect_left
from collections.abc import Collection
from threading import Lock

from opentelemetry.sdk.metrics.export import HistogramDataPoint, Metric

from otelnurse.probe.timeline import Hop, TcpInfo, Timeline
from otelnurse.telemetry import catalogue, names, points

_BOUNDS = catalogue.integral(catalogue.PATH_DURATION.boundaries or ())


class _Row:
    """One neighbour."""

    __slots__ = (
        "attributes",
        "buckets",
        "checks",
        "failures",
        "longest",
        "open",
        "retransmitted",
        "rtt",
        "segments",
        "shortest",
        "since",
        "syns",
        "total",
    )

    def __init__(self, node: str, since: int, readers: int) -> None:
        self.attributes = {names.PEER_NODE: node}
        self.since = since
        self.checks = self.failures = self.segments = self.retransmitted = self.syns = 0
        self.buckets = [0] * (len(_BOUNDS) + 1)
        self.total = 0.0
        self.shortest, self.longest = float("inf"), 0.0
        self.rtt: list[float | None] = [None] * readers
        self.open = (0, 0)

    def took(self, seconds: float) -> None:
        """Note a duration; a bucket's upper boundary belongs to it, as in the SDK."""
        self.buckets[bisect_left(_BOUNDS, seconds)] += 1
        self.total += seconds
        self.shortest, self.longest = min(self.shortest, seconds), max(self.longest, seconds)

    def heard(self, hop: Hop) -> None:
        """Add what the kernel counted on the connections of ``hop``."""
        for connect in hop.connects:
            if connect.tcp:
                self.syns += connect.tcp.retransmits
                # The connection that was used is told of by hop.tcp, these segments included.
                if hop.tcp is None or connect.abandoned or connect.error is not None:
                    self._sent(connect.tcp, (0, 0))
        # The kernel counts from a connection's beginning: on a kept one only what came since the last check is new.
        if hop.stale_tcp:
            self._sent(hop.stale_tcp, self.open)
        if hop.tcp is None:
            return
        self._sent(hop.tcp, self.open if hop.reused else (0, 0))
        self.open = (hop.tcp.segments_sent or 0, hop.tcp.retransmits)
        rtt = hop.tcp.rtt if hop.tcp.min_rtt is None else hop.tcp.min_rtt
        # A SYN sent again makes the kernel's first sample useless, and a connection never made has none.
        if rtt > 0 and not hop.tcp.retransmits:
            self.rtt = [rtt if known is None else min(known, rtt) for known in self.rtt]

    def _sent(self, tcp: TcpInfo, before: tuple[int, int]) -> None:
        self.segments += max(0, (tcp.segments_sent or 0) - before[0])
        self.retransmitted += max(0, tcp.retransmits - before[1])

    def duration(self, now: int) -> HistogramDataPoint:
        """The histogram as it stands."""
        count = sum(self.buckets)
        shortest = self.shortest if count else 0.0
        return HistogramDataPoint(
            self.attributes, self.since, now, count, self.total, tuple(self.buckets), _BOUNDS, shortest, self.longest
        )


class PathTable:
    """As many rows as there are neighbours now; written by the loop, read by ``readers`` readers in their threads."""

    def __init__(self, readers: int) -> None:
        self._readers = readers
        self._rows: dict[str, _Row] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._rows)

    def neighbours_changed(self, nodes: Collection[str]) -> None:
        """``nodes`` are the neighbours from now on; who comes back starts from 0."""
        now = time.time_ns()
        with self._lock:
            self._rows = {node: self._rows.get(node) or _Row(node, now, self._readers) for node in nodes}

    def record(self, timeline: Timeline, *, trusted: bool) -> None:
        """Count a check of a neighbour; its duration only when it is ``trusted``. One that is gone counts nowhere."""
        with self._lock:
            row = self._rows.get(timeline.target.peer_node or "")
            if row is None:
                return
            row.checks += 1
            row.failures += not timeline.ok
            if trusted:
                row.took(timeline.duration)
            for hop in timeline.hops:
                row.heard(hop)

    def metrics(self, reader: int, now: int) -> list[Metric]:
        """A snapshot; what ``otelnurse.path.rtt`` remembers for this reader begins anew."""
        with self._lock:
            rows = list(self._rows.values())
            rtts = [points.number(r.attributes, r.since, now, r.rtt[reader] or 0.0) for r in rows if r.rtt[reader]]
            counts = [
                (r.attributes, r.since, (r.checks, r.failures, r.segments, r.retransmitted, r.syns)) for r in rows
            ]
            durations = [row.duration(now) for row in rows]
            for row in rows:
                row.rtt[reader] = None
        specs = (
            catalogue.PATH_CHECKS,
            catalogue.PATH_FAILURES,
            catalogue.PATH_SEGMENTS,
            catalogue.PATH_RETRANSMITTED,
            catalogue.PATH_SYNS,
        )
        return [
            points.histogram(catalogue.PATH_DURATION, durations),
            points.gauge(catalogue.PATH_RTT, rtts),
            *(
                points.counter(
                    spec, [points.number(attributes, since, now, values[i]) for attributes, since, values in counts]
                )
                for i, spec in enumerate(specs)
            ),
        ]
