"""A real program for the length of a test: started, waited for, its output kept, and stopped by its own process id."""

import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.parts.waiting import eventually

Ready = Callable[[], bool]

_STOP_GRACE = 15.0
"""Seconds between TERM and KILL."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on now.

    The kernel hands out ports in random order, so that another process takes this one in between only by bad luck.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> Ready:
    """Ready when the TCP port of 127.0.0.1 accepts a connection."""

    def ready() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1.0)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return ready


def answers(url: str) -> Ready:
    """Ready when the URL answers 200."""

    def ready() -> bool:
        try:
            return httpx.get(url, timeout=1.0, trust_env=False).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    return ready


class Process:
    """A program that can be started, stopped or killed, and started again; what it prints goes to one file."""

    def __init__(
        self, command: Sequence[str | Path], *, ready: Ready, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Describe the program; nothing runs yet.

        Args:
            command: the program and its arguments.
            ready: whether it can be used; polled from the start on.
            log: what it prints, both streams; appended to at each start.
            environment: all of it; None means that of the tests.
        """
        self.command = [str(part) for part in command]
        self._ready = ready
        self._log = log
        self._environment = None if environment is None else dict(environment)
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the program, which must run."""
        assert self._child is not None, f"{self.command[0]} was not started"
        return self._child.pid

    def output(self) -> str:
        """All that it printed so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def start(self) -> None:
        """Start the program and return when it is ready.

        Raises:
            RuntimeError: it ended before it was ready; with its exit status and what it printed.
            TimeoutError: it never became ready.
        """
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=self._environment
            )
        try:
            eventually(self._ready_or_dead, what=f"{self.command[0]} to become ready")
        except BaseException:
            self.kill()
            raise
        if self._child.poll() is not None:
            status, self._child = self._child.returncode, None
            raise RuntimeError(f"{' '.join(self.command)} ended with status {status}:\n{self.output()}")

    def stop(self) -> int:
        """Ask it to stop (TERM), insist after 15 s (KILL); return its exit status, negative for a signal."""
        return self._end(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for it to end by itself, insist after 15 s (KILL); return its exit status, negative for a signal."""
        return self._end(None)

    def kill(self) -> None:
        """Stop it as a crash would (KILL)."""
        self._end(signal.SIGKILL)

    def _ready_or_dead(self) -> bool:
        assert self._child is not None
        return self._child.poll() is not None or self._ready()

    def _end(self, how: signal.Signals | None) -> int:
        if self._child is None:
            return 0
        child, self._child = self._child, None
        if how is not None:
            child.send_signal(how)
        try:
            return child.wait(_STOP_GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    ready: Ready,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Process]:
    """Run a program while the context lasts; at its end print what it said, which pytest shows for a failed test."""
    with tempfile.TemporaryDirectory() as scratch:
        process = Process(command, ready=ready, log=log or Path(scratch, "output"), environment=environment)
        try:
            process.start()
            yield process
        finally:
            process.stop()
            print(f"--- output of {process.command[0]}\n{process.output()}")
