"""The nurse's own server over loopback: no network lies between, so what this takes is the nurse's own fever."""

from otelnurse.checks.api_server import bracketed
from otelnurse.checks.me import PATH
from otelnurse.probe.target import Target

LOOPBACK = "loopback"


def loopback(host: str, port: int, timeout: float) -> Target:
    """Ask the nurse's own HTTP port at ``host``."""
    return Target(LOOPBACK, LOOPBACK, f"http://{bracketed(host)}:{port}{PATH}", timeout)
