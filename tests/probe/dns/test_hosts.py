"""Any text is a hosts file, and what real ones say is understood."""

from hypothesis import given
from hypothesis import strategies as st

from otelnurse.probe.dns import hosts

POD = """\
# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-mcastprefix
10.244.1.7\tnurse-abc.nurses.ns.svc.cluster.local\tnurse-abc  # this pod

# Entries added by HostAliases.
10.0.0.9\tRegistry.Example registry.example.
10.0.0.10\tregistry.example
not-an-address\tbroken
10.0.0.11
"""


def test_a_pods_hosts_file():
    """Aliases, several addresses of a name, comments and case mean what they mean to the system."""
    found = hosts.parse(POD)
    assert hosts.addresses(found, "localhost") == ("127.0.0.1", "::1")
    assert hosts.addresses(found, "NURSE-abc") == ("10.244.1.7",)
    assert hosts.addresses(found, "nurse-abc.nurses.ns.svc.cluster.local.") == ("10.244.1.7",)
    assert hosts.addresses(found, "registry.example") == ("10.0.0.9", "10.0.0.10")
    assert hosts.addresses(found, "this") == ()
    assert hosts.addresses(found, "broken") == ()


@given(st.text())
def test_any_text_is_understood(text):
    """No text makes the parser fail, and each name that it finds has an address."""
    assert all(hosts.parse(text).values())
