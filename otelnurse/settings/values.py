"""What the environment is turned into: plain, frozen values; nothing here reads or checks anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Protocol = Literal["http/protobuf", "grpc"]
MetricsPath = Literal["scrape", "otlp", "both"]
AliveStatus = Literal["strict", "always200"]
LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
SourceKind = Literal["file_sd", "http_sd"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    """An IP address or a host name, IPv6 without brackets; ``::`` stands for both families."""
    port: int
    """0 lets the system choose."""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class DiscoverySource:
    """Where to learn who the neighbours are."""

    kind: SourceKind
    value: str
    """A path for file_sd, an absolute URL for http_sd."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class Otlp:
    """What is pushed and how; endpoint, headers, TLS, timeout and compression are read by the exporters themselves."""

    traces: bool
    """Whether spans are pushed."""
    metrics: bool
    """Whether metrics are pushed; never with ``OTELNURSE_METRICS=scrape``."""
    traces_protocol: Protocol
    metrics_protocol: Protocol
    metric_export_interval: float
    """Seconds."""
    service_name: str
    """``service.name`` of the resource."""
    resource_attributes: Mapping[str, str]
    """Further attributes of the resource, as the user gave them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a nurse can be told; the meaning of each field stands in ``otelnurse.settings.table``.

    Durations are seconds. What the defaults are is the table's business: ``load({}).settings`` has them all.
    """

    ingress_url: str | None
    service_url: str | None
    insecure: bool
    extra_ca: Path | None
    namespace: str
    neighbour_filter: str
    neighbour_limit: int
    allow_unschedulable: bool
    check_api_server_direct: bool
    check_api_server_dns: bool
    check_me_ingress: bool
    check_me_service: bool
    check_neighbourhood: bool
    check_interval: float
    check_timeout: float
    reuse_connections: bool
    histogram_buckets: tuple[float, ...]
    expose_metadata: bool
    victoriametrics_histogram: bool
    extra_checks: tuple[tuple[str, str], ...]
    shutdown_duration: float
    use_tls: bool
    """True only when ``cert_file`` and ``cert_key`` are there and belong together."""
    cert_file: Path | None
    cert_key: Path | None
    kubernetes_service_host: str | None
    """Without brackets, also when it is an IPv6 address."""
    kubernetes_service_port: int
    kubernetes_service_dns: str
    service_account_dir: Path
    discovery: tuple[DiscoverySource, ...]
    """In order of preference; empty: there are no neighbours."""
    node_name: str
    pod_name: str
    pod_uid: str | None
    cluster_name: str | None
    zone: str | None
    http_address: Address
    https_address: Address
    tls_server_name: str | None
    follow_redirects: bool
    traces_ratio: float
    metrics: MetricsPath
    alive_status: AliveStatus
    trace_url: str | None
    """With ``{trace_id}`` where the id belongs."""
    log_format: LogFormat
    log_level: LogLevel
    otlp: Otlp
