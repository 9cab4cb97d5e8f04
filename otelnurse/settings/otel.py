"""OpenTelemetry's own variables, as far as a nurse honours them itself.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
https://opentelemetry.io/docs/specs/otel/protocol/exporter/. The exporters read the rest of ``OTEL_EXPORTER_OTLP_*``.
"""

import re
from typing import Literal, get_args
from urllib.parse import unquote

from otelnurse.redact import redact_text
from otelnurse.settings import parse
from otelnurse.settings.reader import Reader
from otelnurse.settings.values import Otlp, Protocol

Signal = Literal["TRACES", "METRICS"]
DEFAULT_PROTOCOL: Protocol = "http/protobuf"
DEFAULT_INTERVAL_MS = 15_000
"""Shorter than the specification's 60 s: a heartbeat that is three of these old means that a nurse is gone."""
REFUSED = {
    "OTEL_TRACES_SAMPLER": "a nurse has a sampler of its own: set OTELNURSE_TRACES_RATIO (0 to 1)",
    "OTEL_TRACES_SAMPLER_ARG": "a nurse has a sampler of its own: set OTELNURSE_TRACES_RATIO (0 to 1)",
}
"""Variables that would promise what nobody keeps, and what to do instead."""
PROPAGATORS = "OTEL_PROPAGATORS"
DISABLED = "OTEL_SDK_DISABLED"
NOT_FOR_THE_SDK = (PROPAGATORS, DISABLED)
"""Variables to hide from the SDK before it is imported, once they are read here.

Operators inject propagators into every pod, and the SDK fails at one that is not installed. Disabled, it would serve an
empty ``/metrics``; here the word means that nothing is pushed.
"""


def read_otlp(reader: Reader) -> Otlp:
    """Read all that concerns the way of spans and metrics out of this process."""
    for name, advice in REFUSED.items():
        if reader.variable(name):
            reader.errors.append(f"{name}={reader.variable(name)}: {advice}")
    if reader.variable(PROPAGATORS) not in {"", "tracecontext", "tracecontext,baggage"}:
        reader.warnings.append(f"{PROPAGATORS} has no say: nurses speak W3C Trace Context and nothing else")
    disabled = reader.variable(DISABLED).lower() == "true"
    traces_protocol, metrics_protocol = _protocol(reader, "TRACES"), _protocol(reader, "METRICS")
    traces, metrics = _pushed(reader, "TRACES", traces_protocol), _pushed(reader, "METRICS", metrics_protocol)
    attributes = _attributes(reader)
    return Otlp(
        traces=traces and not disabled,
        metrics=metrics and not disabled,
        traces_protocol=traces_protocol,
        metrics_protocol=metrics_protocol,
        metric_export_interval=_interval(reader),
        service_name=reader.variable("OTEL_SERVICE_NAME") or attributes.get("service.name") or "otelnurse",
        resource_attributes=attributes,
    )


def _of_signal(reader: Reader, signal: Signal, what: str) -> tuple[str, str]:
    """The variable for one signal if it is set, else the one for all; and what it says."""
    names = (f"OTEL_EXPORTER_OTLP_{signal}_{what}", f"OTEL_EXPORTER_OTLP_{what}")
    name = next((name for name in names if reader.variable(name)), names[1])
    return name, reader.variable(name)


def _protocol(reader: Reader, signal: Signal) -> Protocol:
    name, text = _of_signal(reader, signal, "PROTOCOL")
    for known in get_args(Protocol):
        if text == known:
            return known  # type: ignore[no-any-return]  # get_args forgets that these are the words of Protocol
    if text:
        _complain_once(reader, f"{name}={text}: write {' or '.join(get_args(Protocol))}")
    return DEFAULT_PROTOCOL


def _pushed(reader: Reader, signal: Signal, protocol: Protocol) -> bool:
    name, endpoint = _of_signal(reader, signal, "ENDPOINT")
    # gRPC's exporter also takes what gRPC itself calls a target
    if endpoint and not (protocol == "grpc" and re.fullmatch(r"[^\s/]+:[0-9]+", endpoint)):
        try:
            if not parse.has_scheme(endpoint):
                raise ValueError("write a whole URL, like http://localhost:4318")
            parse.url(endpoint)
        except ValueError as error:
            _complain_once(reader, f"{name}={redact_text(endpoint)}: {error}")
    exporter = reader.variable(f"OTEL_{signal}_EXPORTER")
    if exporter not in ("", "otlp", "none"):
        served = ", and OTELNURSE_METRICS says whether /metrics is served" if signal == "METRICS" else ""
        reader.errors.append(f"OTEL_{signal}_EXPORTER={exporter}: write otlp or none{served}")
    return exporter == "otlp" or bool(endpoint and not exporter)


def _interval(reader: Reader) -> float:
    name = "OTEL_METRIC_EXPORT_INTERVAL"
    text = reader.variable(name)
    if text and (not re.fullmatch(r"[0-9]{1,12}", text) or not int(text)):
        reader.errors.append(f"{name}={text}: write milliseconds as a whole number above 0, like {DEFAULT_INTERVAL_MS}")
        text = ""
    return int(text or DEFAULT_INTERVAL_MS) / 1000


def _attributes(reader: Reader) -> dict[str, str]:
    """``key=value`` pairs, percent-encoded as in W3C baggage."""
    name = "OTEL_RESOURCE_ATTRIBUTES"
    attributes: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in reader.variable(name).split(","))):
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not key or not equals:
            reader.errors.append(f"{name}: {pair!r} is no attribute: write key=value, several separated by commas")
        else:
            attributes[unquote(key)] = unquote(value)
    return attributes


def _complain_once(reader: Reader, complaint: str) -> None:
    """Report what both signals read from one variable."""
    if complaint not in reader.errors:
        reader.errors.append(complaint)
