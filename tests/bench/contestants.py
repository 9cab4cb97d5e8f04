"""Who is measured: the floor, plain httpx, and nurses with more and more switched on."""

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from tests.bench.world import World
from tests.parts.process import Process, answers, free_port
from tests.parts.waiting import eventually

CHECKS = 14
"""Checks of a round: ten neighbours, oneself as service and as ingress, twice the API server or its stand-in."""
ELSEWHERE = 12
"""Those of them that the world answers."""
FLOOR, HTTPX, ALL = "bare sockets", "plain httpx", "nurse, all of it"
SILENT, SCRAPED, UNSAMPLED = "nurse, no telemetry", "nurse, for /metrics alone", "nurse, OTLP, ratio 0"
PAGE, UNASKED = "nurse, all, page open", "nurse, all, asked by nobody"
FLOOR_TLS, ALL_TLS = "bare sockets, API server", "nurse, all, API server"


@dataclass
class Contestant:
    """A process that asks and answers; it runs from :meth:`start` on, and stands still but for its turns."""

    name: str
    process: Process
    port: int
    beside: str | None = None
    """The contestant whose ratio to this one says what something adds."""
    asked: bool = True
    sampled: bool = True
    """Whether those who ask record their traces."""
    page: bool = False
    """Whether somebody has the page open."""
    nurse: bool = True

    def start(self) -> None:
        """Start it, wait until all its checks are well, since failing ones cost otherwise, and have it stand still."""
        self.process.start()
        if self.nurse:
            eventually(answers(f"http://127.0.0.1:{self.port}/alive"), what=f"{self.name} to be well")
        self.pause()

    def pause(self) -> None:
        """Stand still."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Go on."""
        os.kill(self.process.pid, signal.SIGCONT)


@dataclass(frozen=True)
class Place:
    """Where contestants live."""

    python: str
    """The interpreter that runs them: what is installed there is part of what is measured."""
    folder: Path
    world: World
    collector: str
    """OTLP endpoint."""
    push_interval: float
    """Seconds between two exports of metrics."""

    def floor(self, name: str, interval: float, *, tls: bool = False) -> Contestant:
        """The bare-socket prober."""
        return self._rival(name, "tests.bench.floor", interval, tls=tls)

    def plain_httpx(self, name: str, interval: float) -> Contestant:
        """Httpx without telemetry."""
        return self._rival(name, "tests.bench.plain_httpx", interval)

    def nurse(
        self,
        name: str,
        interval: float,
        *,
        ratio: float | None = 1.0,
        scraped: bool = True,
        tls: bool = False,
        beside: str | None = FLOOR,
        asked: bool = True,
        page: bool = False,
    ) -> Contestant:
        """A nurse; with ``ratio`` None nothing is pushed."""
        port = free_port()
        environment = self.environment(name, port, interval, paths=len(self.world.ports), tls=tls)
        if ratio is not None:
            environment |= self.pushing(ratio)
        if not scraped:
            environment["OTELNURSE_METRICS"] = "otlp"
        return Contestant(
            name,
            self._process(port, ["-m", "otelnurse", "run"], environment),
            port,
            beside,
            asked=asked,
            sampled=ratio != 0,
            page=page,
        )

    def pushing(self, ratio: float) -> dict[str, str]:
        """Variables of a nurse that pushes."""
        return {
            "OTELNURSE_TRACES_RATIO": f"{ratio:g}",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.collector,
            "OTEL_METRIC_EXPORT_INTERVAL": f"{self.push_interval * 1000:.0f}",
        }

    def environment(self, name: str, port: int, interval: float, *, paths: int, tls: bool = False) -> dict[str, str]:
        """Variables of a nurse with ``paths`` neighbours, itself twice, and the API server or two plain stand-ins."""
        groups = [
            {"targets": [f"127.0.0.1:{self.world.ports[i % len(self.world.ports)]}"], "labels": {"node": f"node-{i}"}}
            for i in range(paths)
        ]
        file_sd = self.folder / f"{port}.json"
        file_sd.write_text(json.dumps(groups))
        environment = {
            "OTELNURSE_HTTP_ADDRESS": f"127.0.0.1:{port}",
            "OTELNURSE_NODE_NAME": name.replace(" ", "-").replace(",", ""),
            "OTELNURSE_CHECK_INTERVAL": f"{interval * 1000:g}ms",
            "OTELNURSE_DISCOVERY": f"file_sd:{file_sd}",
            "OTELNURSE_NEIGHBOUR_LIMIT": "0",
            "OTELNURSE_SERVICE_URL": f"http://127.0.0.1:{port}",
            "OTELNURSE_INGRESS_URL": f"http://127.0.0.1:{port}",
        }
        if tls:
            return environment | {
                "OTELNURSE_KUBERNETES_SERVICE_HOST": "127.0.0.1",
                "OTELNURSE_KUBERNETES_SERVICE_PORT": f"{self.world.api_port}",
                "OTELNURSE_KUBERNETES_SERVICE_DNS": "localhost",
                "OTELNURSE_SERVICE_ACCOUNT_DIR": str(self.folder),
            }
        first, second = self.world.ports[:2]
        return environment | {
            "OTELNURSE_CHECK_API_SERVER_DIRECT": "false",
            "OTELNURSE_CHECK_API_SERVER_DNS": "false",
            "OTELNURSE_EXTRA_CHECKS": f"one:http://127.0.0.1:{first}/version|two:http://127.0.0.1:{second}/version",
        }

    def _rival(self, name: str, module: str, interval: float, *, tls: bool = False) -> Contestant:
        port = free_port()
        own = [f"http://127.0.0.1:{port}/alwayshappy"] * 3
        neighbours = [f"http://127.0.0.1:{it}/alwayshappy" for it in self.world.ports]
        api = f"https://127.0.0.1:{self.world.api_port}" if tls else f"http://127.0.0.1:{self.world.ports[0]}"
        api_by_name = api.replace("127.0.0.1", "localhost") if tls else api
        options = {
            "listen": port,
            "interval": interval,
            "urls": [*own, f"{api}/version", f"{api_by_name}/version", *neighbours],
            "authority": str(self.world.authority),
        }
        return Contestant(name, self._process(port, ["-m", module, json.dumps(options)], {}), port, nurse=False)

    def _process(self, port: int, arguments: list[str], environment: dict[str, str]) -> Process:
        return Process(
            [self.python, *arguments],
            ready=answers(f"http://127.0.0.1:{port}/alwayshappy"),
            log=self.folder / f"{port}.log",
            environment=environment,
        )
