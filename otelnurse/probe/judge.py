"""What is wrong with a certificate that was not verified, and until when it is valid.

Python shows the contents of a certificate only after it has verified it, and then of a good one only. To know what
is wrong with a bad one takes a second handshake on a connection of its own. It is made after the check is over, so
that no measurement of a good one contains it, and its result is remembered, so that it is made seldom.
"""

import hashlib
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass

import anyio
import anyio.to_thread

from otelnurse.probe.connect import connect
from otelnurse.probe.errors import CERTIFICATE_FAULTS, ErrorType, ProbeError
from otelnurse.probe.timeline import Certificate, Handshake
from otelnurse.probe.tls import Trust, handshake

_log = logging.getLogger(__name__)

REMEMBERED = 600.0
"""Seconds for which a judgement stands."""
_MOST = 1_000
"""Judgements remembered; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a certificate was shown, and the name that it was held to."""

    address: str
    port: int
    server_name: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of one certificate."""

    fault: ErrorType | None
    certificate: Certificate | None
    since: float


class Judge:
    """Examines certificates aside, each at most every ten minutes."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._known: OrderedDict[tuple[Endpoint, bytes], Judgement] = OrderedDict()

    async def examine(self, endpoint: Endpoint, record: Handshake, der: bytes | None, timeout: float) -> None:
        """Complete ``record`` with the certificate's fault and dates, as far as ``timeout`` seconds allow.

        ``der`` is the certificate as an unverified handshake showed it; None after a verified one that failed.
        Faults are told untrusted before expired before name, which OpenSSL orders differently. Raises nothing but a
        cancellation: a fault of our own leaves ``record`` as it is.
        """
        try:
            await self._complete(endpoint, record, der, timeout)
        except Exception:  # noqa: BLE001  # logged whole; the outcome of the check stands without it
            _log.exception("the certificate of %s met a fault of the nurse itself", endpoint)

    async def _complete(self, endpoint: Endpoint, record: Handshake, der: bytes | None, timeout: float) -> None:
        key = (endpoint, hashlib.sha256(der).digest() if der else (record.fault or "").encode())
        judgement = self._known.get(key)
        if judgement is None or time.monotonic() - judgement.since > REMEMBERED:
            judgement = None
            with anyio.move_on_after(timeout):
                judgement = await self._judge(endpoint, record.fault, der)
            if judgement is None:
                return
            self._known[key] = judgement
            self._known.move_to_end(key)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        record.fault = judgement.fault
        record.certificate = record.certificate or judgement.certificate

    async def _judge(self, endpoint: Endpoint, fault: ErrorType | None, der: bytes | None) -> Judgement | None:
        now = time.monotonic()
        if der is not None:
            verdict = await self._verify(endpoint)
            if verdict is None:
                return None
            fault = verdict.fault
            if fault is None:
                return Judgement(None, verdict.certificate, now)
        else:
            der = await self._shown(endpoint)
        # In a thread, since the first call imports for 20 ms.
        certificate = await anyio.to_thread.run_sync(dates, der) if der else None
        if fault is ErrorType.TLS_CERTIFICATE_NAME_MISMATCH and certificate and not _valid(certificate):
            fault = ErrorType.TLS_CERTIFICATE_EXPIRED
        return Judgement(fault, certificate, now)

    async def _verify(self, endpoint: Endpoint) -> Handshake | None:
        """Shake hands properly and hang up; None when that failed for another reason than the certificate."""
        record = Handshake(endpoint.server_name, time.monotonic_ns())
        try:
            sock = await connect([endpoint.address], endpoint.port, [])
            (await handshake(sock, self._trust.verified, record)).close()
        except ProbeError as error:
            return record if error.error_type in CERTIFICATE_FAULTS else None
        return record

    async def _shown(self, endpoint: Endpoint) -> bytes | None:
        record = Handshake(endpoint.server_name, time.monotonic_ns())
        try:
            sock = await connect([endpoint.address], endpoint.port, [])
            encrypted = await handshake(sock, self._trust.unverified, record)
        except ProbeError:
            return None
        try:
            return encrypted.getpeercert(binary_form=True)
        finally:
            encrypted.close()


def dates(der: bytes) -> Certificate | None:
    """From when to when an X.509 certificate in DER is valid (RFC 5280, section 4.1.2.5); None when it is none.

    Blocks: call it in a thread.
    """
    from cryptography import x509  # noqa: PLC0415  # 11 MiB that a nurse without faulty certificates does not pay

    try:
        parsed = x509.load_der_x509_certificate(der)
        return Certificate(parsed.not_valid_before_utc.timestamp(), parsed.not_valid_after_utc.timestamp())
    except (ValueError, x509.InvalidVersion):
        return None


def _valid(certificate: Certificate) -> bool:
    return certificate.not_before <= time.time() <= certificate.not_after
