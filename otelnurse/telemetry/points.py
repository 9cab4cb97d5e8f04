"""Metrics made by hand from tables of our own, in the SDK's public data types.

The SDK never forgets an attribute set, and lumps together what comes after the 2,000th; what is about neighbours must
go when they go.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)

from otelnurse.telemetry.catalogue import Spec

SCOPE = "otelnurse"
"""The instrumentation scope of all our instruments."""


class Table(Protocol):
    """Numbers of our own."""

    def metrics(self, reader: int, now: int) -> list[Metric]:
        """An immutable snapshot for the reader of that number, at ``now`` in Unix ns."""


def counter(spec: Spec, points: Sequence[NumberDataPoint]) -> Metric:
    """A cumulative, monotonic sum."""
    return Metric(spec.name, spec.meaning, spec.unit, Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=True))


def gauge(spec: Spec, points: Sequence[NumberDataPoint]) -> Metric:
    """The current value of something."""
    return Metric(spec.name, spec.meaning, spec.unit, Gauge(points))


def histogram(spec: Spec, points: Sequence[HistogramDataPoint]) -> Metric:
    """A cumulative histogram with explicit boundaries."""
    return Metric(spec.name, spec.meaning, spec.unit, Histogram(points, AggregationTemporality.CUMULATIVE))


def number(attributes: Mapping[str, str], start: int, now: int, value: float) -> NumberDataPoint:
    """One value, counted since ``start`` and read at ``now`` (Unix ns)."""
    return NumberDataPoint(attributes, start, now, value)


def appended(data: MetricsData, tables: Sequence[Table], reader: int, now: int) -> MetricsData:
    """``data`` with what the tables hold, in the scope that our other instruments are in."""
    own = [metric for table in tables for metric in table.metrics(reader, now) if metric.data.data_points]
    if not own:
        return data
    return MetricsData([_with(resource, own) for resource in data.resource_metrics])


def _with(resource: ResourceMetrics, own: list[Metric]) -> ResourceMetrics:
    scopes = [
        ScopeMetrics(scope.scope, [*scope.metrics, *own], scope.schema_url) if scope.scope.name == SCOPE else scope
        for scope in resource.scope_metrics
    ]
    return ResourceMetrics(resource.resource, scopes, resource.schema_url)
