"""Where the real programs are that tests start."""

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

_HOW_TO_GET = {
    "otelnurse-collector": "run `make collector`",
    "coredns": "run `make tools`",
    "chromium": "install Debian's chromium",
    "nginx": "install Debian's nginx-light",
    "curl": "install curl",
    "ip": "install iproute2",
    "iptables": "install iptables",
    "ip6tables": "install iptables",
}


def binary(name: str) -> Path:
    """Return the path of a program: one built into `.cache/bin`, or one of the machine's (PATH, and sbin).

    Raises:
        FileNotFoundError: it is in neither; says how to get it.
    """
    built = REPOSITORY / ".cache" / "bin" / name
    if built.exists():
        return built
    installed = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if installed is None:
        raise FileNotFoundError(f"{name} is neither in .cache/bin nor in PATH: {_HOW_TO_GET[name]}")
    return Path(installed)
