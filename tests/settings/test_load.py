"""What the corpus cannot show: values that are worked out, types, and what importing costs."""

import dataclasses
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from otelnurse.settings import Address, DiscoverySource, Settings, SettingsError, load
from otelnurse.settings.parse import OWN_CHECKS
from otelnurse.settings.table import SETTINGS


def test_every_field_is_a_setting() -> None:
    """The table and the fields are the same, so that none is read without being documented."""
    fields = [field.name for field in dataclasses.fields(Settings)]
    assert sorted(fields) == sorted([*(setting.field for setting in SETTINGS), "otlp"])


def test_every_setting_has_a_source() -> None:
    """With nothing set, everything comes from its default."""
    assert load({}).sources == {setting.name: "default" for setting in SETTINGS}


def test_names_from_the_host() -> None:
    """Outside Kubernetes node and pod are called as the host."""
    settings = load({}).settings
    assert (settings.node_name, settings.pod_name) == (socket.gethostname(), socket.gethostname())


def test_namespace_of_the_service_account(folder: Path) -> None:
    """Without NAMESPACE it is the one that Kubernetes wrote beside the token."""
    assert load({"OTELNURSE_SERVICE_ACCOUNT_DIR": str(folder)}).settings.namespace == "ward"


def test_typed_values(folder: Path) -> None:
    """Values arrive in the shapes that the nurse works with."""
    settings = load(
        {
            "OTELNURSE_HTTP_ADDRESS": "[::1]:0",
            "OTELNURSE_HTTPS_ADDRESS": ":9443",
            "OTELNURSE_DISCOVERY": "file_sd:/a.json,http_sd:localhost/sd",
            "OTELNURSE_EXTRA_CA": f"{folder}/ca.pem",
            "OTELNURSE_EXTRA_CHECKS": "a:http://u:p@b:1/?x=y | c:d.example",
            "OTEL_RESOURCE_ATTRIBUTES": "team=a%2Cb",
        }
    ).settings
    assert settings.http_address == Address("::1", 0)
    assert settings.https_address == Address("::", 9443)
    assert settings.discovery == (
        DiscoverySource("file_sd", "/a.json"),
        DiscoverySource("http_sd", "https://localhost/sd"),
    )
    assert settings.extra_ca == folder / "ca.pem"
    assert settings.extra_checks == (("a", "http://u:p@b:1/?x=y"), ("c", "https://d.example"))
    assert settings.otlp.resource_attributes == {"team": "a,b"}


@pytest.mark.parametrize("name", sorted(OWN_CHECKS))
def test_no_extra_check_hides_one_of_ours(name: str) -> None:
    """An extra check cannot have the name of a check of the nurse itself."""
    with pytest.raises(SettingsError, match=name):
        load({"OTELNURSE_EXTRA_CHECKS": f"{name}:https://x"})


def test_import_is_cheap() -> None:
    """Reading settings loads neither the HTTP client nor OpenTelemetry."""
    code = "import sys, otelnurse.settings; print(*{'httpx', 'opentelemetry', 'anyio', 'pydantic'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_buckets_tell_healthy_paths_apart_and_hold_those_of_kubenurse() -> None:
    """Dashboards made for kubenurse find each of their bounds, and below the first of these there are more."""
    kubenurse = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
    bounds = load({}).settings.histogram_buckets
    assert set(kubenurse) < set(bounds)
    assert bounds[0] < 0.001
