"""A target in, a finished timeline out."""

import logging
import time
from base64 import b64encode
from collections.abc import Mapping

import anyio
import httpx

from otelnurse import __version__
from otelnurse.probe import urls
from otelnurse.probe.bounds import cut, slim
from otelnurse.probe.errors import CERTIFICATE_FAULTS, ErrorType, Phase, ProbeError, failure
from otelnurse.probe.judge import Endpoint, Judge
from otelnurse.probe.redirects import following
from otelnurse.probe.target import NO_HEADERS, Target
from otelnurse.probe.timeline import Exchange, Hop, Outcome, Timeline
from otelnurse.probe.transport import DEADLINE, HOP, TIMELINE
from otelnurse.probe.verdict import is_well
from otelnurse.redact import redact

_log = logging.getLogger(__name__)


class Prober:
    """Runs checks through ``transport``: a :class:`ProbeTransport`, or one wrapped for telemetry."""

    def __init__(self, transport: httpx.AsyncBaseTransport, judge: Judge, *, reuse: bool = False) -> None:
        self._transport = transport
        self._judge = judge
        self._connection = "keep-alive" if reuse else "close"

    async def run(self, target: Target) -> Timeline:
        """Ask ``target`` and return the timeline with its outcome; only a cancellation is ever raised."""
        timeline = Timeline.begin(target)
        deadline = anyio.current_time() + target.timeout
        try:
            timeline.outcome = await self._follow(timeline, deadline)
        except ProbeError as error:
            timeline.outcome = Outcome(str(error.error_type), error.phase, cut(str(error)))
        except Exception as error:  # noqa: BLE001  # a fault of our own must be seen, and must not stop the nurse
            phase = timeline.hops[-1].phase if timeline.hops else Phase.PREPARE
            timeline.outcome = Outcome(ErrorType.OTHER.value, phase, f"a fault of the nurse itself: {error!r}")
            _log.exception("check %s met a fault of the nurse itself", target.name)
        timeline.end = _ended(timeline)
        await self._examine(timeline, deadline)
        slim(timeline)
        return timeline

    async def _follow(self, timeline: Timeline, deadline: float) -> Outcome:
        target = timeline.target
        try:
            headers = target.headers()
            url = urls.read(target.url)
        except (OSError, ValueError) as error:
            return Outcome(ErrorType.OTHER.value, Phase.PREPARE, cut(str(error)))
        while True:
            exchange = await self._hop(url, headers, timeline, deadline)
            try:
                next_url = following(exchange, url, timeline)
            except ValueError as error:
                return Outcome(str(exchange.status), Phase.RECEIVE, cut(str(error)))
            if next_url is None:
                break
            if (next_url.scheme, next_url.raw_host, next_url.port) != (url.scheme, url.raw_host, url.port):
                headers = NO_HEADERS
            url = next_url
        if not is_well(target.method, exchange.status):
            return Outcome(str(exchange.status), Phase.RECEIVE, f"{timeline.hops[-1].url} answered {exchange.status}")
        return Outcome()

    async def _hop(self, url: httpx.URL, headers: Mapping[str, str], timeline: Timeline, deadline: float) -> Exchange:
        now = time.monotonic_ns()
        method = timeline.target.method
        hop = Hop(method, cut(redact(str(url))), urls.host_of(url), urls.port_of(url), start=now)
        timeline.hops.append(hop)
        request = httpx.Request(
            method,
            url,
            headers={
                "User-Agent": f"otelnurse/{__version__}",
                "Accept": "*/*",
                "Connection": self._connection,
                **_credentials(url),
                **headers,
            },
            extensions={HOP: hop, TIMELINE: timeline, DEADLINE: deadline},
        )
        await self._transport.handle_async_request(request)
        if hop.exchange is None:
            raise failure(ErrorType.OTHER, hop.phase, "the transport answered without having asked")
        return hop.exchange

    async def _examine(self, timeline: Timeline, deadline: float) -> None:
        """Learn what a failed or tolerated certificate has to say; the check's time is over by now."""
        for hop in timeline.hops:
            record = hop.handshake
            if record is None or record.certificate or hop.peer_address is None or hop.peer_port is None:
                continue
            if not (hop.certificate_der or record.error in CERTIFICATE_FAULTS):
                continue
            endpoint = Endpoint(hop.peer_address, hop.peer_port, record.server_name)
            await self._judge.examine(endpoint, record, hop.certificate_der, deadline - anyio.current_time())


def _credentials(url: httpx.URL) -> dict[str, str]:
    """Basic authentication from a URL's userinfo (RFC 7617), as Go's client does it."""
    if not url.userinfo:
        return {}
    pair = f"{url.username}:{url.password}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"}


def _ended(timeline: Timeline) -> int:
    """The last instant of the request: when its last byte reached the kernel, where that is known."""
    hop = timeline.hops[-1] if timeline.hops else None
    if hop and hop.exchange and hop.exchange.received and not hop.exchange.error:
        return hop.exchange.received
    return hop.end if hop and hop.end else time.monotonic_ns()
