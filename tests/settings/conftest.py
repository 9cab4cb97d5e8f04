"""A folder with real certificates, for the settings that name files."""

from pathlib import Path

import pytest
import trustme


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ca.pem, cert.pem with its key.pem, and a service account's namespace."""
    folder = tmp_path_factory.mktemp("settings")
    authority = trustme.CA()
    issued = authority.issue_cert("nurse.example.com")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    (folder / "namespace").write_text("ward\n")
    return folder
