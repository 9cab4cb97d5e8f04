"""The nurse's own server over loopback: no network lies between, so what this takes is the nurse's own fever."""

from otelnurse.checks.urls import ALWAYS_HAPPY, bracketed
from otelnurse.probe.target import Target

LOOPBACK = "loopback"


def loopback(host: str, port: int, timeout: float) -> Target:
    """Ask the nurse's own HTTP port at ``host``."""
    return Target(LOOPBACK, LOOPBACK, f"http://{bracketed(host)}:{port}{ALWAYS_HAPPY}", timeout)
