"""The sentence that somebody needs at night: what fails, since when, how far it goes, and what is fine."""

import dataclasses

import pytest

from otelnurse.probe.errors import ErrorType
from otelnurse.web.view.view import view_of
from tests.web.view.scenes import DNS_FAULTS, FIXED, cluster, history, path, snapshot

FAILING = "." * 11 + "x" * 9
"""For 40 seconds at an interval of 5."""
ALWAYS = "x" * 20
FINE = "API server, ingress and service fine; DNS fine"
ALL = ["direct", "dns", "ingress", "service", *(f"node_{place}" for place in range(2, 12))]

CASES = {
    "all well": (cluster(), "ok", "All is well: API server, ingress, service, DNS and 10 neighbours fine"),
    "one path refuses": (
        cluster(node_3=FAILING),
        "failing",
        f"Path to node-3: connection refused for 40 s, 1 of 10 neighbours affected; {FINE}",
    ),
    "a failure of right now": (
        cluster(node_3="." * 19 + "x"),
        "failing",
        f"Path to node-3: connection refused just now, 1 of 10 neighbours affected; {FINE}",
    ),
    "three paths refuse": (
        cluster(node_3=FAILING, node_5=FAILING, node_6=FAILING),
        "failing",
        f"Paths to node-3, node-5 and node-6: connection refused for 40 s, 3 of 10 neighbours affected; {FINE}",
    ),
    "paths fail for different reasons": (
        cluster(
            node_2=FAILING,
            node_3=(FAILING, ErrorType.RESPONSE_TIMEOUT),
            node_4=FAILING,
            node_5=FAILING,
            node_6=FAILING,
        ),
        "failing",
        (
            "Paths to node-2, node-4 and 2 more: connection refused for 40 s; path to node-3: no response in time "
            f"for 40 s, 5 of 10 neighbours affected; {FINE}"
        ),
    ),
    "DNS broken": (
        cluster(**dict.fromkeys(("dns", "ingress", "service"), (FAILING, ErrorType.DNS_TIMEOUT))),
        "failing",
        (
            "DNS: nameserver does not answer for 40 s, API server by name, ingress and service affected; "
            "API server by address fine; 10 neighbours fine"
        ),
    ),
    "a name that is not there is no fault of DNS": (
        cluster(ingress=(FAILING, ErrorType.HOST_NOT_FOUND)),
        "failing",
        "Ingress: name not found for 40 s; API server and service fine; DNS fine; 10 neighbours fine",
    ),
    "the ingress's certificate expired": (
        cluster(ingress=(FAILING, ErrorType.TLS_CERTIFICATE_EXPIRED)),
        "failing",
        "Ingress: TLS certificate expired for 40 s; API server and service fine; DNS fine; 10 neighbours fine",
    ),
    "a bad status": (
        cluster(service=(FAILING, "503")),
        "failing",
        "Service: answers 503 for 40 s; API server and ingress fine; DNS fine; 10 neighbours fine",
    ),
    "everything down": (
        cluster(**dict.fromkeys(ALL, (ALWAYS, ErrorType.NETWORK_UNREACHABLE))),
        "failing",
        "Everything fails: network unreachable for at least 1 min; nobody answers, so look at this node first",
    ),
    "everything down, one after the other": (
        cluster(**dict.fromkeys(ALL, ALWAYS) | {"node_3": FAILING}),
        "failing",
        "Everything fails: connection refused for 40 s; nobody answers, so look at this node first",
    ),
    "everything answers, but badly": (
        cluster(2, **dict.fromkeys(ALL[:6], (FAILING, "503"))),
        "failing",
        (
            "Paths to node-2 and node-3: answers 503 for 40 s, 2 of 2 neighbours affected; "
            "API server by address, API server by name, ingress and service: answers 503 for 40 s; DNS fine"
        ),
    ),
    "everything refuses, but one answers with a certificate": (
        cluster(1, **dict.fromkeys(ALL[:5], FAILING) | {"ingress": (FAILING, ErrorType.TLS_CERTIFICATE_EXPIRED)}),
        "failing",
        (
            "Path to node-2: connection refused for 40 s, 1 of 1 neighbours affected; "
            "API server by address, API server by name and service: connection refused for 40 s; "
            "ingress: TLS certificate expired for 40 s; DNS fine"
        ),
    ),
    "nothing known yet": (
        cluster(**dict.fromkeys(["loopback", *ALL], "")),
        "pending",
        "Nothing is known yet, the first results are awaited",
    ),
    "one result missing": (
        cluster(service=""),
        "uneasy",
        "API server and ingress fine; DNS fine; 10 neighbours fine; no result yet from service",
    ),
    "neighbourhood unknown": (
        cluster(0, state="unknown: file_sd: no such file"),
        "uneasy",
        f"{FINE}; neighbours unknown: file_sd: no such file",
    ),
    "failures that are over": (
        cluster(node_3="....x.........x....."),
        "uneasy",
        (
            "All answer now; 2 failures in the last 5 minutes, the last 25 s ago (path to node-3, connection refused); "
            f"{FINE}; 10 neighbours fine"
        ),
    ),
    "failures that are over, and one not asked yet": (
        cluster(node_3="....x....x.....", service=""),
        "uneasy",
        (
            "Nothing fails now; 2 failures in the last 5 minutes, the last 25 s ago (path to node-3, connection "
            "refused); API server and ingress fine; DNS fine; 10 neighbours fine; no result yet from service"
        ),
    ),
    "failures of neighbours that are gone": (
        dataclasses.replace(
            snapshot([(FIXED["loopback"], history(FIXED["loopback"]))]), failures=history(path("node-2"), "xx")
        ),
        "uneasy",
        (
            "Nobody is there to ask now; 2 failures in the last 5 minutes, the last 0 s ago (path to node-2, "
            "connection refused)"
        ),
    ),
    "more failures than are kept": (
        cluster(1, node_2="x" * 55 + "."),
        "uneasy",
        (
            "All answer now; at least 50 failures in the last 5 minutes, the last 5 s ago (path to node-2, connection "
            f"refused); {FINE}; 1 neighbour fine"
        ),
    ),
    "the API server by address alone": (
        cluster(direct=FAILING),
        "failing",
        (
            "API server by address: connection refused for 40 s; API server by name, ingress and service fine; "
            "DNS fine; 10 neighbours fine"
        ),
    ),
    "failures of long ago": (
        cluster(node_3="x" + "." * 70),
        "ok",
        "All is well: API server, ingress, service, DNS and 10 neighbours fine",
    ),
    "nobody to ask": (
        snapshot([(FIXED["loopback"], history(FIXED["loopback"]))]),
        "ok",
        "All is well, but nobody is there to ask",
    ),
}


@pytest.mark.parametrize(("taken", "mood", "text"), CASES.values(), ids=CASES)
def test_sentence(taken, mood, text):
    """Every situation has its sentence, and a mood for its colour."""
    said = view_of(taken).sentence
    assert (said.text, said.mood) == (text, mood)


@pytest.mark.parametrize("step", [-3600.0, 3600.0], ids=["back", "on"])
@pytest.mark.parametrize("node_3", [FAILING, "....x.........x....."], ids=["failing", "over"])
def test_a_step_of_the_wall_clock_changes_no_age(step, node_3):
    """Who sets the clock by an hour makes no failure an hour older, and no number one of long ago."""
    taken = cluster(node_3=node_3)
    stepped = dataclasses.replace(taken, now=taken.now + step)
    before, after = view_of(taken), view_of(stepped)
    assert after.sentence == before.sentence
    assert [it.p50 for it in after.checks] == [it.p50 for it in before.checks] == [pytest.approx(0.001)] * 5
    assert after.neighbours[0].check.p95 is not None


def test_the_gist_stays_the_same_while_time_passes():
    """What is read out does not change only because a failure has lasted longer."""
    sooner, later = (view_of(cluster(node_3="." * 20 + "x" * number)).sentence for number in (3, 9))
    assert sooner.text != later.text
    assert sooner.gist == later.gist
    assert "connection refused" in sooner.gist


@pytest.mark.parametrize("error", [ErrorType.HOST_NOT_FOUND, ErrorType.DNS_TIMEOUT])
def test_a_nameserver_at_fault_does_not_blame_the_node(error):
    """Names that nobody resolves fail all who need names; that is told as it is."""
    checks = [(FIXED[key], history(FIXED[key], FAILING, named=True, kind=error)) for key in ("ingress", "service")]
    assert "look at this node" not in view_of(snapshot(checks)).sentence.text


@pytest.mark.parametrize("error", ErrorType)
def test_every_error_type_has_words(error):
    """None of the closed set is shown as a word with underscores."""
    said = view_of(cluster(ingress=(FAILING, error))).sentence.text
    assert said.startswith("DNS: " if error in DNS_FAULTS else "Ingress: ")
    assert "_" not in said
