"""An OTLP backend for tests: takes traces over HTTP and gRPC, and keeps them decoded."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Self

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.parts.process import free_port
from tests.parts.waiting import eventually


class Sink:
    """Runs while its context lasts. May be entered again on the same ports: a backend that was away and is back."""

    def __init__(self) -> None:
        """Choose the ports; nobody listens there yet."""
        self._http_port = free_port()
        self._grpc_port = free_port()
        self._lock = Lock()
        self._requests: list[ExportTraceServiceRequest] = []

    @property
    def http_endpoint(self) -> str:
        """Base URL for OTLP over HTTP; clients append /v1/traces."""
        return f"http://127.0.0.1:{self._http_port}"

    @property
    def grpc_endpoint(self) -> str:
        """URL for OTLP over gRPC, without TLS."""
        return f"http://127.0.0.1:{self._grpc_port}"

    @property
    def requests(self) -> list[ExportTraceServiceRequest]:
        """All requests so far, in the order of their arrival."""
        with self._lock:
            return list(self._requests)

    @property
    def spans(self) -> list[Span]:
        """All spans so far."""
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def wait_for_spans(self, count: int, *, within: float = 30.0) -> list[Span]:
        """Return the spans as soon as there are `count` of them or more.

        Raises:
            TimeoutError: there were fewer after `within` seconds.
        """
        eventually(lambda: len(self.spans) >= count, what=f"{count} spans at the sink", within=within)
        return self.spans

    def keep(self, request: ExportTraceServiceRequest) -> None:
        """Add a request; called from the servers' threads."""
        with self._lock:
            self._requests.append(request)

    def __enter__(self) -> Self:
        self._http = _HttpServer(("127.0.0.1", self._http_port), self)
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        self._grpc = grpc.server(ThreadPoolExecutor(max_workers=2))
        add_TraceServiceServicer_to_server(_TraceService(self), self._grpc)
        self._grpc.add_insecure_port(f"127.0.0.1:{self._grpc_port}")
        self._grpc.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._grpc.stop(grace=None).wait()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _TraceService(TraceServiceServicer):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def Export(  # noqa: N802 - the name that the generated base class gives it
        self,
        request: ExportTraceServiceRequest,
        context: grpc.ServicerContext,  # noqa: ARG002 - the signature is the base class's
    ) -> ExportTraceServiceResponse:
        self._sink.keep(request)
        return ExportTraceServiceResponse()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], sink: Sink) -> None:
        super().__init__(address, _HttpHandler)
        self.sink = sink


class _HttpHandler(BaseHTTPRequestHandler):
    server: _HttpServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/v1/traces":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.sink.keep(ExportTraceServiceRequest.FromString(body))
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name for it
        """Say nothing: the tests ask the sink."""
