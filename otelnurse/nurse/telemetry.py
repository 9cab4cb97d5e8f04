"""From settings to telemetry, and what telemetry may look at."""

import time
import uuid
from collections.abc import Mapping

from otelnurse.discovery.neighbourhood import Neighbourhood
from otelnurse.settings import Settings
from otelnurse.telemetry.config import DEFAULT_CLUSTER_DOMAIN, Config, Observed, SourceState
from otelnurse.telemetry.telemetry import Telemetry
from otelnurse.web.incoming import Incoming


def make_telemetry(settings: Settings, neighbourhood: Neighbourhood, incoming: Incoming) -> Telemetry:
    """Raises ``ValueError`` for an OTEL_* variable that the exporters cannot make sense of."""
    otlp = settings.otlp
    config = Config(
        service_name=otlp.service_name,
        instance_id=settings.pod_uid or str(uuid.uuid4()),
        cluster=settings.cluster_name or "",
        node=settings.node_name,
        namespace=settings.namespace,
        pod=settings.pod_name,
        pod_uid=settings.pod_uid or "",
        zone=settings.zone or "",
        resource_attributes=otlp.resource_attributes,
        traces=otlp.traces,
        traces_protocol=otlp.traces_protocol,
        metrics=otlp.metrics,
        metrics_protocol=otlp.metrics_protocol,
        export_interval=otlp.metric_export_interval,
        scrape=settings.metrics != "otlp",
        traces_ratio=settings.traces_ratio,
        buckets=settings.histogram_buckets,
        cluster_domain=_cluster_domain(settings.kubernetes_service_dns),
    )

    def neighbours() -> int | None:
        return None if neighbourhood.state == "unknown" else len(neighbourhood.current)

    def discovery() -> Mapping[str, SourceState]:
        now = time.monotonic()
        return {
            source.name: SourceState(
                age=None if source.answered_at is None else max(0.0, now - source.answered_at),
                errors=source.errors,
                events=source.events,
            )
            for source in neighbourhood.sources
        }

    return Telemetry(
        config,
        Observed(
            neighbour_count=neighbours,
            incoming_count=incoming.count,
            incoming_overflow=lambda: incoming.overflow,
            discovery=discovery,
        ),
    )


def _cluster_domain(api_server: str) -> str:
    """The domain of all services, behind the ``.svc.`` of one; Kubernetes' default where there is none."""
    return api_server.partition(".svc.")[2] or DEFAULT_CLUSTER_DOMAIN
