"""Until when the certificates that checks were shown are valid."""

from collections.abc import Collection
from threading import Lock

from opentelemetry.sdk.metrics.export import Metric

from otelnurse.probe.timeline import Timeline
from otelnurse.telemetry import catalogue, names, points


class CertificateTable:
    """For each check what its last run was shown, so that where a redirect once led does not stay for ever."""

    def __init__(self) -> None:
        self._shown: dict[str, tuple[str | None, dict[str, float]]] = {}
        self._nodes: frozenset[str] = frozenset()
        self._lock = Lock()

    def record(self, timeline: Timeline) -> None:
        """Note the certificates of a run; one without a handshake leaves the last ones standing.

        The late result of a neighbour that is gone counts nowhere: nobody would forget it.
        """
        node = timeline.target.peer_node
        shown = {
            hop.host: hop.handshake.certificate.not_after
            for hop in timeline.hops
            if hop.handshake and hop.handshake.certificate
        }
        with self._lock:
            if shown and (node is None or node in self._nodes):
                self._shown[timeline.target.name] = (node, shown)

    def neighbours_changed(self, nodes: Collection[str]) -> None:
        """Forget the certificates of neighbours that are gone."""
        with self._lock:
            self._nodes = frozenset(nodes)
            self._shown = {
                name: (node, shown)
                for name, (node, shown) in self._shown.items()
                if node is None or node in self._nodes
            }

    def metrics(self, reader: int, now: int) -> list[Metric]:  # noqa: ARG002 - tables with a memory per reader need it
        """A snapshot."""
        with self._lock:
            found = [
                points.number({names.CHECK_NAME: name, names.SERVER_ADDRESS: host}, now, now, not_after)
                for name, (_, shown) in self._shown.items()
                for host, not_after in shown.items()
            ]
        return [points.gauge(catalogue.CERTIFICATE_NOT_AFTER, found)]
