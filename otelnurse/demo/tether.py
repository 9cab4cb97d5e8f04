"""``python -m otelnurse.demo.tether COMMAND...``: become COMMAND, which the kernel ends when its parent dies.

A demo that is killed with SIGKILL can stop nobody any more. Linux can for it (prctl(2), PR_SET_PDEATHSIG); it is set
here and not between fork and exec, where Python code must not run beside threads.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def tethered(command: Sequence[str]) -> list[str]:
    """The command line that runs ``command`` tethered to this process; ``command`` itself where there is no Linux."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-m", __name__, str(os.getpid()), *command]


def main(parent: str, *command: str) -> None:
    """Become ``command``, unless the process ``parent`` is gone already; raises ``OSError`` when it cannot be run."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == int(parent):
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted; the command is the demo's own


if __name__ == "__main__":
    main(*sys.argv[1:])
