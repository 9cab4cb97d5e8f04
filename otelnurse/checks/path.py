"""The neighbours, each asked directly at its address."""

from collections.abc import Callable, Mapping

from otelnurse.checks.urls import ALWAYS_HAPPY, bracketed
from otelnurse.discovery.neighbour import Neighbour
from otelnurse.probe.target import Target

ORIGIN_HEADER = "KUBENURSE-NEIGHBOUR-ORIGIN"
"""Says who asks; kubenurse's name, so that both kinds of nurse can live in one mesh during a migration."""


def origin_of(node: str) -> Callable[[], Mapping[str, str]]:
    """Headers that tell a neighbour which node asks."""
    headers = {ORIGIN_HEADER: node}
    return lambda: headers


def neighbour(
    it: Neighbour,
    timeout: float,
    origin: Callable[[], Mapping[str, str]],
    *,
    scheme: str,
    verify: bool,
    server_name: str | None,
) -> Target:
    """Ask ``it``; with https its certificate is held to ``server_name``, since it is dialled by address."""
    return Target(
        "path",
        f"path_{it.node}",
        f"{scheme}://{bracketed(it.address)}:{it.port}{ALWAYS_HAPPY}",
        timeout,
        headers=origin,
        verify=verify,
        server_name=server_name,
        peer_node=it.node,
        peer_zone=it.zone or None,
    )
