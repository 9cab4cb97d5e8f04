"""Machines for tests that need a real network: namespaces on a switch of their own, and what can go wrong with them.

Nothing of it is seen from outside: the switch stands in a namespace too, and nobody has an address in the machine's
own one. All that was made goes away with the context of the :class:`Lab`. Needs root, ``ip`` and ``iptables``.
"""

import os
import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Literal, Self

from tests.parts.binaries import binary
from tests.parts.namespace import Namespace, run

Family = Literal["4", "6"]


def why_not() -> str | None:
    """Why there can be no lab on this machine; None when there can be one."""
    if os.geteuid():
        return "network namespaces need root"
    try:
        Namespace("try").delete()
    except RuntimeError as error:
        return f"network namespaces are not permitted here: {error}"
    return None


@dataclass(frozen=True)
class Loss:
    """Packets that arrive in ``machine`` and are dropped."""

    machine: "Machine"
    rule: tuple[str, ...]
    """What follows the chain's name in a rule."""
    family: Family

    def end(self) -> int:
        """Let packets pass again, and return how many were dropped."""
        # They pass before the number is read, so that none is dropped after it.
        self.machine.filter(self.family, "-t", "raw", "-I", "PREROUTING", "-j", "ACCEPT")
        table = self.machine.filter(self.family, "-t", "raw", "-nvxL", "PREROUTING")
        mark = f"/* {self.rule[self.rule.index('--comment') + 1]} */"
        dropped = int(next(line for line in table.splitlines() if mark in line).split()[0])
        self.machine.filter(self.family, "-t", "raw", "-D", "PREROUTING", *self.rule)
        self.machine.filter(self.family, "-t", "raw", "-D", "PREROUTING", "-j", "ACCEPT")
        return dropped


class Machine(Namespace):
    """Has one network card, ``eth0``, and an address of each family from the ranges for documentation."""

    def __init__(self, label: str, number: int) -> None:
        super().__init__(label)
        self.ipv4 = f"198.51.100.{number}"
        """In 198.51.100.0/24 (RFC 5737)."""
        self.ipv6 = f"2001:db8::{number:x}"
        """In 2001:db8::/64 (RFC 3849)."""

    def plug_in(self, switch: Namespace, port: str) -> None:
        """Connect ``eth0`` to a free port of the bridge called "switch", and give it its addresses."""
        switch.ip("link", "add", port, "master", "switch", "type", "veth", "peer", "name", "eth0", "netns", self.name)
        switch.ip("link", "set", port, "up")
        self.ip("link", "set", "eth0", "up")
        self.ip("address", "add", f"{self.ipv4}/24", "dev", "eth0")
        # Without the second's wait for somebody else who might have the address (RFC 4862, section 5.4).
        self.ip("address", "add", f"{self.ipv6}/64", "dev", "eth0", "nodad")

    def filter(self, family: Family, *arguments: str) -> str:
        """Run ``iptables`` or ``ip6tables`` in here."""
        return run(*self.command(binary("iptables" if family == "4" else "ip6tables"), "-w", *arguments))

    def lose(
        self,
        probability: float = 1.0,
        *,
        source: str | None = None,
        protocol: Literal["tcp", "udp"] | None = None,
        port: int | None = None,
    ) -> Loss:
        """Drop a share of the packets that arrive, each by chance; nobody is told, as on a bad link.

        Args:
            probability: from 0 to 1.
            source: the address that they come from; its family is the one that is dropped, and None is IPv4.
            protocol: None is any.
            port: here, where they go to; needs ``protocol``.
        """
        match = [] if source is None else ["-s", source]
        match += [] if protocol is None else ["-p", protocol]
        match += [] if port is None else ["--dport", str(port)]
        chance = ["-m", "statistic", "--mode", "random", "--probability", str(probability)]
        mark = ["-m", "comment", "--comment", secrets.token_hex(4)]
        rule = ("-i", "eth0", *match, *chance, *mark, "-j", "DROP")
        family: Family = "6" if source and ip_address(source).version == 6 else "4"
        # Before routing, connection tracking and all else that could answer.
        self.filter(family, "-t", "raw", "-A", "PREROUTING", *rule)
        return Loss(self, rule, family)

    def cut(self) -> None:
        """Drop whatever arrives, of both families."""
        for family in ("4", "6"):
            self.filter(family, "-t", "raw", "-I", "PREROUTING", "-i", "eth0", "-j", "DROP")

    def heal(self) -> None:
        """Take back all that :meth:`lose` and :meth:`cut` did."""
        for family in ("4", "6"):
            self.filter(family, "-t", "raw", "-F", "PREROUTING")

    def reject(self, family: Family, port: int, how: str) -> None:
        """Answer what comes for a TCP port with a no; ``how`` as iptables-extensions(8) says at REJECT."""
        match = ("-p", "tcp", "--dport", str(port))
        self.filter(family, "-A", "INPUT", *match, "-j", "REJECT", "--reject-with", how)


class Lab:
    """Makes machines that reach each other."""

    def machine(self, label: str) -> Machine:
        """Add one; ``label``, at most 15 letters, digits and hyphens, tells people which one it is."""
        self._count += 1
        made = Machine(label, self._count)
        self._made.callback(made.delete)
        made.plug_in(self._switch, label)
        return made

    def __enter__(self) -> Self:
        self._count = 0
        self._switch = Namespace("switch")
        with ExitStack() as made:
            made.callback(self._switch.delete)
            self._switch.ip("link", "add", "switch", "type", "bridge")
            self._switch.ip("link", "set", "switch", "up")
            self._made = made.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._made.close()
