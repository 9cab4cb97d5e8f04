"""/etc/hosts, as the manual page hosts(5) describes it, and the one name that needs no file."""

from collections.abc import Mapping
from ipaddress import ip_address

Hosts = Mapping[str, tuple[str, ...]]
"""Names in lower case without a dot at the end, each with its addresses."""
LOOPBACK = ("::1", "127.0.0.1")


def parse(text: str) -> Hosts:
    """Read a hosts file; a name's addresses are in the order of the file.

    Lines that do not begin with an address are passed over.
    """
    found: dict[str, dict[str, None]] = {}
    for line in text.split("\n"):
        words = line.partition("#")[0].split()
        try:
            address = str(ip_address(words[0] if words else ""))
        except ValueError:
            continue
        for name in words[1:]:
            found.setdefault(_canonical(name), {})[address] = None
    return {name: tuple(addresses) for name, addresses in found.items()}


def addresses(hosts: Hosts, name: str) -> tuple[str, ...]:
    """What the file says of ``name``; empty where it has nothing to say.

    ``localhost`` and names that end in it are never asked of a nameserver (RFC 6761, section 6.3).
    """
    name = _canonical(name)
    if name in hosts:
        return hosts[name]
    return LOOPBACK if name == "localhost" or name.endswith(".localhost") else ()


def _canonical(name: str) -> str:
    return name.lower().removesuffix(".")
