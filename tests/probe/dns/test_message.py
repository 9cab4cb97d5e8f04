"""What comes from the network is read without trust."""

import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelnurse.probe.dns.message import GarbledError, Question, Reply, answers, decode
from tests.probe.dns.nameserver import Asked, says

QUESTION = Question("Web.example", "A")
SENT = QUESTION.encode(4711, edns=True)
ANSWER = says("192.0.2.1", cnames=["a.example."], nsid=b"one")(Asked(dns.message.from_wire(SENT), "udp", 1))[0]


@given(st.one_of(st.binary(max_size=600), st.binary(max_size=600).map(lambda tail: ANSWER[:12] + tail)))
def test_any_octets(octets):
    """No octets make the reader fail in another way than by saying that they make no sense."""
    if answers(SENT, octets):
        try:
            reply = decode(octets)
        except GarbledError:
            return
        assert isinstance(reply, Reply)


@given(st.data())
def test_a_damaged_answer(data):
    """An answer that was damaged anywhere is read or refused; nothing else happens."""
    damaged = bytearray(ANSWER)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(2, len(ANSWER) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(damaged[: data.draw(st.integers(0, len(ANSWER)))])
    if answers(SENT, cut):
        try:
            reply = decode(cut)
        except GarbledError:
            return
        assert len(reply.addresses) <= 1


def test_the_question_in_other_letters():
    """An answer that repeats the name in other letters is the answer; one to another type or name is not."""
    assert answers(SENT, ANSWER)
    assert answers(Question("wEB.EXAMPLE", "A").encode(4711, edns=False), ANSWER)
    assert not answers(Question("web.example", "AAAA").encode(4711, edns=False), ANSWER)
    assert not answers(Question("web.examplf", "A").encode(4711, edns=False), ANSWER)
    assert not answers(Question("web.example", "A").encode(4712, edns=False), ANSWER)


@pytest.mark.parametrize("edns", [True, False])
def test_a_question_is_what_it_says(edns):
    """What is sent is one recursive question, with EDNS asking for NSID, under the id that was given."""
    for identifier in (0, 4711, 65535):
        message = dns.message.from_wire(QUESTION.encode(identifier, edns=edns))
        assert message.id == identifier
        assert [rrset.to_text() for rrset in message.question] == ["Web.example. IN A"]
        assert message.edns == (0 if edns else -1)
        assert [int(option.otype) for option in message.options] == ([3] if edns else [])
