"""Which names a short name stands for, and in which order they are asked."""

import pytest

from tests.probe.dns.nameserver import says, silence

pytestmark = pytest.mark.anyio

POD = "search ns.svc.cluster.local svc.cluster.local cluster.local corp.example\noptions ndots:5"
FOUND = says("192.0.2.1")


def names(nameserver):
    """The names asked for, each once, in order."""
    return list(dict.fromkeys(asked.name for asked in nameserver.asked))


async def test_the_search_list_of_a_pod(nameserver, look_up):
    """With ndots:5 the search list comes first and the first candidate that exists wins."""
    nameserver.script("api.other.svc.cluster.local", FOUND)
    result = await look_up("api.other", nameserver, conf=POD)
    assert result.addresses == ["192.0.2.1"]
    assert names(nameserver) == ["api.other.ns.svc.cluster.local", "api.other.svc.cluster.local"]


async def test_enough_dots_come_first(nameserver, look_up):
    """A name with as many dots as ndots is asked for as it stands before the search list."""
    nameserver.script("a.b.c.d.e.cluster.local", FOUND)
    result = await look_up("a.b.c.d.e", nameserver, conf="search cluster.local\noptions ndots:4")
    assert result.addresses == ["192.0.2.1"]
    assert names(nameserver) == ["a.b.c.d.e", "a.b.c.d.e.cluster.local"]


async def test_a_dot_at_the_end_means_what_it_says(nameserver, look_up):
    """An absolute name is asked for alone."""
    result = await look_up("web.example.", nameserver, conf=POD)
    assert result.error_type == "host_not_found"
    assert names(nameserver) == ["web.example"]


async def test_nothing_found_names_all_candidates(nameserver, look_up):
    """When no candidate exists the message names each of them."""
    nameserver.script("web.cluster.local", says())
    result = await look_up("web", nameserver, conf="search svc.cluster.local cluster.local")
    assert result.error_type == "host_not_found"
    for word in ("web.svc.cluster.local: A:", "web.cluster.local: A:", "web: A:", "NXDOMAIN", "has no A record"):
        assert word in str(result.error)


async def test_a_refused_search_domain_is_passed_over(nameserver, look_up):
    """A domain of the search list that the nameserver fails on does not hide a name that comes after it."""
    nameserver.script("web.corp.example", says(rcode="SERVFAIL"))
    nameserver.script("web", FOUND)
    result = await look_up("web", nameserver, conf="search corp.example")
    assert result.addresses == ["192.0.2.1"]


async def test_a_refused_search_domain_is_not_forgotten(nameserver, look_up):
    """When nothing is found, a candidate on which the nameserver failed may have been it: a failure, no clear no."""
    nameserver.script("web.corp.example", says(rcode="SERVFAIL"))
    result = await look_up("web", nameserver, conf="search corp.example cluster.local")
    assert result.error_type == "dns_server_failure"


async def test_silence_ends_the_search(nameserver, look_up):
    """A nameserver that is silent on one candidate is not asked for the next: another name must not slip in."""
    nameserver.script("web.svc.cluster.local", silence)
    nameserver.script("web", FOUND)
    result = await look_up("web", nameserver, conf="search svc.cluster.local", timeout=0.15)
    assert result.error_type == "dns_timeout"
    assert names(nameserver) == ["web.svc.cluster.local"]


@pytest.mark.parametrize("name", ["a..b", "x" * 64, ".".join(["abcdefghi"] * 26), ".", "", "-\u00fc.example"])
async def test_what_cannot_be_a_name(nameserver, look_up, name):
    """What breaks the rules for names is not asked for and does not exist."""
    result = await look_up(name, nameserver)
    assert result.error_type == "host_not_found"
    assert not nameserver.asked


async def test_a_name_that_is_too_long_with_a_search_domain(nameserver, look_up):
    """A candidate that the search list makes too long is left out; the others are asked."""
    name = ".".join(["abcdefghi"] * 25)
    nameserver.script(name, FOUND)
    assert (await look_up(name, nameserver, conf=POD)).addresses == ["192.0.2.1"]


async def test_names_beyond_ascii(nameserver, look_up):
    """A name in another script is asked for in its ASCII form (RFC 5890)."""
    nameserver.script("xn--bcher-kva.example", FOUND)
    assert (await look_up("b\u00fccher.example", nameserver)).addresses == ["192.0.2.1"]


async def test_hosts_come_first(nameserver, look_up):
    """What the hosts file knows no nameserver is asked for."""
    hosts = "192.0.2.7 Node-1.corp.example node-1 # the first\n2001:db8::7 node-1"
    result = await look_up("NODE-1", nameserver, hosts=hosts)
    assert result.addresses == ["192.0.2.7", "2001:db8::7"]
    assert (result.lookup.source, result.lookup.queries, nameserver.asked) == ("hosts", [], [])


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST.", "web.localhost"])
async def test_localhost_is_never_asked_for(nameserver, look_up, name):
    """Localhost and what ends in it is this machine, whatever nameservers say."""
    result = await look_up(name, nameserver)
    assert result.addresses == ["::1", "127.0.0.1"]
    assert not nameserver.asked
