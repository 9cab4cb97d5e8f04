"""A mesh of real nurses with real parts around it: CoreDNS, nginx as ingress, the slim collector and a traces backend.

The API server alone is a stand-in, the demo's (TLS, a token, ``/version``): the real one takes minutes to build and
says no more to these checks.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from anyio.from_thread import start_blocking_portal

from otelnurse.demo.standins import ApiServer
from otelnurse.nurse.nurse import Nurse
from otelnurse.probe.dns.resolver import Resolver
from otelnurse.probe.timeline import Timeline
from otelnurse.settings import load
from tests.parts.collector import Collector
from tests.parts.coredns import coredns
from tests.parts.nginx import nginx
from tests.parts.nurses import QUIET, NurseProcess, nurse_process
from tests.parts.otlp_sink import Sink
from tests.parts.process import free_port
from tests.parts.waiting import eventually

ZONE = "mesh.test"
INGRESS = f"ingress.{ZONE}"
RECORDS = f"""
ingress 5 IN A 127.0.0.1
service 5 IN CNAME ingress.{ZONE}.
api 5 IN A 127.0.0.1
"""
ROUNDS = 12
CHECKS = 10
"""Loopback, two of the API server, ingress, service, three neighbours, two extra ones."""


@dataclass(frozen=True)
class Mesh:
    """What the watched nurse did, and what others say of it."""

    timelines: tuple[Timeline, ...]
    """All runs of all checks of the watched nurse."""
    nameserver: str
    peers: dict[str, NurseProcess]
    collector: Collector
    sink: Sink

    def of(self, kind: str) -> list[Timeline]:
        """The runs of one type of check."""
        return [timeline for timeline in self.timelines if timeline.target.type == kind]


@contextmanager
def mesh(folder: Path) -> Iterator[Mesh]:
    """Make rounds until each check has run ROUNDS times, stop cleanly, and show what is known of it then."""
    with ExitStack() as stack:
        sink = stack.enter_context(Sink())
        collector = stack.enter_context(Collector(folder, traces_http=sink.http_endpoint))
        otlp = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.http_endpoint, "OTELNURSE_CLUSTER_NAME": "lab"}
        nameserver = stack.enter_context(coredns(folder, zone=ZONE, records=RECORDS))
        peers = {
            node: stack.enter_context(nurse_process({"OTELNURSE_NODE_NAME": node, "OTELNURSE_POD_NAME": node, **otlp}))
            for node in ("node-b", "node-c")
        }
        port = free_port()
        authority, certificate = _certificate(folder)
        ingress = stack.enter_context(
            nginx(folder, host=INGRESS, upstream=f"127.0.0.1:{port}", certificate=certificate, key=certificate)
        )
        api_server = stack.enter_context(_api_server(folder))
        environ = {
            **QUIET,
            **otlp,
            "OTELNURSE_HTTP_ADDRESS": f"127.0.0.1:{port}",
            "OTELNURSE_SHUTDOWN_DURATION": "10s",
            "OTELNURSE_DISCOVERY": f"file_sd:{_file_sd(folder, peers)}",
            "OTELNURSE_INGRESS_URL": f"https://{INGRESS}:{ingress.https_port}",
            "OTELNURSE_SERVICE_URL": f"http://service.{ZONE}:{port}",
            "OTELNURSE_EXTRA_CA": str(authority),
            "OTELNURSE_EXTRA_CHECKS": f"gone:http://gone.{ZONE}/|lost:http://{INGRESS}:{ingress.http_port}/no-such-page",
            "OTELNURSE_SERVICE_ACCOUNT_DIR": str(folder / "serviceaccount"),
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": str(api_server.port),
            "OTELNURSE_KUBERNETES_SERVICE_DNS": "localhost",
        }
        # The exporters read their variables themselves, from this process's environment.
        stack.enter_context(_exporting_to(collector))
        timelines = _watched(environ, Resolver(nameservers=[nameserver]))
        yield Mesh(timelines, f"{nameserver[0]}:{nameserver[1]}", peers, collector, sink)


def _watched(environ: dict[str, str], resolver: Resolver) -> tuple[Timeline, ...]:
    """Run the nurse on a loop of its own until its checks have run often enough and it has stopped."""
    nurse = Nurse(load(environ).settings, resolver=resolver)
    history = nurse.history

    def enough() -> bool:
        latest = history.latest()
        return len(latest) == CHECKS and all(len(history.runs(name)) >= ROUNDS for name in latest)

    with start_blocking_portal() as portal:
        life = portal.start_task_soon(nurse.run)
        eventually(enough, what="the rounds")
        portal.call(nurse.stop)
        life.result()
    return tuple(timeline for name in history.latest() for timeline in history.runs(name))


def _file_sd(folder: Path, peers: dict[str, NurseProcess]) -> Path:
    path = folder / "neighbours.json"
    where = {node: peer.url.removeprefix("http://") for node, peer in peers.items()}
    where["node-dead"] = f"127.0.0.1:{free_port()}"
    path.write_text(json.dumps([{"targets": [to], "labels": {"node": node}} for node, to in where.items()]))
    return path


def _certificate(folder: Path) -> tuple[Path, Path]:
    authority, certificate = folder / "ca.pem", folder / "ingress.pem"
    ca = trustme.CA()
    ca.cert_pem.write_to_path(authority)
    ca.issue_cert(INGRESS).private_key_and_cert_chain_pem.write_to_path(certificate)
    return authority, certificate


@contextmanager
def _api_server(folder: Path) -> Iterator[ApiServer]:
    """Run the stand-in in a thread with a loop of its own."""
    server = ApiServer("the-token")
    server.write_service_account(folder / "serviceaccount")
    with start_blocking_portal() as portal:
        running = portal.start_task_soon(server.run)
        try:
            yield server
        finally:
            running.cancel()


@contextmanager
def _exporting_to(collector: Collector) -> Iterator[None]:
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.http_endpoint
    try:
        yield
    finally:
        del os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
