"""Requests whose addresses somebody chose: by ``--resolve``, and by ``-4`` or ``-6``."""

import time
from collections.abc import Sequence

import httpx

from otelnurse.check.values import Told, family_of
from otelnurse.probe.dns.resolver import Resolver
from otelnurse.probe.errors import ErrorType, Phase, failure
from otelnurse.probe.judge import Judge
from otelnurse.probe.timeline import Family, Hop, Lookup
from otelnurse.probe.tls import Trust
from otelnurse.probe.transport import HOP, ProbeTransport


class ChosenTransport(httpx.AsyncBaseTransport):
    """Hands each request to a probe whose resolver knows what was told of the request's host and port."""

    def __init__(
        self, resolver: Resolver, trust: Trust, judge: Judge, told: Sequence[Told], family: Family | None
    ) -> None:
        self._usual = ProbeTransport(resolver, trust, judge)
        self._told = {(one.host, one.port): ProbeTransport(_Knows(one.addresses), trust, judge) for one in told}
        self._family = family

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask; an address of the family that was not chosen, to which a redirect may lead, is refused."""
        hop: Hop = request.extensions[HOP]
        if self._family and family_of(hop.host) not in {self._family, None}:
            raise failure(ErrorType.OTHER, Phase.PREPARE, f"{hop.host} is not {self._family}, which was chosen")
        anyone = self._told.get(("*", hop.port), self._usual)
        transport = self._told.get((hop.host.lower().rstrip("."), hop.port), anyone)
        return await transport.handle_async_request(request)


class _Knows:
    """A resolver that was told the answer."""

    def __init__(self, addresses: tuple[str, ...]) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, lookup: Lookup, timeout: float) -> list[str]:  # noqa: ARG002  # the protocol's
        """Answer at once."""
        lookup.source, lookup.answers, lookup.end = "told", self._addresses, time.monotonic_ns()
        return list(self._addresses)
