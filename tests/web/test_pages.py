"""What the nurse's pages say, asked over a real connection of a nurse in this process."""

import json
import socket

import anyio
import httpx
import pytest

from tests.parts import nurses
from tests.parts.process import free_port

pytestmark = pytest.mark.anyio

FLAT = {"api_server_direct", "api_server_dns", "me_ingress", "me_service"}
REQUEST = {"headers", "user_agent", "request_uri", "remote_addr"}
NEIGHBOURHOOD = {"neighbourhood_state", "neighbourhood"}


def discovery(tmp_path, *targets):
    """Settings that make neighbours of ``(node, port)`` pairs."""
    file = tmp_path / "nurses.json"
    groups = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"node": node, "pod": f"pod-{node}"}} for node, port in targets
    ]
    file.write_text(json.dumps(groups))
    return {"OTELNURSE_DISCOVERY": f"file_sd:{file}"}


async def report_with(client, name, **query):
    """The report of /alive as soon as it tells of ``name``."""

    async def look():
        report = (await client.get("/alive", params=query)).json()
        return report if report["last_check_result"].get(name, "pending") != "pending" else None

    return await nurses.eventually(look, what=f"{name} in /alive")


async def test_always_happy_answers_whatever_is_asked():
    """200 without a body for GET, HEAD and POST, and how long that took."""
    async with nurses.running() as nurse, nurses.asking(nurse) as client:
        for method in ("GET", "HEAD", "POST"):
            answer = await client.request(method, "/alwayshappy", content=b"x" * 100_000 if method == "POST" else None)
            assert (answer.status_code, answer.content) == (200, b"")
            metric, _, milliseconds = answer.headers["server-timing"].partition(";dur=")
            assert metric == "app"
            assert float(milliseconds) >= 0


async def test_alive_has_both_of_kubenurses_shapes(tmp_path):
    """The README's flat keys and 1.15's last_check_result stand in one pretty-printed object."""
    async with nurses.running() as other:
        environ = discovery(tmp_path, ("node-b", other.port)) | {
            "OTELNURSE_INGRESS_URL": f"http://127.0.0.1:{other.port}",
            "OTELNURSE_EXTRA_CHECKS": f"site:http://127.0.0.1:{other.port}/alwayshappy",
        }
        async with nurses.running(environ) as nurse, nurses.asking(nurse, headers={"X-Who": "me"}) as client:
            report = await report_with(client, "path_node-b", a="1")
            text = (await client.get("/alive")).text
    assert report.keys() == FLAT | REQUEST | NEIGHBOURHOOD | {"hostname", "last_check_result", "site"}
    results = report["last_check_result"]
    assert results.keys() == FLAT | NEIGHBOURHOOD | {"site", "path_node-b"}
    assert {name: results[name] for name in FLAT} == {
        "api_server_direct": "skipped",
        "api_server_dns": "skipped",
        "me_ingress": "ok",
        "me_service": "skipped",
    }
    assert all(report[name] == results[name] for name in FLAT | NEIGHBOURHOOD | {"site"})
    expected = {"PodName": "pod-node-b", "PodIP": "127.0.0.1", "HostIP": "", "NodeName": "node-b", "Phase": "Running"}
    assert (report["neighbourhood_state"], report["neighbourhood"]) == ("ok", [expected])
    assert (report["hostname"], report["request_uri"], report["headers"]["X-Who"]) == ("nurse-a", "/alive?a=1", ["me"])
    assert report["user_agent"].startswith("python-httpx/")
    assert report["remote_addr"].startswith("127.0.0.1:")
    assert text.splitlines()[1].startswith(' "')


@pytest.mark.parametrize(("status", "expected"), [("strict", 500), ("always200", 200)])
async def test_alive_says_by_its_status_that_not_all_is_well(tmp_path, status, expected):
    """A neighbour that refuses makes it 500, or 200 for who asks for kubenurse's way; the reason stands there."""
    environ = discovery(tmp_path, ("node-b", free_port())) | {"OTELNURSE_ALIVE_STATUS": status}
    async with nurses.running(environ) as nurse, nurses.asking(nurse) as client:
        report = await report_with(client, "path_node-b")
        answer = await client.get("/alive")
    assert answer.status_code == expected
    assert report["last_check_result"]["path_node-b"].startswith("connection_refused: connect to 127.0.0.1:")


async def test_alive_is_well_without_anybody_to_ask():
    """What is switched off or not there to be asked is no fault."""
    async with nurses.running() as nurse, nurses.asking(nurse) as client:
        answer = await client.get("/alive")
    assert (answer.status_code, answer.json()["neighbourhood_state"]) == (200, "skipped")


async def test_an_unknown_neighbourhood_is_not_well(tmp_path):
    """A source that never answered leaves the neighbourhood unknown, with the reason, and /alive is 500."""
    environ = {"OTELNURSE_DISCOVERY": f"file_sd:{tmp_path}/missing.json"}
    async with nurses.running(environ) as nurse, nurses.asking(nurse) as client:
        answer = await client.get("/alive")
    assert answer.status_code == 500
    assert answer.json()["neighbourhood_state"].startswith("unknown: ")
    assert "missing.json" in answer.json()["neighbourhood_state"]


async def test_a_switched_off_neighbourhood_is_skipped(tmp_path):
    """CHECK_NEIGHBOURHOOD=false is well, also when the source would not answer."""
    environ = {"OTELNURSE_DISCOVERY": f"file_sd:{tmp_path}/missing.json", "OTELNURSE_CHECK_NEIGHBOURHOOD": "false"}
    async with nurses.running(environ) as nurse, nurses.asking(nurse) as client:
        answer = await client.get("/alive")
    assert (answer.status_code, answer.json()["neighbourhood_state"]) == (200, "skipped")


async def test_a_check_that_has_not_ended_is_pending():
    """Before its first result a check is neither ok nor failed, and not all is known to be well."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environ = {"OTELNURSE_EXTRA_CHECKS": f"silent:{url}", "OTELNURSE_CHECK_TIMEOUT": "1h"}
        async with nurses.running(environ) as nurse, nurses.asking(nurse) as client:
            await nurses.eventually(lambda: nurse.history.runs("loopback")[1:], what="two rounds")
            answer = await client.get("/alive")
    assert (answer.status_code, answer.json()["silent"]) == (500, "pending")


async def test_ready_and_the_pages_there_are():
    """/ leads to /alive, /ready is 200, and what there is not is 404."""
    async with nurses.running() as nurse, nurses.asking(nurse) as client:
        root = await client.get("/")
        assert (root.status_code, root.headers["location"]) == (301, "/alive")
        assert (await client.get("/ready")).status_code == 200
        assert (await client.get("/nothing")).status_code == 404
        assert (await client.post("/alive")).status_code == 405


async def test_not_ready_while_stopping_and_still_happy():
    """From the stop on endpoints are told to leave this nurse out, while who asks it nevertheless is answered."""
    async with nurses.running({"OTELNURSE_SHUTDOWN_DURATION": "3s"}) as nurse, nurses.asking(nurse) as client:
        nurse.stop()
        assert (await client.get("/ready")).status_code == 503
        assert (await client.get("/alwayshappy")).status_code == 200
        assert (await client.get("/alive")).status_code == 200


async def test_metrics_are_in_prometheus_text_format():
    """The content type is the one that Prometheus looks for, and the nurse's own numbers stand there."""
    async with nurses.running() as nurse, nurses.asking(nurse) as client:
        await nurses.eventually(lambda: nurse.history.latest().get("loopback"), what="a round")
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "\notelnurse_fever_seconds_count" in answer.text


async def test_no_metrics_where_they_are_pushed_alone():
    """With METRICS=otlp there is nothing to scrape, and the answer says why."""
    async with nurses.running({"OTELNURSE_METRICS": "otlp"}) as nurse, nurses.asking(nurse) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 404
    assert "OTELNURSE_METRICS=otlp" in answer.text


async def test_askers_are_counted_once_each():
    """Who asks with kubenurse's header is counted by the name in it, and the number stands in the metrics."""
    async with nurses.running() as nurse, nurses.asking(nurse) as client:
        for node in ("node-b", "node-c", "node-b"):
            await client.get("/alwayshappy", headers={"KUBENURSE-NEIGHBOUR-ORIGIN": node})
        text = (await client.get("/metrics")).text
    assert "otelnurse_neighbour_incoming 2.0" in text


async def test_a_hundred_askers_are_served_at_once():
    """However many ask for /alive at the same time, each gets an answer."""
    async with nurses.running() as nurse, nurses.asking(nurse, limits=httpx.Limits(max_connections=100)) as client:
        answers = []

        async def ask():
            answers.append((await client.get("/alive")).status_code)

        with anyio.fail_after(nurses.WAIT):
            async with anyio.create_task_group() as askers:
                for _ in range(100):
                    askers.start_soon(ask)
    assert answers == [200] * 100


async def test_idle_connections_are_closed_at_the_end():
    """A neighbour that keeps its connection learns of the nurse's end at once, not at its next check."""
    async with nurses.running() as nurse:
        stream = await anyio.connect_tcp("127.0.0.1", nurse.port)
        await stream.send(b"GET /alwayshappy HTTP/1.1\r\nHost: nurse\r\n\r\n")
        assert (await stream.receive()).startswith(b"HTTP/1.1 200")
        nurse.stop()
        with anyio.fail_after(nurses.WAIT), pytest.raises(anyio.EndOfStream):
            await stream.receive()
        await stream.aclose()
