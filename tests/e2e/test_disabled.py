"""OTEL_SDK_DISABLED as a nurse understands it: nothing is pushed."""

from tests.parts.nurses import nurse_process
from tests.parts.otlp_sink import Sink
from tests.parts.waiting import eventually


def test_a_disabled_sdk_pushes_nothing_and_is_scraped_all_the_same():
    """With OTEL_SDK_DISABLED=true the numbers stand at /metrics, and the collector hears nothing."""
    with Sink() as sink:
        environ = {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": sink.http_endpoint}
        with nurse_process(environ) as nurse:
            eventually(lambda: "otelnurse_fever_seconds_count" in nurse.get("/metrics").text, what="a round")
            assert nurse.process.stop() == 0
        assert not sink.requests
