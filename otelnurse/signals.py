"""The signals that say stop, held back until somebody can obey them."""

import signal

STOP = (signal.SIGTERM, signal.SIGINT)


def hold_back() -> None:
    """Let the kernel keep them, in this thread and in those that it starts from now on.

    Otherwise they would kill a nurse that is starting, or as PID 1 of a container be lost.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)


def let_through() -> None:
    """Deliver those that were kept, and all others from now on, to this thread, which is to be the main one."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
