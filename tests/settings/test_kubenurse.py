"""A wrong KUBENURSE_* value never stops a nurse: it does what kubenurse does, or takes the default, and says so."""

from dataclasses import replace

import pytest

from otelnurse.settings import Settings, load
from otelnurse.settings.table import SETTINGS

DEFAULTS = load({}).settings


@pytest.mark.parametrize(
    ("variable", "text", "changed"),
    [
        ("INSECURE", "true", {"insecure": True}),
        ("INSECURE", "True", {}),
        ("INSECURE", "1", {}),
        ("INSECURE", "yes", {}),
        ("CHECK_ME_INGRESS", "false", {"check_me_ingress": False}),
        ("CHECK_ME_INGRESS", "False", {}),
        ("CHECK_ME_INGRESS", "0", {}),
        ("CHECK_INTERVAL", "1m", {"check_interval": 60.0}),
        ("CHECK_INTERVAL", "5", {}),
        ("CHECK_INTERVAL", "0s", {}),
        ("CHECK_INTERVAL", "-5s", {}),
        ("SHUTDOWN_DURATION", "soon", {}),
        ("NEIGHBOUR_LIMIT", "+3", {"neighbour_limit": 3}),
        ("NEIGHBOUR_LIMIT", "ten", {}),
        ("NEIGHBOUR_LIMIT", "-1", {}),
        ("HISTOGRAM_BUCKETS", ".5,1", {"histogram_buckets": (0.5, 1.0)}),
        ("HISTOGRAM_BUCKETS", "1,.5", {}),
        ("HISTOGRAM_BUCKETS", "x", {}),
        ("EXTRA_CHECKS", "a:http://b|c", {"extra_checks": (("a", "http://b"),)}),
        ("EXTRA_CHECKS", "a:http://b|a:http://c", {"extra_checks": (("a", "http://c"),)}),
        ("INGRESS_URL", "nurse.example.com", {"ingress_url": "https://nurse.example.com"}),
        ("INGRESS_URL", "http://nurse example", {}),
        ("EXTRA_CA", "/does/not/exist", {}),
        ("USE_TLS", "true", {}),
    ],
)
def test_leniency(variable: str, text: str, changed: dict[str, object]) -> None:
    """Nothing is raised, the settings are as expected, and there is a warning unless all was well."""
    loaded = load({f"KUBENURSE_{variable}": text})
    assert loaded.settings == replace(DEFAULTS, **changed)
    well = text in {"true", "false", "1m", "+3", ".5,1"} and variable != "USE_TLS"
    assert len(loaded.warnings) == (0 if well else 1)
    assert all(f"KUBENURSE_{variable}=" in warning for warning in loaded.warnings)


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.alias], ids=lambda setting: setting.name)
@pytest.mark.parametrize("text", ["\N{SKULL}", ":", "|", "@", "-", "http://[", "1" * 5000])
def test_nothing_stops_it(setting, text: str) -> None:
    """No nonsense in any variable that is not ours is an error."""
    assert isinstance(load({setting.alias: text}).settings, Settings)
