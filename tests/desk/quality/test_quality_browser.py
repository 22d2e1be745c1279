"""Marking a chat of twenty messages by keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from cstrain.core.people.models import Person
from cstrain.desk.chats.models import ChatConversation
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, run, transaction
from tests.desk.quality.conftest import ChatDesk
from tests.plugins.browser import PHONE, OpenPage, accessibility_problems
from tests.plugins.server import served
from tests.plugins.shop import SignIn, Someone

pytestmark = pytest.mark.browser
#: So many keys take a chat from the queue to saved: two for each of ten items, three more for the
#: line that shows why, and six to open it, to agree with three proposals, to comment and to save.
KEYS = 29
#: Counts in the browser what reaches a page, over all pages; Alt+N is one key as a chord.
COUNT_KEYS = """
addEventListener("keydown", ({ key, repeat }) => {
  if (repeat || ["Alt", "Control", "Shift", "Meta"].includes(key)) return;
  sessionStorage.keys = Number(sessionStorage.keys ?? 0) + 1;
}, true);
"""
TWENTY = tuple(
    (role, f"{text}{number}", 20)
    for number in range(10)
    for role, text in (("buyer", "这个能便宜点吗，第"), ("agent", "您好，满两件减十元，第"))
)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def marking(chat_desk: ChatDesk, sign_in: SignIn, open_page: OpenPage) -> Iterator[Page]:
    """The trainer's page of a drawn chat of twenty messages."""
    chat_desk.draw(chat_desk.chat(TWENTY))
    cookie = sign_in(chat_desk.trainer).get_cookie("session")
    assert cookie is not None
    with served(chat_desk.app) as address:
        page = open_page()
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page.goto(f"{address}/reviews/{chat_desk.review().id}")
        yield page


def test_a_chat_of_twenty_messages_goes_from_queue_to_saved_with_few_keys(
    chat_desk: ChatDesk, marking: Page
) -> None:
    marking.context.add_init_script(COUNT_KEYS)
    marking.goto(f"{marking.url.partition('/reviews')[0]}/queue")
    marking.keyboard.press("Alt+n")
    here = marking.locator(".criterion.is-here")
    for key, values in (
        ("facts", ["2", "l", "4", "Enter"]),  # not full: line 4 shows why
        ("need", ["3"]),
        ("warmth", ["3"]),
        ("handling", ["n"]),
        ("offer", ["3"]),
        ("forbidden", ["1"]),
        ("lure", ["1"]),
        ("privacy", ["1"]),
        ("root_cause", ["1"]),
        ("loss_reason", ["1"]),
    ):
        expect(here).to_have_attribute("data-key", key)
        for name in (*values, "u"):
            marking.keyboard.press(name)
    for _proposal in range(3):
        marking.keyboard.press("Enter")  # what rules propose and nothing speaks against
    marking.keyboard.press("Alt+4")
    expect(marking.locator("#open-count")).to_have_text("都批完了")
    marking.keyboard.press("Control+Enter")
    expect(marking.get_by_text("批改完了，学员会收到通知。")).to_be_visible()

    done = chat_desk.review()
    assert marking.evaluate("Number(sessionStorage.keys)") == KEYS
    assert done.score == pytest.approx(1 - 0.35 * 2 / 3 / 3)
    assert done.comment == "别急着推，先问一句用在哪、多大尺寸。"
    assert chat_desk.marks(done)["facts"].lines == ["4"]


def test_the_pages_of_a_marked_chat_can_be_used_by_everybody(
    chat_desk: ChatDesk, marking: Page, sign_in: SignIn
) -> None:
    before = accessibility_problems(marking)
    chat_desk.mark(chat_desk.review(), facts=1)
    cookie = sign_in(chat_desk.trainee).get_cookie("session")
    assert cookie is not None
    address = marking.url.partition("/reviews")[0]
    marking.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    marking.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    marking.goto(f"{address}/quality/chats/{chat_desk.review().subject_id}")

    assert before == []
    assert accessibility_problems(marking) == []
    assert marking.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_current_tab_is_in_sight_on_a_phone(chat_desk: ChatDesk, marking: Page) -> None:
    with chat_desk.app.app_context(), transaction():
        db.session.get_one(Person, chat_desk.trainer.id).language = "en"
    marking.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})

    marking.goto(f"{marking.url.partition('/reviews')[0]}/quality/estimates")

    current = marking.locator(".tabs [aria-current]")
    expect(current).to_have_text("How good overall?")
    expect(current).to_be_in_viewport(ratio=0.99)


def test_the_first_key_does_not_pass_over_what_is_open(marking: Page) -> None:
    here = marking.locator(".criterion.is-here")

    expect(here).to_have_attribute("data-key", "facts")
    for expected in ("facts", "need", "warmth"):
        marking.keyboard.press("u")
        expect(here).to_have_attribute("data-key", expected)


def test_the_frame_of_evidence_is_whole_under_the_pointer(marking: Page) -> None:
    line = marking.locator("#line-4")
    line.click()

    found = line.evaluate("(each) => [getComputedStyle(each).outlineWidth, each.className]")
    shadow = line.evaluate("(each) => getComputedStyle(each).boxShadow")

    assert found[0] == "2px"
    assert "is-evidence" in found[1]
    assert shadow == "none"


def test_an_agent_appeals_on_a_phone_and_another_decides_by_keys(
    chat_desk: ChatDesk, marking: Page, sign_in: SignIn
) -> None:
    address = marking.url.partition("/reviews")[0]
    chat_desk.now = utc_now()
    chat_desk.mark(chat_desk.review(), warmth=1)

    def become(who: Someone) -> None:
        cookie = sign_in(who).get_cookie("session")
        assert cookie is not None
        marking.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])

    become(chat_desk.trainee)
    marking.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    marking.goto(f"{address}/quality/mine")
    marking.locator(".list a").first.click()
    marking.get_by_role("button", name="我看过了").click()
    marking.get_by_text("有一项不同意，要申诉").click()
    marking.get_by_label("为什么不同意").fill("第 4 行我查过才回")
    problems = accessibility_problems(marking)
    marking.get_by_role("button", name="申诉").click()
    expect(marking.get_by_text("等另一位带教来定", exact=False).first).to_be_visible()

    become(chat_desk.manager)
    marking.set_viewport_size({"width": 1440, "height": 900})
    marking.goto(f"{address}/reviews/{chat_desk.review().id}")
    expect(marking.locator("#criterion-warmth")).to_be_focused()
    marking.keyboard.press("0")
    expect(marking.locator("#toasts")).to_contain_text("申诉不能改低")
    for key in ("3", "c"):
        marking.keyboard.press(key)
    marking.keyboard.type("查过了，改满分")
    marking.keyboard.press("Control+Enter")
    expect(marking.get_by_text("批改完了，学员会收到通知。")).to_be_visible()
    problems += accessibility_problems(marking)
    for path in ("/quality", "/reviews/agreement"):
        marking.goto(address + path)
        problems += accessibility_problems(marking)

    assert problems == []
    assert chat_desk.review().score == 1.0


def test_what_a_size_buys_follows_the_number_as_it_is_typed(
    chat_desk: ChatDesk, marking: Page
) -> None:
    with chat_desk.app.app_context(), transaction():
        run(update(ChatConversation).values(day=date(2020, 1, 1)))  # none came in lately
    marking.goto(f"{marking.url.partition('/reviews')[0]}/quality")
    buys = marking.locator("#buys")
    expect(buys).to_contain_text("看 30 条")

    marking.get_by_label("每人抽几条").fill("10")
    expect(buys).to_contain_text("看 100 条")
    marking.locator(".plan-advanced summary").click()
    marking.get_by_label("每隔几条抽一条").check()
    marking.get_by_label("几条里抽一条").fill("10")
    expect(buys).to_contain_text("每来 100 条大约看 10 条")
    marking.get_by_label("按批验收").check()
    expect(buys).to_contain_text("只说这一批收不收")

    assert accessibility_problems(marking) == []
    assert chat_desk.review().state == "open"
