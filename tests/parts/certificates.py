"""Certificates of every kind from throw-away authorities, and contexts that show them."""

import ssl
import warnings
from datetime import UTC, datetime, timedelta
from functools import cache

import trustme

from otelnurse.probe.tls import Trust

NAME = "nurse.test"
"""What good certificates are for; 127.0.0.1 is in them too."""
OTHER_NAME = "other.test"
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
NOT_AFTER = NOW + 30 * DAY

_KINDS = {
    "good": ([NAME, "127.0.0.1"], NOW - DAY, NOT_AFTER),
    "renewed": ([NAME, "127.0.0.1"], NOW - DAY, NOT_AFTER + DAY),
    "expired": ([NAME, "127.0.0.1"], NOW - 2 * DAY, NOW - DAY),
    "not yet valid": ([NAME, "127.0.0.1"], NOW + DAY, NOT_AFTER),
    "wrong name": ([OTHER_NAME], NOW - DAY, NOT_AFTER),
    "expired, wrong name": ([OTHER_NAME], NOW - 2 * DAY, NOW - DAY),
}


@cache
def _authority(name: str) -> trustme.CA:
    return trustme.CA(organization_name=name)


@cache
def trust(folder) -> Trust:
    """Trust the authority "known" besides the system's roots; its PEM is put into ``folder``."""
    path = folder / "known.pem"
    _authority("known").cert_pem.write_to_path(path)
    return Trust.of([path])


@cache
def showing(kind: str, authority: str = "known") -> ssl.SSLContext:
    """A server's context that shows a certificate of this kind, issued by the authority "known" or another one."""
    identities, not_before, not_after = _KINDS[kind]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf = _authority(authority).issue_cert(*identities, not_before=not_before, not_after=not_after)
    leaf.configure_cert(context)
    return context


@cache
def showing_version_5() -> ssl.SSLContext:
    """A server's context that shows a certificate of a version that does not exist; its signature is wrong, then."""
    leaf = _authority("known").issue_cert(NAME, "127.0.0.1")
    der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
    version_3, version_5 = bytes.fromhex("a003020102"), bytes.fromhex("a003020104")  # counted from 0
    odd = ssl.DER_cert_to_PEM_cert(der.replace(version_3, version_5, 1))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(leaf.private_key_pem.bytes() + odd.encode()).tempfile() as path:
        context.load_cert_chain(path)
    return context


def asking_for_a_certificate(version: ssl.TLSVersion) -> ssl.SSLContext:
    """A good server that wants to see the client's certificate."""
    context = _fresh()
    context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    _authority("known").configure_trust(context)
    return context


def of_yesterday() -> ssl.SSLContext:
    """A good server that speaks nothing newer than TLS 1.1."""
    context = _fresh()
    with warnings.catch_warnings(action="ignore"):  # deprecated, which is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def _fresh() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority("known").issue_cert(NAME, "127.0.0.1").configure_cert(context)
    return context
