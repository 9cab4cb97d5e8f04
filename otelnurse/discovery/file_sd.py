"""Neighbours from a file in Prometheus's file_sd format (JSON), read again when it changes."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import anyio

from otelnurse.discovery.neighbour import Neighbour
from otelnurse.discovery.source import Report
from otelnurse.discovery.targetgroups import MAX_BYTES, TargetGroupsError, parse
from otelnurse.stamp import Stamp, stamp


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the file yielded: either candidates or an error."""

    stamp: Stamp | None = None
    settled: bool = False
    """The stamp was already the same at the look before: nobody was writing while it was read."""
    candidates: tuple[Neighbour, ...] = ()
    error: str | None = None


class FileSource:
    """Looks at one file; see :class:`otelnurse.discovery.source.Source`.

    Being replaced (``mv``, a ConfigMap's symlink) and being written in place are noticed at the next look. A file
    that is half written, broken or gone is an error at each look, and the neighbours found before stand.
    """

    name = "file_sd"

    def __init__(self, path: str | os.PathLike[str], interval: float = 1.0) -> None:
        """Read ``path``, looking every ``interval`` seconds whether it has changed.

        Raises:
            ValueError: the file's name says that it is YAML.
        """
        self._path = Path(path)
        self._interval = interval
        if self._path.suffix in {".yml", ".yaml"}:
            raise ValueError(f"{self.name}: {self._path} is YAML by its name; only JSON is read, name it .json")

    async def run(self, report: Report) -> None:
        """Look until cancelled."""
        look = _Look()
        while True:
            # A thread that hangs (a dead network file system) is left behind on cancellation; it holds nothing but
            # the file it reads, and closes that.
            look = await anyio.to_thread.run_sync(_look_at, self._path, look, abandon_on_cancel=True)
            if look.error is None:
                report.found(look.candidates)
            else:
                report.failed(look.error)
            await anyio.sleep(self._interval)


def _look_at(path: Path, last: _Look) -> _Look:
    """Look whether the file has changed since ``last``, and read it if so. Blocks: to be run in a thread."""
    now, settled = None, False
    try:
        now = _stamp(path)
        settled = now == last.stamp
        # Read once more after each change: a second write of the same size within the same tick of the file system's
        # clock (4 ms) leaves no other trace.
        if settled and last.settled:
            return last
        with path.open("rb") as file:
            # Taken before reading: what is written meanwhile shows as a change at the next look.
            return _Look(now, settled, candidates=parse(file.read(MAX_BYTES + 1)))
    except OSError as error:
        return _Look(error=f"{path}: {error.strerror}")
    except TargetGroupsError as error:
        return _Look(now, settled, error=f"{path}: {error}")


def _stamp(path: Path) -> Stamp:
    """Identify the file's present state, following symlinks."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        # Opening a pipe would wait for its writer.
        raise TargetGroupsError("not a regular file")
    return stamp(status)
