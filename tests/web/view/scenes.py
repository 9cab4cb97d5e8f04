"""Histories as a nurse would have kept them, told in a few words."""

from otelnurse.discovery.neighbour import Neighbour
from otelnurse.probe.errors import ErrorType, Phase
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import Hop, Lookup, Outcome, Query, Timeline
from otelnurse.web.view.snapshot import Snapshot

NS = 1_000_000_000
NOW = 1_800_000_000.0
INTERVAL = 5.0
FIXED = {
    "loopback": Target("loopback", "loopback", "http://127.0.0.1:8080/alwayshappy", 5.0),
    "direct": Target("api_server_direct", "api_server_direct", "https://10.96.0.1/version", 5.0),
    "dns": Target("api_server_dns", "api_server_dns", "https://kubernetes.default.svc/version", 5.0),
    "ingress": Target("me_ingress", "me_ingress", "https://nurse.example/alwayshappy", 5.0),
    "service": Target("me_service", "me_service", "http://otelnurse.kube-system/alwayshappy", 5.0),
}
NAMED = ("dns", "ingress", "service")
"""Those that need a nameserver."""
DNS_FAULTS = {ErrorType.DNS_TIMEOUT, ErrorType.DNS_SERVER_FAILURE}


def path(node):
    """The check of one neighbour."""
    return Target("path", f"path_{node}", f"http://{node}:8080/alwayshappy", 5.0, peer_node=node)


def run(target, ago, error=None, *, duration=0.001, named=False, fever=()):
    """One run that began ``ago`` seconds before now."""
    start = round((NOW - ago) * NS)
    phase = Phase.DNS if error in DNS_FAULTS else Phase.CONNECT if error else None
    timeline = Timeline(target, start, 0, end=start + round(duration * NS), fever=fever, trace_id=f"{start:032x}"[:32])
    timeline.outcome = Outcome(error and str(error), phase, f"{error} happened" if error else "")
    hop = Hop("GET", target.url, "host", 80, start, start + round(duration * NS))
    if named:
        query = Query("10.96.0.10:53", "A", "host.", "udp", start, start + 1000, "NOERROR")
        hop.lookup = Lookup("host", start, start + 1000, ("10.0.0.1",), "dns", [query])
        if phase is Phase.DNS:
            hop.lookup.error = query.error = error
    timeline.hops.append(hop)
    return timeline


def history(target, errors="." * 20, *, named=False, kind=ErrorType.CONNECTION_REFUSED, duration=0.001):
    """Runs at the interval until now: ``.`` went well, ``x`` failed."""
    return [
        run(target, (len(errors) - 1 - place) * INTERVAL, kind if sign == "x" else None, named=named, duration=duration)
        for place, sign in enumerate(errors)
    ]


def snapshot(checks, neighbours=(), *, state="ok", askers=(), trace_url=None):
    """A nurse that keeps ``checks``, a list of targets with their runs; ``neighbours`` are nodes."""
    failures = sorted((it for _, runs in checks for it in runs if not it.ok), key=lambda it: it.start)
    return Snapshot(
        now=NOW,
        instant=round(NOW * NS),
        node="node-1",
        pod="nurse-1",
        cluster="",
        interval=INTERVAL,
        targets=[target for target, _ in checks],
        runs=[runs for _, runs in checks],
        failures=failures[-50:],
        neighbours=[Neighbour(node, "10.0.0.1", 8080, pod=f"pod-{node}") for node in neighbours],
        neighbourhood_state=state,
        askers=askers,
        trace_url=trace_url,
    )


def nodes(number):
    """Names of neighbours."""
    return [f"node-{place}" for place in range(2, 2 + number)]


def cluster(number=10, *, state="ok", **faults):
    """A nurse with all fixed checks and so many neighbours.

    ``faults`` say by the fixed check's key, or by ``node_N``, what its runs were: a string of ``.`` and ``x``, or a
    pair of one with the error.
    """
    checks = []
    for key, target in {**FIXED, **{node.replace("-", "_"): path(node) for node in nodes(number)}}.items():
        told = faults.get(key, "." * 20)
        errors, kind = (told, ErrorType.CONNECTION_REFUSED) if isinstance(told, str) else told
        checks.append((target, history(target, errors, named=key in NAMED, kind=kind)))
    return snapshot(checks, nodes(number), state=state)
