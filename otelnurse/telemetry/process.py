"""What this process uses, without a package for it."""

import resource
import sys
from pathlib import Path

_STATM = Path("/proc/self/statm")


def cpu_times() -> dict[str, float]:
    """Seconds of CPU time of this process by ``cpu.mode``."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {"user": usage.ru_utime, "system": usage.ru_stime}


def resident_memory() -> int:
    """Bytes of resident memory now; where there is no /proc, the most there ever was (getrusage(2))."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, others KiB
