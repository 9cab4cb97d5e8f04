"""The answers of the API as plain objects; ``openapi.json`` describes them."""

from dataclasses import asdict

from otelnurse.web.view.model import Check, Details, NeighbourView
from otelnurse.web.view.neighbours import matching
from otelnurse.web.view.runs import details, slowest
from otelnurse.web.view.snapshot import Snapshot
from otelnurse.web.view.view import view_of

Body = dict[str, object]


def checks(snapshot: Snapshot) -> Body:
    """All checks but the neighbours', with their history, and the sentence."""
    view = view_of(snapshot)
    return {
        **_who(snapshot),
        "sentence": asdict(view.sentence),
        "checks": [_check(it) | {"history": [asdict(mark) for mark in it.history]} for it in view.checks],
    }


def failures(snapshot: Snapshot) -> Body:
    """The last failures, newest first, and the slowest successes, each with its waterfall."""
    return {
        **_who(snapshot),
        "failures": [_details(details(it, snapshot.trace_url)) for it in reversed(snapshot.failures)],
        "slowest": [_details(details(it, snapshot.trace_url)) for it in slowest(snapshot)],
    }


def neighbours(snapshot: Snapshot, query: str) -> Body:
    """The neighbours that ``query`` matches, the worst first, and who asked this nurse."""
    view = view_of(snapshot)
    return {
        **_who(snapshot),
        "state": view.neighbourhood_state,
        "neighbours": [_neighbour(it) for it in matching(view.neighbours, query)],
        "askers": [asdict(it) for it in view.askers],
    }


def _who(snapshot: Snapshot) -> Body:
    return {"now": snapshot.now, "node": snapshot.node, "pod": snapshot.pod, "cluster": snapshot.cluster}


def _check(check: Check) -> Body:
    return {
        "name": check.name,
        "type": check.type,
        "title": check.title,
        "state": check.state,
        "since": check.since,
        "p50": check.p50,
        "p95": check.p95,
        "loss": check.loss,
        "kept": check.kept,
        "failed": check.failed,
        "last": asdict(check.last) if check.last else None,
    }


def _neighbour(it: NeighbourView) -> Body:
    return {
        "node": it.node,
        "pod": it.pod,
        "address": it.address,
        "port": it.port,
        "zone": it.zone,
        "heat": it.heat,
        "check": _check(it.check),
    }


def _details(it: Details) -> Body:
    return asdict(it.run) | {"waterfall": [asdict(row) for row in it.rows]}
