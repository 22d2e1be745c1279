"""The marking page in a real browser: by keys alone, and what is still open is told first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from cstrain.core.evidence.marks import Proposal, ReviewRequest
from tests.core.review.conftest import Desk
from tests.plugins.browser import PHONE, OpenPage, accessibility_problems
from tests.plugins.server import served
from tests.plugins.shop import SignIn

pytestmark = pytest.mark.browser


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    with served(desk.app) as address:
        yield address


@pytest.fixture
def marking(desk: Desk, sign_in: SignIn, open_page: OpenPage, address: str) -> Page:
    """The trainer's page of a review that waits."""
    desk.hand_in()
    cookie = sign_in(desk.trainer).get_cookie("session")
    assert cookie is not None
    page = open_page()
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page.goto(f"{address}/reviews/{desk.review().id}")
    return page


def test_a_review_is_marked_by_keys_alone(desk: Desk, marking: Page) -> None:
    keys = marking.keyboard
    keys.press("2")  # less than the rules propose
    expect(marking.locator("#saved")).to_have_text("已保存")
    keys.press("Control+Enter")
    expect(marking.get_by_text("没给满分，要选一行聊天做依据")).to_be_visible()
    still_open = desk.review().state
    keys.press("Shift+J")
    keys.press("Shift+J")
    keys.press("e")
    expect(marking.get_by_role("button", name="去掉第 2 行")).to_be_visible()
    keys.press("c")
    keys.type("运费说反了")
    keys.press("Escape")
    keys.press("j")
    keys.press("Enter")  # agrees with the rules
    expect(marking.locator("#open-count")).to_have_text("都批完了")
    expect(marking.locator("#score")).to_have_text("62.5 分")
    keys.press("Control+Enter")
    expect(marking.get_by_text("批改完了，学员会收到通知。")).to_be_visible()

    marks = desk.marks()
    assert still_open == "drafted"
    assert (marks["facts"].value, marks["facts"].lines) == (2, ["2"])
    assert marks["facts"].note == "运费说反了"
    assert desk.review().score == 0.625


def test_agreeing_takes_the_lines_that_rules_point_to_and_a_reload_loses_nothing(
    desk: Desk, marking: Page
) -> None:
    marking.keyboard.press("Enter")
    expect(marking.locator("#saved")).to_have_text("已保存")
    expect(marking.locator("#open-count")).to_have_text("还有 1 项没批完")
    marking.reload()

    expect(marking.get_by_role("button", name="去掉第 2 行")).to_be_visible()
    expect(marking.locator("#criterion-facts input[value='3']")).to_be_checked()
    assert desk.marks()["facts"].lines == ["2"]


def test_enter_keeps_what_the_trainer_has_given_and_goes_on(desk: Desk, marking: Page) -> None:
    keys = marking.keyboard
    keys.press("4")
    expect(marking.locator("#criterion-facts input[value='4']")).to_be_checked()
    keys.press("Enter")

    expect(marking.locator("#criterion-words")).to_be_focused()
    expect(marking.locator("#criterion-facts input[value='4']")).to_be_checked()
    expect(marking.locator("#saved")).to_have_text("已保存")
    assert desk.marks()["facts"].value == 4


def test_what_rules_cannot_tell_is_met_first_and_not_passed_over(
    desk: Desk, marking: Page, address: str
) -> None:
    desk.hand_in("drill", ReviewRequest("reception", {"facts": Proposal(0.8, lines=("2",))}))
    marking.goto(f"{address}/reviews/{desk.review().id}")
    words, facts = marking.locator("#criterion-words"), marking.locator("#criterion-facts")
    keys = marking.keyboard

    expect(words).to_be_focused()
    keys.press("Enter")
    expect(marking.locator("#toasts")).to_contain_text("这一项规则判不了，按数字打分")
    expect(words).to_be_focused()
    keys.press("9")
    expect(marking.locator("#toasts")).to_contain_text("没有这一档")
    keys.press("1")
    keys.press("Enter")  # the last one: back to what is still open
    expect(facts).to_be_focused()
    keys.press("k")
    keys.press("j")
    keys.press("u")
    expect(facts).to_be_focused()
    keys.press("Enter")
    expect(marking.locator("#open-count")).to_have_text("都批完了")


def test_a_line_is_given_by_its_number(desk: Desk, marking: Page) -> None:
    keys = marking.keyboard
    keys.press("2")
    expect(marking.get_by_text("没给满分，要选一行聊天做依据")).to_be_visible()
    marking.reload()
    expect(marking.get_by_text("没给满分，要选一行聊天做依据")).to_be_visible()
    keys.press("k")
    keys.press("j")
    keys.press("Enter")
    keys.press("u")  # nothing is unmarked, a line is missing
    expect(marking.locator("#criterion-facts")).to_be_focused()
    keys.press("l")
    keys.type("99")
    keys.press("Enter")
    expect(marking.locator("#toasts")).to_contain_text("聊天里没有第 99 行")
    keys.press("Control+a")
    keys.type("1")
    keys.press("Enter")

    expect(marking.locator("#criterion-facts")).to_be_focused()
    expect(marking.get_by_role("button", name="去掉第 1 行")).to_be_visible()
    expect(marking.locator("#saved")).to_have_text("已保存")
    assert desk.marks()["facts"].lines == ["1"]


def test_the_next_one_is_a_key_away_after_marking_and_from_the_first_page(
    desk: Desk, marking: Page, address: str
) -> None:
    first = desk.review().id
    desk.hand_in("drill")
    keys = marking.keyboard
    for key in ("Enter", "Enter", "Control+Enter"):
        keys.press(key)
    expect(marking.locator("#followed")).to_be_visible()
    expect(marking.locator(".review-score").first).to_have_text("81.2 分")
    keys.press("Enter")
    expect(marking).to_have_url(f"{address}/reviews/{desk.review().id}")
    marking.goto(f"{address}/")
    keys.press("Alt+n")
    expect(marking).to_have_url(f"{address}/reviews/{desk.review().id}")

    assert desk.review().id != first


def test_what_is_typed_outlives_a_reload_and_a_lost_log_in(
    desk: Desk, marking: Page, sign_in: SignIn, address: str
) -> None:
    keys = marking.keyboard
    keys.press("c")
    keys.type("运费说反了")
    expect(marking.locator("#saved")).to_have_text("已保存")  # without leaving the field
    marking.reload()
    expect(marking.locator("#criterion-facts textarea")).to_have_value("运费说反了")

    marking.context.clear_cookies()
    keys.press("2")
    expect(marking.locator("#saved")).to_contain_text("登录已结束")
    cookie = sign_in(desk.trainer).get_cookie("session")
    assert cookie is not None
    marking.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])

    expect(marking.locator("#saved")).to_have_text("已保存")
    expect(marking.locator("#criterion-facts input[value='2']")).to_be_checked()
    assert (desk.marks()["facts"].value, desk.marks()["facts"].note) == (2, "运费说反了")


def test_keys_do_nothing_outside_of_the_marking(desk: Desk, marking: Page) -> None:
    marking.get_by_role("link", name="批改", exact=True).focus()
    marking.keyboard.press("2")
    marking.keyboard.press("n")

    assert marking.locator("input:checked").count() == 0
    assert desk.review().revision == 0


def test_a_tap_marks_and_attaches_a_line_on_a_phone(desk: Desk, marking: Page) -> None:
    marking.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    facts = marking.locator("#criterion-facts")
    facts.get_by_text("2", exact=True).click()
    marking.locator("[data-line='1']").click()

    expect(facts.get_by_role("button", name="去掉第 1 行")).to_be_visible()
    expect(marking.locator("#open-count")).to_have_text("还有 1 项没批完")
    assert desk.marks()["facts"].lines == ["1"]
    assert accessibility_problems(marking) == []
