"""The truth table: each way in which a server, a network or a nameserver can fail, and what it must be called."""

import ssl
from dataclasses import dataclass

from tests.parts import behaviours as b
from tests.parts import certificates
from tests.parts.certificates import showing
from tests.probe import scenes
from tests.probe.conftest import HASTY, PATIENT
from tests.probe.dns import nameserver as dns


@dataclass(frozen=True)
class Fault:
    """One row: how to make it, and what must come of it."""

    stage: scenes.Stage
    error_type: str
    phase: str
    """The phase it fails in."""
    record: str
    """The record of the hop that carries the error: lookup, connect, handshake, exchange; outcome for a status."""
    timeout: float = PATIENT


HEAD = b"HTTP/1.1 200 OK\r\n"
HALF = HEAD + b"Content-Length: 1000\r\n\r\nhalf"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

FAULTS = {
    "NXDOMAIN": Fault(scenes.asks(), "host_not_found", "dns", "lookup"),
    "SERVFAIL": Fault(scenes.asks(dns.says(rcode="SERVFAIL")), "dns_server_failure", "dns", "lookup"),
    "no nameserver": Fault(scenes.asks(listening=False), "dns_server_failure", "dns", "lookup"),
    "silent nameserver": Fault(scenes.asks(dns.silence), "dns_timeout", "dns", "lookup", HASTY),
    "answers under a wrong id": Fault(
        scenes.asks(dns.under_a_wrong_id(dns.says("127.0.0.1"))), "dns_timeout", "dns", "lookup", HASTY
    ),
    "refused": Fault(scenes.refuses, "connection_refused", "connect", "connect"),
    "refused by both families": Fault(scenes.refuses_both, "connection_refused", "connect", "connect"),
    "SYNs dropped": Fault(scenes.swallows, "connection_timeout", "connect", "connect", HASTY),
    "SYNs dropped by both families": Fault(scenes.swallows_both, "connection_timeout", "connect", "connect", 2 * HASTY),
    "untrusted": Fault(
        scenes.https(lambda: showing("good", "unknown")), "tls_certificate_untrusted", "tls", "handshake"
    ),
    "expired": Fault(scenes.https(lambda: showing("expired")), "tls_certificate_expired", "tls", "handshake"),
    "not yet valid": Fault(
        scenes.https(lambda: showing("not yet valid")), "tls_certificate_expired", "tls", "handshake"
    ),
    "wrong name": Fault(
        scenes.https(lambda: showing("wrong name")), "tls_certificate_name_mismatch", "tls", "handshake"
    ),
    "expired, wrong name": Fault(
        scenes.https(lambda: showing("expired, wrong name")), "tls_certificate_expired", "tls", "handshake"
    ),
    "untrusted, expired": Fault(
        scenes.https(lambda: showing("expired", "unknown")), "tls_certificate_untrusted", "tls", "handshake"
    ),
    "untrusted, wrong name": Fault(
        scenes.https(lambda: showing("wrong name", "unknown")), "tls_certificate_untrusted", "tls", "handshake"
    ),
    "TLS of yesterday": Fault(scenes.https(certificates.of_yesterday), "tls_failed", "tls", "handshake"),
    "wants a certificate (1.2)": Fault(
        scenes.https(lambda: certificates.asking_for_a_certificate(ssl.TLSVersion.TLSv1_2)),
        "tls_failed",
        "tls",
        "handshake",
    ),
    "wants a certificate (1.3)": Fault(
        scenes.https(lambda: certificates.asking_for_a_certificate(ssl.TLSVersion.TLSv1_3)),
        "tls_failed",
        "wait",
        "exchange",
    ),
    "plain HTTP to TLS": Fault(
        scenes.https(scenes.no_tls, lambda c: (c.sock.recv(65536), c.send(b"HTTP/1.1 400\r\n\r\n"))),
        "tls_failed",
        "tls",
        "handshake",
    ),
    "closes in the handshake": Fault(
        scenes.https(scenes.no_tls, lambda c: c.sock.recv(65536)), "tls_failed", "tls", "handshake"
    ),
    "resets in the handshake": Fault(
        scenes.https(scenes.no_tls, lambda c: (c.sock.recv(65536), c.reset())), "tls_failed", "tls", "handshake"
    ),
    "silent in the handshake": Fault(scenes.https(scenes.no_tls, b.silent), "tls_timeout", "tls", "handshake", HASTY),
    "resets when asked": Fault(scenes.http(b.then_resets()), "connection_reset", "wait", "exchange"),
    "resets in the head": Fault(scenes.http(b.then_resets(HEAD)), "connection_reset", "receive", "exchange"),
    "resets in the body": Fault(scenes.http(b.then_resets(HALF)), "connection_reset", "receive", "exchange"),
    "resets over TLS when asked": Fault(
        scenes.https(lambda: showing("good"), b.then_resets()), "connection_reset", "wait", "exchange"
    ),
    "resets in the body over TLS": Fault(
        scenes.https(lambda: showing("good"), b.then_resets(HEAD + b"\r\nno length")),
        "connection_reset",
        "receive",
        "exchange",
    ),
    "silent": Fault(scenes.http(b.silent), "response_timeout", "wait", "exchange", HASTY),
    "silent over TLS": Fault(
        scenes.https(lambda: showing("good"), b.silent), "response_timeout", "wait", "exchange", HASTY
    ),
    "silent in the head": Fault(scenes.http(b.then_silent(HEAD)), "response_timeout", "receive", "exchange", HASTY),
    "silent in the body": Fault(scenes.http(b.then_silent(HALF)), "response_timeout", "receive", "exchange", HASTY),
    "silent after 100": Fault(
        scenes.http(b.then_silent(b"HTTP/1.1 100 Continue\r\n\r\n")), "response_timeout", "receive", "exchange", HASTY
    ),
    "closes when asked": Fault(scenes.http(b.says()), "connection_closed", "wait", "exchange"),
    "closes in the head": Fault(scenes.http(b.says(HEAD)), "connection_closed", "receive", "exchange"),
    "closes in the body": Fault(scenes.http(b.says(HALF)), "connection_closed", "receive", "exchange"),
    "closes in a chunk": Fault(scenes.http(b.says(CHUNKED + b"5\r\nab")), "connection_closed", "receive", "exchange"),
    "closes before the last chunk": Fault(
        scenes.http(b.says(CHUNKED + b"2\r\nab\r\n")), "connection_closed", "receive", "exchange"
    ),
    "closes in the body over TLS": Fault(
        scenes.https(lambda: showing("good"), b.says(HALF)), "connection_closed", "receive", "exchange"
    ),
    "closes after 100": Fault(
        scenes.http(b.says(b"HTTP/1.1 100 Continue\r\n\r\n")), "connection_closed", "receive", "exchange"
    ),
    "garbage": Fault(
        scenes.http(b.then_silent(b"\x16\x03\x01\x00garbage\r\n\r\n")), "protocol_error", "receive", "exchange"
    ),
    "an SSH server": Fault(
        scenes.http(b.then_silent(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")), "protocol_error", "receive", "exchange"
    ),
    "a bad Content-Length": Fault(
        scenes.http(b.then_silent(HEAD + b"Content-Length: two\r\n\r\nok")), "protocol_error", "receive", "exchange"
    ),
    "two Content-Lengths": Fault(
        scenes.http(b.then_silent(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok")),
        "protocol_error",
        "receive",
        "exchange",
    ),
    "a bad chunk": Fault(scenes.http(b.then_silent(CHUNKED + b"zz\r\n")), "protocol_error", "receive", "exchange"),
    "a status of four digits": Fault(
        scenes.http(b.then_silent(b"HTTP/1.1 2000 OK\r\n\r\n")), "protocol_error", "receive", "exchange"
    ),
    "the status 099": Fault(
        scenes.http(b.then_silent(b"HTTP/1.1 099 OK\r\n\r\n")), "protocol_error", "receive", "exchange"
    ),
    "switches protocols unasked": Fault(
        scenes.http(b.then_silent(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")),
        "protocol_error",
        "receive",
        "exchange",
    ),
    "headers without end": Fault(
        scenes.http(b.never_ends(HEAD + b"X: ", b"x" * 4096)), "protocol_error", "receive", "exchange"
    ),
    "1xx without end": Fault(
        scenes.http(b.never_ends(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20)),
        "response_timeout",
        "receive",
        "exchange",
        HASTY,
    ),
    "204": Fault(scenes.http(b.says(b"HTTP/1.1 204 No Content\r\n\r\n")), "204", "receive", "outcome"),
    "401": Fault(scenes.http(b.status(401)), "401", "receive", "outcome"),
    "500": Fault(scenes.http(b.status(500, body=b"broken")), "500", "receive", "outcome"),
    "503 over TLS": Fault(scenes.https(lambda: showing("good"), b.status(503)), "503", "receive", "outcome"),
    "999": Fault(scenes.http(b.status(999)), "999", "receive", "outcome"),
    "a redirect": Fault(scenes.http(b.redirects_to("/")), "302", "receive", "outcome"),
    "redirects without end": Fault(
        scenes.http(b.redirects_to("/", 301), follow_redirects=True), "301", "receive", "outcome"
    ),
    "redirects to ftp": Fault(
        scenes.http(b.redirects_to("ftp://127.0.0.1/"), follow_redirects=True), "302", "receive", "outcome"
    ),
    "redirects to garbage": Fault(
        scenes.http(b.redirects_to("http://[::1"), follow_redirects=True), "302", "receive", "outcome"
    ),
    "redirects to no port": Fault(
        scenes.http(b.redirects_to("http://127.0.0.1:99999/"), follow_redirects=True), "302", "receive", "outcome"
    ),
    "redirects to where nobody listens": Fault(
        scenes.http(b.redirects_to("http://127.0.0.1:1/"), follow_redirects=True),
        "connection_refused",
        "connect",
        "connect",
    ),
}
