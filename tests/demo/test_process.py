"""Children of the demo: none outlives it, and a death is told with the last words."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from otelnurse.demo.process import Child

pytestmark = pytest.mark.anyio


@pytest.fixture
def child(tmp_path: Path) -> Callable[[str], Child]:
    """Make a child that runs this Python program."""

    def make(program: str) -> Child:
        return Child("node-1", [sys.executable, "-c", program], dict(os.environ), tmp_path / "node-1.log")

    return make


async def test_a_death_is_told_with_its_exit_code_and_the_end_of_the_log(child: Callable[[str], Child]) -> None:
    """What it wrote last is what explains it."""
    one = child("import sys; print('first'); sys.exit('port in use')")
    await one.start()
    with anyio.fail_after(30):
        death = await one.death()
    assert death == "node-1 died (exit code 1); the end of its log:\n    first\n    port in use"
    await one.stop()


async def test_a_child_that_was_stopped_has_not_died(child: Callable[[str], Child], tmp_path: Path) -> None:
    """An end that was asked for is no news."""
    one = child("import time; print('up', flush=True); time.sleep(600)")
    await one.start()
    deaths = []

    async def watch() -> None:
        deaths.append(await one.death())

    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            await written(tmp_path, "up")
            await one.stop()
    assert deaths == [None]


async def test_a_child_that_ignores_sigterm_is_killed(child: Callable[[str], Child], tmp_path: Path) -> None:
    """Also when the demo itself is being cancelled: no process stays behind."""
    one = child(
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True);"
        "time.sleep(600)"
    )
    await one.start()
    with anyio.fail_after(30):
        pid = int(await written(tmp_path, "\n"))
        with anyio.CancelScope() as scope:
            scope.cancel()
            await one.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_no_child_outlives_a_demo_that_is_killed(tmp_path: Path) -> None:
    """SIGKILL leaves the demo no time to stop anybody: the kernel does it."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    child = f"import socket; socket.create_connection(('127.0.0.1', {port})).recv(1)"
    demo = f"""
import anyio, os, pathlib, sys
from otelnurse.demo.process import Child

async def main():
    command = [sys.executable, "-c", {child!r}]
    await Child("node-1", command, dict(os.environ), pathlib.Path({str(tmp_path)!r}, "log")).start()
    await anyio.sleep_forever()

anyio.run(main)
"""
    async with listener, await anyio.open_process([sys.executable, "-c", demo], stdout=None, stderr=None) as process:
        listening: anyio.abc.SocketListener = listener.listeners[0]
        with anyio.fail_after(30):
            connection = await listening.accept()
            process.kill()
            with pytest.raises(anyio.EndOfStream):
                await connection.receive()  # the kernel closes what a process leaves open
            await connection.aclose()


async def written(folder: Path, text: str) -> str:
    """Wait until the child has written this; the whole of what it wrote."""
    log = anyio.Path(folder / "node-1.log")
    while text not in (content := await log.read_text()):  # noqa: ASYNC110 - a file tells nobody that it has grown
        await anyio.sleep(0.02)
    return content
