"""The real collector with the configurations we ship, on free ports of loopback."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from tests.parts.binaries import REPOSITORY, binary
from tests.parts.process import Process, answers, free_port

CONFIGURATION = REPOSITORY / "collector" / "config.yaml"
TRACES_GRPC = REPOSITORY / "collector" / "traces-grpc.yaml"
TRACES_HTTP = REPOSITORY / "collector" / "traces-http.yaml"

_ACCEPT = {
    True: "application/openmetrics-text;version=1.0.0",
    False: "text/plain;version=0.0.4",
}


def clean_environment() -> dict[str, str]:
    """Return the environment of the tests without what is meant for a collector or an exporter."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COLLECTOR_", "OTEL_"))}


class Collector:
    """Runs while its context lasts; `process` may be stopped, killed and started again meanwhile, on the same ports."""

    def __init__(
        self,
        directory: Path,
        *,
        traces_grpc: str | None = None,
        traces_http: str | None = None,
        metric_expiration: str = "45s",
        log_level: str = "warn",
    ) -> None:
        """Choose ports; nothing runs yet.

        Args:
            directory: its log and its queue on disk are made here.
            traces_grpc: URL of an OTLP backend over gRPC; at most one of these two. Neither: traces go nowhere.
            traces_http: URL of an OTLP backend over HTTP.
            metric_expiration: how long a series is shown after its last export (Go duration).
            log_level: `info` also tells of retries and of traces that go nowhere.
        """
        self._grpc_port, self._http_port, self._prometheus_port, health_port = (free_port() for _ in range(4))
        environment = clean_environment() | {
            "COLLECTOR_OTLP_GRPC_ADDRESS": f"127.0.0.1:{self._grpc_port}",
            "COLLECTOR_OTLP_HTTP_ADDRESS": f"127.0.0.1:{self._http_port}",
            "COLLECTOR_PROMETHEUS_ADDRESS": f"127.0.0.1:{self._prometheus_port}",
            "COLLECTOR_HEALTH_ADDRESS": f"127.0.0.1:{health_port}",
            "COLLECTOR_METRIC_EXPIRATION": metric_expiration,
            "COLLECTOR_LOG_LEVEL": log_level,
            "COLLECTOR_QUEUE_DIR": str(directory / "queue"),
        }
        command: list[str | Path] = [binary("otelnurse-collector"), f"--config={CONFIGURATION}"]
        for backend, overlay in ((traces_grpc, TRACES_GRPC), (traces_http, TRACES_HTTP)):
            if backend is not None:
                command.append(f"--config={overlay}")
                environment["COLLECTOR_TRACES_ENDPOINT"] = backend
        self.process = Process(
            command,
            ready=answers(f"http://127.0.0.1:{health_port}/"),
            log=directory / "collector.log",
            environment=environment,
        )

    @property
    def http_endpoint(self) -> str:
        """OTEL_EXPORTER_OTLP_ENDPOINT for http/protobuf."""
        return f"http://127.0.0.1:{self._http_port}"

    @property
    def grpc_endpoint(self) -> str:
        """OTEL_EXPORTER_OTLP_ENDPOINT for grpc."""
        return f"http://127.0.0.1:{self._grpc_port}"

    @property
    def prometheus_url(self) -> str:
        """What Prometheus would scrape."""
        return f"http://127.0.0.1:{self._prometheus_port}/metrics"

    def scrape(self, *, openmetrics: bool = True) -> str:
        """Return what stands at the Prometheus endpoint, in OpenMetrics or in Prometheus's older text format."""
        answer = httpx.get(self.prometheus_url, headers={"Accept": _ACCEPT[openmetrics]}, timeout=10.0, trust_env=False)
        return answer.raise_for_status().text

    def metrics(self, *, openmetrics: bool = True) -> dict[str, Metric]:
        """Return the families at the Prometheus endpoint by name, as `prometheus_client` parses them."""
        parse = parse_openmetrics if openmetrics else parse_text
        return {family.name: family for family in parse(self.scrape(openmetrics=openmetrics))}

    def __enter__(self) -> Self:
        self.process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.process.stop()
        print(f"--- output of the collector\n{self.process.output()}")
