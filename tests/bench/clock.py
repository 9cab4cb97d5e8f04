"""How much CPU and memory a process has used, as the kernel counts it."""

import time
from pathlib import Path

_PAGE_MIB = 4096 / 2**20


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of ``pid``, those that have ended too; in nanosecond steps.

    The clock is clock_getcpuclockid(3)'s: /proc/PID/stat has the same number in steps of 10 ms.
    """
    return time.clock_gettime((~pid << 3) | 2)


def resident_mib(pid: int) -> float:
    """Resident memory of ``pid``."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MIB
