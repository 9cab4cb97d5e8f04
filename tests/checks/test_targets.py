"""What is asked, by which URL and in which order; all of it from settings, as a nurse has them."""

from pathlib import Path

import pytest

from otelnurse.checks.path import neighbour, origin_of
from otelnurse.discovery.neighbour import Neighbour
from otelnurse.nurse.targets import authorities, make_plan, not_made
from otelnurse.probe.target import Target
from otelnurse.settings import load

CLUSTER = {
    "KUBERNETES_SERVICE_HOST": "10.96.0.1",
    "OTELNURSE_INGRESS_URL": "https://nurse.example.com",
    "OTELNURSE_SERVICE_URL": "https://nurse.ns.svc.cluster.local:8443",
    "OTELNURSE_EXTRA_CHECKS": "one:https://one.example.com/|two:http://two.example.com/x?y=z",
    "OTELNURSE_NODE_NAME": "node-a",
}


def plan(environ, host="127.0.0.1"):
    """The checks of a nurse with these settings, two neighbours included."""
    made = make_plan(load(environ).settings, host, 8080)
    made.neighbours_changed([Neighbour("node-b", "10.0.0.2", 8080, zone="z"), Neighbour("node-c", "2001:db8::3", 9090)])
    return {target.name: target for target in made.targets()}


def test_a_round_begins_with_the_loopback_probe_and_ends_with_the_neighbours():
    """The order of a round does not depend on the order of the settings."""
    assert list(plan(CLUSTER)) == [
        "loopback",
        "api_server_direct",
        "api_server_dns",
        "me_ingress",
        "me_service",
        "one",
        "two",
        "path_node-b",
        "path_node-c",
    ]


def test_urls():
    """Each check asks where kubenurse's would; IPv6 addresses stand in brackets."""
    assert {name: target.url for name, target in plan(CLUSTER, "::1").items()} == {
        "loopback": "http://[::1]:8080/alwayshappy",
        "api_server_direct": "https://10.96.0.1:443/version",
        "api_server_dns": "https://kubernetes.default.svc.cluster.local:443/version",
        "me_ingress": "https://nurse.example.com/alwayshappy",
        "me_service": "https://nurse.ns.svc.cluster.local:8443/alwayshappy",
        "one": "https://one.example.com/",
        "two": "http://two.example.com/x?y=z",
        "path_node-b": "http://10.0.0.2:8080/alwayshappy",
        "path_node-c": "http://[2001:db8::3]:9090/alwayshappy",
    }


@pytest.mark.parametrize("host", ["fd00::1", "[fd00::1]"])
def test_an_api_server_with_an_ipv6_address(host):
    """Kubernetes gives it without brackets, people may write them."""
    assert plan({"KUBERNETES_SERVICE_HOST": host})["api_server_direct"].url == "https://[fd00::1]:443/version"


@pytest.mark.parametrize("url", ["http://nurse.example.com/sub", "http://nurse.example.com/sub/"])
def test_the_slash_at_the_end_of_a_base_does_not_matter(url):
    """A base URL may have a path, and a slash after it."""
    asked = plan({"OTELNURSE_INGRESS_URL": url, "OTELNURSE_SERVICE_URL": url})
    assert asked["me_ingress"].url == asked["me_service"].url == "http://nurse.example.com/sub/alwayshappy"


@pytest.mark.parametrize("name", ["api_server_direct", "api_server_dns", "me_ingress", "me_service"])
def test_each_check_can_be_switched_off(name):
    """What is switched off is not asked, and all others are."""
    asked = plan(CLUSTER | {f"OTELNURSE_CHECK_{name.upper()}": "false"})
    assert plan(CLUSTER).keys() - asked.keys() == {name}


def test_what_lacks_its_address_is_told():
    """A check that is on and has nobody to ask is not made, and there is a sentence for it."""
    nobody = load({}).settings
    assert set(plan({})) == {"loopback", "path_node-b", "path_node-c"}
    assert [sentence.split()[0] for sentence in not_made(nobody)] == [
        "OTELNURSE_CHECK_API_SERVER_DIRECT",
        "OTELNURSE_CHECK_API_SERVER_DNS",
        "OTELNURSE_CHECK_ME_INGRESS",
        "OTELNURSE_CHECK_ME_SERVICE",
    ]
    assert not list(not_made(load(CLUSTER).settings))


def test_neighbours_are_told_who_asks(tmp_path):
    """The header is kubenurse's, so that both can live in one mesh; nobody else gets it."""
    (tmp_path / "token").write_text("token")
    asked = plan(CLUSTER | {"OTELNURSE_SERVICE_ACCOUNT_DIR": str(tmp_path)})
    told = {name for name, target in asked.items() if "KUBENURSE-NEIGHBOUR-ORIGIN" in target.headers()}
    assert told == {"path_node-b", "path_node-c"}
    assert dict(asked["path_node-b"].headers()) == {"KUBENURSE-NEIGHBOUR-ORIGIN": "node-a"}


def test_neighbours_are_named_by_node_and_zone():
    """Results of a path tell whose it is; a zone that is not known is left out."""
    asked = plan(CLUSTER)
    assert (asked["path_node-b"].peer_node, asked["path_node-b"].peer_zone) == ("node-b", "z")
    assert (asked["path_node-c"].peer_node, asked["path_node-c"].peer_zone) == ("node-c", None)


def test_neighbours_with_tls_are_held_to_a_name():
    """They are dialled by address, which no certificate names: the service's name counts, or the one that is set."""
    it = Neighbour("node-b", "10.0.0.2", 8443)
    target = neighbour(it, 5.0, origin_of("a"), scheme="https", verify=True, server_name="nurse.ns.svc")
    assert (target.url, target.server_name) == ("https://10.0.0.2:8443/alwayshappy", "nurse.ns.svc")
    assert plan(CLUSTER)["path_node-b"].server_name == "nurse.ns.svc.cluster.local"
    assert plan(CLUSTER | {"OTELNURSE_TLS_SERVER_NAME": "n.example"})["path_node-b"].server_name == "n.example"


def test_redirects_are_followed_where_kubenurse_follows_them_and_a_token_is_not_at_stake():
    """Ingress and extra checks follow, unless told not to; nothing else ever does."""

    def following(environ):
        return {name for name, target in plan(environ).items() if target.follow_redirects}

    assert following(CLUSTER) == {"me_ingress", "one", "two"}
    assert following(CLUSTER | {"OTELNURSE_FOLLOW_REDIRECTS": "false"}) == set()


def unverified(environ) -> set[str]:
    """The checks for which a certificate's fault does not count."""
    return {name for name, target in plan(environ).items() if not target.verify}


def test_insecure_never_holds_for_an_api_server_whose_authority_is_known(tmp_path: Path):
    """With the service account's CA there is no reason to trust less; without it INSECURE holds for it too."""
    account = CLUSTER | {"OTELNURSE_SERVICE_ACCOUNT_DIR": str(tmp_path), "OTELNURSE_INSECURE": "true"}
    everything = plan(account).keys() - {"loopback"}
    assert unverified(account) == everything
    (tmp_path / "ca.crt").write_text("no certificate, but somebody meant one")
    assert unverified(account) == everything - {"api_server_direct", "api_server_dns"}
    assert unverified(account | {"OTELNURSE_INSECURE": "false"}) == set()


def test_a_broken_cluster_authority_is_told_and_stops_nobody(tmp_path: Path):
    """A ca.crt of no use is left out of what is trusted, with a sentence that names it; the nurse goes on."""
    file = tmp_path / "ca.crt"
    file.write_text("garbage")
    settings = load(CLUSTER | {"OTELNURSE_SERVICE_ACCOUNT_DIR": str(tmp_path)}).settings
    assert authorities(settings) == []
    (sentence,) = not_made(settings)
    assert str(file) in sentence
    assert "no PEM certificate" in sentence


def test_names_are_unique():
    """Results are kept by name: no two checks of a nurse have the same."""
    made = make_plan(load(CLUSTER).settings, "127.0.0.1", 8080)
    made.neighbours_changed([Neighbour(f"node-{n}", f"10.0.0.{n}", 8080) for n in range(5)])
    names = [target.name for target in made.targets()]
    assert len(names) == len(set(names))
    assert all(isinstance(target, Target) for target in made.targets())
