"""docs/settings.md says what the code does."""

from pathlib import Path

import pytest

from otelnurse.settings import otel
from otelnurse.settings.docs import rewritten

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_table_is_up_to_date() -> None:
    """The table in the page is the one that the code makes."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == rewritten(page), "run: python -m otelnurse.settings docs/settings.md"


@pytest.mark.parametrize(
    "variable",
    [*otel.REFUSED, "OTEL_SDK_DISABLED", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_METRIC_EXPORT_INTERVAL"]
    + [f"OTEL_{signal}_EXPORTER" for signal in ("TRACES", "METRICS")]
    + [f"OTEL_EXPORTER_OTLP{signal}_{x}" for signal in ("", "_TRACES", "_METRICS") for x in ("ENDPOINT", "PROTOCOL")],
)
def test_every_variable_of_opentelemetry_is_told(variable: str) -> None:
    """What the nurse reads or refuses of OTEL_* stands in the page."""
    assert f"`{variable}`" in PAGE.read_text(encoding="utf-8")


def test_a_page_without_marks_is_refused() -> None:
    """A page that lost its marks is not overwritten."""
    with pytest.raises(ValueError, match="settings: begin"):
        rewritten("# Settings\n")
