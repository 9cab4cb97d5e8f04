"""The API server, asked by its address and by its name; the only checks that send the service account's token."""

from otelnurse.checks.token import Token
from otelnurse.checks.urls import bracketed
from otelnurse.probe.target import Target

PATH = "/version"


def direct(host: str, port: int, token: Token, timeout: float, *, verify: bool) -> Target:
    """Ask the address that the kubelet gave (KUBERNETES_SERVICE_HOST), without DNS."""
    return _target("api_server_direct", host, port, token, timeout, verify=verify)


def by_name(name: str, port: int, token: Token, timeout: float, *, verify: bool) -> Target:
    """Ask the same server by its DNS name."""
    return _target("api_server_dns", name, port, token, timeout, verify=verify)


def _target(kind: str, host: str, port: int, token: Token, timeout: float, *, verify: bool) -> Target:
    url = f"https://{bracketed(host)}:{port}{PATH}"
    return Target(kind, kind, url, timeout, headers=token.headers, verify=verify)
