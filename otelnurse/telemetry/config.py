"""What telemetry is told at its start, and what it may ask while it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from otelnurse import __version__

DEFAULT_CLUSTER_DOMAIN = "cluster.local"
"""Kubernetes' own."""


@dataclass(frozen=True, slots=True)
class Config:
    """Plain values; an empty string is an attribute left out.

    Endpoints and the like are OTEL_* variables, which the exporters read themselves.
    """

    service_name: str = "otelnurse"
    service_version: str = __version__
    instance_id: str = ""
    cluster: str = ""
    node: str = ""
    namespace: str = ""
    pod: str = ""
    pod_uid: str = ""
    zone: str = ""
    resource_attributes: Mapping[str, str] = field(default_factory=dict)
    """What the user wants on the resource besides; the fields above win."""
    traces: bool = True
    traces_protocol: str = "http/protobuf"
    metrics: bool = True
    """Push metrics by OTLP."""
    metrics_protocol: str = "http/protobuf"
    export_interval: float = 15.0
    """Seconds between two exports of metrics, at least."""
    scrape: bool = True
    """Answer :meth:`Telemetry.prometheus_text`."""
    traces_ratio: float = 1.0
    """The share of checks whose trace is kept, 0 to 1."""
    buckets: tuple[float, ...] = field(kw_only=True)
    """Upper boundaries of ``otelnurse.check.duration`` in seconds, ascending; what they are by default settings say."""
    cluster_domain: str = DEFAULT_CLUSTER_DOMAIN
    """Names under it count as ``cluster`` in ``otelnurse.dns.queries``."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source of neighbours is doing."""

    age: float | None
    """Seconds since it last said something that could be used; None before that."""
    errors: int
    events: int


@dataclass(frozen=True, slots=True)
class Observed:
    """Read at collection, in another thread than the loop's: each returns a plain value or an immutable snapshot."""

    neighbour_count: Callable[[], int | None] = lambda: None
    """How many neighbours are checked; None while no source ever said anything."""
    incoming_count: Callable[[], int] = lambda: 0
    """How many distinct neighbours asked within the last minute."""
    incoming_overflow: Callable[[], int] = lambda: 0
    """How many requests came from sources beyond the bound, since the start."""
    discovery: Callable[[], Mapping[str, SourceState]] = dict
    """The state of each source by its name."""
