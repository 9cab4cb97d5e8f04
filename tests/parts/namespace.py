"""One network namespace: commands, sockets and files of /etc in it."""

import ctypes
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.parts.binaries import binary

T = TypeVar("T")

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_NETNS = Path("/run/netns")
_ETC = Path("/etc/netns")
"""What stands in a directory of a namespace's name here, ``ip netns exec`` shows in place of the machine's /etc."""


def run(*command: str | Path) -> str:
    """Run a command to its end and return what it printed.

    Raises:
        RuntimeError: it failed; with what it said.
    """
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


class Namespace:
    """A network of its own, empty but for a loopback interface that is up."""

    def __init__(self, label: str) -> None:
        """Make it; ``label`` tells people which one it is.

        Raises:
            RuntimeError: it is not permitted.
        """
        self.name = f"otelnurse-{os.getpid()}-{label}-{secrets.token_hex(2)}"
        run(binary("ip"), "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def command(self, *command: str | Path) -> list[str | Path]:
        """What to start for ``command`` to run in here, with this namespace's own files of /etc."""
        return [binary("ip"), "netns", "exec", self.name, *command]

    def ip(self, *arguments: str) -> None:
        """Run ``ip`` in here, such as ``route add unreachable 192.0.2.1``."""
        run(binary("ip"), "-n", self.name, *arguments)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Sockets that this thread makes, and programs that it starts, are in here while the context lasts."""
        home = Path("/proc/thread-self/ns/net").open("rb")  # noqa: SIM115  # closed by the with below
        with home, (_NETNS / self.name).open("rb") as here:
            _set_namespace(here.fileno())
            try:
                yield
            finally:
                _set_namespace(home.fileno())

    def inside(self, look: Callable[[], T]) -> Callable[[], T]:
        """``look``, but in here."""

        def entered() -> T:
            with self.entered():
                return look()

        return entered

    def tell_kernel(self, setting: str, value: int) -> None:
        """Change a setting of the kernel's for this namespace, such as ``net/ipv4/icmp_ratelimit``."""
        with self.entered():
            Path("/proc/sys", setting).write_text(str(value))

    def etc(self, file: str, text: str) -> None:
        """Let programs started by :meth:`command` find ``text`` in /etc/``file``, which must exist on the machine."""
        directory = _ETC / self.name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / file).write_text(text)

    def delete(self) -> None:
        """Take away the namespace and its files of /etc."""
        run(binary("ip"), "netns", "del", self.name)
        directory = _ETC / self.name
        if directory.exists():
            for file in directory.iterdir():
                file.unlink()
            directory.rmdir()
        if _ETC.exists() and not any(_ETC.iterdir()):
            _ETC.rmdir()


def _set_namespace(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
