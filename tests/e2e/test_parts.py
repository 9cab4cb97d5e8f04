"""The helpers that start real programs: an honest nameserver, an ingress, and what is said when one cannot be had."""

import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import dns.edns
import dns.message
import dns.query
import dns.rcode
import httpx
import pytest
import trustme

from tests.parts.binaries import binary
from tests.parts.coredns import coredns
from tests.parts.nginx import nginx
from tests.parts.process import free_port, listens, running


class EchoHost(BaseHTTPRequestHandler):
    """Answers with the Host header that it got."""

    def do_GET(self):
        """Answer."""
        body = self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def upstream():
    """An HTTP server behind the ingress, as address:port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EchoHost) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_coredns_answers_for_its_zone(tmp_path):
    """A record of the zone is answered with the replica's NSID, another name is NXDOMAIN, another zone REFUSED."""
    with coredns(tmp_path, zone="cluster.local", records="api 5 IN A 127.0.0.7", nsid="replica-a") as (address, port):

        def ask(name):
            query = dns.message.make_query(name, "A", use_edns=0, options=[dns.edns.GenericOption(dns.edns.NSID, b"")])
            return dns.query.udp(query, address, port=port, timeout=10)

        api = ask("api.cluster.local.")
        rcodes = [dns.rcode.to_text(ask(name).rcode()) for name in ("missing.cluster.local.", "example.org.")]

    assert [record.address for answer in api.answer for record in answer] == ["127.0.0.7"]
    assert b"replica-a" in [option.nsid for option in api.options if option.otype == dns.edns.NSID]
    assert rcodes == ["NXDOMAIN", "REFUSED"]


def test_nginx_passes_its_host_on_by_http_and_https(tmp_path, upstream):
    """The ingress' host reaches the upstream over both schemes, any other host is 404."""
    ca = trustme.CA()
    leaf = ca.issue_cert("nurse.test")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    key.write_bytes(leaf.private_key_pem.bytes())
    trust = ssl.create_default_context(cadata=ca.cert_pem.bytes().decode())

    with (
        nginx(tmp_path, host="nurse.test", upstream=upstream, certificate=certificate, key=key) as ingress,
        httpx.Client(verify=trust, trust_env=False, headers={"Host": "nurse.test"}) as client,
    ):
        plain = client.get(f"http://127.0.0.1:{ingress.http_port}/")
        tls = client.get(f"https://127.0.0.1:{ingress.https_port}/", extensions={"sni_hostname": "nurse.test"})
        other = client.get(f"http://127.0.0.1:{ingress.http_port}/", headers={"Host": "other.test"})

    assert (plain.text, tls.text) == ("nurse.test", "nurse.test")
    assert other.status_code == httpx.codes.NOT_FOUND


def test_a_program_that_ends_at_once_is_told_with_its_output():
    """A start that fails says what the program printed, not that it was waited for in vain."""
    command = [sys.executable, "-c", "raise SystemExit('no such setting')"]

    with pytest.raises(RuntimeError, match="status 1:\nno such setting"), running(command, ready=listens(free_port())):
        pass


def test_a_program_that_ignores_the_request_to_stop_is_gone_all_the_same(monkeypatch):
    """No test leaves a process behind."""
    monkeypatch.setattr("tests.parts.process._STOP_GRACE", 0.1)
    port = free_port()
    stubborn = (
        "import signal, socket, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"s = socket.create_server(('127.0.0.1', {port})); time.sleep(600)"
    )

    with running([sys.executable, "-c", stubborn], ready=listens(port)) as process:
        pid = process.pid

    assert not Path(f"/proc/{pid}").exists()


def test_a_missing_program_is_told_with_how_to_get_it(monkeypatch, tmp_path):
    """Whoever lacks a real part reads which make target builds it."""
    monkeypatch.setattr("tests.parts.binaries.REPOSITORY", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(FileNotFoundError, match="make tools"):
        binary("coredns")
