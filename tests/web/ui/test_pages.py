"""The page over HTTP: what it tells the browser, that it waits for nothing, and that it costs nothing before a look."""

import re
import socket
import subprocess
import sys

import httpx
import pytest

from tests.parts import nurses
from tests.web.ui.stage import serving
from tests.web.view.scenes import cluster

FILES = {"/ui/style.css": "text/css", "/ui/page.js": "text/javascript"}


@pytest.fixture
def client():
    """A client of a staged nurse."""
    with serving(cluster(node_3="...x")) as stage, httpx.Client(base_url=stage.url, trust_env=False) as it:
        yield it


@pytest.mark.parametrize("path", ["/ui/", "/ui/?q=%00", "/ui/check?name=loopback", "/ui/check", "/ui/run/1", *FILES])
def test_every_answer_is_under_a_strict_policy(client, path):
    """Nothing from elsewhere, nothing inline, no guessing of types, no address passed on."""
    headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_nothing_inline_and_nothing_from_elsewhere(client):
    """No style attribute, no inline script, and no absolute address but those of SVG's data."""
    text = client.get("/ui/").text
    assert " style=" not in text
    assert re.findall(r"<script(?![^>]*src)", text) == []
    assert re.findall(r'(?:href|src)="(?!data:)(?:https?:)?//', text) == []


def test_it_says_what_its_numbers_are_of(client):
    """Percentiles are of a hundred runs at most and of five minutes at most, and a skipped round is no loss."""
    text = client.get("/ui/").text
    assert "the last 100 runs that are at most five minutes old" in text
    assert "a round skipped while a run hangs is no run" in text


def test_files_have_their_types(client):
    """Style and script are called what they are, else nosniff keeps them from working."""
    for path, kind in FILES.items():
        assert client.get(path).headers["content-type"].startswith(kind)


def test_what_is_not_there_is_404(client):
    """A run that is kept no more and a check that is not made say so, with a way back."""
    for path in ("/ui/run/1", "/ui/check?name=nothing"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "All checks" in answer.text
    assert client.get("/ui/nothing").status_code == 404


def test_the_slash_may_be_left_out(client):
    """/ui leads to /ui/, relatively, so that it works behind a proxy's prefix as well."""
    answer = client.get("/ui")
    assert (answer.status_code, answer.headers["location"]) == (301, "ui/")


@pytest.mark.anyio
async def test_it_never_waits_for_the_network():
    """A check that hangs holds up /alive until its deadline, and the page not at all."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environ = {"OTELNURSE_EXTRA_CHECKS": f"silent:{url}", "OTELNURSE_CHECK_TIMEOUT": "1h"}
        async with nurses.running(environ) as nurse, nurses.asking(nurse) as client:
            await nurses.eventually(lambda: nurse.history.runs("loopback")[1:], what="two rounds")
            answer = await client.get("/ui/")
    assert answer.status_code == 200
    assert "no result yet from silent" in answer.text.lower()


def test_templates_are_loaded_when_somebody_looks():
    """Importing the web side, and the nurse, leaves jinja2 out."""
    code = "import sys, otelnurse.web.app, otelnurse.nurse; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
