"""An exam in a real browser: keyboard, lost network, a second tab, the clock, no scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from cstrain.activities.quiz import service
from cstrain.activities.quiz.papers import Question
from cstrain.core.items.item import Kind
from tests.activities.quiz.conftest import sitting as _sitting
from tests.activities.quiz.quiz_course import Sitting, answer_to
from tests.plugins.browser import PHONE, OpenPage, accessibility_problems, intercepting
from tests.plugins.server import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
sitting = _sitting
CURRENT = ".paper-item.is-current"


@pytest.fixture
def address(sitting: Sitting) -> Iterator[str]:
    """The application, served."""
    with served(sitting.app) as at:
        yield at


@pytest.fixture
def paper(sitting: Sitting, address: str, page: Page) -> Page:
    """The trainee's browser on the open paper."""
    return begun(sitting, address, intercepting(page))


def begun(sitting: Sitting, address: str, page: Page, slug: str = "exam") -> Page:
    sitting.client.get("/quiz/exam")
    cookie = sitting.client.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page.goto(f"{address}/quiz/{slug}")
    page.locator(".quiz-go button").click()
    page.locator("#paper").wait_for()
    page.wait_for_load_state()  # the scripts that hear keys are there
    sitting.attempt_id = int(page.url.rpartition("/")[2].partition("#")[0])
    return page


def position_of(sitting: Sitting, kind: Kind) -> int:
    return next(n for n, each in enumerate(sitting.questions()) if each.public.kind is kind)


def item(position: int) -> str:
    return f"#item-{position + 1}"


def go_to(page: Page, position: int) -> None:
    page.locator(f"[data-dot='{position}']").click()
    expect(page.locator(item(position))).to_be_visible()


def saved(page: Page, position: int) -> None:
    expect(page.locator(f"{item(position)} [data-save]")).to_have_text("已保存")


def standing(sitting: Sitting) -> dict[int, object]:
    with sitting.app.app_context():
        return dict(service.answers(sitting.attempt_id))


def type_number(page: Page, sitting: Sitting, text: str) -> int:
    position = position_of(sitting, Kind.NUMERIC)
    go_to(page, position)
    page.locator(f"{item(position)} input[type=text]").fill(text)
    return position


def give(page: Page, box: Locator, question: Question) -> None:
    """Answer rightly, without the mouse."""
    answer = answer_to(question, right=True)
    for choice in answer.get("choices", [answer.get("choice")]):
        if choice is not None:
            page.keyboard.press("123456"["abcdef".index(choice)] if "choice" in answer else choice)
    for place, key in enumerate(answer.get("order", [])):
        button = box.locator(f"[data-key={key}] [data-move='-1']")
        while box.locator(".order-item").nth(place).get_attribute("data-key") != key:
            button.press("Enter")
    for left, right in answer.get("pairs", {}).items():
        box.locator(f"select[name$='-{left}']").select_option(right)
    for text in answer.get("texts", [answer.get("text")]):
        if text is not None:
            box.locator("input[type=text]").fill(text)


def test_an_exam_by_keyboard_alone(sitting: Sitting, paper: Page) -> None:
    questions = sitting.questions()
    for position, question in enumerate(questions):
        box = paper.locator(CURRENT)
        expect(box).to_have_attribute("data-position", str(position))
        give(paper, box, question)
        saved(paper, position)
        if position == 1:
            box.focus()
            paper.keyboard.press("m")
            expect(paper.locator("[data-dot='1']")).to_have_class(re.compile("is-marked"))
        if position < len(questions) - 1:
            box.focus()
            paper.keyboard.press("ArrowRight")
    assert paper.locator("[data-dot].is-answered").count() == len(questions)

    paper.locator("#hand-in").press("Enter")
    expect(paper.locator("#sure")).to_contain_text("全部答完了")
    expect(paper.locator("#sure")).to_contain_text("做了记号的： 2")
    paper.locator("#really").press("Enter")

    expect(paper.locator(".decision h1")).to_contain_text("通过了")
    expect(paper.locator(".big-figure")).to_contain_text("100 %")


def test_answers_wait_in_the_page_while_the_network_is_away(sitting: Sitting, paper: Page) -> None:
    paper.context.set_offline(offline=True)
    position = type_number(paper, sitting, "12")
    expect(paper.locator("#notice")).to_contain_text("网络断了")
    expect(paper.locator(f"{item(position)} [data-save]")).to_have_text("还没存上")
    paper.locator(f"{item(position)} input[type=text]").fill("12.5")
    assert standing(sitting) == {}

    paper.context.set_offline(offline=False)

    saved(paper, position)
    expect(paper.locator("#notice")).to_contain_text("都存上了")
    assert standing(sitting) == {position: {"text": "12.5"}}


def test_a_reload_saves_what_the_page_before_could_not(sitting: Sitting, paper: Page) -> None:
    paper.on("dialog", lambda dialog: dialog.accept())
    paper.route("**/answer", lambda route: route.abort())
    position = type_number(paper, sitting, "77")
    expect(paper.locator(f"{item(position)} [data-save]")).to_have_text("还没存上")
    paper.unroute("**/answer")
    paper.reload()

    expect(paper.locator(f"{item(position)} input[type=text]")).to_have_value("77")
    saved(paper, position)
    assert standing(sitting) == {position: {"text": "77"}}


def test_marks_outlive_a_reload_though_the_network_was_away(paper: Page) -> None:
    go_to(paper, 2)
    with paper.expect_response("**/marks"):
        paper.keyboard.press("m")
    paper.context.set_offline(offline=True)
    go_to(paper, 4)
    paper.keyboard.press("m")
    paper.context.set_offline(offline=False)

    with paper.expect_response("**/marks"):
        paper.reload()

    marked = paper.locator("[data-dot].is-marked")
    expect(marked).to_have_text(["3", "5"])
    paper.evaluate("sessionStorage.clear()")
    paper.reload()
    expect(marked).to_have_text(["3", "5"])


@pytest.mark.parametrize("size", [None, PHONE])
def test_the_strip_stays_in_sight_and_covers_no_question(
    sitting: Sitting, address: str, open_page: OpenPage, size: dict[str, int] | None
) -> None:
    page = begun(sitting, address, open_page(**({"viewport": size} if size else {})))
    page.locator("#switch-view").click()

    page.locator("[data-dot='7']").click()

    strip, head = page.locator("#dots"), page.locator("#item-8 .question-head")
    expect(strip).to_be_in_viewport(ratio=1)
    above, below = strip.bounding_box(), head.bounding_box()
    assert above is not None
    assert below is not None
    assert below["y"] >= above["y"] + above["height"]


def test_leaving_with_unsaved_answers_is_asked_about(sitting: Sitting, paper: Page) -> None:
    asked: list[str] = []

    def note(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    paper.on("dialog", note)
    paper.route("**/answer", lambda route: route.abort())
    type_number(paper, sitting, "1")
    expect(paper.locator("#notice")).to_contain_text("网络断了")

    paper.goto("about:blank")

    assert asked == ["beforeunload"]


def test_the_older_tab_is_told_and_can_go_on(sitting: Sitting, paper: Page) -> None:
    newer = paper.context.new_page()
    newer.goto(paper.url)
    position = type_number(newer, sitting, "2")
    saved(newer, position)

    type_number(paper, sitting, "1")
    expect(paper.locator("#notice")).to_contain_text("已在别处继续")
    expect(paper.locator(f"{item(position)} input[type=text]")).to_be_disabled()
    assert standing(sitting) == {position: {"text": "2"}}

    paper.get_by_role("button", name="在这里继续").click()
    expect(paper.locator("#notice")).to_be_hidden()
    go_to(paper, position)
    expect(paper.locator(f"{item(position)} input[type=text]")).to_have_value("2")
    type_number(paper, sitting, "3")
    saved(paper, position)
    assert standing(sitting) == {position: {"text": "3"}}


def test_the_clock_hands_in_what_is_there(sitting: Sitting, paper: Page) -> None:
    position = type_number(paper, sitting, "5")
    saved(paper, position)
    sitting.shift(29.85)

    paper.reload()
    expect(paper.locator("#clock")).to_have_text(re.compile(r"0:0\d"))

    expect(paper.locator(".decision h1")).to_be_visible(timeout=30_000)
    assert len(sitting.evidence()) == 1


def test_one_at_a_time_or_all_is_remembered(paper: Page) -> None:
    visible = "[...document.querySelectorAll('.paper-item')].filter(e => e.offsetParent).length"
    assert paper.evaluate(visible) == 1

    paper.locator("#switch-view").click()

    assert paper.evaluate(visible) == 10
    paper.reload()
    assert paper.evaluate(visible) == 10


def test_open_questions_are_shown_before_handing_in(sitting: Sitting, paper: Page) -> None:
    position = type_number(paper, sitting, "5")
    paper.locator("#hand-in").click()
    expect(paper.locator("#still-open")).to_contain_text("还有 9 题没答")

    paper.locator("#still-open button").first.click()

    expect(paper.locator("#sure")).to_be_hidden()
    expect(paper.locator(CURRENT)).to_have_attribute("data-position", "0" if position else "1")


def test_without_scripts_everything_is_posted(
    sitting: Sitting, address: str, open_page: OpenPage
) -> None:
    page = begun(sitting, address, open_page(java_script_enabled=False))
    position = position_of(sitting, Kind.NUMERIC)
    page.locator(f"#item-{position + 1} input[type=text]").fill("8")
    order = position_of(sitting, Kind.ORDER)
    steps = page.locator(f"#item-{order + 1} .order-item")
    keys = [str(step.get_attribute("data-key")) for step in steps.all()]
    for place, step in enumerate(reversed(steps.all()), start=1):
        step.get_by_label("第几位").fill(str(place))
    expect(page.locator("noscript .callout")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    assert standing(sitting) == {
        position: {"text": "8"},
        order: {"order": list(reversed(keys))},
    }

    page.get_by_role("button", name="交卷").click()
    expect(page.locator("main")).to_contain_text("还有 8 题没答")
    page.get_by_role("button", name="交卷").click()

    expect(page.locator(".decision h1")).to_be_visible()


@pytest.mark.parametrize("size", [None, PHONE])
def test_pages_are_accessible(
    sitting: Sitting, address: str, open_page: OpenPage, size: dict[str, int] | None
) -> None:
    page = begun(sitting, address, open_page(**({"viewport": size} if size else {})))
    problems = accessibility_problems(page)
    page.locator("#switch-view").click()
    problems += accessibility_problems(page)
    page.locator("#hand-in").click()
    problems += accessibility_problems(page)
    page.locator("#really").click()
    page.locator(".decision").wait_for()
    problems += accessibility_problems(page)
    page.goto(f"{address}/quiz/exam")
    problems += accessibility_problems(page)

    assert problems == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
