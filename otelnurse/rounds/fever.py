"""Signs that a measurement tells more about this process than about the network."""

import os
from pathlib import Path

from otelnurse.probe.timeline import Timeline

LAG = 0.002
"""Seconds by which the kernel may have had the first byte before this process saw it; beyond, it is fever."""

_CPU_STAT = (Path("/sys/fs/cgroup/cpu.stat"), Path("/sys/fs/cgroup/cpu/cpu.stat"))
_THROTTLED = b"nr_throttled "


class Throttling:
    """How often the kernel has stopped this container for having used up its CPU limit (cgroup cpu.stat)."""

    def __init__(self, candidates: tuple[Path, ...] = _CPU_STAT) -> None:
        self._file: int | None = None
        for path in candidates:
            try:
                self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                continue
            break
        self.count = 0
        self.read()

    def read(self) -> int:
        """Read the counter again and return it; it stands still where there is no limit to speak of."""
        if self._file is None:
            return self.count
        try:
            # A file in the kernel's memory: microseconds.
            text = os.pread(self._file, 4096, 0)
        except OSError:
            return self.count
        _, found, rest = text.partition(_THROTTLED)
        if found:
            self.count = int(rest.split(b"\n", 1)[0])
        return self.count

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def signs(timeline: Timeline, *, throttled: bool, overlapped: bool) -> tuple[str, ...]:
    """Name what was not well while ``timeline`` was measured (``otelnurse.fever``)."""
    lagged = timeline.lag is not None and timeline.lag > LAG
    named = (("lag", lagged), ("throttled", throttled), ("overlap", overlapped))
    return tuple(name for name, present in named if present)
