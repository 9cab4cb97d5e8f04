"""The pictures in docs/img, taken of a running demo: ``make screenshots``."""

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.parts.binaries import REPOSITORY
from tests.parts.browser import chromium, fresh_page
from tests.parts.nurses import process_environment
from tests.parts.process import Process
from tests.parts.waiting import eventually

IMAGES = REPOSITORY / "docs" / "img"
_WIDE, _PHONE = {"width": 1200, "height": 860}, {"width": 390, "height": 844}
_NODE_1 = re.compile(r"node-1\s+(http://\S+?)/(?:alive|ui/)\n")
_SICK = "#neighbours .cell.failing"
_A_WHILE = re.compile(r"for [3-9] s")
_SOME_HISTORY = 45
"""Runs, so that strips are no longer empty."""


def main() -> None:
    """Start a demo, wait until a nurse is sick, and take pictures of what the others see."""
    IMAGES.mkdir(exist_ok=True)
    log = REPOSITORY / ".cache" / "screenshots.log"
    log.unlink(missing_ok=True)
    demo = Process(
        [sys.executable, "-m", "otelnurse", "demo", "--nurses", "8", "--interval", "1s"],
        ready=lambda: log.exists() and "all nurses are up" in log.read_text(),
        log=log,
        environment=process_environment({}),
    )
    demo.start()
    try:
        with chromium() as browser:
            _take(browser, _address(demo.output()))
    finally:
        demo.stop()


def _take(browser: Browser, url: str) -> None:
    with fresh_page(browser, viewport=_WIDE, color_scheme="light") as (page, _):
        page.goto(f"{url}/ui/")
        eventually(lambda: _runs(page) >= _SOME_HISTORY, what="some history", within=120)
        _until_sick(page)
        _shoot(page, "page.png")
        waterfall = page.locator("article.tile", has_text="API server by name").locator("a").get_attribute("href")
    with fresh_page(browser, viewport=_PHONE, color_scheme="dark") as (page, _):
        page.goto(f"{url}/ui/")
        _until_sick(page)
        _shoot(page, "phone.png")
    with fresh_page(browser, viewport={"width": 1000, "height": 620}, color_scheme="dark") as (page, _):
        page.goto(f"{url}/ui/{waterfall}")
        page.locator("#table tbody a").nth(5).click()
        page.locator("table.waterfall").wait_for()
        _shoot(page, "waterfall.png", whole=True)


def _until_sick(page: Page) -> None:
    page.locator(_SICK).first.wait_for(timeout=120_000)
    page.locator("#sentence.failing h1", has_text=_A_WHILE).wait_for()


def _runs(page: Page) -> int:
    label = page.locator("svg.strip").first.get_attribute("aria-label") or "0"
    return int(label.split()[0])


def _address(output: str) -> str:
    found = _NODE_1.search(output)
    if not found:
        raise SystemExit(f"the demo did not say where node-1 is:\n{output}")
    return found[1]


def _shoot(page: Page, name: str, *, whole: bool = False) -> None:
    path: Path = IMAGES / name
    page.screenshot(path=path, full_page=whole)
    print(f"{path.relative_to(REPOSITORY)}  {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
