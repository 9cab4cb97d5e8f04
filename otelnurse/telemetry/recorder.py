"""From a finished timeline to the numbers."""

from functools import lru_cache

from opentelemetry.context import Context

from otelnurse.probe.timeline import Timeline
from otelnurse.telemetry import names
from otelnurse.telemetry.certificates import CertificateTable
from otelnurse.telemetry.instruments import Instruments
from otelnurse.telemetry.paths import PathTable
from otelnurse.telemetry.phases import phase_durations

LOOPBACK, PATH, EXTRA = "loopback", "path", "extra"
_GRAVEST_FIRST = ("throttled", "lag", "overlap")
_UNTRUSTED = frozenset({"throttled", "lag"})


class Recorder:
    """Counts every finished check once."""

    def __init__(
        self, instruments: Instruments, paths: PathTable, certificates: CertificateTable, cluster_domain: str
    ) -> None:
        self._to = instruments
        self._paths = paths
        self._certificates = certificates
        self._cluster = f".{cluster_domain.strip('.').lower()}"

    def record(self, timeline: Timeline, context: Context) -> None:
        """Record in ``context``, that of the check's trace: exemplars are made where it is kept, and only there.

        A success measured while the loop lagged or the cgroup was throttled is missing from the latency histograms and
        stands in ``otelnurse.fever.checks`` instead, so that for each type checks done = count of
        ``otelnurse.check.duration`` + ``otelnurse.fever.checks`` under lag or throttled. A failure is never left out.
        """
        target = timeline.target
        fever = self._fever(timeline)
        if target.type == LOOPBACK:
            error = {} if timeline.ok else {names.ERROR_TYPE: _error(timeline)}
            self._to.fever_duration.record(timeline.duration, error, context)
            return
        trusted = fever not in _UNTRUSTED
        if trusted:
            name = target.name if target.type == EXTRA else None
            attributes = _attributes(target.type, name, None if timeline.ok else _error(timeline))
            self._to.check_duration.record(timeline.duration, attributes, context)
            for phase, seconds in phase_durations(timeline).items():
                self._to.phase_duration.record(seconds, _phase(target.type, phase), context)
        if target.type == PATH:
            self._paths.record(timeline, trusted=trusted)
        self._certificates.record(timeline)
        self._count_queries(timeline)
        if timeline.stale_connections:
            self._to.connections_stale.add(timeline.stale_connections, {names.CHECK_TYPE: target.type})

    def _fever(self, timeline: Timeline) -> str | None:
        """The gravest fever of a success, counted; None for a failure, which is believed in any case."""
        if not timeline.ok or not timeline.fever:
            return None
        fever = next((word for word in _GRAVEST_FIRST if word in timeline.fever), timeline.fever[0])
        self._to.fever_checks.add(1, {names.FEVER: fever, names.CHECK_TYPE: timeline.target.type})
        return fever

    def _count_queries(self, timeline: Timeline) -> None:
        for hop in timeline.hops:
            for query in hop.lookup.queries if hop.lookup else ():
                inside = query.name.rstrip(".").lower().endswith(self._cluster)
                attributes = {
                    names.SERVER_ADDRESS: query.nameserver,
                    names.DNS_ZONE: "cluster" if inside else "external",
                }
                if query.error is not None:
                    attributes[names.ERROR_TYPE] = query.error
                self._to.dns_queries.add(1, attributes)


def _error(timeline: Timeline) -> str:
    return (timeline.outcome and timeline.outcome.error_type) or "_OTHER"


@lru_cache(maxsize=1024)
def _attributes(kind: str, name: str | None, error: str | None) -> dict[str, str]:
    attributes = {names.CHECK_TYPE: kind, names.CHECK_NAME: name, names.ERROR_TYPE: error}
    return {key: value for key, value in attributes.items() if value is not None}


@lru_cache(maxsize=64)
def _phase(kind: str, phase: str) -> dict[str, str]:
    return {names.CHECK_TYPE: kind, names.PHASE: phase}
