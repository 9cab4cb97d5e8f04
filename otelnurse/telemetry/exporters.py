"""OTLP exporters, each imported only when used: gRPC costs 39 MiB of memory.

Endpoints, headers, certificates, compression and timeouts are the standard OTEL_EXPORTER_OTLP_* variables, which the
exporters read themselves (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
"""

from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import SpanExporter

HTTP, GRPC = "http/protobuf", "grpc"


def span_exporter(protocol: str) -> SpanExporter:
    """Make the exporter for spans; ``ValueError`` when ``protocol`` is none of those that there are."""
    if protocol == GRPC:
        from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc  # noqa: PLC0415 - see the module

        return grpc.OTLPSpanExporter()
    if protocol == HTTP:
        from opentelemetry.exporter.otlp.proto.http import trace_exporter as http  # noqa: PLC0415 - see the module

        return http.OTLPSpanExporter()
    raise _unknown(protocol)


def metric_exporter(protocol: str) -> MetricExporter:
    """Make the exporter for metrics; ``ValueError`` when ``protocol`` is none of those that there are."""
    if protocol == GRPC:
        from opentelemetry.exporter.otlp.proto.grpc import metric_exporter as grpc  # noqa: PLC0415 - see the module

        return grpc.OTLPMetricExporter()
    if protocol == HTTP:
        from opentelemetry.exporter.otlp.proto.http import metric_exporter as http  # noqa: PLC0415 - see the module

        return http.OTLPMetricExporter()
    raise _unknown(protocol)


def _unknown(protocol: str) -> ValueError:
    return ValueError(f"OTEL_EXPORTER_OTLP_PROTOCOL is {protocol!r}; it can be {HTTP} or {GRPC}")
