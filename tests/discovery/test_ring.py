"""The ring is kubenurse's: known answers, worked out by hand from sha256sum, and what must hold for any cluster."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelnurse.discovery.neighbour import Neighbour
from otelnurse.discovery.ring import neighbours_of

# First 16 digits of `printf %s NAME | sha256sum`, in the order of the ring.
HASHES = {
    "node-2": "1779f59f4df251f6",
    "node-1": "35971be6e9bb024a",
    "knoten-ä": "505b2f17062f1cc7",
    "worker-a": "6a65e237ae44c428",
    "node-6": "6b8cc1547544e44f",
    "node-0": "7c6cc41e6bf72e7a",
    "node-4": "9bc63dae6e565eb2",
    "node-3": "a84cfe8a8631a26c",
    "node-5": "aac5cbd0a0796f9e",
    "node-7": "c346d3879a2150f0",
}
EVERYBODY = sorted(HASHES)


def nurses(names):
    """One neighbour for each node name."""
    return [Neighbour(name, "192.0.2.1", 8080) for name in names]


def chosen(node, names, limit):
    """The ring's choice by node name."""
    return [neighbour.node for neighbour in neighbours_of(node, nurses(names), limit)]


@pytest.mark.parametrize(
    ("node", "names", "limit", "expected"),
    [
        ("node-1", EVERYBODY, 3, ["knoten-ä", "worker-a", "node-6"]),
        ("node-5", EVERYBODY, 3, ["node-7", "node-2", "node-1"]),
        ("node-7", EVERYBODY, 1, ["node-2"]),
        ("node-2", EVERYBODY, 1, ["node-1"]),
        ("node-2", EVERYBODY, 0, list(HASHES)[1:]),
        ("node-0", EVERYBODY, 0, ["node-4", "node-3", "node-5", "node-7", *list(HASHES)[:5]]),
        ("node-1", ["node-1", "node-2", "node-3"], 10, ["node-3", "node-2"]),
        ("node-1", ["node-2", "node-3"], 10, ["node-3", "node-2"]),
        ("node-6", [name for name in EVERYBODY if name != "node-6"], 2, ["node-0", "node-4"]),
        ("node-1", ["node-1"], 10, []),
        ("node-1", [], 0, []),
    ],
    ids=[
        "three",
        "around the end",
        "one, around the end",
        "one",
        "all, from the start",
        "all, from the middle",
        "fewer nodes than N",
        "fewer nodes than N, own missing",
        "own missing",
        "alone",
        "nobody",
    ],
)
def test_known_answers(node, names, limit, expected):
    """A node asks those that follow it in the order of the hashes, around the end, and never itself."""
    assert chosen(node, names, limit) == expected


def test_a_second_pod_pushes_no_node_out():
    """A node with two pods is one neighbour, by its smallest address and port, and takes one place."""
    pods = [
        Neighbour("node-3", "192.0.2.9", 8080, pod="new"),
        Neighbour("node-3", "192.0.2.3", 8081, pod="other"),
        Neighbour("node-3", "192.0.2.3", 8080, pod="old"),
        *nurses(["node-1", "node-5", "node-7"]),
    ]
    picked = neighbours_of("node-4", pods, 2)
    assert [(neighbour.node, neighbour.pod) for neighbour in picked] == [("node-3", "old"), ("node-5", "")]


def test_another_pod_on_the_own_node_is_no_neighbour():
    """During a rolling update two nurses stand on one node; neither asks the other."""
    pods = [Neighbour("node-1", "192.0.2.1", 1), Neighbour("node-1", "192.0.2.2", 1), Neighbour("node-2", "::1", 1)]
    assert neighbours_of("node-1", pods, 2) == (Neighbour("node-2", "::1", 1),)


def test_a_negative_limit_is_refused():
    """A limit that makes no sense is named instead of cutting the list somewhere."""
    with pytest.raises(ValueError, match="is -1"):
        neighbours_of("node-1", [], -1)


CLUSTERS = st.lists(
    st.builds(
        Neighbour,
        node=st.text("abc", max_size=2),
        address=st.sampled_from(["192.0.2.1", "192.0.2.10", "2001:db8::1"]),
        port=st.integers(1, 3),
        pod=st.sampled_from(["p", "q"]),
    ),
    max_size=30,
)


@given(CLUSTERS, st.integers(0, 5), st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(candidates, limit, random):
    """Two nurses that learn the same set in different orders choose the same."""
    shuffled = candidates.copy()
    random.shuffle(shuffled)
    assert neighbours_of("a", shuffled, limit) == neighbours_of("a", candidates, limit)


@given(st.sets(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), min_size=2, max_size=20), st.data())
def test_each_node_is_asked_by_as_many_as_it_asks(names, data):
    """In any cluster each node is asked by exactly N others."""
    limit = data.draw(st.integers(1, len(names) - 1))
    asked = Counter(neighbour for name in names for neighbour in chosen(name, names, limit))
    assert asked == dict.fromkeys(names, limit)


def test_one_node_more_of_a_thousand_changes_only_its_surroundings():
    """One that joins 1,000 nodes gains N relations each way, and costs its N predecessors one of theirs each."""
    limit, names = 10, [f"ip-10-0-{i // 250}-{i % 250}.example" for i in range(1001)]

    def relations(cluster):
        pods = nurses(cluster)
        return {(name, other.node) for name in cluster for other in neighbours_of(name, pods, limit)}

    small, large = relations(names[:-1]), relations(names)
    assert Counter(to for _, to in large) == dict.fromkeys(names, limit)
    assert len(large - small) == 2 * limit
    assert len(small - large) == limit
