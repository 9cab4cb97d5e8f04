"""Debian's chromium, driven by Playwright, which downloads none of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, sync_playwright

from tests.parts.binaries import binary

ARGUMENTS = (
    "--headless",
    "--no-sandbox",  # which root cannot have
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 20_000
"""Milliseconds; an outer deadline for a loaded machine, not an expectation."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run one while the context lasts. Its loop runs in this thread: no asynchronous test can meanwhile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary("chromium"), args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Notes:
    """What a page did that nobody sees."""

    complaints: list[str] = field(default_factory=list)
    """What it wrote to the console, and errors of its script."""
    hosts: set[str] = field(default_factory=set)
    """Whom it asked for anything."""


@contextmanager
def fresh_page(browser: Browser, **context: object) -> Iterator[tuple[Page, Notes]]:
    """Open a page in a profile of its own, and take notes; ``context`` is what Playwright's ``new_context`` takes."""
    profile = browser.new_context(**context)  # type: ignore[arg-type]
    profile.set_default_timeout(PATIENCE)
    page, notes = profile.new_page(), Notes()
    page.on("console", lambda message: notes.complaints.append(message.text))
    page.on("pageerror", lambda error: notes.complaints.append(str(error)))
    page.on("request", lambda request: notes.hosts.add(request.url.split("/")[2]))
    try:
        yield page, notes
    finally:
        profile.close()
