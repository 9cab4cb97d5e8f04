"""The real CoreDNS, asked as a pod asks it."""

import time

import anyio
import pytest

from otelnurse.probe.dns.resolver import Resolver
from otelnurse.probe.errors import ProbeError
from otelnurse.probe.timeline import Lookup
from tests.parts.coredns import coredns

pytestmark = pytest.mark.anyio

RECORDS = """\
api.ns.svc 5 IN A 10.96.0.1
dual.ns.svc 5 IN A 10.96.0.2
dual.ns.svc 5 IN AAAA fd00::2
six.ns.svc 5 IN AAAA fd00::6
alias.ns.svc 5 IN CNAME dual.ns.svc
text.ns.svc 5 IN TXT "no address"
""" + "".join(f"many.ns.svc 5 IN A 10.244.{index // 250}.{index % 250 + 1}\n" for index in range(500))
CONF = "search ns.svc.cluster.local svc.cluster.local cluster.local corp.example\noptions ndots:5\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where CoreDNS is."""
    with coredns(tmp_path_factory.mktemp("coredns"), zone="cluster.local", records=RECORDS, nsid="coredns-7d") as at:
        yield at


@pytest.fixture
def look_up(address, tmp_path):
    """Look a name up as a pod of the namespace ns does."""

    async def look_up(name):
        (tmp_path / "resolv.conf").write_text(CONF)
        (tmp_path / "hosts").write_text("127.0.0.1 localhost\n")
        lookup = Lookup(name, time.monotonic_ns())
        with anyio.fail_after(30):
            found = await Resolver(tmp_path / "resolv.conf", tmp_path / "hosts", [address]).resolve(name, lookup, 10.0)
        return found, lookup

    return look_up


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("api", ["10.96.0.1"]),
        ("six", ["fd00::6"]),
        ("dual", ["fd00::2", "10.96.0.2"]),
        ("alias", ["fd00::2", "10.96.0.2"]),
        ("dual.ns", ["fd00::2", "10.96.0.2"]),
        ("dual.ns.svc.cluster.local", ["fd00::2", "10.96.0.2"]),
        ("dual.ns.svc.cluster.local.", ["fd00::2", "10.96.0.2"]),
    ],
)
async def test_found(look_up, name, addresses):
    """Short, long and absolute names lead to the addresses, by the search list and through a CNAME."""
    found, lookup = await look_up(name)
    assert found == addresses
    assert lookup.queries[-1].name.endswith("ns.svc.cluster.local")
    assert {query.nsid for query in lookup.queries if query.rcode == "NOERROR"} == {"coredns-7d"}


async def test_more_than_fits_into_a_datagram(look_up):
    """A headless Service's many addresses come by TCP."""
    found, lookup = await look_up("many")
    assert len(found) == 32
    assert [query.type for query in lookup.queries if query.transport == "tcp"] == ["A"]


async def test_not_found(look_up):
    """An absolute name that is not there does not exist; where a search domain is refused nobody can know."""
    with pytest.raises(ProbeError) as absent:
        await look_up("missing.ns.svc.cluster.local.")
    assert absent.value.error_type == "host_not_found"
    with pytest.raises(ProbeError) as no_address:
        await look_up("text.ns.svc.cluster.local.")
    assert no_address.value.error_type == "host_not_found"
    with pytest.raises(ProbeError) as refused:
        await look_up("missing")
    assert refused.value.error_type == "dns_server_failure"
    assert "missing.corp.example: " in str(refused.value)
    assert "REFUSED" in str(refused.value)
