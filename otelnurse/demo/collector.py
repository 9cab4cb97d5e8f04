"""The collector, when one has been built: started on free ports, so that the nurses have somewhere to push to."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from otelnurse.demo.process import Child
from otelnurse.demo.wire import LOOPBACK, bound_socket
from otelnurse.redact import redact_text

_ROOT = Path(__file__).resolve().parents[2]
_BINARY = _ROOT / ".cache" / "bin" / "otelnurse-collector"
_CONFIG = _ROOT / "collector" / "config.yaml"

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""OpenTelemetry's own name for where to push to."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where the nurses push to."""

    settings: Mapping[str, str]
    """For the nurses' environment."""
    words: str
    """For the people."""
    collector: Child | None = None
    """To be started; None when there is none, or the people have one of their own."""


def telemetry(environment: Mapping[str, str], folder: Path) -> Telemetry:
    """The endpoint that ``environment`` names, else the collector that has been built, else nothing."""
    if endpoint := environment.get(ENDPOINT):
        return Telemetry({}, f"traces and metrics go to {redact_text(endpoint)} ({ENDPOINT})")
    if not (_BINARY.is_file() and _CONFIG.is_file()):
        nowhere = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}
        return Telemetry(nowhere, "no collector here: `make collector` builds one, then traces and metrics go to it")
    names = ("OTLP_GRPC", "OTLP_HTTP", "PROMETHEUS", "HEALTH")
    held = {name: bound_socket() for name in names}
    ports = {name: sock.getsockname()[1] for name, sock in held.items()}
    for sock in held.values():
        sock.close()
    addresses = {f"COLLECTOR_{name}_ADDRESS": f"{LOOPBACK}:{port}" for name, port in ports.items()}
    child = Child(
        "the collector",
        [str(_BINARY), "--config", str(_CONFIG)],
        {**environment, **addresses},
        folder / "collector.log",
    )
    settings = {
        ENDPOINT: f"http://{LOOPBACK}:{ports['OTLP_HTTP']}",
        "OTEL_METRIC_EXPORT_INTERVAL": "2000",  # milliseconds; who watches wants to see it soon
        "NO_PROXY": f"{LOOPBACK},localhost",
    }
    words = (
        f"the collector shows Prometheus metrics at http://{LOOPBACK}:{ports['PROMETHEUS']}/metrics\n"
        f"and lets traces go (docs/collector.md); to see some: docker compose up -d, then\n"
        f"  {ENDPOINT}=http://127.0.0.1:4318 make demo"
    )
    return Telemetry(settings, words, child)
