"""Which DNS queries count as the cluster's own."""

import re
import time

import pytest

from otelnurse.probe.timeline import Query
from tests.parts import nurses

pytestmark = pytest.mark.anyio


class Asked:
    """A resolver that says it asked a nameserver, and knows one address."""

    async def resolve(self, host, lookup, timeout):  # noqa: ARG002 - the resolver's own signature
        """Fill ``lookup`` as for a name that a nameserver knew."""
        now = time.monotonic_ns()
        lookup.queries.append(Query("10.0.0.10", "udp", host, "A", sent=now, answered=now))
        return ["127.0.0.1"]


@pytest.mark.parametrize(
    ("api_server", "name", "zone"),
    [
        ("kubernetes.default.svc.ward.example", "a.b.svc.ward.example", "cluster"),
        ("kubernetes.default.svc.ward.example", "a.b.svc.cluster.local", "external"),
        ("localhost", "a.b.svc.cluster.local", "cluster"),
    ],
)
async def test_the_cluster_domain_is_that_of_the_api_server(api_server, name, zone):
    """In a cluster with a domain of its own, names under it are the cluster's; where none is named, Kubernetes' own."""
    environ = {
        "OTELNURSE_KUBERNETES_SERVICE_DNS": api_server,
        "OTELNURSE_EXTRA_CHECKS": f"site:http://{name}:1/",
    }
    async with nurses.running(environ, resolver=Asked()) as nurse, nurses.asking(nurse) as client:
        await nurses.eventually(lambda: "site" in nurse.history.latest(), what="a result")
        text = (await client.get("/metrics")).text
    queries = [line for line in text.splitlines() if line.startswith("otelnurse_dns_queries_total{")]
    assert re.findall(r'zone="(\w+)"', "".join(queries)) == [zone]
