"""Sets the stage: the mesh, the screen and the signals of one run, and takes all of it down again."""

import signal
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import anyio
from rich.console import Console

from otelnurse.demo.collector import Telemetry, telemetry
from otelnurse.demo.live import Terminal
from otelnurse.demo.mesh import Member, Mesh
from otelnurse.demo.plain import Plain
from otelnurse.demo.screen import Screen
from otelnurse.demo.show import Show

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FOREIGN = ("OTELNURSE_", "KUBENURSE_", "KUBERNETES_")


def perform(nurses: int, interval: float, duration: float | None, environment: Mapping[str, str]) -> int:
    """Run the demo; returns the exit code when everything that was started is gone.

    ``interval`` and ``duration`` are seconds, None is without end. ``environment`` is handed down to the processes
    without the settings of nurses: those are the demo's.
    """
    inherited = {name: value for name, value in environment.items() if not name.startswith(_FOREIGN)}
    console = Console()
    screen = Terminal(console) if console.is_terminal else Plain()
    with tempfile.TemporaryDirectory(prefix="otelnurse-demo-") as folder:
        return _perform_on(screen, Path(folder), nurses, interval, duration, inherited)


def _perform_on(
    screen: Screen, folder: Path, nurses: int, interval: float, duration: float | None, inherited: Mapping[str, str]
) -> int:
    sink = telemetry(inherited, folder)
    try:
        mesh = Mesh(folder, nurses, interval, {**inherited, **sink.settings})
        show = Show(mesh, sink.collector, screen, interval, duration)
        _opening(screen, mesh.members, sink)
        anyio.run(_run, mesh, sink, show)
    finally:
        screen.close()
    return show.summarise()


async def _run(mesh: Mesh, sink: Telemetry, show: Show) -> None:
    with anyio.open_signal_receiver(*_SIGNALS) as signals:
        async with anyio.create_task_group() as group:
            group.start_soon(_stop_on_signal, signals, group.cancel_scope)
            group.start_soon(mesh.serve)
            try:
                if sink.collector is not None:
                    await sink.collector.start()
                await mesh.start()
                await show.play()
            finally:
                with anyio.CancelScope(shield=True):
                    await mesh.stop()  # before the collector, to which they push their last
                    if sink.collector is not None:
                        await sink.collector.stop()
            group.cancel_scope.cancel()


async def _stop_on_signal(signals: AsyncIterator[signal.Signals], scope: anyio.CancelScope) -> None:
    await anext(signals)
    scope.cancel()


def _opening(screen: Screen, members: Sequence[Member], sink: Telemetry) -> None:
    screen.say(f"{len(members)} nurses, each a process of this machine; their pages (for machines: /alive):")
    for member in members:
        screen.say(f"  {member.node}  {member.url}/ui/")
    screen.say("ingress and service take nurses in turn, and are as sick as the one they meet")
    screen.say(sink.words)
