"""Whatever else the nurse was told to ask."""

from otelnurse.probe.target import Target


def extra(name: str, url: str, timeout: float, *, verify: bool, follow_redirects: bool) -> Target:
    """Ask ``url`` as it stands and report it as ``name``."""
    return Target("extra", name, url, timeout, verify=verify, follow_redirects=follow_redirects)
