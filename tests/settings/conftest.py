"""A folder with real certificates, for the settings that name files."""

from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ca.pem, cert.pem, key.pem, that key with a passphrase as locked.pem, and a service account's namespace."""
    folder = tmp_path_factory.mktemp("settings")
    authority = trustme.CA()
    issued = authority.issue_cert("nurse.example.com")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame"))
    (folder / "locked.pem").write_bytes(locked)
    (folder / "namespace").write_text("ward\n")
    return folder
