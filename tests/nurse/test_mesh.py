"""Nurses that ask each other: traces that join, connections that are kept, and hanging neighbours that harm nobody."""

import json
import socket

import pytest

from tests.parts import nurses
from tests.parts.nurses import nurse_process
from tests.parts.otlp_sink import Sink
from tests.parts.process import free_port
from tests.parts.waiting import eventually


def discovery(folder, targets):
    """Settings that make neighbours of targets by node name."""
    file = folder / "nurses.json"
    file.write_text(json.dumps([{"targets": [it], "labels": {"node": node}} for node, it in targets.items()]))
    return {"OTELNURSE_DISCOVERY": f"file_sd:{file}"}


def joined(spans):
    """The spans of the first trace in which a neighbour's answer stands below the check that asked, by name."""
    for server in spans:
        if server.kind == server.SPAN_KIND_SERVER:
            tree = {span.name: span for span in spans if span.trace_id == server.trace_id}
            if "check path" in tree:
                return tree
    return None


def nodes(sink):
    """The node of the nurse that sent each span, by span id."""
    found = {}
    for request in sink.requests:
        for resource in request.resource_spans:
            told = {it.key: it.value.string_value for it in resource.resource.attributes}
            for scope in resource.scope_spans:
                found |= {span.span_id: told["k8s.node.name"] for span in scope.spans}
    return found


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_a_path_check_is_one_trace_of_both_nurses(tmp_path, protocol):
    """What node-a asks of node-b is a tree: root, request, connect, and node-b's answer below the request."""
    with Sink() as sink:
        endpoint = sink.grpc_endpoint if protocol == "grpc" else f"{sink.http_endpoint}/v1/traces"
        environ = {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        port = free_port()
        asked = discovery(tmp_path, {"node-b": f"127.0.0.1:{port}"})
        with (
            nurse_process(environ | {"OTELNURSE_NODE_NAME": "node-b"}, port=port),
            nurse_process(environ | asked | {"OTELNURSE_NODE_NAME": "node-a"}),
        ):
            tree = eventually(lambda: joined(sink.spans), what="a trace with an answer in it")
    root, client, connect, server = (tree[name] for name in ("check path", "GET", "socket connect", "GET /alwayshappy"))
    assert root.parent_span_id == b""
    assert client.parent_span_id == root.span_id
    assert connect.parent_span_id == server.parent_span_id == client.span_id
    kinds = [span.kind for span in (root, client, connect)]
    assert kinds == [root.SPAN_KIND_INTERNAL, root.SPAN_KIND_CLIENT, root.SPAN_KIND_INTERNAL]
    sent_by = nodes(sink)
    assert [sent_by[span.span_id] for span in (root, client, connect, server)] == ["node-a"] * 3 + ["node-b"]


@pytest.mark.anyio
async def test_connections_are_kept_where_that_is_wanted(tmp_path):
    """With REUSE_CONNECTIONS all checks of a neighbour after the first go over the first one's connection."""
    async with nurses.running() as other:
        environ = discovery(tmp_path, {"node-b": f"127.0.0.1:{other.port}"})
        async with nurses.running(environ | {"OTELNURSE_REUSE_CONNECTIONS": "true"}) as nurse:
            runs = await nurses.eventually(lambda: nurse.history.runs("path_node-b")[2:], what="three checks")
            first = nurse.history.runs("path_node-b")[0]
        assert not first.hops[0].reused
        assert all(run.ok and run.hops[0].reused and not run.hops[0].connects for run in runs)


@pytest.mark.anyio
async def test_connections_are_fresh_where_nothing_is_said(tmp_path):
    """By default each check connects anew, since that is what can fail."""
    async with nurses.running() as other:
        async with nurses.running(discovery(tmp_path, {"node-b": f"127.0.0.1:{other.port}"})) as nurse:
            runs = await nurses.eventually(lambda: nurse.history.runs("path_node-b")[1:], what="two checks")
        assert all(run.ok and run.hops[0].connects for run in runs)


@pytest.mark.anyio
async def test_hanging_neighbours_cost_the_others_no_check(tmp_path):
    """When one path in ten hangs until its deadline every other check still runs once a round.

    kubenurse's round lasts as long as its slowest check: in this case it made 12 rounds of 120.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
        async with nurses.running({"OTELNURSE_HTTP_ADDRESS": "0.0.0.0:0"}) as other:
            # Each neighbour has an address of its own in 127.0.0.0/8, all of which are this machine's.
            targets = {f"well-{n}": f"127.0.0.{n}:{other.port}" for n in range(2, 20)}
            targets |= {f"hangs-{n}": f"127.0.0.1:{silent.getsockname()[1]}" for n in range(2)}
            environ = discovery(tmp_path, targets) | {
                "OTELNURSE_NEIGHBOUR_LIMIT": "0",
                "OTELNURSE_CHECK_INTERVAL": "250ms",
                "OTELNURSE_CHECK_TIMEOUT": "2s",
            }
            async with nurses.running(environ) as nurse:
                history = nurse.history
                await nurses.eventually(history.failures, what="a hanging path to fail")
                first = history.runs("path_well-2")[0].start
                rounds = sum(run.start > first for run in history.runs("loopback"))
                runs = [len(history.runs(f"path_well-{n}")) for n in range(2, 20)]
    assert rounds >= 5, "several rounds began while the hanging ones were open"
    assert min(runs) >= rounds, "one in the round of the first and one in each after it, but for the round under way"
    assert {run.outcome.error_type for run in history.failures()} == {"response_timeout"}
