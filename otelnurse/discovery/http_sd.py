"""Neighbours from an HTTP endpoint in Prometheus's http_sd format.

https://prometheus.io/docs/prometheus/latest/http_sd/: status 200, ``Content-Type: application/json``, and always the
whole set; ``[]`` says that nobody is there. Beyond it, an ETag makes an unchanged answer cost a few bytes (RFC 9110,
section 13.1.2).
"""

import random
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio

from otelnurse import __version__
from otelnurse.discovery.neighbour import Neighbour
from otelnurse.discovery.source import Report
from otelnurse.discovery.targetgroups import MAX_BYTES, TargetGroupsError, parse
from otelnurse.redact import redact

if TYPE_CHECKING:
    import httpx

_OK, _NOT_MODIFIED = 200, 304
_CONTENT_TYPE = re.compile(r'application/json\s*(;\s*charset=("utf-8"|utf-8))?', re.IGNORECASE)
_FIRST_RETRY = 1 / 30
"""How long to wait after a first failure, as a share of the interval: one second of thirty."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """The last good answer."""

    candidates: tuple[Neighbour, ...]
    etag: str | None


class _UnusableError(Exception):
    """The server answered, and not with neighbours."""


class HttpSource:
    """Asks one URL; see :class:`otelnurse.discovery.source.Source`.

    After a failure it asks again soon, and less and less often up to the interval, each nurse with a jitter of its
    own, so that a server that comes back is not run over by all of them at once.
    """

    name = "http_sd"

    def __init__(
        self,
        url: str,
        ssl_context: ssl.SSLContext,
        interval: float = 30.0,
        timeout: float = 10.0,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Ask ``url`` every ``interval`` seconds; an answer must be complete within ``timeout`` seconds.

        Making an SSL context takes 15 ms, so one is shared. ``jitter`` yields numbers from 0 to below 1.

        Raises:
            ValueError: the URL is not one of http or https with a host.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{self.name}: {redact(url)!r} is no URL of the form http(s)://host[:port]/path")
        self._url = url
        self._place = redact(url)
        self._ssl_context = ssl_context
        self._interval = interval
        self._timeout = timeout
        self._jitter = jitter

    async def run(self, report: Report) -> None:
        """Ask until cancelled."""
        # Here, since a nurse with another source need not pay its 4 MiB, and in a thread, since it reads many files.
        await anyio.to_thread.run_sync(import_module, "httpx")
        import httpx  # noqa: PLC0415 - see above; loaded by now

        headers = {
            "Accept": "application/json",
            # The bound on the body is one on what is unpacked, too.
            "Accept-Encoding": "identity",
            "User-Agent": f"otelnurse/{__version__}",
            "X-Prometheus-Refresh-Interval-Seconds": f"{self._interval:g}",
        }
        known: _Answer | None = None
        retry = self._interval * _FIRST_RETRY
        async with httpx.AsyncClient(
            verify=self._ssl_context,
            trust_env=False,
            follow_redirects=True,
            timeout=None,  # noqa: S113 - for each read only: a body that drips would never run into it; see below
            headers=headers,
        ) as client:
            while True:
                error: str | None = None
                try:
                    with anyio.fail_after(self._timeout):
                        known = await _ask(client, self._url, known)
                except TimeoutError:
                    error = f"no complete answer within {self._timeout:g} s"
                except (httpx.HTTPError, httpx.InvalidURL, _UnusableError, TargetGroupsError) as failure:
                    error = str(failure) or type(failure).__name__
                if known is not None and error is None:
                    report.found(known.candidates)
                    retry = self._interval * _FIRST_RETRY
                    await anyio.sleep(self._interval)
                else:
                    report.failed(f"{self._place}: {error}")
                    await anyio.sleep(retry * (0.5 + 0.5 * self._jitter()))
                    retry = min(2 * retry, self._interval)


async def _ask(client: "httpx.AsyncClient", url: str, known: _Answer | None) -> _Answer:
    """Ask once; the answer is ``known`` itself when the server says that nothing has changed."""
    headers = {"If-None-Match": known.etag} if known and known.etag else {}
    async with client.stream("GET", url, headers=headers) as response:
        if response.status_code == _NOT_MODIFIED and known and known.etag:
            return known
        if response.status_code != _OK:
            raise _UnusableError(f"answered with status {response.status_code}, not 200")
        content_type = response.headers.get("Content-Type", "")
        if not _CONTENT_TYPE.fullmatch(content_type.strip()):
            raise _UnusableError(f"content type {content_type!a}, not application/json")
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding != "identity":
            raise _UnusableError(f"content encoding {encoding!a} that was not asked for")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_BYTES:
                raise _UnusableError(f"longer than {MAX_BYTES} bytes")
        etag = response.headers.get("ETag")
    # Off the loop: some 20 ms for 5,000 targets.
    return _Answer(await anyio.to_thread.run_sync(parse, bytes(body)), etag)
