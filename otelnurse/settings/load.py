"""The environment in, one validated object out; every error at once."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from otelnurse.settings import files, table
from otelnurse.settings.names import check_names
from otelnurse.settings.otel import read_otlp
from otelnurse.settings.reader import Reader
from otelnurse.settings.together import check_together
from otelnurse.settings.values import Settings


class SettingsError(Exception):
    """The environment cannot be worked with."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors
        """Each names the variable, its value, and what would be right; nothing secret."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and how they came about."""

    settings: Settings
    warnings: list[str]
    """What was understood otherwise than it may have been meant; nothing secret."""
    sources: dict[str, str]
    """For each ``Setting.name``, the variable its value came from, or "default"."""


def load(environ: Mapping[str, str]) -> Loaded:
    """Read all settings; certificates named there, and the service account's namespace, are read from disk.

    Raises:
        SettingsError: with all that is wrong.
    """
    reader = Reader(environ)
    check_names(reader)
    settings = check_together(_read(reader), reader)
    if reader.errors:
        raise SettingsError(reader.errors)
    return Loaded(settings, reader.warnings, reader.sources)


def _read(reader: Reader) -> Settings:
    read = reader.read
    service_account_dir = read(table.SERVICE_ACCOUNT_DIR)
    host_name = socket.gethostname()
    return Settings(
        ingress_url=read(table.INGRESS_URL),
        service_url=read(table.SERVICE_URL),
        insecure=read(table.INSECURE),
        extra_ca=read(table.EXTRA_CA),
        namespace=read(table.NAMESPACE) or files.namespace_of(service_account_dir),
        neighbour_filter=read(table.NEIGHBOUR_FILTER),
        neighbour_limit=read(table.NEIGHBOUR_LIMIT),
        allow_unschedulable=read(table.ALLOW_UNSCHEDULABLE),
        check_api_server_direct=read(table.CHECK_API_SERVER_DIRECT),
        check_api_server_dns=read(table.CHECK_API_SERVER_DNS),
        check_me_ingress=read(table.CHECK_ME_INGRESS),
        check_me_service=read(table.CHECK_ME_SERVICE),
        check_neighbourhood=read(table.CHECK_NEIGHBOURHOOD),
        check_interval=read(table.CHECK_INTERVAL),
        check_timeout=read(table.CHECK_TIMEOUT),
        reuse_connections=read(table.REUSE_CONNECTIONS),
        histogram_buckets=read(table.HISTOGRAM_BUCKETS),
        expose_metadata=read(table.EXPOSE_METADATA),
        victoriametrics_histogram=read(table.VICTORIAMETRICS_HISTOGRAM),
        extra_checks=read(table.EXTRA_CHECKS),
        shutdown_duration=read(table.SHUTDOWN_DURATION),
        use_tls=read(table.USE_TLS),
        cert_file=read(table.CERT_FILE),
        cert_key=read(table.CERT_KEY),
        kubernetes_service_host=read(table.KUBERNETES_SERVICE_HOST),
        kubernetes_service_port=read(table.KUBERNETES_SERVICE_PORT),
        kubernetes_service_dns=read(table.KUBERNETES_SERVICE_DNS),
        service_account_dir=service_account_dir,
        discovery=read(table.DISCOVERY),
        node_name=read(table.NODE_NAME) or host_name,
        pod_name=read(table.POD_NAME) or host_name,
        pod_uid=read(table.POD_UID),
        cluster_name=read(table.CLUSTER_NAME),
        zone=read(table.ZONE),
        http_address=read(table.HTTP_ADDRESS),
        https_address=read(table.HTTPS_ADDRESS),
        tls_server_name=read(table.TLS_SERVER_NAME),
        follow_redirects=read(table.FOLLOW_REDIRECTS),
        traces_ratio=read(table.TRACES_RATIO),
        metrics=read(table.METRICS),
        alive_status=read(table.ALIVE_STATUS),
        trace_url=read(table.TRACE_URL),
        log_format=read(table.LOG_FORMAT),
        log_level=read(table.LOG_LEVEL),
        otlp=read_otlp(reader),
    )
