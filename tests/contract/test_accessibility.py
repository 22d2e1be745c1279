"""Every page of every role is for everybody: axe-core, the console and the width of a phone.

Pages come from the routes (``tests/plugins/pages.py``). In an ordinary run each page is opened in
two of four looks, which together show it in both languages, both themes and both widths; with
``CSTRAIN_EVERY_LOOK=1`` in all eight. axe-core reads a page when it holds a kind of element that no
page before it held in this look; the records of two people often differ in words alone.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Response
from playwright.sync_api import Page as Window

from tests.plugins.actors import Actor, Site
from tests.plugins.browser import DESKTOP, PHONE, TIMEOUT_MS, accessibility_problems
from tests.plugins.pages import Page, pages_of
from tests.plugins.server import served

pytestmark = pytest.mark.browser

#: The view that answers with a piece of a page.
SEARCH = "home.search"
#: What a console may not say.
PROBLEMS = {"error", "warning"}
#: Cookies know no ports.
ANYWHERE = "http://127.0.0.1"
EVERY_LOOK = bool(os.environ.get("CSTRAIN_EVERY_LOOK"))


@dataclass(frozen=True, slots=True)
class Look:
    """A language, a theme and a width."""

    language: str
    theme: str
    width: int

    def __str__(self) -> str:
        return f"{self.language} {self.theme} {self.width} px"


#: Two looks for pages at even places, two for those at odd ones.
PAIRS = (
    (Look("zh", "light", 1440), Look("en", "dark", 360)),
    (Look("zh", "dark", 360), Look("en", "light", 1440)),
)
ALL_LOOKS = [Look(*look) for look in product(("zh", "en"), ("light", "dark"), (1440, 360))]
LOOKS = ALL_LOOKS if EVERY_LOOK else [look for pair in PAIRS for look in pair]

#: Every kind of element of a page, with those around it and without its words: all that rules about
#: elements look at.
KINDS = """() => {
  const TOLD = /^(id|class|role|type|tabindex|lang|scope|for|name|hidden|disabled|open|aria-.*)$/;
  const hasWords = (node) => [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const mark = ({ name, value }) =>
    `${name}=${name === "aria-label" ? Boolean(value) : value.replace(/\\d+/g, "0")}`;
  const found = new Set();
  const walk = (node, around) => {
    const marks = [...node.attributes].filter((each) => TOLD.test(each.name)).map(mark);
    const kind = `${around}<${node.localName} ${marks.join(" ")} ${hasWords(node)}>`;
    found.add(kind);
    for (const child of node.children) walk(child, kind);
  };
  walk(document.documentElement, "");
  return [...found];
}"""

#: Words that their box cuts off, and things that stand out of the window.
CUT_OFF = """() => {
  const UNSEEN = "svg, .visually-hidden, .skip, .brand span, .desk-tools span";
  const named = (node) => node.localName + (node.className ? "." + node.className : "");
  const hasWords = (node) => [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const mayScroll = (node) => {
    for (let each = node; each && each !== document.body; each = each.parentElement) {
      const { overflowX, position } = getComputedStyle(each);
      if (overflowX !== "visible" || position === "fixed") return true;
    }
    return false;
  };
  const found = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push(`the page is ${wide} px wider than the window`);
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest(UNSEEN) || !hasWords(node)) continue;
    if (!node.checkVisibility({ visibilityProperty: true })) continue;
    const { display, overflowX, textOverflow } = getComputedStyle(node);
    const out = node.scrollWidth - node.clientWidth;
    const cuts = /hidden|clip/.test(overflowX) && textOverflow !== "ellipsis";
    if (cuts && out > 1) found.push(`${named(node)} cuts its words`);
    if (display === "inline" || mayScroll(node)) continue;
    if (out > 1) found.push(`words stand out of ${named(node)} by ${out} px`);
    if (node.getBoundingClientRect().right > innerWidth + 1) {
      found.push(`${named(node)} stands out of the window`);
    }
  }
  return [...new Set(found)];
}"""


@dataclass(slots=True)
class Walk:
    """What a walk through the pages found, and the kinds of elements that axe-core has read."""

    found: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def watched(self, context: BrowserContext) -> Window:
        """A window whose console and scripts are listened to."""

        def console(message: ConsoleMessage) -> None:
            # The browser remarks by itself that a page answered 409.
            if message.type in PROBLEMS and "Failed to load resource" not in message.text:
                self.found.append(f"console: {message.text}")

        context.on("console", console)
        context.on("weberror", lambda error: self.found.append(f"script: {error.error}"))
        return context.new_page()

    def visit(self, window: Window, address: str, page: Page) -> None:
        """Open a page and note everything that is wrong with it."""
        opened = find_by_keyboard if page.endpoint == SEARCH else open_address
        response = opened(window, address, page.url)
        status = response.status if response else 0
        asked = response.request.redirected_from if response else None
        if status != page.status and not (asked and page.status in {301, 302, 303}):
            self.found.append(f"answers {status}")
        self.found += window.evaluate(CUT_OFF)
        kinds = set(map(hash, window.evaluate(KINDS)))
        if not kinds <= self.seen:
            self.seen |= kinds
            self.found += [problem.split(" ", 1)[1] for problem in accessibility_problems(window)]


@pytest.mark.timeout(1200)  # hundreds of pages
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_of_every_role_is_for_everybody(
    look: Look, site: Site, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    wrong: list[str] = []
    walk = Walk()
    caplog.set_level(logging.WARNING, logger="werkzeug")
    site.dress(language=look.language, theme=look.theme)
    pages = pages_of(site)

    with served(site.app) as address:
        for actor in site.actors:
            with signed_in(browser, site, actor, look) as context:
                window = walk.watched(context)
                for page in shown_in(look, pages, actor):
                    walk.visit(window, address, page)
                    wrong += [f"{page.url} as {actor.name}: {what}" for what in walk.found]
                    walk.found.clear()

    assert not wrong, f"{len(wrong)} problems in {look}:\n" + "\n".join(wrong)


def open_address(window: Window, address: str, url: str) -> Response | None:
    """Open a page, as by a link."""
    return window.goto(address + url, wait_until="load")


def find_by_keyboard(window: Window, address: str, url: str) -> Response | None:
    """Ask what the search's address asks, in its dialog, where alone the answer is shown."""
    response = window.goto(f"{address}/", wait_until="load")
    window.keyboard.press("/")
    words = parse_qs(urlsplit(url).query).get("q", [""])[0]
    if words:
        with window.expect_response(lambda found: "/search" in found.url):
            window.locator("dialog.search input").fill(words)
        window.locator(".search-results > *").first.wait_for()
    return response


def shown_in(look: Look, pages: list[Page], actor: Actor) -> list[Page]:
    """The actor's pages that this look is for."""
    return [
        page
        for place, page in enumerate(pages)
        if page.actor == actor and (EVERY_LOOK or look in PAIRS[place % 2])
    ]


@contextmanager
def signed_in(browser: Browser, site: Site, actor: Actor, look: Look) -> Iterator[BrowserContext]:
    """A browser profile of the actor's, in a look."""
    context = browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport=DESKTOP if look.width == DESKTOP["width"] else PHONE,  # type: ignore[arg-type]
        reduced_motion="reduce",
        color_scheme="dark" if look.theme == "dark" else "light",
    )
    context.set_default_timeout(TIMEOUT_MS)
    cookies = {"language": look.language, "theme": look.theme}
    if actor.id:
        signed = site.client(actor).get_cookie("session")
        assert signed is not None
        cookies["session"] = signed.value
    context.add_cookies(
        [{"name": name, "value": value, "url": ANYWHERE} for name, value in cookies.items()]
    )
    yield context
    context.close()
