"""What each dependency costs in resident memory when it is imported after those before it."""

import json
import subprocess
from itertools import pairwise

_PARTS = {
    "Python, asyncio, ssl": "asyncio, ssl",
    "anyio, uvloop": "anyio, anyio._backends._asyncio, uvloop",
    "httpx": "httpx",
    "h11": "h11",
    "dnspython's messages": "dns.message, dns.rdatatype, dns.rrset",
    "OpenTelemetry SDK": "opentelemetry.sdk.trace.export, opentelemetry.sdk.metrics.export",
    "OTLP over HTTP": "opentelemetry.exporter.otlp.proto.http.trace_exporter,"
    " opentelemetry.exporter.otlp.proto.http.metric_exporter",
    "httpx instrumentation": "opentelemetry.instrumentation.httpx",
    "Prometheus reader": "opentelemetry.exporter.prometheus",
    "starlette": "starlette.applications, starlette.responses",
    "uvicorn, httptools": "uvicorn, uvicorn.protocols.http.httptools_impl, uvicorn.loops.uvloop",
    "otelnurse": "otelnurse.nurse.lifetime",
}
_PROGRAM = """
import json, sys
from tests.bench.clock import resident_mib
import os
sizes = []
for modules in json.loads(sys.argv[1]):
    exec(f"import {modules}")
    sizes.append(resident_mib(os.getpid()))
print(json.dumps(sizes))
"""


def imports(python: str) -> dict[str, float]:
    """MiB that each part adds under ``python``, in the order in which they are imported."""
    command = [python, "-c", _PROGRAM, json.dumps(list(_PARTS.values()))]
    sizes = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return dict(zip(_PARTS, (after - before for before, after in pairwise([0.0, *sizes])), strict=True))
