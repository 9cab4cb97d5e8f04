"""Variables of OpenTelemetry that have no say, and the one that is set for the instrumentation."""

import os
import subprocess
import sys

CODE = """
import os, anyio
from tests.telemetry.scripted import *
nurse = Nurse()
inner = Scripted([Plan()])
transport = nurse.telemetry.wrap(inner)

async def check():
    span = nurse.telemetry.check_started(PATH)
    timeline = Timeline.begin(PATH)
    hop = Hop("GET", PATH.url, "10.0.0.2", 8080, timeline.start)
    await transport.handle_async_request(httpx.Request("GET", PATH.url, extensions={HOP: hop, TIMELINE: timeline}))
    nurse.telemetry.check_cancelled(span)

anyio.run(check)
print("traceparent" in inner.requests[0].headers, len(nurse.spans()), os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"])
print(sorted(nurse.spans()[0].attributes))
"""


def test_propagators_and_sampler_have_no_say():
    """Traceparent goes out and traces are recorded whatever the environment says; other opt-ins are left standing."""
    environment = {
        **os.environ,
        "OTEL_PROPAGATORS": "baggage",
        "OTEL_TRACES_SAMPLER": "always_off",
        "OTEL_SEMCONV_STABILITY_OPT_IN": "database",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE], env=environment, capture_output=True, text=True, check=True
    )
    said, attributes = done.stdout.splitlines()
    assert said == "True 2 database,http"
    assert "url.full" in attributes
    assert "http.url" not in attributes
