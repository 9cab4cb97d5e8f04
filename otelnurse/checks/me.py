"""The nurse itself, asked by way of the ingress and of its service."""

from otelnurse.checks.urls import ALWAYS_HAPPY
from otelnurse.probe.target import Target


def ingress(url: str, timeout: float, *, verify: bool, follow_redirects: bool) -> Target:
    """Ask through the ingress at ``url``; redirects are common there (http to https)."""
    return Target("me_ingress", "me_ingress", _path(url), timeout, verify=verify, follow_redirects=follow_redirects)


def service(url: str, timeout: float, *, verify: bool) -> Target:
    """Ask through the Kubernetes service at ``url``."""
    return Target("me_service", "me_service", _path(url), timeout, verify=verify)


def _path(url: str) -> str:
    return url.rstrip("/") + ALWAYS_HAPPY
