"""What comes of a lookup when nameservers fail, each in its own way: the right error, who said it, and no more."""

import pytest

from tests.probe.dns.nameserver import (
    all_of,
    echo,
    garbage,
    hold,
    in_turn,
    says,
    silence,
    to_another_question,
    truncated,
    under_a_wrong_id,
)

pytestmark = pytest.mark.anyio

SHORT = 0.15
"""Seconds of deadline where nothing will come anyhow."""
GOOD = says("192.0.2.1", "2001:db8::1")


def fail_with(rcode):
    """An answer that is none."""
    return says(rcode=rcode)


@pytest.mark.parametrize(
    ("behaviour", "error", "said"),
    [
        pytest.param(fail_with("SERVFAIL"), "dns_server_failure", "answered SERVFAIL", id="SERVFAIL"),
        pytest.param(fail_with("REFUSED"), "dns_server_failure", "answered REFUSED", id="REFUSED"),
        pytest.param(fail_with("FORMERR"), "dns_server_failure", "answered FORMERR", id="FORMERR to everything"),
        pytest.param(fail_with("NOTAUTH"), "dns_server_failure", "answered NOTAUTH", id="some other rcode"),
        pytest.param(garbage, "dns_server_failure", "sent garbage", id="garbage"),
        pytest.param(fail_with("NXDOMAIN"), "host_not_found", "answered NXDOMAIN", id="NXDOMAIN"),
        pytest.param(says(), "host_not_found", "has no A record", id="NODATA"),
        pytest.param(says(cnames=["a.example."]), "host_not_found", "has no A record", id="CNAME to nowhere"),
        pytest.param(
            says(cnames=["b.example.", "web.example."]), "dns_server_failure", "garbage", id="CNAMEs in a circle"
        ),
        pytest.param(silence, "dns_timeout", "did not answer", id="silence"),
        pytest.param(hold, "dns_timeout", "did not answer", id="empty datagrams"),
        pytest.param(echo, "dns_timeout", "did not answer", id="the question sent back"),
        pytest.param(under_a_wrong_id(GOOD), "dns_timeout", "did not answer", id="wrong id"),
        pytest.param(to_another_question(GOOD), "dns_timeout", "did not answer", id="wrong question"),
    ],
)
async def test_each_fault_has_its_error(nameserver, look_up, behaviour, error, said):
    """Each fault ends with its own error type, and the message names nameserver, name and what it said."""
    nameserver.script("web.example", behaviour)
    result = await look_up("web.example", nameserver, timeout=SHORT if error == "dns_timeout" else 3.0)
    assert result.error_type == error
    assert result.lookup.error == error
    assert result.lookup.end is not None
    assert {query.error for query in result.lookup.queries} <= {error, None}
    assert result.lookup.queries[-1].error == error
    for word in (said, "web.example", f"127.0.0.1:{nameserver.address[1]}"):
        assert word in str(result.error)


async def test_nobody_listens(nameserver, look_up):
    """A nameserver's port that is closed is a failure of the server, told at once and not by waiting."""
    nameserver.stop_listening()
    result = await look_up("web.example", nameserver, timeout=600.0)
    assert result.error_type == "dns_server_failure"
    assert "Connection refused" in str(result.error)


@pytest.mark.parametrize("behaviour", [fail_with("SERVFAIL"), fail_with("REFUSED"), garbage], ids=str)
async def test_the_next_nameserver_is_asked(nameserver, second_nameserver, look_up, behaviour):
    """Where the first nameserver is of no use the second one's answer counts, and both are in the timeline."""
    nameserver.script("web.example", behaviour)
    second_nameserver.script("web.example", GOOD)
    result = await look_up("web.example", nameserver, second_nameserver)
    assert result.addresses == ["2001:db8::1", "192.0.2.1"]
    assert [query.error for query in result.lookup.queries] == ["dns_server_failure"] * 2 + [None] * 2
    assert result.lookup.queries[-1].nameserver == f"127.0.0.1:{second_nameserver.address[1]}"


async def test_the_next_nameserver_is_asked_when_nobody_listens_at_the_first(nameserver, second_nameserver, look_up):
    """A closed port leads to the next nameserver."""
    nameserver.stop_listening()
    second_nameserver.script("web.example", GOOD)
    assert (await look_up("web.example", nameserver, second_nameserver)).addresses == ["2001:db8::1", "192.0.2.1"]


async def test_a_silent_nameserver_leaves_time_for_the_next(nameserver, second_nameserver, look_up):
    """A nameserver that says nothing uses up a third of the deadline and no more."""
    nameserver.script("web.example", silence)
    second_nameserver.script("web.example", GOOD)
    result = await look_up("web.example", nameserver, second_nameserver)
    assert result.addresses == ["2001:db8::1", "192.0.2.1"]


@pytest.mark.parametrize("forge", [under_a_wrong_id, to_another_question], ids=["wrong id", "wrong question"])
async def test_a_forged_answer_does_not_count(nameserver, look_up, forge):
    """What does not belong to the question is passed over, and the right answer that follows it is taken."""
    nameserver.script("web.example", all_of(forge(says("198.51.100.1", "2001:db8::bad")), GOOD))
    result = await look_up("web.example", nameserver)
    assert result.addresses == ["2001:db8::1", "192.0.2.1"]
    assert len(result.lookup.queries) == 2


async def test_a_second_try_helps(nameserver, look_up):
    """SERVFAIL is asked again as often as attempts says."""
    nameserver.script("web.example", in_turn(*[fail_with("SERVFAIL")] * 4, GOOD))
    assert (await look_up("web.example", nameserver)).error_type == "dns_server_failure"
    nameserver.script("web.example", in_turn(*[fail_with("SERVFAIL")] * 4, GOOD))
    assert (await look_up("web.example", nameserver, conf="options attempts:3")).error_type is None


async def test_one_family_never_answers(nameserver, look_up):
    """Addresses of one family are enough when the other's question is lost for good, and that loss is written down."""
    nameserver.script("web.example", says("192.0.2.1"), type="A")
    nameserver.script("web.example", silence, type="AAAA")
    result = await look_up("web.example", nameserver, timeout=1.5)
    assert result.addresses == ["192.0.2.1"]
    assert {query.error for query in result.lookup.queries if query.type == "AAAA"} == {"dns_timeout"}
    assert len(result.lookup.queries) > 2


async def test_one_family_never_answers_at_many_nameservers(nameserver, second_nameserver, look_up):
    """With addresses in hand the hunt for the other family leaves time to connect, however many tries there are."""
    for server in (nameserver, second_nameserver):
        server.script("web.example", says("192.0.2.1"), type="A")
        server.script("web.example", silence, type="AAAA")
    result = await look_up("web.example", *[nameserver, second_nameserver] * 2, conf="options attempts:5", timeout=1.5)
    assert result.addresses == ["192.0.2.1"]
    assert result.lookup.end - result.lookup.start < 1.5e9


async def test_one_family_is_refused(nameserver, look_up):
    """Addresses of one family are enough when the other's question is answered SERVFAIL, and it is not asked again."""
    nameserver.script("web.example", says("192.0.2.1"), type="A")
    nameserver.script("web.example", fail_with("SERVFAIL"), type="AAAA")
    result = await look_up("web.example", nameserver)
    assert result.addresses == ["192.0.2.1"]
    assert [query.error for query in result.lookup.queries] == [None, "dns_server_failure"]


@pytest.mark.parametrize(
    ("behaviour", "error", "said"),
    [
        pytest.param(silence, "dns_server_failure", "closed the connection", id="closes"),
        pytest.param(garbage, "dns_server_failure", "sent garbage", id="garbage"),
        pytest.param(echo, "dns_server_failure", "something else", id="the question sent back"),
        pytest.param(under_a_wrong_id(GOOD), "dns_server_failure", "something else", id="wrong id"),
        pytest.param(truncated, "dns_server_failure", "truncated", id="truncated again"),
        pytest.param(fail_with("SERVFAIL"), "dns_server_failure", "SERVFAIL", id="SERVFAIL"),
        pytest.param(hold, "dns_timeout", "did not answer", id="holds the line"),
    ],
)
async def test_faults_by_tcp(nameserver, look_up, behaviour, error, said):
    """After a truncated answer each fault by TCP ends with its own error."""
    nameserver.script("web.example", truncated, transport="udp")
    nameserver.script("web.example", behaviour, transport="tcp")
    result = await look_up("web.example", nameserver, timeout=SHORT if error == "dns_timeout" else 3.0)
    assert result.error_type == error
    assert said in str(result.error)
