"""docker-compose.yml: what it mounts exists, and the collector in it works as a process (images cannot be pulled)."""

import os
from pathlib import Path

import httpx
import pytest
import yaml

from tests.parts.binaries import REPOSITORY, binary
from tests.parts.collector import clean_environment
from tests.parts.process import answers, free_port, running

CONTRIB = "otel/opentelemetry-collector-contrib:"


@pytest.fixture
def services():
    """The services of the compose file by name."""
    return yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]


def mounts(service):
    """Return {path in the container: file of the repository} of a service's mounts that are not volumes."""
    pairs = [mount.split(":")[:2] for mount in service.get("volumes", [])]
    return {inside: REPOSITORY / outside for outside, inside in pairs if outside.startswith(".")}


def test_mounted_files_exist(services):
    """A mount of a file that is not there would silently become an empty directory."""
    files = [file for service in services.values() for file in mounts(service).values()]

    assert files
    assert [file for file in files if not file.is_file()] == []


def test_ports_are_published_on_loopback_only(services):
    """Nobody on the same network may write into somebody's collector."""
    ports = [port for service in services.values() for port in service["ports"]]

    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_the_image_has_the_version_of_our_build(services):
    """Upstream's collector is the version that the configurations are tested with."""
    manifest = yaml.safe_load((REPOSITORY / "collector" / "builder.yaml").read_text())

    assert services["collector"]["image"] == CONTRIB + manifest["dist"]["version"]


def test_prometheus_fetches_from_the_port_that_the_collector_opens(services):
    """The scrape target, the collector's listening address and its service name agree."""
    (file,) = mounts(services["prometheus"]).values()
    (job,) = yaml.safe_load(file.read_text())["scrape_configs"]
    port = services["collector"]["environment"]["COLLECTOR_PROMETHEUS_ADDRESS"].rpartition(":")[2]

    assert job["static_configs"] == [{"targets": [f"collector:{port}"]}]


def test_the_collectors_command_and_environment_work(services, tmp_path: Path):
    """The real binary starts with the compose file's arguments, environment and files, and serves metrics."""
    service = services["collector"]
    environment = {name: str(value) for name, value in service["environment"].items()}
    addresses = [name for name in environment if name.endswith("_ADDRESS")]
    published = {port.rpartition(":")[2] for port in service["ports"]}
    assert {environment[name].rpartition(":")[2] for name in addresses} == published

    environment |= {name: f"127.0.0.1:{free_port()}" for name in addresses}
    # The volume: the one path that exists in the container only.
    assert any(volume.endswith(":" + environment["COLLECTOR_QUEUE_DIR"]) for volume in service["volumes"])
    environment["COLLECTOR_QUEUE_DIR"] = os.fspath(tmp_path / "queue")
    arguments = [_outside(argument, mounts(service)) for argument in service["command"]]
    with running(
        [binary("otelnurse-collector"), *arguments],
        ready=answers(f"http://{environment['COLLECTOR_HEALTH_ADDRESS']}/"),
        environment=clean_environment() | environment,
    ):
        answer = httpx.get(f"http://{environment['COLLECTOR_PROMETHEUS_ADDRESS']}/metrics", trust_env=False)

    assert answer.status_code == httpx.codes.OK
    assert (tmp_path / "queue").is_dir()


def _outside(argument, files):
    """Return an argument with the container's paths replaced by the repository's."""
    option, _, path = argument.partition("=")
    return f"{option}={files[path]}"
