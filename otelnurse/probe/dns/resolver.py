"""The resolver of the probe: /etc/hosts, then nameservers by the rules of resolv.conf, with everything written down."""

import time
from collections.abc import Sequence
from pathlib import Path

import anyio
import dns.exception
import dns.name

from otelnurse.probe import errors
from otelnurse.probe.dns import hosts as hosts_file
from otelnurse.probe.dns import resolvconf
from otelnurse.probe.dns.inquiry import Inquiry
from otelnurse.probe.dns.message import RecordType
from otelnurse.probe.dns.nameserver import Nameserver
from otelnurse.probe.dns.resolvconf import ResolvConf
from otelnurse.probe.dns.watched import WatchedFile
from otelnurse.probe.errors import ErrorType, Phase, ProbeError
from otelnurse.probe.timeline import Family, Lookup

_TYPES: dict[Family | None, tuple[RecordType, ...]] = {None: ("A", "AAAA"), "ipv4": ("A",), "ipv6": ("AAAA",)}
_TRIES = 3
"""Tries for which a deadline has room: a packet that is lost must be asked for again before time is up."""


class Resolver:
    """Turns names into addresses; nothing is cached."""

    def __init__(
        self,
        resolv_conf: Path = Path("/etc/resolv.conf"),
        hosts: Path = Path("/etc/hosts"),
        nameservers: Sequence[tuple[str, int]] | None = None,
        family: Family | None = None,
    ) -> None:
        """Read these files, which may change.

        Args:
            resolv_conf: where to find nameservers and rules.
            hosts: where to look first.
            nameservers: as (address, port); they take the place of those that ``resolv_conf`` names.
            family: the one family of addresses to look for, whatever ``resolv_conf`` says; None: both.
        """
        self._resolv_conf = WatchedFile(resolv_conf, resolvconf.parse, ResolvConf())
        self._hosts: WatchedFile[hosts_file.Hosts] = WatchedFile(hosts, hosts_file.parse, {})
        self._nameservers = None if nameservers is None else [Nameserver(*nameserver) for nameserver in nameservers]
        self._family = family
        self._lookups = 0

    async def resolve(self, host: str, lookup: Lookup, timeout: float) -> list[str]:
        """The addresses of ``host`` as text, IPv6 first, which are then in ``lookup`` as well.

        Args:
            host: a name, no literal address.
            lookup: filled in as things happen, also when this is cancelled.
            timeout: seconds that remain to the whole check. It decides how long one nameserver is waited for; the
                caller cuts off.

        Raises:
            ProbeError: host_not_found, dns_timeout or dns_server_failure (``_OTHER`` when this machine is out of
                descriptors or memory), with who was asked what and said what.
        """
        try:
            found = await self._resolve(host, lookup, timeout)
        except ProbeError as error:
            lookup.error = ErrorType(error.error_type)
            raise
        except anyio.get_cancelled_exc_class():
            # The caller's deadline; a check that is dropped for another reason is not looked at.
            lookup.error = ErrorType.DNS_TIMEOUT
            raise
        else:
            lookup.answers = tuple(found)
            return found
        finally:
            lookup.end = time.monotonic_ns()
            for query in lookup.queries:
                if query.answered is None and query.error is None:
                    query.error = ErrorType.DNS_TIMEOUT

    async def _resolve(self, host: str, lookup: Lookup, timeout: float) -> list[str]:
        name = _to_ascii(host)
        known = [address for address in hosts_file.addresses(self._hosts.current(), name) if self._wants(address)]
        if known:
            lookup.source = "hosts"
            return known
        conf = self._resolv_conf.current()
        nameservers = self._in_order(conf)
        patience = min(conf.timeout, timeout / _TRIES)
        enough = anyio.current_time() + timeout * (_TRIES - 1) / _TRIES
        types = _TYPES["ipv4" if conf.no_aaaa and self._family is None else self._family]
        inquiries: list[Inquiry] = []
        for candidate in conf.candidates(name):
            inquiry = Inquiry(candidate, conf, lookup, types)
            inquiries.append(inquiry)
            await inquiry.ask(nameservers, patience, enough)
            if inquiry.addresses:
                return inquiry.addresses
            # Where a nameserver did say something the next candidate may do better: a search list often ends in a
            # domain of the node's network that a cluster's nameserver refuses. Silence would only be met by silence.
            if inquiry.failure and inquiry.failure.rcode is None:
                break
        raise _failure(host, inquiries)

    def _wants(self, address: str) -> bool:
        return self._family is None or self._family == ("ipv6" if ":" in address else "ipv4")

    def _in_order(self, conf: ResolvConf) -> list[Nameserver]:
        nameservers = self._nameservers or [Nameserver(address) for address in conf.nameservers]
        if not conf.rotate:
            return nameservers
        first = self._lookups % len(nameservers)
        self._lookups += 1
        return nameservers[first:] + nameservers[:first]


def _failure(host: str, inquiries: list[Inquiry]) -> ProbeError:
    if not inquiries:
        return errors.failure(ErrorType.HOST_NOT_FOUND, Phase.DNS, f"{host!r} cannot be a name in the DNS")
    last = next((inquiry.failure for inquiry in reversed(inquiries) if inquiry.failure), None)
    kind = ErrorType.HOST_NOT_FOUND if last is None or last.error is None else last.error
    told = "; ".join(inquiry.account() for inquiry in inquiries)
    return errors.failure(kind, Phase.DNS, f"no address for {host}: {told}")


def _to_ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        name = dns.name.from_text(host, idna_codec=dns.name.IDNA_2008_UTS_46)
    except (dns.exception.DNSException, UnicodeError) as error:
        message = f"{host!r} cannot be a name in the DNS: {error}"
        raise errors.failure(ErrorType.HOST_NOT_FOUND, Phase.DNS, message) from error
    return name.to_text(omit_final_dot=not host.endswith("."))
