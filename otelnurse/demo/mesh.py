"""The mesh: nurses as processes, the relays in front of them, and the cluster's stand-ins around them."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio

from otelnurse.demo.process import Child
from otelnurse.demo.relay import Relay
from otelnurse.demo.script import DELAY
from otelnurse.demo.standins import ApiServer, Balancer
from otelnurse.demo.wire import LOOPBACK, bound_socket

_TOKEN = "a-token-of-the-demo"  # noqa: S105 - it opens nothing but the stand-in
_ZONES = ("zone-a", "zone-b", "zone-c")
_CHECK_TIMEOUT = 2.0
"""Seconds; longer than a late nurse is late, so that late stays apart from dead."""


class Member:
    """One nurse's place in the mesh: its names, its port, and the relay by which others reach it."""

    def __init__(self, number: int) -> None:
        self.node = f"node-{number}"
        self.pod = f"nurse-{number}"
        self.zone = _ZONES[number % len(_ZONES)]
        self._reserved = bound_socket()
        self.port: int = self._reserved.getsockname()[1]
        self.relay = Relay(self.port, DELAY)
        self.url = f"http://{LOOPBACK}:{self.port}"

    def free_port(self) -> None:
        """Let go of the port, right before the nurse takes it."""
        self._reserved.close()


class Mesh:
    """Everything that runs while the demo runs, except for the collector."""

    def __init__(self, folder: Path, size: int, interval: float, environment: Mapping[str, str]) -> None:
        """``folder``: an empty one; ``interval``: seconds between rounds; ``environment``: what the nurses inherit."""
        self.members = [Member(number) for number in range(1, size + 1)]
        relays = [member.relay.port for member in self.members]
        self._api_server = ApiServer(_TOKEN)
        self._ingress = Balancer(relays, retries=True)
        self._service = Balancer(relays, retries=False)
        self._api_server.write_service_account(folder / "serviceaccount")
        (folder / "nurses.json").write_text(json.dumps(_target_groups(self.members)))
        self.nurses = [
            Child(
                member.node,
                [sys.executable, "-m", "otelnurse", "run"],
                {**environment, **self._settings(member, folder, interval)},
                folder / f"{member.node}.log",
            )
            for member in self.members
        ]

    async def serve(self) -> None:
        """Run the relays and the stand-ins until cancelled."""
        async with anyio.create_task_group() as group:
            for serve in (self._api_server.run, self._ingress.run, self._service.run):
                group.start_soon(serve)
            for member in self.members:
                group.start_soon(member.relay.run)

    async def start(self) -> None:
        """Start the nurses; raises ``OSError`` when there is no process to be had."""
        for member, nurse in zip(self.members, self.nurses, strict=True):
            member.free_port()
            await nurse.start()

    async def stop(self) -> None:
        """Stop the nurses, all at the same time; returns when the last one is gone."""
        async with anyio.create_task_group() as group:
            for nurse in self.nurses:
                group.start_soon(nurse.stop)

    def _settings(self, member: Member, folder: Path, interval: float) -> dict[str, str]:
        own = {
            "NODE_NAME": member.node,
            "POD_NAME": member.pod,
            "ZONE": member.zone,
            "CLUSTER_NAME": "demo",
            "HTTP_ADDRESS": f"{LOOPBACK}:{member.port}",
            "DISCOVERY": f"file_sd:{folder / 'nurses.json'}",
            "INGRESS_URL": self._ingress.url,
            "SERVICE_URL": self._service.url,
            "CHECK_INTERVAL": f"{interval * 1e3:.0f}ms",
            "CHECK_TIMEOUT": f"{_CHECK_TIMEOUT:.0f}s",
            "SERVICE_ACCOUNT_DIR": str(folder / "serviceaccount"),
            "KUBERNETES_SERVICE_DNS": "localhost",
            "SHUTDOWN_DURATION": "1s",
            "LOG_FORMAT": "text",
        }
        return {
            **{f"OTELNURSE_{name}": value for name, value in own.items()},
            "KUBERNETES_SERVICE_HOST": LOOPBACK,
            "KUBERNETES_SERVICE_PORT": str(self._api_server.port),
        }


def _target_groups(members: Sequence[Member]) -> list[dict[str, object]]:
    """The neighbours as Prometheus's file_sd has them; what stands there are the relays' ports."""
    return [
        {
            "targets": [f"{LOOPBACK}:{member.relay.port}"],
            "labels": {"node": member.node, "pod": member.pod, "zone": member.zone},
        }
        for member in members
    ]
