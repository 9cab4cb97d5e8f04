"""When metrics leave: right after a round, off the loop, in a thread that holds up nothing."""

import time
from threading import Event, Thread

from opentelemetry.sdk.metrics.export import MetricReader

from otelnurse.telemetry.faults import Faults


class Exporting:
    """Collects and exports after a round, at most once per ``interval`` seconds; after two without a round anyway.

    The latter so that a nurse whose rounds are slow, or stuck, still shows how old its heartbeat is. The thread is a
    daemon: a collector that hangs holds up neither rounds nor the end of the process.
    """

    def __init__(self, reader: MetricReader, interval: float) -> None:
        self._reader = reader
        self._interval = interval
        self._faults = Faults("metrics could not be collected; the next try comes with a later round")
        self._wake = Event()
        self._round_over = False
        self._stopping = False
        self.finished = Event()
        """Set when the last export is over, well or not."""
        self._thread = Thread(target=self._run, name="otelnurse-metrics", daemon=True)
        self._thread.start()

    def round_finished(self) -> None:
        """A round is over: now is a good moment. Costs an event."""
        self._round_over = True
        self._wake.set()

    def stop(self) -> None:
        """Ask for a last export; :attr:`finished` says when that is done."""
        self._stopping = True
        self._wake.set()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stopping:
            overdue = due + self._interval
            self._wake.wait(max(0.0, overdue - time.monotonic()))
            self._wake.clear()
            now = time.monotonic()
            if not self._stopping and ((self._round_over and now >= due) or now >= overdue):
                self._round_over = False
                self._export()
                # On a grid, so that rounds which end a little early do not make intervals a round longer.
                due = due + self._interval if now < overdue else now + self._interval
        self._export()
        self.finished.set()

    def _export(self) -> None:
        with self._faults:
            self._reader.collect()
