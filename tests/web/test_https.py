"""HTTPS of the nurse's own, and certificates that are replaced while it serves."""

import logging
import os
import socket
import ssl
from contextlib import asynccontextmanager

import anyio
import pytest
import trustme
from anyio import to_thread
from cryptography.hazmat.primitives import serialization

from otelnurse.web.server import CertificateFiles, Server
from tests.parts import nurses

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def authority():
    """A throw-away CA."""
    return trustme.CA()


@pytest.fixture
def files(tmp_path, authority):
    """A certificate and its key in two files."""
    replace(tmp_path, authority)
    return tmp_path


def replace(folder, authority, *, certificate=True, key=True):
    """Put a new certificate and its key, or one of the two, in the place of the old ones, as an issuer does it."""
    issued = authority.issue_cert("127.0.0.1")
    for wanted, name, content in (
        (certificate, "tls.crt", issued.cert_chain_pems[0].bytes()),
        (key, "tls.key", issued.private_key_pem.bytes()),
    ):
        if wanted:
            fresh = folder / f"{name}.new"
            fresh.write_bytes(content)
            fresh.rename(folder / name)
    return issued


async def happy(scope, _receive, send):
    """Answer 200, the smallest application there is."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serving(folder, grace=0.05):
    """Serve over TLS, looking at the files every few milliseconds; yields the port."""
    sock = socket.create_server(("127.0.0.1", 0))
    sock.setblocking(False)

    def make():
        return Server(
            happy, sock, CertificateFiles(folder / "tls.crt", folder / "tls.key", interval=0.005), grace=grace
        )

    server = await to_thread.run_sync(make)  # reads files
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve)
        yield sock.getsockname()[1]
        tasks.cancel_scope.cancel()


async def shown(port, authority):
    """The certificate that a new connection is shown, verified; None while nobody answers."""
    context = ssl.create_default_context()
    authority.configure_trust(context)

    def connect():
        with (
            socket.create_connection(("127.0.0.1", port), nurses.WAIT) as sock,
            context.wrap_socket(sock, server_hostname="127.0.0.1") as encrypted,
        ):
            return encrypted.getpeercert(binary_form=True)

    return await to_thread.run_sync(connect)


async def logged(caplog, words):
    """Wait for a log line."""
    await nurses.eventually(lambda: words in caplog.text, what=f"{words!r} in the log")


async def test_a_renewed_certificate_is_served(files, authority, caplog):
    """After the files were replaced new connections see the new certificate, without a restart."""
    caplog.set_level(logging.INFO, "otelnurse")
    async with serving(files) as port:
        before = await shown(port, authority)
        replace(files, authority)
        await logged(caplog, "reloaded")
        after = await shown(port, authority)
    assert before != after


def unfit(folder, authority):
    """A new certificate whose key has not come yet."""
    replace(folder, authority, key=False)


def gone(folder, _authority):
    """No certificate at all."""
    (folder / "tls.crt").unlink()


def garbage(folder, _authority):
    """Something else in its place."""
    (folder / "tls.crt").write_bytes(b"\xff" * 100)


def locked(folder, _authority):
    """A key with a passphrase, for which OpenSSL would ask on the terminal."""
    key = serialization.load_pem_private_key((folder / "tls.key").read_bytes(), None)
    secret = serialization.BestAvailableEncryption(b"secret")
    (folder / "tls.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret)
    )


@pytest.mark.parametrize("spoil", [unfit, gone, garbage, locked])
async def test_a_bad_pair_leaves_the_old_one_in_use(files, authority, caplog, spoil):
    """A fault is told, and connections go on with the certificate there was; a good pair then takes over."""
    caplog.set_level(logging.INFO, "otelnurse")
    async with serving(files) as port:
        before = await shown(port, authority)
        spoil(files, authority)
        await logged(caplog, "was not reloaded, the old one stays in use")
        assert await shown(port, authority) == before
        caplog.clear()
        replace(files, authority)
        await logged(caplog, "certificate " + os.fspath(files / "tls.crt") + " reloaded")
        assert await shown(port, authority) != before


async def test_handshakes_go_on_while_a_pair_is_being_read(files, authority, caplog):
    """Between reading a certificate and reading its key, connections see a pair that fits.

    The key is a FIFO, so that reading it lasts until it is written to; the next one is in its place by then.
    """
    caplog.set_level(logging.INFO, "otelnurse")
    async with serving(files) as port:
        before = await shown(port, authority)
        replace(files, authority, key=False)  # not read as a pair: the old key does not fit
        await logged(caplog, "was not reloaded")
        key = replace(files, authority, key=False).private_key_pem.bytes()
        place_fifo(files)
        with await open_for_reader(files) as first:
            assert await shown(port, authority) == before
            place_fifo(files)
            first.write(key)
        with await open_for_reader(files) as second:
            assert await shown(port, authority) != before
            (files / "tls.key.new").write_bytes(key)
            (files / "tls.key.new").rename(files / "tls.key")
            second.write(key)


def place_fifo(folder):
    """Put a FIFO in the place of the key."""
    os.mkfifo(folder / "fifo")
    (folder / "fifo").rename(folder / "tls.key")


async def open_for_reader(folder):
    """The FIFO, opened for writing, from when somebody reads it."""
    with anyio.fail_after(nurses.WAIT):
        return await to_thread.run_sync(lambda: (folder / "tls.key").open("wb"), abandon_on_cancel=True)


async def test_a_peer_that_does_not_close_its_side_holds_up_no_stop(files, authority):
    """An idle connection whose peer never answers close_notify is dropped when the grace is over (RFC 8446, 6.1)."""
    context = ssl.create_default_context()
    authority.configure_trust(context)

    def connect(port):
        sock = socket.create_connection(("127.0.0.1", port), nurses.WAIT)
        encrypted = context.wrap_socket(sock, server_hostname="127.0.0.1")
        encrypted.sendall(b"GET / HTTP/1.1\r\nHost: nurse\r\n\r\n")
        assert encrypted.recv(100).startswith(b"HTTP/1.1 200 ")
        return encrypted

    async def stop_took(peers):
        async with serving(files) as port:
            await shown(port, authority)
            connections = [await to_thread.run_sync(connect, port) for _ in range(peers)]
            begin = anyio.current_time()
        took = anyio.current_time() - begin
        for connection in connections:
            connection.close()
        return took

    assert await stop_took(3) < await stop_took(0) + 0.9


async def test_a_nurse_serves_both(files, authority):
    """With USE_TLS the same pages stand on both ports, and HTTPS by the certificate of the files."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    environ = {
        "OTELNURSE_USE_TLS": "true",
        "OTELNURSE_HTTPS_ADDRESS": "127.0.0.1:0",
        "OTELNURSE_CERT_FILE": f"{files}/tls.crt",
        "OTELNURSE_CERT_KEY": f"{files}/tls.key",
    }
    async with (
        nurses.running(environ) as nurse,
        nurses.asking(nurse) as plain,
        nurses.asking(nurse, scheme="https", verify=context) as encrypted,
    ):
        for path in ("/alwayshappy", "/ready"):
            assert (await plain.get(path)).status_code == (await encrypted.get(path)).status_code == 200
