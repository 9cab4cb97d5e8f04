"""Asks every nurse what it has to report, at its own address (a relay would make a sick nurse mute)."""

from collections.abc import Sequence

import anyio
import httpx

from otelnurse.demo.mesh import Member
from otelnurse.demo.reports import Reader, View

_TIMEOUT = 3.0


class Poll:
    """Keeps connections to the nurses open, and a reader for each."""

    def __init__(self, members: Sequence[Member], client: httpx.AsyncClient) -> None:
        self._client = client
        self._readers = [(member, Reader(member.node)) for member in members]
        self.views = [View(member.node, {}) for member in members]
        """The latest, in the order of the members; one that does not answer reports nothing."""

    async def once(self) -> None:
        """Bring :attr:`views` up to date; nurses are asked at the same time."""
        async with anyio.create_task_group() as group:
            for index, (member, reader) in enumerate(self._readers):
                group.start_soon(self._ask, index, member, reader)

    async def _ask(self, index: int, member: Member, reader: Reader) -> None:
        try:
            alive = await self._client.get(f"{member.url}/alive", timeout=_TIMEOUT)
            metrics = await self._client.get(f"{member.url}/metrics", timeout=_TIMEOUT)
            results = alive.json()[
                "last_check_result"
            ]  # also when it says 500: not all is well, and the body tells what
            self.views[index] = reader.read(results, metrics.text)
        except (httpx.HTTPError, ValueError, KeyError):
            self.views[index] = View(member.node, {})  # the screen shows it as a nurse without a report


def without_proxies() -> httpx.AsyncClient:
    """A client for addresses of this machine, whatever the environment says of proxies."""
    return httpx.AsyncClient(trust_env=False)
