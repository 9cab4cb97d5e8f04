"""The page in a real browser: as people see it, with a mouse, a keyboard, a phone, in the dark, and without script."""

import dataclasses
import json
import socket

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from otelnurse.probe.errors import ErrorType
from tests.parts import browser as parts
from tests.parts import nurses
from tests.web.ui.stage import serving
from tests.web.view.scenes import cluster, history, path, snapshot

FAILING = "." * 11 + "x" * 9
SICK = cluster(node_3=FAILING, ingress=(FAILING, ErrorType.TLS_CERTIFICATE_EXPIRED))
WELL = cluster()
NARROW, WIDE = {"width": 360, "height": 780}, {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def chromium():
    """One browser for all tests of this file."""
    with parts.chromium() as browser:
        yield browser


@pytest.fixture
def stage():
    """A nurse's pages, all well but what a test makes of it."""
    with serving(WELL) as it:
        yield it


@pytest.fixture
def opened(chromium, stage):
    """A page that must not complain and must ask nobody but its nurse."""
    with parts.fresh_page(chromium, viewport=WIDE) as (page, notes):
        yield page
        assert notes.complaints == []
        assert notes.hosts <= {stage.host}


def test_at_a_glance(opened, stage):
    """The sentence, a tile for each check, a row for each neighbour; the sick ones are told in words."""
    stage.snapshot = SICK
    opened.goto(f"{stage.url}/ui/")
    assert "TLS certificate expired for 40 s" in opened.locator("h1").inner_text()
    assert opened.locator("article.tile").count() == 5
    assert opened.locator("article.tile.failing h3").inner_text() == "Ingress"
    row = opened.locator("#neighbours tbody tr").first
    assert row.locator("th a").inner_text() == "node-3"
    assert "connection refused" in row.inner_text()
    assert opened.locator("#neighbours tbody tr").count() == 10


@pytest.mark.parametrize("place", [0, 50, 99])
@pytest.mark.parametrize("width", [360, 945, 1180, 1440])
def test_a_single_failure_is_visible_in_the_strip(opened, stage, width, place):
    """One failed run of a hundred is a bar of the strip's full height and at least two pixels wide."""
    stage.snapshot = cluster(ingress="." * place + "x" + "." * (99 - place))
    opened.set_viewport_size({"width": width, "height": 900})
    opened.goto(f"{stage.url}/ui/")
    tile = opened.locator("article.tile", has_text="ingress")
    bar, strip = tile.locator("rect.failing").bounding_box(), tile.locator("svg").bounding_box()
    assert bar["width"] >= 2
    assert bar["height"] == pytest.approx(strip["height"], abs=2)
    assert strip["x"] <= bar["x"]
    assert bar["x"] + bar["width"] <= strip["x"] + strip["width"] + 0.1


def test_it_updates_by_itself_and_says_so(opened, stage):
    """A neighbour that falls sick is shown without reloading, the news are read out, and the reader's place stays."""
    stage.snapshot = dataclasses.replace(WELL, interval=1.0)
    opened.goto(f"{stage.url}/ui/")
    opened.evaluate("window.neverReloaded = true")
    opened.locator("#neighbour-node-7").focus()
    assert "all is well" in opened.locator("#news").inner_text().lower()
    stage.snapshot = dataclasses.replace(SICK, interval=1.0)
    opened.locator("#sentence.failing").wait_for()
    assert "connection refused" in opened.locator("#news").text_content()
    assert opened.evaluate("window.neverReloaded && document.activeElement.id") == "neighbour-node-7"


def test_a_table_stays_where_it_was_scrolled_to(opened, stage):
    """Who reads down the list of neighbours is not thrown back to its top by the next round."""
    stage.snapshot = dataclasses.replace(cluster(60), interval=1.0)
    opened.goto(f"{stage.url}/ui/")
    opened.evaluate("document.getElementById('table').scrollTop = 400")
    stage.snapshot = dataclasses.replace(cluster(60, node_3=FAILING), interval=1.0)
    opened.locator("#neighbours .cell.failing").wait_for()
    assert opened.evaluate("document.getElementById('table').scrollTop") == 400


def test_it_says_when_a_check_is_made_no_more(chromium, stage):
    """A neighbour that leaves is not called a nurse that does not answer, and its page asks no more."""
    stage.snapshot = dataclasses.replace(WELL, interval=1.0)
    with parts.fresh_page(chromium) as (page, _):
        asked = []
        page.on("response", lambda answer: asked.append(answer.status) if "check?" in answer.url else None)
        page.goto(f"{stage.url}/ui/check?name=path_node-3")
        stage.snapshot = dataclasses.replace(cluster(1), interval=1.0)
        page.locator("#lost").wait_for(state="visible")
        assert "makes no such check, or makes it no more" in page.locator("#lost").inner_text()
        assert page.locator("h1").inner_text().lower() == "path to node-3"
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(2500)
        assert asked.count(404) == 1


def test_it_says_when_the_nurse_is_gone(chromium):
    """What is shown of a nurse that answers no more is called old."""
    with parts.fresh_page(chromium) as (page, _):
        with serving(dataclasses.replace(WELL, interval=1.0)) as stage:
            page.goto(f"{stage.url}/ui/")
            assert page.locator("#lost").is_hidden()
        page.locator("#lost").wait_for(state="visible")


def test_a_failure_opens_its_waterfall(opened, stage):
    """From the list of failures to the request taken apart, and back."""
    stage.snapshot = dataclasses.replace(SICK, trace_url="http://127.0.0.1:1/trace/{trace_id}")
    opened.goto(f"{stage.url}/ui/")
    opened.locator("#failures tbody a").first.click()
    opened.locator("table.waterfall").wait_for()
    assert opened.locator("table.waterfall tbody th").first.inner_text().startswith("GET http")
    link = opened.locator("a.out").get_attribute("href")
    assert link == f"http://127.0.0.1:1/trace/{opened.locator('code').inner_text()}"
    opened.get_by_role("link", name="All checks").click()
    opened.locator("#checks").wait_for()


def test_a_neighbour_is_found_among_500(opened, stage):
    """Typing narrows 500 neighbours down at once; the address keeps what was typed, for reloading and passing on."""
    stage.snapshot = cluster(500, node_77=FAILING)
    opened.goto(f"{stage.url}/ui/")
    assert opened.locator(".cell").count() == 500
    assert opened.locator(".cell.failing").count() == 1
    assert opened.locator("#neighbours tbody tr").count() == 50
    opened.get_by_label("Find neighbours").press_sequentially("failing")
    expect(opened.locator(".cell")).to_have_count(1, timeout=parts.PATIENCE)
    assert opened.locator("#neighbours tbody th a").all_inner_texts() == ["node-77"]
    assert opened.url.endswith("?q=failing")
    opened.reload()
    assert opened.get_by_label("Find neighbours").input_value() == "failing"
    assert opened.locator(".cell").count() == 1


def test_everything_works_without_script(chromium, stage):
    """Filtering, listing all, opening a failure, and being fresh every ten seconds."""
    stage.snapshot = cluster(500, node_77=FAILING)
    with parts.fresh_page(chromium, java_script_enabled=False) as (page, _):
        page.goto(f"{stage.url}/ui/")
        assert 'http-equiv="refresh"' in page.content()
        page.get_by_role("link", name="List all 500").click()
        assert page.locator("#neighbours tbody tr").count() == 500
        page.get_by_label("Find neighbours").fill("node-77")
        page.get_by_role("button", name="Filter").click()
        assert page.locator("#neighbours tbody tr").count() == 1
        page.locator("#neighbours tbody td a").click()
        assert page.locator("table.waterfall tr.error").count() == 1


def test_the_keyboard_alone_is_enough(opened, stage):
    """Skipping to the content, typing a filter and opening what was found need no mouse, and focus is always seen."""
    stage.snapshot = SICK
    opened.goto(f"{stage.url}/ui/")
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    assert opened.locator(".skip").bounding_box()["x"] >= 0
    opened.keyboard.press("Enter")
    seen = []
    for _ in range(40):
        opened.keyboard.press("Tab")
        seen.append(opened.evaluate("document.activeElement.id"))
        assert opened.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", seen
        if seen[-1] == "neighbour-node-3":
            break
    assert seen[:5] == [f"check-{check.name}" for check in SICK.targets[:5]]
    assert "q" in seen
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    opened.locator("table.waterfall").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_axe_finds_nothing_serious(chromium, stage, size, scheme):
    """No serious or critical finding of axe-core on any page, and nothing makes a phone scroll sideways."""
    stage.snapshot = dataclasses.replace(SICK, trace_url="http://127.0.0.1:1/{trace_id}")
    paths = ["/ui/", "/ui/check?name=path_node-3", f"/ui/run/{_identifier(SICK)}", "/ui/run/1"]
    axe = Axe()
    with parts.fresh_page(chromium, viewport=size, color_scheme=scheme, bypass_csp=True) as (page, _):
        for path_ in paths:
            page.goto(stage.url + path_)
            violations = axe.run(page).response["violations"]
            serious = [it for it in violations if it["impact"] in {"serious", "critical"}]
            assert [(it["id"], node["html"]) for it in serious for node in it["nodes"]] == [], path_
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path_


def test_a_hostile_name_harms_nobody(opened, stage):
    """A pod, a node and an asker called <script> are shown as text, and nothing of them runs."""
    evil = "<script>window.harmed=1</script>\"'><img src=x onerror=window.harmed=1>"
    checks = [(path(evil), history(path(evil), FAILING))]
    stage.snapshot = dataclasses.replace(snapshot(checks, [evil]), node=evil, pod=evil, cluster=evil)
    for page in ("/ui/", "/ui/?q=%3Cscript%3E", f"/ui/run/{_identifier(stage.snapshot)}"):
        opened.goto(stage.url + page)
        assert opened.evaluate("window.harmed") is None
        assert evil in opened.locator("header").inner_text()
    opened.goto(f"{stage.url}/ui/")
    opened.locator("#neighbours tbody th a").click()
    assert evil in opened.locator("h1").inner_text()
    assert opened.locator("img").count() == 0


def test_a_real_nurse_shows_a_neighbour_that_falls_sick(chromium, tmp_path):
    """While the page is open a neighbour stops listening: the page shows it, and its waterfall says where it failed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    group = [{"targets": [f"127.0.0.1:{port}"], "labels": {"node": "node-b", "pod": "nurse-b"}}]
    (tmp_path / "nurses.json").write_text(json.dumps(group))
    environ = {"OTELNURSE_DISCOVERY": f"file_sd:{tmp_path}/nurses.json", "OTELNURSE_CHECK_INTERVAL": "500ms"}
    with nurses.nurse_process(environ) as nurse, parts.fresh_page(chromium) as (page, notes):
        with nurses.nurse_process({"OTELNURSE_NODE_NAME": "node-b"}, port=port):
            page.goto(f"{nurse.url}/ui/")
            page.locator(".cell.fast, .cell.moderate, .cell.lossy, .cell.slow").wait_for()
        page.locator(".cell.failing").wait_for()
        page.locator("#sentence.failing").wait_for()
        page.locator("#failures tbody a").first.click()
        page.locator("tr.depth1.error").wait_for()
        assert "socket connect" in page.locator("tr.depth1.error th").inner_text()
        assert (notes.complaints, notes.hosts) == ([], {nurse.url.removeprefix("http://")})


def _identifier(taken):
    """The last failure's."""
    last = taken.failures[-1]
    return last.unix_ns(last.start)
