"""The collector's configurations: valid for the real binary, and nothing in them that upstream's contrib lacks."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.parts.binaries import REPOSITORY, binary
from tests.parts.collector import CONFIGURATION, TRACES_GRPC, TRACES_HTTP, clean_environment

COLLECTOR = REPOSITORY / "collector"
SHIPPED = [[CONFIGURATION], [CONFIGURATION, TRACES_GRPC], [CONFIGURATION, TRACES_HTTP]]
KINDS = ("receiver", "processor", "exporter", "extension")

# Modules are named after neither their component nor by one rule.
COMPONENT_OF_MODULE = {
    "otlpreceiver": "otlp",
    "memorylimiterprocessor": "memory_limiter",
    "transformprocessor": "transform",
    "debugexporter": "debug",
    "otlpexporter": "otlp_grpc",
    "otlphttpexporter": "otlp_http",
    "prometheusexporter": "prometheus",
    "healthcheckextension": "health_check",
    "filestorage": "file_storage",
}


ENVIRONMENT = re.compile(r"\$\{env:(?P<name>[A-Z_]+)(?::-(?P<default>[^}]*))?\}")
DOCUMENTED = re.compile(r"^\| (?P<name>COLLECTOR_[A-Z_]+) \| (?P<default>\S+) \|", re.MULTILINE)


def validate(files: list[Path], *, backend: str | None) -> "subprocess.CompletedProcess[str]":
    """Run the binary's own check, as somebody would who sets nothing but the backend."""
    environment = clean_environment() | ({} if backend is None else {"COLLECTOR_TRACES_ENDPOINT": backend})
    command = [binary("otelnurse-collector"), "validate", *(f"--config={file}" for file in files)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def components(file: Path) -> set[tuple[str, str]]:
    """Return (kind, name) of every component that a configuration names, without the part behind the slash."""
    configuration = yaml.safe_load(file.read_text())
    return {(kind, name.split("/")[0]) for kind in KINDS for name in configuration.get(f"{kind}s", {})}


def used() -> set[tuple[str, str]]:
    """Return the components of all configurations together."""
    return {component for files in SHIPPED for file in files for component in components(file)}


@pytest.mark.parametrize("files", SHIPPED, ids=lambda files: "+".join(file.stem for file in files))
def test_every_shipped_configuration_is_valid(files):
    """The binary that we build accepts each combination of files that the docs name."""
    result = validate(files, backend="http://127.0.0.1:4317")

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("overlay", [TRACES_GRPC, TRACES_HTTP], ids=lambda file: file.stem)
def test_a_forgotten_backend_stops_the_start(overlay):
    """Traces that are to be passed on, but not where to, are an error that says `endpoint`, not a guess."""
    result = validate([CONFIGURATION, overlay], backend=None)

    assert result.returncode != 0
    assert "endpoint" in result.stderr


def test_all_configurations_were_looked_at():
    """Another configuration file beside these belongs into SHIPPED."""
    configurations = {file for file in COLLECTOR.glob("*.yaml") if file.name != "builder.yaml"}

    assert configurations == {file for files in SHIPPED for file in files}


def test_memory_limiter_comes_first():
    """Nothing is accepted into a pipeline before the memory limiter had its say."""
    pipelines = yaml.safe_load(CONFIGURATION.read_text())["service"]["pipelines"]

    assert {pipeline["processors"][0] for pipeline in pipelines.values()} == {"memory_limiter"}


def test_upstream_contrib_has_every_component():
    """Whoever runs the upstream contrib image of this version can use our configurations."""
    listed = (COLLECTOR / "contrib-0.159.0.txt").read_text().splitlines()
    contrib = {tuple(line.split()) for line in listed if not line.startswith("#")}

    assert used() <= contrib


def test_our_distribution_is_what_the_configurations_use():
    """The manifest has every component that is used, and none that is not."""
    manifest = yaml.safe_load((COLLECTOR / "builder.yaml").read_text())
    built = {
        (kind, COMPONENT_OF_MODULE[module["gomod"].split()[0].rsplit("/", 1)[-1]])
        for kind in KINDS
        for module in manifest[f"{kind}s"]
    }

    assert built == used()


def test_the_binary_is_built_from_the_manifest():
    """The binary that the tests run has the manifest's modules, at its versions."""
    manifest = yaml.safe_load((COLLECTOR / "builder.yaml").read_text())
    command = [binary("otelnurse-collector"), "components"]
    has = yaml.safe_load(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout)

    for kind in KINDS:
        assert {component["module"] for component in has[f"{kind}s"]} == {
            module["gomod"] for module in manifest[f"{kind}s"]
        }


def test_the_docs_list_every_variable_with_its_default():
    """Every environment variable that the configurations read is in docs/collector.md, and no other."""
    read = {
        (match["name"], match["default"] or "none")
        for files in SHIPPED
        for file in files
        for match in ENVIRONMENT.finditer(file.read_text())
    }
    docs = (REPOSITORY / "docs" / "collector.md").read_text()

    assert {(match["name"], match["default"]) for match in DOCUMENTED.finditer(docs)} == read
