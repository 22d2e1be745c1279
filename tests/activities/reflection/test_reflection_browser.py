"""The sheet in a real browser: an input method, a lost network, two windows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect

from tests.activities.reflection.reflection_course import TEXT, Desk
from tests.plugins.browser import (
    PHONE,
    OpenPage,
    accessibility_problems,
    eventually,
    intercepting,
)
from tests.plugins.server import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


@pytest.fixture
def sheet(desk: Desk, open_page: OpenPage) -> Iterator[Page]:
    """The trainee's browser on an empty sheet."""
    cookie = desk.page.get_cookie("session")
    assert cookie is not None
    url = desk.begin()
    with served(desk.app) as address:
        page = intercepting(open_page())
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page.goto(address + url)
        yield page


def path_of(page: Page) -> str:
    return "/" + page.url.split("/", 3)[3]


def compose(keys: CDPSession, letters: str) -> None:
    """Letters that the input method has not turned into characters yet."""
    for place in range(1, len(letters) + 1):
        preedit = {"text": letters[:place], "selectionStart": place, "selectionEnd": place}
        keys.send("Input.imeSetComposition", preedit)


def test_chinese_typed_through_an_input_method_is_counted_and_saved(
    desk: Desk, sheet: Page
) -> None:
    keys = sheet.context.new_cdp_session(sheet)
    sheet.focus("#text")

    compose(keys, "xiacixiankanzhong")
    sheet.wait_for_timeout(1000)
    while_composing = (desk.kept(path_of(sheet)), sheet.locator("#count").inner_text())
    keys.send("Input.insertText", {"text": "下次先看钟"})
    expect(sheet.locator("#saved")).to_have_text("已保存")

    assert while_composing == ("", "0 字")
    assert desk.kept(path_of(sheet)) == "下次先看钟"
    expect(sheet.locator("#count")).to_have_text("5 字，还差 15 字")
    sheet.reload()
    assert sheet.input_value("#text") == "下次先看钟"


def test_what_is_written_without_a_network_is_saved_when_it_is_back(
    desk: Desk, sheet: Page
) -> None:
    lost = sheet.context
    lost.set_offline(offline=True)
    sheet.fill("#text", "写在断网的时候")
    expect(sheet.locator("#saved")).to_contain_text("没连上")

    lost.set_offline(offline=False)

    expect(sheet.locator("#saved")).to_have_text("已保存")
    assert desk.kept(path_of(sheet)) == "写在断网的时候"


def test_what_a_closed_window_could_not_save_is_there_in_the_next(desk: Desk, sheet: Page) -> None:
    def refuse(route: Route) -> None:
        route.abort()

    sheet.route("**/draft", refuse)
    sheet.fill("#text", "窗口关了也在")
    expect(sheet.locator("#saved")).to_contain_text("没连上")
    address, context = sheet.url, sheet.context
    sheet.close()

    following = context.new_page()
    following.goto(address)

    assert following.input_value("#text") == "窗口关了也在"
    expect(following.locator("#saved")).to_have_text("已保存")
    assert desk.kept(path_of(following)) == "窗口关了也在"


def test_two_windows_never_write_over_each_other_unseen(desk: Desk, sheet: Page) -> None:
    other = sheet.context.new_page()
    other.goto(sheet.url)
    other.fill("#text", "那边的")
    expect(other.locator("#saved")).to_have_text("已保存")

    sheet.fill("#text", "这边的")
    expect(sheet.locator("#saved")).to_contain_text("别的窗口")
    before = desk.kept(path_of(sheet))
    sheet.get_by_role("button", name="用这里的").click()
    expect(sheet.locator("#saved")).to_have_text("已保存")

    assert before == "那边的"
    assert desk.kept(path_of(sheet)) == "这边的"


def test_a_text_is_handed_in_and_leaves_nothing_in_the_browser(desk: Desk, sheet: Page) -> None:
    url = path_of(sheet)
    sheet.fill("#text", "太短")
    sheet.get_by_role("button", name="交给带教").click()
    expect(sheet.get_by_text("才写了 2 字，这一篇要 20 字。")).to_be_visible()
    problems = accessibility_problems(sheet)

    sheet.fill("#text", TEXT)
    sheet.get_by_role("button", name="照样交").click()

    expect(sheet.get_by_role("heading", name="交上去了，等带教批改。")).to_be_visible()
    eventually(sheet, "!Object.keys(localStorage).some((key) => key.startsWith('refl'))")
    assert desk.kept(url) == TEXT
    assert problems + accessibility_problems(sheet) == []


def test_the_pages_fit_a_phone(sheet: Page) -> None:
    sheet.set_viewport_size(PHONE)  # type: ignore[arg-type]
    address = sheet.url.rsplit("/", 1)[0]

    for url in (sheet.url, f"{address}/look-back"):
        sheet.goto(url)
        width = sheet.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], url
        assert accessibility_problems(sheet) == []
