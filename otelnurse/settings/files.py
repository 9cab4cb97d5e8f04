"""The few files that are looked at when a nurse starts, so that a wrong path is told then and not an hour later."""

import ssl
from pathlib import Path


def authorities_problem(path: Path) -> str | None:
    """What is wrong with a PEM file of certificate authorities; None when at least one can be read from it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        return "there is no PEM certificate in this file"
    except OSError as error:
        return _unreadable(path, error)
    return None if context.cert_store_stats()["x509"] else "there is no PEM certificate in this file"


def pair_problem(certificate: Path, key: Path) -> str | None:
    """What is wrong with a server's certificate and key; None when they can be read and belong together."""
    for path in (certificate, key):
        try:
            path.read_bytes()
        except OSError as error:
            return _unreadable(path, error)
    try:
        # an empty passphrase, lest OpenSSL asks for one on the terminal
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError, ValueError):
        return f"{certificate} and {key} are no PEM certificate and its key without a passphrase"
    return None


def namespace_of(service_account: Path) -> str:
    """The namespace that Kubernetes has written beside a service account's token; empty where there is none."""
    try:
        return (service_account / "namespace").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path} cannot be read ({error.strerror or error})"
