"""The API, and that it does what its description says."""

import json
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import settings

from otelnurse.web.api.routes import DESCRIPTION
from tests.parts import nurses
from tests.parts.binaries import REPOSITORY
from tests.parts.process import free_port
from tests.parts.waiting import eventually
from tests.web.ui.stage import serving
from tests.web.view.scenes import cluster

schema = schemathesis.openapi.from_path(str(DESCRIPTION))


@pytest.fixture(scope="module")
def nurse(tmp_path_factory):
    """A real nurse with a neighbour that is well, one that refuses, and a check that has not ended yet."""
    folder: Path = tmp_path_factory.mktemp("api")
    with nurses.nurse_process({"OTELNURSE_NODE_NAME": "node-b"}) as other:
        targets = {"node-b": other.url.removeprefix("http://"), "node-c": f"127.0.0.1:{free_port()}"}
        groups = [{"targets": [it], "labels": {"node": node, "pod": f"pod-{node}"}} for node, it in targets.items()]
        (folder / "nurses.json").write_text(json.dumps(groups))
        environ = {
            "OTELNURSE_DISCOVERY": f"file_sd:{folder}/nurses.json",
            "OTELNURSE_TRACE_URL": "https://jaeger.example/trace/{trace_id}",
            "OTELNURSE_EXTRA_CHECKS": f"site:{other.url}/alwayshappy",
        }
        with nurses.nurse_process(environ) as it:
            eventually(lambda: it.get("/api/v1/failures").json()["failures"][2:], what="failures")
            yield it


@schema.parametrize()
@settings(max_examples=30, deadline=None, database=None)
def test_the_service_does_what_its_description_says(case, nurse):
    """Whatever is asked, good or bad: answers fit their schema, and no method or path does more than is described."""
    case.call_and_validate(base_url=nurse.url)


def test_the_description_is_the_one_in_the_docs(nurse):
    """What is served, shipped and documented is one."""
    assert nurse.get("/api/v1/openapi.json").text == DESCRIPTION.read_text()
    assert (REPOSITORY / "docs" / "openapi.json").read_text() == DESCRIPTION.read_text()


def test_everything_that_is_described_occurs(nurse):
    """The schema was not held against empty lists: there are checks with history, failures taken apart, neighbours."""
    checks = nurse.get("/api/v1/checks").json()
    assert [it["name"] for it in checks["checks"]] == ["loopback", "site"]
    assert checks["checks"][0]["history"]
    assert checks["sentence"]["mood"] == "failing"
    failure = nurse.get("/api/v1/failures").json()["failures"][0]
    assert (failure["check"], failure["error_type"], failure["phase"]) == (
        "path_node-c",
        "connection_refused",
        "connect",
    )
    assert failure["waterfall"][-1]["error"] == "connection_refused"
    neighbours = nurse.get("/api/v1/neighbours").json()["neighbours"]
    assert (neighbours[0]["node"], neighbours[0]["heat"]) == ("node-c", "failing")
    first = nurse.get("/api/v1/failures").json()["failures"][-1]
    assert neighbours[0]["check"]["since"] == pytest.approx(first["at"], abs=1)
    assert nurse.get(f"/ui/run/{failure['id']}").status_code == 200


def test_neighbours_can_be_filtered():
    """The query finds what the page's filter finds."""
    with serving(cluster(500, node_77="...x")) as stage:
        found = httpx.get(f"{stage.url}/api/v1/neighbours", params={"q": "failing"}, trust_env=False).json()
    assert [it["node"] for it in found["neighbours"]] == ["node-77"]
