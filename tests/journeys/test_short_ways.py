"""Short ways through the site in a real browser: confirm, decide, notify, search, look on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import func, select

from cstrain.core.pathway.models import Attempt
from cstrain.core.people.access import Role
from cstrain.kit.clock import local_day, utc_now
from cstrain.kit.db import db
from tests.journeys.walk import Walker
from tests.plugins.browser import PHONE, OpenPage
from tests.plugins.school import School
from tests.plugins.server import served
from tests.plugins.shop import MakePerson, SignIn, Someone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]

Walk = Callable[..., Walker]


@pytest.fixture
def address(app: Flask, school: School) -> Iterator[str]:
    assert school
    app.config["WTF_CSRF_ENABLED"] = True
    with served(app) as at:
        yield at


@pytest.fixture
def walk(address: str, open_page: OpenPage, sign_in: SignIn) -> Walk:
    """Gives ``walk(person, **options)``: that person signed in, in a browser of their own."""

    def walking(person: Someone, **options: object) -> Walker:
        client = sign_in(person)
        client.get("/account")
        cookie = client.get_cookie("session")
        assert cookie is not None
        page = open_page(**options)
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        return Walker(page, address)

    return walking


@pytest.fixture
def trainee(school: School, make_person: MakePerson) -> Someone:
    person = make_person(name="林小满")
    school.enrol(person, "exam-first")
    return person


@pytest.fixture
def trainer(make_person: MakePerson) -> Someone:
    return make_person(Role.TRAINER, name="何老师")


@pytest.mark.slow
def test_a_run_without_a_code_counts_once_a_trainer_has_looked_at_it(
    school: School, walk: Walk, trainee: Someone, trainer: Someone
) -> None:
    me, her = walk(trainee), walk(trainer)

    me.type_test(school, "typing-basic")
    result = me.page.url
    decision = me.page.locator(".typing-decision")
    expect(decision).to_have_attribute("data-state", "waiting")
    expect(decision).to_contain_text("等带教老师确认后生效")
    her.go("/")
    expect(her.page.locator("main")).to_contain_text("林小满")
    her.go("/queue")
    her.page.get_by_role("link", name="林小满 · 打字typing-basic").click()
    expect(her.page.locator(".big-figure")).to_contain_text("字/分")
    her.go("/queue")
    her.press("确认")
    expect(her.page.get_by_role("dialog")).to_contain_text("确认 林小满 这次成绩")
    her.press("确认成绩")
    expect(her.page.locator("body")).to_contain_text("已确认，成绩生效")

    me.page.goto(result)
    expect(decision).to_have_attribute("data-state", "passed")
    expect(her.page.get_by_role("button", name="确认", exact=True)).to_have_count(0)


@pytest.fixture
def failed(school: School, sign_in: SignIn, trainee: Someone) -> Someone:
    """The trainee after three failed exams."""
    school.app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(trainee)
    for _time in range(3):
        school.open_exams()
        paper = client.post("/quiz/basic-exam/start").location
        client.get(paper)
        client.post(f"{paper}/hand-in", data={"epoch": 1, "seq": 1, "sure": 1})
    school.app.config["WTF_CSRF_ENABLED"] = True
    return trainee


def test_who_has_used_up_the_attempts_is_given_one_more_with_a_reason(
    walk: Walk, failed: Someone, trainer: Someone, make_person: MakePerson
) -> None:
    me, her = walk(failed), walk(trainer)
    manager = walk(make_person(Role.MANAGER, name="沈主管"))

    her.go("/queue")
    her.follow("去决定")
    her.press("再给一次")
    her.page.locator("dialog[open] textarea").fill("那天断网，补一次。")
    her.page.locator("dialog[open]").get_by_role("button", name="再给一次").click()
    expect(her.page.locator("body")).to_contain_text("多给了一次机会")
    me.go("/records")
    expect(me.page.locator("main")).to_contain_text("那天断网，补一次。")
    manager.go("/board")
    manager.follow("林小满")
    expect(manager.page.locator("main")).to_contain_text("何老师：那天断网，补一次。")
    expect(manager.page.get_by_role("link", name="查看 基础考试 的作答")).to_have_count(3)


def test_a_trainer_writes_a_notice_and_an_agent_confirms_it(
    walk: Walk, trainee: Someone, trainer: Someone
) -> None:
    her = walk(trainer)
    me = walk(trainee, viewport=PHONE, is_mobile=True, has_touch=True)

    her.go("/notices/new")
    for label, text in (
        ("标题", "今晚八点满减"),
        ("正文", "20:00 起满 200 减 20。\n\n- 不和店铺券叠加 😀"),
        ("一道题", "能和店铺券叠加吗？"),
        ("选项一", "能"),
        ("选项二", "不能"),
    ):
        her.page.get_by_role("textbox", name=label, exact=True).fill(text)
    her.page.get_by_role("radio", name="选项二").check()
    tomorrow = local_day(utc_now(), "Asia/Shanghai") + timedelta(days=1)
    her.page.get_by_label("最晚哪天读完").fill(tomorrow.isoformat())
    her.press("发出去")
    expect(her.page.locator("main")).to_contain_text("1 人中还有 1 人没读")

    me.go("/")
    me.follow("今晚八点满减")
    expect(me.page.locator("article")).to_contain_text("不和店铺券叠加 😀")
    me.page.get_by_role("radio", name="能", exact=True).check()
    me.press("提交")
    expect(me.page.get_by_role("alert")).to_contain_text("没有答对，再读一遍")
    me.page.get_by_role("radio", name="不能", exact=True).check()
    me.press("提交")
    expect(me.page.locator("body")).to_contain_text("已经记下你读过")

    her.page.reload()
    expect(her.page.locator("main")).to_contain_text("1 人都读过了")
    expect(her.page.get_by_role("row", name="林小满")).to_contain_text("2 次")


def test_the_slash_key_finds_an_answer_and_enter_copies_it(walk: Walk, trainee: Someone) -> None:
    me = walk(trainee, permissions=["clipboard-read", "clipboard-write"])
    me.go("/records")

    me.page.keyboard.press("/")
    me.page.keyboard.type("发货")
    first = me.page.locator("#search li[aria-selected=true]")
    expect(first).to_contain_text("今天拍什么时候发？")
    me.page.keyboard.press("Enter")

    expect(me.page.locator("#toasts")).to_contain_text("已复制")
    expect(me.page.locator("#search")).not_to_be_visible()
    copied = me.page.evaluate("navigator.clipboard.readText()")
    assert copied == "16:00 前付款当天发，之后明天发。"
    assert me.page.url.endswith("/records")


def test_enter_before_the_answers_are_there_never_copies_those_of_other_words(
    walk: Walk, trainee: Someone
) -> None:
    me = walk(trainee, permissions=["clipboard-read", "clipboard-write"])
    me.go("/records")
    me.page.evaluate("navigator.clipboard.writeText('nothing')")

    me.page.keyboard.press("/")
    me.page.keyboard.type("发货")
    expect(me.page.locator("#search li[aria-selected=true]")).to_be_visible()
    me.page.keyboard.press("Control+a")
    me.page.keyboard.insert_text("没有这个词")
    me.page.keyboard.press("Enter")

    expect(me.page.locator("#search")).to_contain_text("没有找到")
    assert me.page.evaluate("navigator.clipboard.readText()") == "nothing"


def test_looking_through_a_trainees_eyes_shows_everything_and_changes_nothing(
    school: School, walk: Walk, trainee: Someone, trainer: Someone
) -> None:
    her = walk(trainer)

    her.go(f"/people/{trainee.id}")
    her.press("看他的页面")
    expect(her.page.locator(".viewing")).to_contain_text("你在看 林小满 的页面")
    expect(her.page.get_by_role("heading", level=1)).to_contain_text("基础考试")
    her.go("/quiz/basic-exam")
    her.press("开始考试")
    expect(her.page.locator("h1")).to_contain_text("这一页不归你看")
    expect(her.page.locator("main")).to_contain_text("不能替他操作")
    her.go("/lesson/1.1")
    her.page.locator("[id='ask-1.1.1-t']").get_by_role("radio", name="对", exact=True).check()
    her.page.locator("[id='ask-1.1.1-t'] .ask-foot button").click()
    expect(her.page.locator("[id='ask-1.1.1-t']")).to_contain_text("不能替他操作")
    her.go("/inbox")
    expect(her.page.locator("main")).to_contain_text("带教看不到")
    her.press("不看了")

    expect(her.page).to_have_url(f"{her.address}/people/{trainee.id}")
    with school.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Attempt)) == 0
