"""What comes of a lookup when nameservers answer, each in its own way."""

import dns.flags
import pytest

from otelnurse.probe.dns.resolver import Resolver
from otelnurse.probe.timeline import Lookup
from tests.probe.dns.nameserver import in_turn, says, silence, truncated, without_edns

pytestmark = pytest.mark.anyio


async def test_addresses_of_both_families(nameserver, look_up):
    """A and AAAA are asked for, and all addresses are given, IPv6 first."""
    nameserver.script("web.example", says("192.0.2.1", "192.0.2.2", "2001:db8::1"))
    result = await look_up("web.example", nameserver)
    assert result.addresses[0] == "2001:db8::1"
    assert sorted(result.addresses[1:]) == ["192.0.2.1", "192.0.2.2"]
    assert result.lookup.answers == tuple(result.addresses)
    assert result.lookup.source == "dns"
    assert result.lookup.error is None


async def test_the_timeline_of_queries(nameserver, look_up):
    """Each query is written down with nameserver, name, type, rcode and instants in order within the lookup."""
    nameserver.script("web.example", says("192.0.2.1", "2001:db8::1"))
    lookup = (await look_up("web.example", nameserver)).lookup
    assert [(query.type, query.name, query.transport) for query in lookup.queries] == [
        ("A", "web.example", "udp"),
        ("AAAA", "web.example", "udp"),
    ]
    for query in lookup.queries:
        assert query.nameserver == f"127.0.0.1:{nameserver.address[1]}"
        assert (query.rcode, query.error) == ("NOERROR", None)
        assert lookup.start <= query.sent <= query.answered <= lookup.end


async def test_both_questions_leave_from_one_port(nameserver, look_up):
    """A and AAAA share a socket and differ in their ids, as with glibc."""
    nameserver.script("web.example", says("192.0.2.1", "2001:db8::1"))
    await look_up("web.example", nameserver)
    first, second = nameserver.asked
    assert first.source_port == second.source_port
    assert first.message.id != second.message.id


@pytest.mark.parametrize("option", ["single-request", "single-request-reopen"])
async def test_single_request(nameserver, look_up, option):
    """With single-request AAAA is asked only after A was answered, and from another port."""
    nameserver.script("web.example", says("192.0.2.1", "2001:db8::1"))
    lookup = (await look_up("web.example", nameserver, conf=f"options {option}")).lookup
    assert lookup.queries[0].answered <= lookup.queries[1].sent
    assert nameserver.asked[0].source_port != nameserver.asked[1].source_port


async def test_no_aaaa(nameserver, look_up):
    """With no-aaaa only A is asked for."""
    nameserver.script("web.example", says("192.0.2.1", "2001:db8::1"))
    result = await look_up("web.example", nameserver, conf="options no-aaaa")
    assert result.addresses == ["192.0.2.1"]
    assert [asked.type for asked in nameserver.asked] == ["A"]


async def test_cnames_are_followed(nameserver, look_up):
    """The addresses at the end of a chain of CNAMEs count, in whatever case the names are written."""
    nameserver.script("web.example", says("192.0.2.1", cnames=["a.example.", "b.example."]))
    assert (await look_up("Web.Example", nameserver)).addresses == ["192.0.2.1"]


async def test_one_family_only(nameserver, look_up):
    """A name with A alone is found; its AAAA query says that it yielded nothing."""
    nameserver.script("web.example", says("192.0.2.1"))
    result = await look_up("web.example", nameserver)
    assert result.addresses == ["192.0.2.1"]
    assert [query.error for query in result.lookup.queries] == [None, "host_not_found"]


async def test_the_replica_names_itself(nameserver, look_up):
    """The server's NSID is in the timeline: as text, or in hexadecimal where it is none."""
    nameserver.script("web.example", says("192.0.2.1", nsid=b"coredns-7d"), type="A")
    nameserver.script("web.example", says(nsid=b"\xff\x00"), type="AAAA")
    result = await look_up("web.example", nameserver)
    assert [query.nsid for query in result.lookup.queries] == ["coredns-7d", "ff00"]


@pytest.mark.parametrize("conf", ["", "options use-vc"])
async def test_a_server_without_edns(nameserver, look_up, conf):
    """A server that refuses EDNS is asked again without it, by UDP and by TCP, and that is no failure."""
    nameserver.script("web.example", without_edns(says("192.0.2.1", "2001:db8::1")))
    result = await look_up("web.example", nameserver, conf=conf)
    assert sorted(result.addresses) == ["192.0.2.1", "2001:db8::1"]
    assert sorted(str(query.rcode) for query in result.lookup.queries) == ["FORMERR", "FORMERR", "NOERROR", "NOERROR"]
    assert {query.error for query in result.lookup.queries} == {None}


async def test_a_truncated_answer_is_asked_for_by_tcp(nameserver, look_up):
    """What does not fit into a datagram comes by TCP from the same server; a part of it is never taken for all."""
    some = says("192.0.2.1", flags=dns.flags.TC)
    everything = [f"192.0.2.{last}" for last in range(1, 20)]
    nameserver.script("many.example", some, transport="udp", type="A")
    nameserver.script("many.example", says(*everything), transport="tcp")
    result = await look_up("many.example", nameserver)
    assert sorted(result.addresses) == sorted(everything)
    assert [(query.type, query.transport) for query in result.lookup.queries] == [
        ("A", "udp"),
        ("AAAA", "udp"),
        ("A", "tcp"),
    ]


async def test_use_vc(nameserver, look_up):
    """With use-vc no datagram leaves."""
    nameserver.script("web.example", says("192.0.2.1", "2001:db8::1"))
    result = await look_up("web.example", nameserver, conf="options use-vc")
    assert result.addresses == ["2001:db8::1", "192.0.2.1"]
    assert {asked.transport for asked in nameserver.asked} == {"tcp"}


async def test_a_headless_service_with_thousands_of_addresses(nameserver, look_up):
    """Of a huge answer a bounded number of addresses is kept."""
    everything = [f"10.0.{index // 256}.{index % 256}" for index in range(3000)]
    nameserver.script("many.example", truncated, transport="udp", type="A")
    nameserver.script("many.example", says(*everything), transport="tcp")
    result = await look_up("many.example", nameserver)
    assert len(result.addresses) == 32
    assert set(result.addresses) <= set(everything)


async def test_the_first_nameserver_is_asked(nameserver, second_nameserver, look_up):
    """A lookup asks the first nameserver alone while that answers."""
    for server in (nameserver, second_nameserver):
        server.script("web.example", says("192.0.2.1"))
    await look_up("web.example", nameserver, second_nameserver)
    assert nameserver.asked
    assert not second_nameserver.asked


async def test_rotate(nameserver, second_nameserver, tmp_path):
    """With rotate each lookup begins with another nameserver."""
    for server in (nameserver, second_nameserver):
        server.script("web.example", says("192.0.2.1"))
    (tmp_path / "resolv.conf").write_text("options rotate no-aaaa")
    resolver = Resolver(tmp_path / "resolv.conf", tmp_path / "hosts", [nameserver.address, second_nameserver.address])
    for _ in range(4):
        await resolver.resolve("web.example", Lookup("web.example", 0), 3.0)
    assert (len(nameserver.asked), len(second_nameserver.asked)) == (2, 2)


async def test_a_lost_packet_is_asked_for_again(nameserver, look_up):
    """A question that got no answer is asked again well before the deadline, and only that one."""
    nameserver.script("web.example", in_turn(silence, says("192.0.2.1")), type="A")
    nameserver.script("web.example", says("2001:db8::1"), type="AAAA")
    result = await look_up("web.example", nameserver)
    assert result.addresses == ["2001:db8::1", "192.0.2.1"]
    assert [(query.type, query.error) for query in result.lookup.queries] == [
        ("A", "dns_timeout"),
        ("AAAA", None),
        ("A", None),
    ]
    assert result.lookup.end - result.lookup.start < 3.0e9


@pytest.mark.parametrize(
    ("family", "type", "found", "own"),
    [("ipv4", "A", "192.0.2.1", "192.0.2.7"), ("ipv6", "AAAA", "2001:db8::1", "2001:db8::7")],
)
async def test_one_family(nameserver, look_up, family, type, found, own):  # noqa: A002 - the word of DNS
    """Who wants one family's addresses asks for no others, and takes no others from the hosts file."""
    nameserver.script("web.example", says("192.0.2.1", "2001:db8::1"))
    strange = "2001:db8::8" if family == "ipv4" else "192.0.2.8"
    hosts = f"192.0.2.7 own\n2001:db8::7 own\n{strange} web.example"
    result = await look_up("web.example", nameserver, hosts=hosts, family=family, conf="options no-aaaa")
    assert (result.addresses, [asked.type for asked in nameserver.asked]) == ([found], [type])
    assert (await look_up("own", nameserver, hosts=hosts, family=family)).addresses == [own]
