"""A child process with its output in a file, which can be stopped and never outlives the demo."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio
import anyio.abc

from otelnurse.demo.tether import tethered

_GRACE = 3.0
"""Seconds that a child has to end by itself before it is killed."""

_TAIL = 12
"""Lines of a log that are shown when its process died."""


class Child:
    """One process to be; ``name`` is what people call it."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._log = log
        self._process: anyio.abc.Process | None = None
        self._stopping = False

    async def start(self) -> None:
        """Start it, in a session of its own: a Ctrl-C in the terminal is for the demo to pass on.

        Raises:
            OSError: It cannot be started.
        """
        with anyio.CancelScope(shield=True):  # cut off in here, nobody would know its pid
            output = await anyio.to_thread.run_sync(self._log.open, "wb")
            self._process = await anyio.open_process(
                tethered(self._command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
            await anyio.to_thread.run_sync(output.close)

    async def death(self) -> str | None:
        """Wait for its end; how it ended and its last words, or None when it was told to."""
        if self._process is None:
            return None
        code = await self._process.wait()
        if self._stopping:
            return None
        how = f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
        return f"{self.name} died ({how}); the end of its log:\n{await self.log_tail()}"

    async def log_tail(self) -> str:
        """The last lines that it wrote since it was started, indented."""
        lines = (await anyio.Path(self._log).read_text(errors="replace")).splitlines()[-_TAIL:]
        return "\n".join(f"    {line}" for line in lines or ["(it wrote nothing)"])

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL; returns when it is gone, also when the caller is being cancelled."""
        if self._process is None:
            return
        self._stopping = True
        with anyio.CancelScope(shield=True):
            if self._process.returncode is None:
                _send(self._process, signal.SIGTERM)
                with anyio.move_on_after(_GRACE):
                    await self._process.wait()
            if self._process.returncode is None:
                _send(self._process, signal.SIGKILL)
            await self._process.aclose()


def _send(process: anyio.abc.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except ProcessLookupError:
        return  # it has just ended by itself
