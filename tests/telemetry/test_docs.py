"""docs/metrics.md and docs/spans.md say what the code does, no more and no less."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from otelnurse.probe.errors import ErrorType, Phase
from otelnurse.probe.timeline import TcpInfo
from otelnurse.telemetry.catalogue import CATALOGUE
from tests.telemetry.scripted import INGRESS, PATH, SERVICE, Nurse, Plan
from tests.telemetry.test_metrics import everything

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parents[2] / "docs"


def table(file: str, heading: str) -> list[list[str]]:
    """The cells of the rows of the first table below ``heading``, without code marks."""
    section = (DOCS / file).read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split("|")] for row in rows[2:]]


def words(cell: str) -> set[str]:
    """A cell that lists."""
    return {word for word in re.split(r",\s*", cell) if word}


def test_every_metric_has_its_row():
    """The table of metrics is the catalogue: name, kind, unit, attributes, boundaries and meaning, in that order."""
    rows = table("metrics.md", "Instruments")
    assert [row[0] for row in rows] == [spec.name for spec in CATALOGUE]
    for row, spec in zip(rows, CATALOGUE, strict=True):
        _, kind, unit, attributes, _, meaning = row
        bounds = f"; boundaries {', '.join(map(str, spec.boundaries))}" if spec.boundaries else ""
        assert (kind, unit, words(attributes)) == (spec.kind, spec.unit, set(spec.attributes))
        assert meaning == spec.meaning + bounds


async def test_prometheus_names_are_those_of_the_endpoint():
    """The table's Prometheus names and types are those that /metrics shows, all of them."""
    nurse = await everything()
    families = dict(re.findall(r"^# TYPE (\S+) (\S+)$", nurse.text(), re.MULTILINE))
    nurse.stop()
    types = {"updowncounter": "gauge"}
    documented = {row[4]: types.get(row[1], row[1]) for row in table("metrics.md", "Instruments")}
    assert documented == families


async def every_span() -> list[ReadableSpan]:
    """Spans in which every attribute occurs that there is."""
    nurse = Nurse()
    whole = Plan(name=True, tls=True, loser=True, fault=ErrorType.TLS_CERTIFICATE_EXPIRED)
    await nurse.check(SERVICE, whole, fever=("lag",), lag=0.1)
    await nurse.check(SERVICE, Plan(reused=True))
    await nurse.check(PATH, Plan(tcp=TcpInfo(0.1, 0.1, 1, 9)))
    await nurse.check(INGRESS, Plan(status=302, location="/x"), Plan(status=500))
    for error, phase in (
        (ErrorType.DNS_TIMEOUT, Phase.DNS),
        (ErrorType.CONNECTION_REFUSED, Phase.CONNECT),
        (ErrorType.TLS_FAILED, Phase.TLS),
        (ErrorType.RESPONSE_TIMEOUT, Phase.WAIT),
    ):
        await nurse.check(SERVICE, Plan(error, phase, name=True, tls=True))
    nurse.telemetry.check_cancelled(nurse.telemetry.check_started(PATH))
    headers = [(b"user-agent", b"otelnurse/1")]
    for status in (200, 500):
        nurse.telemetry.server_span(
            headers, method="GET", route="/alwayshappy", client=("10.0.0.9", 1), server=("10.0.0.1", 8080)
        ).end(status)
    return nurse.spans()


def documented_name(name: str) -> str:
    """The name under which the docs speak of a span."""
    return re.sub(r"^check \w+$", "check {type}", name)


async def test_every_attribute_of_every_span_is_documented():
    """For each span the docs list the attributes that it can have, and none that it cannot."""
    found = defaultdict(set)
    for span in await every_span():
        found[documented_name(span.name)] |= set(span.attributes)
    documented = defaultdict(set)
    for span, attribute, _ in table("spans.md", "Attributes"):
        documented[span].add(attribute)
    assert documented == found


async def test_every_event_of_every_span_is_documented():
    """For each span the docs list its events with their attributes."""
    found = defaultdict(set)
    for span in await every_span():
        for event in span.events:
            found[documented_name(span.name), event.name] |= set(event.attributes or {})
    documented = {(span, event): words(attributes) for span, event, attributes, _ in table("spans.md", "Events")}
    assert documented == found


def test_every_error_type_is_documented():
    """The docs list the whole closed set of error.type."""
    documented = {row[0] for row in table("spans.md", "error.type")}
    assert documented == {str(error) for error in ErrorType} | {"the status code"}
