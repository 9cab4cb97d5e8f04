"""A nurse on a machine of the lab, and what it says of itself."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.parts.namespace import Namespace
from tests.parts.nurses import process_environment
from tests.parts.process import Process, answers, running
from tests.parts.waiting import eventually

PORT = 8080
"""Everybody's, since each has a machine of its own."""


class Readings:
    """One look at /metrics."""

    def __init__(self, text: str) -> None:
        self._samples: list[Sample] = [it for family in text_string_to_metric_families(text) for it in family.samples]

    def of(self, name: str, **labels: str) -> list[Sample]:
        """All samples called ``name`` (without the prefix ``otelnurse_``) that have these labels."""
        return [
            sample
            for sample in self._samples
            if sample.name == f"otelnurse_{name}" and labels.items() <= sample.labels.items()
        ]

    def total(self, name: str, **labels: str) -> int:
        """Their sum."""
        return round(sum(sample.value for sample in self.of(name, **labels)))

    def path(self, name: str, node: str) -> int:
        """A number of one neighbour: ``checks``, ``failures``, ``syn_retransmitted`` ..."""
        return self.total(f"path_{name}_total", otelnurse_peer_node=node)

    def errors(self, **labels: str) -> dict[str, int]:
        """How many checks failed, by error type."""
        failed = [it for it in self.of("check_duration_seconds_count", **labels) if it.labels.get("error_type")]
        kinds = {it.labels["error_type"] for it in failed}
        return {kind: self.total("check_duration_seconds_count", error_type=kind, **labels) for kind in kinds}

    def checks(self, kind: str) -> int:
        """How many checks of a type were made, those measured in fever included (docs/metrics.md)."""
        kept_out = sum(
            self.total("fever_checks_total", otelnurse_check_type=kind, otelnurse_fever=why)
            for why in ("lag", "throttled")
        )
        return self.total("check_duration_seconds_count", otelnurse_check_type=kind) + kept_out

    @property
    def rounds(self) -> int:
        """How many there have been."""
        return self.total("round_lag_seconds_count")


@dataclass(frozen=True)
class LabNurse:
    """A real nurse."""

    namespace: Namespace
    process: Process

    def get(self, path: str) -> str:
        """Ask it for a page, from its own machine; whatever the status."""
        with self.namespace.entered():
            connection = HTTPConnection("127.0.0.1", PORT, timeout=30)
            try:
                connection.request("GET", path)
                return connection.getresponse().read().decode()
            finally:
                connection.close()

    def readings(self) -> Readings:
        """Look at /metrics."""
        return Readings(self.get("/metrics"))

    def verdicts(self) -> dict[str, str]:
        """What /alive says of each check."""
        return json.loads(self.get("/alive"))["last_check_result"]

    def until(self, holds: Callable[[Readings], bool], *, what: str, within: float = 60.0) -> Readings:
        """Look again and again, and return what was read when ``holds`` did; ``within`` is an outer deadline, s."""

        def look() -> Readings | None:
            readings = self.readings()
            return readings if holds(readings) else None

        try:
            # Each look costs the nurse milliseconds, and its measurements are not to suffer.
            return eventually(look, what=what, within=within, pause=0.1)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; by then /metrics was\n{self.get('/metrics')}") from None


@contextmanager
def lab_nurse(
    namespace: Namespace, scratch: Path, environ: Mapping[str, str], neighbours: Mapping[str, str] | None = None
) -> Iterator[LabNurse]:
    """Run ``python -m otelnurse run`` in ``namespace`` while the context lasts, from its first answer on.

    Args:
        namespace: where.
        scratch: a directory for its file of neighbours.
        environ: its settings, besides its address.
        neighbours: by node their addresses and ports, as URLs write them.
    """
    groups = [{"targets": [address], "labels": {"node": node}} for node, address in (neighbours or {}).items()]
    file = scratch / "neighbours.json"
    file.write_text(json.dumps(groups))
    environment = {"OTELNURSE_HTTP_ADDRESS": f"[::]:{PORT}", "OTELNURSE_DISCOVERY": f"file_sd:{file}", **environ}
    with running(
        namespace.command(sys.executable, "-m", "otelnurse", "run"),
        ready=namespace.inside(answers(f"http://127.0.0.1:{PORT}/alwayshappy")),
        environment=process_environment(environment),
    ) as child:
        yield LabNurse(namespace, child)
