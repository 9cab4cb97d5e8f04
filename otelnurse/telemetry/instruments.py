"""The SDK's instruments, made from the catalogue."""

from collections.abc import Callable, Iterable

from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Meter, Observation

from otelnurse.telemetry import catalogue, names
from otelnurse.telemetry.catalogue import Spec, integral
from otelnurse.telemetry.config import Observed, SourceState
from otelnurse.telemetry.process import cpu_times, resident_memory

_Read = Callable[[], Iterable[Observation]]


class Instruments:
    """Those that are written to as things happen."""

    def __init__(self, meter: Meter, buckets: tuple[float, ...]) -> None:
        self.check_duration = _histogram(meter, catalogue.CHECK_DURATION, buckets)
        self.phase_duration = _histogram(meter, catalogue.PHASE_DURATION)
        self.dns_queries = _counter(meter, catalogue.DNS_QUERIES)
        self.connections_stale = _counter(meter, catalogue.CONNECTIONS_STALE)
        self.round_lag = _histogram(meter, catalogue.ROUND_LAG)
        self.round_skipped = _counter(meter, catalogue.ROUND_SKIPPED)
        self.fever_duration = _histogram(meter, catalogue.FEVER_DURATION)
        self.fever_checks = _counter(meter, catalogue.FEVER_CHECKS)
        self.trace_kept = _counter(meter, catalogue.TRACE_KEPT)
        self.trace_dropped = _counter(meter, catalogue.TRACE_DROPPED)


def observe(meter: Meter, observed: Observed, last_round: Callable[[], float | None]) -> None:
    """Make the instruments that are read at collection; ``last_round`` is Unix time in seconds, None before the first.

    ``otelnurse.round.last`` is one of them since the SDK exports a synchronous gauge only when it was set anew.
    """

    def at(value: float | None, **attributes: str) -> list[Observation]:
        return [] if value is None else [Observation(value, attributes)]

    def of_sources(field: Callable[[SourceState], float | None]) -> list[Observation]:
        found = ((source, field(state)) for source, state in observed.discovery().items())
        return [Observation(value, {names.SOURCE: source}) for source, value in found if value is not None]

    reads: dict[Spec, _Read] = {
        catalogue.ROUND_LAST: lambda: at(last_round()),
        catalogue.NEIGHBOUR_COUNT: lambda: at(observed.neighbour_count()),
        catalogue.NEIGHBOUR_INCOMING: lambda: at(observed.incoming_count()),
        catalogue.INCOMING_OVERFLOW: lambda: at(observed.incoming_overflow()),
        catalogue.DISCOVERY_AGE: lambda: of_sources(lambda state: state.age),
        catalogue.DISCOVERY_ERRORS: lambda: of_sources(lambda state: state.errors),
        catalogue.DISCOVERY_EVENTS: lambda: of_sources(lambda state: state.events),
        catalogue.CPU_TIME: lambda: [Observation(s, {names.CPU_MODE: mode}) for mode, s in cpu_times().items()],
        catalogue.MEMORY: lambda: at(resident_memory()),
    }
    for spec, read in reads.items():
        _observable(meter, spec, read)


def _histogram(meter: Meter, spec: Spec, boundaries: tuple[float, ...] = ()) -> Histogram:
    bounds = integral(boundaries or spec.boundaries or ())
    return meter.create_histogram(spec.name, spec.unit, spec.meaning, explicit_bucket_boundaries_advisory=bounds)


def _counter(meter: Meter, spec: Spec) -> Counter:
    return meter.create_counter(spec.name, spec.unit, spec.meaning)


def _observable(meter: Meter, spec: Spec, read: _Read) -> None:
    def callback(_: CallbackOptions) -> Iterable[Observation]:
        return read()

    create = {
        "counter": meter.create_observable_counter,
        "gauge": meter.create_observable_gauge,
        "updowncounter": meter.create_observable_up_down_counter,
    }[spec.kind]
    create(spec.name, [callback], spec.unit, spec.meaning)
