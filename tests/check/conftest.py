"""What the tests of ``otelnurse check`` share: the command run in this process, and somebody to ask."""

from dataclasses import dataclass

import pytest

from otelnurse.cli import main
from tests.parts import behaviours as b
from tests.parts import certificates
from tests.parts.faulty import Faulty
from tests.probe.dns.nameserver import Nameserver, says


@dataclass
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def check(capsys, monkeypatch):
    """Run ``otelnurse check`` with these arguments; its width is that of a pipe unless ``columns`` says otherwise."""
    for name in ("COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def check(*arguments, columns=None):
        if columns:
            monkeypatch.setenv("COLUMNS", str(columns))
        try:
            code = main(["check", *arguments])
        except SystemExit as left:
            code = left.code
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return check


@pytest.fixture
def server():
    """Answers well."""
    with Faulty(b.says(b.OK)) as server:
        yield server


@pytest.fixture
def url(server):
    """Where it does."""
    return f"http://127.0.0.1:{server.port}/"


@pytest.fixture
def secure():
    """Answers well, by TLS, with a good certificate for nurse.test from an authority that is not the system's."""
    with Faulty(b.says(b.OK), context=certificates.showing("good")) as server:
        yield server


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """The file of that authority."""
    folder = tmp_path_factory.mktemp("authority")
    certificates.trust(folder)
    return str(folder / "known.pem")


@pytest.fixture
def nameserver():
    """Knows nurse.test, by A and AAAA."""
    server = Nameserver()
    server.script("nurse.test", says("127.0.0.1", "::1", nsid=b"replica-7"))
    yield server
    server.close()


@pytest.fixture
def by_name(nameserver):
    """The option that has the nameserver asked."""
    return "--nameserver", f"127.0.0.1:{nameserver.address[1]}"
