"""Nurses for tests: in this process, where a test looks inside, and as real processes, as people run them."""

import gc
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx
from anyio import to_thread

from otelnurse.nurse.nurse import Nurse
from otelnurse.probe.transport import Resolves
from otelnurse.settings import Settings, load
from tests.parts import process

WAIT = 30.0
"""Seconds; an outer deadline for a loaded machine, not an expectation."""

QUIET = {
    "OTELNURSE_HTTP_ADDRESS": "127.0.0.1:0",
    "OTELNURSE_NODE_NAME": "node-a",
    "OTELNURSE_POD_NAME": "nurse-a",
    "OTELNURSE_SERVICE_ACCOUNT_DIR": "/nonexistent",
    "OTELNURSE_SHUTDOWN_DURATION": "200ms",
    "OTELNURSE_CHECK_INTERVAL": "100ms",
}
"""A nurse that asks nobody but itself, which is where most tests begin."""


def settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of a nurse on a port of its own; what ``environ`` says goes on top of :data:`QUIET`."""
    return load({**QUIET, **(environ or {})}).settings


@asynccontextmanager
async def running(
    environ: Mapping[str, str] | None = None, *, resolver: Resolves | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Nurse]:
    """Run a nurse while the context lasts, from its first answer on; afterwards nothing of it is open any more."""
    before = sockets() | running_tasks()
    nurse = await to_thread.run_sync(lambda: Nurse(settings(environ), resolver=resolver))  # reads files
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(nurse.run)
        try:
            async with asking(nurse, host=host) as client:
                await eventually(lambda: answers_200(client, "/alwayshappy"), what="the nurse to answer")
            yield nurse
        finally:
            nurse.stop()
    gc.collect()  # what is left to the collector to close is a leak too: its warning is an error
    # Others in this process may be talking right now, and the other ends of what was closed take a moment.
    await eventually(
        lambda: sockets() | running_tasks() <= before, what="all sockets and tasks of the nurse to be gone"
    )


@asynccontextmanager
async def asking(
    nurse: Nurse, *, scheme: str = "http", host: str = "127.0.0.1", **client: object
) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose URLs begin at the nurse."""
    port = nurse.port if scheme == "http" else nurse.tls_port
    base = f"{scheme}://{host}:{port}"
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=WAIT, **client) as it:  # type: ignore[arg-type]
        yield it


async def answers_200(client: httpx.AsyncClient, path: str) -> bool:
    """Whether there is an answer, and a good one."""
    try:
        return (await client.get(path)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def eventually(look, *, what: str):
    """Return the first truthy answer of ``look``, a function or coroutine function."""
    answer = None
    with anyio.move_on_after(WAIT):
        while True:
            answer = look()
            if hasattr(answer, "__await__"):
                answer = await answer
            if answer:
                return answer
            await anyio.sleep(0.01)
    raise TimeoutError(f"gave up waiting for {what}; the last answer was {answer!r}")


def sockets() -> set[str]:
    """The sockets that this process has open now, by the kernel's word."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = str(entry.readlink())
        except FileNotFoundError:  # the descriptor of this very listing
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


def running_tasks() -> set[str]:
    """The tasks that run in this loop now."""
    return {f"{task.name}:{task.id}" for task in anyio.get_running_tasks()}


@dataclass(frozen=True)
class NurseProcess:
    """A real nurse, and where it answers."""

    process: process.Process
    url: str

    def get(self, path: str) -> httpx.Response:
        """Ask for one of its pages, on a connection of its own."""
        return httpx.get(f"{self.url}{path}", timeout=WAIT, trust_env=False)


@contextmanager
def nurse_process(environ: Mapping[str, str], *, port: int | None = None) -> Iterator[NurseProcess]:
    """Run ``python -m otelnurse run`` on a free port of 127.0.0.1 while the context lasts."""
    port = port or process.free_port()
    url = f"http://127.0.0.1:{port}"
    with process.running(
        [sys.executable, "-m", "otelnurse", "run"],
        ready=process.answers(f"{url}/alwayshappy"),
        environment=process_environment({"OTELNURSE_HTTP_ADDRESS": f"127.0.0.1:{port}", **environ}),
    ) as child:
        yield NurseProcess(child, url)


def process_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a nurse as a process: that of the tests without what is meant for nurses or exporters."""
    foreign = ("OTELNURSE_", "KUBENURSE_", "KUBERNETES_", "OTEL_")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**ours, **QUIET, **environ}
