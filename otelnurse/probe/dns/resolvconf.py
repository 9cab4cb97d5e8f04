"""/etc/resolv.conf as the manual page resolv.conf(5) of glibc describes it, and the names that it makes of a name.

Not followed: the environment (LOCALDOMAIN, RES_OPTIONS), ``sortlist``, the search domain that glibc takes from the
host's name when the file names none, and options that do not change what a query looks like from outside.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

LOCAL = ("127.0.0.1",)
"""Who is asked when the file names nobody."""
MAX_NAMESERVERS = 3
"""glibc's MAXNS."""
MAX_SEARCH = 32
"""Kubernetes's limit; glibc has none."""
MAX_NAME, MAX_LABEL = 253, 63
"""Octets of a name as text and of one label (RFC 1035, section 2.3.4)."""
_DEFAULTS = {"ndots": 1, "timeout": 5, "attempts": 2}
_RANGES = {"ndots": (0, 15), "timeout": (1, 30), "attempts": (1, 5)}
"""Smallest and largest value that counts; anything beyond is brought to the nearer of the two, as in glibc."""


@dataclass(frozen=True, slots=True)
class ResolvConf:
    """The rules by which names are asked for."""

    nameservers: tuple[str, ...] = LOCAL
    """Addresses, in the order in which they are asked."""
    search: tuple[str, ...] = ()
    """Domains without dots at their ends; "" is the root."""
    ndots: int = _DEFAULTS["ndots"]
    timeout: int = _DEFAULTS["timeout"]
    """Seconds to wait for one answer."""
    attempts: int = _DEFAULTS["attempts"]
    """How often each nameserver is asked."""
    rotate: bool = False
    """Begin with another nameserver for each name."""
    use_vc: bool = False
    """Ask by TCP."""
    single_request: bool = False
    """Ask for A and AAAA one after the other, each from a port of its own."""
    no_aaaa: bool = False
    """Do not ask for AAAA."""

    def candidates(self, name: str) -> list[str]:
        """The absolute names (without the dot at the end) that ``name`` may stand for, in the order to be asked.

        Those that cannot be names in the DNS are left out; none may be left.
        """
        if name.endswith("."):
            found = [name[:-1]]
        else:
            found = [f"{name}.{domain}" if domain else name for domain in self.search]
            found.insert(0 if name.count(".") >= self.ndots else len(found), name)
        return [candidate for candidate in dict.fromkeys(found) if _can_be_asked(candidate)]


def parse(text: str) -> ResolvConf:
    """Read a resolv.conf; what cannot be understood is passed over, as resolvers do."""
    nameservers: list[str] = []
    search: list[str] = []
    numbers = dict(_DEFAULTS)
    flags: set[str] = set()
    for keyword, words in _directives(text):
        if keyword == "nameserver":
            nameservers += _addresses(words[:1])
        elif keyword in {"search", "domain"}:
            # The last one counts. Non-ASCII is no form that goes over the wire.
            search = [word.removesuffix(".") for word in words[: 1 if keyword == "domain" else None] if word.isascii()]
        elif keyword == "options":
            flags.update(words)
            numbers.update(_numbers(words))
    return ResolvConf(
        nameservers=tuple(nameservers[:MAX_NAMESERVERS]) or LOCAL,
        search=tuple(search[:MAX_SEARCH]),
        ndots=numbers["ndots"],
        timeout=numbers["timeout"],
        attempts=numbers["attempts"],
        rotate="rotate" in flags,
        use_vc="use-vc" in flags,
        single_request=not flags.isdisjoint({"single-request", "single-request-reopen"}),
        no_aaaa="no-aaaa" in flags,
    )


def _directives(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in text.split("\n"):
        # A comment begins in the first column, so that "search" may name domains with any character.
        words = [] if line.startswith(("#", ";")) else line.split()
        if len(words) > 1:
            yield words[0], words[1:]


def _addresses(words: list[str]) -> list[str]:
    found = []
    for word in words:
        try:
            found.append(str(ip_address(word)))
        except ValueError:
            continue
    return found


def _numbers(options: list[str]) -> Iterator[tuple[str, int]]:
    for option in options:
        name, _, value = option.partition(":")
        # Nine digits: more would be out of any range, and int() refuses thousands of them.
        digits = value[:9]
        if name in _RANGES and digits.isascii() and digits.isdigit():
            low, high = _RANGES[name]
            yield name, min(max(int(digits), low), high)


def _can_be_asked(name: str) -> bool:
    return len(name) <= MAX_NAME and all(0 < len(label) <= MAX_LABEL for label in name.split("."))
