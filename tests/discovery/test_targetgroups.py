"""Target groups are Prometheus's; what is wrong with a document is said so that it can be put right."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelnurse.discovery.neighbour import Neighbour
from otelnurse.discovery.targetgroups import MAX_BYTES, TargetGroupsError, parse


def test_groups_become_neighbours():
    """Each target of each group is a neighbour with the group's labels; other labels do not disturb."""
    document = [
        {
            "targets": ["192.0.2.1:8080", "nurse.example:1"],
            "labels": {"node": "a", "zone": "z", "pod": "p", "__meta_url": "x", "job": "y"},
        },
        {"targets": ["[2001:db8::1]:65535"], "labels": {"node": "b"}},
        {"targets": []},
    ]
    assert parse(json.dumps(document).encode()) == (
        Neighbour("a", "192.0.2.1", 8080, pod="p", zone="z"),
        Neighbour("a", "nurse.example", 1, pod="p", zone="z"),
        Neighbour("b", "2001:db8::1", 65535),
    )


@pytest.mark.parametrize("labels", ["", ', "labels": {}', ', "labels": null', ', "labels": {"node": ""}'])
def test_without_a_node_the_host_stands_for_it(labels):
    """Outside Kubernetes a list of addresses is enough."""
    document = f'[{{"targets": ["192.0.2.1:1", "[::1]:2"]{labels}}}]'
    assert parse(document.encode()) == (Neighbour("192.0.2.1", "192.0.2.1", 1), Neighbour("::1", "::1", 2))


def test_nobody_is_an_answer():
    """An empty list says that nobody is there."""
    assert parse(b"[]") == ()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"", "not JSON"),
        (b'[{"targets": ["192.0.2.1:1"', "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 5_000, "not JSON"),
        (b"{}", "a list of target groups is expected, not an object"),
        (b"null", "a list of target groups is expected, not null"),
        (b'[{"targets": []}, null]', "group 1: an object with targets and labels is expected, not null"),
        (b'[{"targets": [], "label": {}}]', "group 0: unknown field 'label'"),
        (b'[{"labels": {}}]', "group 0: targets must be a list of host:port, not null or missing"),
        (b'[{"targets": "192.0.2.1:1"}]', "group 0: targets must be a list of host:port, not a string"),
        (b'[{"targets": [], "labels": []}]', "group 0: labels must be an object, not a list"),
        (b'[{"targets": [], "labels": {"node": 7}}]', "group 0: label node must be a string, not a number"),
        (b'[{"targets": [], "labels": {"zone": true}}]', "group 0: label zone must be a string, not a boolean"),
        (b'[{"targets": [], "labels": {"node": "a\\nb"}}]', r"group 0: label node has unprintable characters: 'a\nb'"),
        (b'[{"targets": [], "labels": {"node": "\\ud800"}}]', "group 0: label node has unprintable characters"),
        (b'[{"targets": [8080]}]', "group 0: target 8080: must be a string host:port, not a number"),
        (b'[{"targets": ["192.0.2.1"]}]', "group 0: target '192.0.2.1': must be host:port"),
        (b'[{"targets": ["192.0.2.1:"]}]', "group 0: target '192.0.2.1:': must be host:port"),
        (b'[{"targets": ["192.0.2.1:http"]}]', "must be host:port"),
        (b'[{"targets": ["192.0.2.1:0"]}]', "the port must be between 1 and 65535"),
        (b'[{"targets": ["192.0.2.1:65536"]}]', "the port must be between 1 and 65535"),
        (b'[{"targets": ["::1:8080"]}]', "an IPv6 address in brackets"),
        (b'[{"targets": ["[fe80::1%eth0]:8080"]}]', "must be an IPv6 address without a scope"),
        (b'[{"targets": ["[nurse]:8080"]}]', "what stands in brackets must be an IPv6 address"),
        (b'[{"targets": [":8080"]}]', "group 0: target ':8080': the address is empty"),
        (b'[{"targets": ["[]:8080"]}]', "the address is empty"),
        (b'[{"targets": ["0.0.0.0:8080"]}]', "the unspecified address"),
        (b'[{"targets": ["[0:0::0]:8080"]}]', "the unspecified address"),
        (b'[{"targets": ["http://nurse:8080"]}]', "must be host:port"),
        (b'[{"targets": ["nurse:8080/path"]}]', "must be host:port"),
        (b'[{"targets": ["user@nurse:8080"]}]', "neither an IP address nor a host name"),
        (b" " * (MAX_BYTES + 1), "longer than 16777216 bytes"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_what_is_wrong_is_said(document, words):
    """A faulty document is refused as a whole, and the error names group, target and what would be right."""
    with pytest.raises(TargetGroupsError) as refused:
        parse(document)
    assert words in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["targets", "labels", "node", "pod", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=64))
def test_nothing_else_is_raised(document):
    """Whatever a document holds, it is neighbours or one kind of error."""
    try:
        found = parse(document)
    except TargetGroupsError:
        found = ()
    assert all(neighbour.node and neighbour.address and neighbour.port for neighbour in found)
