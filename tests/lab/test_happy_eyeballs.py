"""A name with an address of each family, one of which leads nowhere."""

from contextlib import ExitStack

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.parts.lab_nurse import PORT, lab_nurse
from tests.parts.peers import Happy, peer
from tests.parts.waiting import eventually


def test_a_blackholed_ipv6_address_costs_a_moment_not_the_check(lab, tmp_path):
    """The check tries the IPv4 address after the attempt delay, ends well, and its trace tells of both attempts."""
    exports: list[ExportTraceServiceRequest] = []

    class Backend(Happy):
        """Keeps the traces that are pushed to it."""

        def do_POST(self):  # noqa: N802  # the base class's name for it
            """Take one batch."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            exports.append(ExportTraceServiceRequest.FromString(body))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    def connects():
        """The attempts of each finished check of the name, by trace."""
        spans = [
            span
            for export in exports
            for resource in export.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        checks = {span.trace_id: [] for span in spans if span.name == "check extra"}
        for span in spans:
            if span.name == "socket connect" and span.trace_id in checks:
                checks[span.trace_id].append(span)
        return [sorted(attempts, key=lambda it: it.start_time_unix_nano) for attempts in checks.values() if attempts]

    with ExitStack() as stack:
        nurse_machine, service, backend = (lab.machine(label) for label in ("nurse", "service", "backend"))
        service.lose(source=nurse_machine.ipv6)
        server = stack.enter_context(peer(service))
        stack.enter_context(peer(backend, Backend))
        nurse_machine.etc("hosts", f"{service.ipv6} both.lab.example\n{service.ipv4} both.lab.example\n")
        environ = {
            "OTELNURSE_CHECK_INTERVAL": "500ms",
            "OTELNURSE_EXTRA_CHECKS": f"both:http://both.lab.example:{PORT}/",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://{backend.ipv4}:{PORT}/v1/traces",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        nurse = stack.enter_context(lab_nurse(nurse_machine, tmp_path, environ))
        checks = eventually(lambda: len(connects()) >= 3 and connects(), what="three traces", pause=0.1)

        assert nurse.verdicts()["both"] == "ok"
        assert nurse.readings().errors() == {}
        assert server.answered
        for attempts in checks:
            families = [_attributes(it)["network.type"].string_value for it in attempts]
            assert families == ["ipv6", "ipv4"]
            lost, won = attempts
            assert won.start_time_unix_nano - lost.start_time_unix_nano >= 240_000_000, "RFC 8305: 250 ms"
            assert _attributes(lost)["otelnurse.connect.abandoned"].bool_value
            assert "otelnurse.connect.abandoned" not in _attributes(won)
            assert {"error.type"}.isdisjoint(_attributes(lost) | _attributes(won))


def _attributes(span):
    return {it.key: it.value for it in span.attributes}
