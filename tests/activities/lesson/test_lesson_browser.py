"""A lesson read in a real browser: with the keyboard, on a phone, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Locator, Page, expect

from tests.activities.lesson.lesson_course import Class
from tests.plugins.browser import PHONE, OpenPage, accessibility_problems
from tests.plugins.server import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]


@pytest.fixture
def address(lessons: Class) -> Iterator[str]:
    """The application, served."""
    with served(lessons.app) as at:
        yield at


def signed_in(lessons: Class, address: str, page: Page) -> Page:
    lessons.client.get("/course")
    cookie = lessons.client.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    return page


def ask(item_id: str) -> str:
    return "#ask-" + item_id.replace(".", "\\.")


def submit(page: Page, item_id: str) -> None:
    page.locator(f"{ask(item_id)} .ask-foot button").press("Enter")
    page.locator(f"{ask(item_id)} .verdict").wait_for()


def test_a_lesson_is_read_and_answered_to_its_end(lessons: Class, address: str, page: Page) -> None:
    signed_in(lessons, address, page).goto(f"{address}/lesson/1.1")

    page.locator(f"{ask('1.1-q1')} button.choice").first.press("Enter")
    expect(page.locator(ask("1.1-q1"))).to_contain_text("我们的答案")
    page.get_by_label("“在的，您看的哪一款？”").press("Space")
    submit(page, "1.1-t1")
    for label in ("满减", "运费"):
        page.get_by_label(label, exact=True).press("Space")
    submit(page, "1.1-t2")
    page.get_by_role("radio", name="错").press("Space")
    submit(page, "1.1-t3")
    page.locator("input[name='1.1-t4']").fill("187")
    page.locator("input[name='1.1-t4']").press("Enter")
    page.locator(f"{ask('1.1-t4')} .verdict").wait_for()
    page.locator("input[name='1.1-t5-1']").fill("千牛")
    submit(page, "1.1-t5")
    page.get_by_label("烦不烦").press("Space")
    submit(page, "1.1-t6")
    put_in_order(page, ["问好", "应答", "告别"])
    submit(page, "1.1-t7")
    page.get_by_label("售前").select_option(label="咨询")
    page.get_by_label("售后").select_option(label="退款")
    submit(page, "1.1-t8")
    for ref in ("1.1.1", "1.1.2"):
        page.evaluate("ref => document.getElementById(ref).scrollIntoView()", ref)
        page.locator(f"#left a[href='#{ref}'].is-done").wait_for()

    expect(page.locator("#finish")).to_contain_text("这一课学完了")
    assert page.locator(".verdict[data-state=passed]").count() == 8
    assert [row.activity for row in lessons.evidence()] == ["1.1"]


def put_in_order(page: Page, wanted: list[str]) -> None:
    """By the arrow buttons alone, the last ones first."""
    for place, text in reversed(list(enumerate(wanted))):
        item = page.locator(".order-item", has_text=text)
        while text not in page.locator(".order-item").nth(place).inner_text():
            item.locator("[data-move='1']").press("Enter")


def test_arrow_keys_go_to_the_next_lesson_but_not_out_of_a_field(
    lessons: Class, address: str, page: Page
) -> None:
    signed_in(lessons, address, page).goto(f"{address}/lesson/1.1")

    page.locator("input[name='1.1-t4']").press("ArrowRight")
    stayed = page.url
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/lesson/1.2")

    assert stayed.endswith("/lesson/1.1")


def test_an_answer_that_cannot_be_sent_says_so_and_stays(
    lessons: Class, address: str, page: Page
) -> None:
    signed_in(lessons, address, page).goto(f"{address}/lesson/1.1")
    page.locator("input[name='1.1-t4']").fill("187")
    page.context.set_offline(True)

    page.locator(f"{ask('1.1-t4')} .ask-foot button").click()

    expect(page.locator(ask("1.1-t4"))).to_contain_text("没有存上")
    assert page.locator("input[name='1.1-t4']").input_value() == "187"


def test_the_tree_is_a_drawer_on_phones(lessons: Class, address: str, open_page: OpenPage) -> None:
    page = signed_in(lessons, address, open_page(viewport=PHONE))
    page.goto(f"{address}/lesson/1.1")

    hidden = page.locator("#tree").is_hidden()
    page.locator("button[popovertarget=tree]").first.click()
    shown = page.locator("#tree").is_visible()
    page.keyboard.press("Escape")

    assert (hidden, shown) == (True, True)
    assert page.locator("#tree").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def brightness_at_the_edge(box: Locator) -> float:
    """How bright the last pixels inside the right border of a box are, from 0 to 255."""
    image = Image.open(BytesIO(box.screenshot())).convert("L")
    edge = image.crop((image.width - 5, 8, image.width - 2, image.height - 8))
    return ImageStat.Stat(edge).mean[0]


def test_a_wide_table_is_shaded_where_there_is_more_of_it(
    lessons: Class, address: str, open_page: OpenPage
) -> None:
    narrow = {"width": 280, "height": 740}
    page = signed_in(lessons, address, open_page(viewport=narrow))
    page.goto(f"{address}/lesson/1.2")
    box = page.get_by_role("group", name="三人一天")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")

    at_first = brightness_at_the_edge(box)
    box.evaluate("box => box.scrollTo(box.scrollWidth, 0)")

    assert brightness_at_the_edge(box) - at_first > 20


def test_a_table_is_sorted_and_reckoned_with(lessons: Class, address: str, page: Page) -> None:
    signed_in(lessons, address, page).goto(f"{address}/lesson/1.2")
    table = page.get_by_role("group", name="三人一天").locator("table")
    names = table.locator("tbody th")
    head = table.get_by_role("columnheader", name="询单人数", exact=True)

    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(names).to_have_text(["阿敏", "小周", "小林"])
    head.get_by_role("button").press("Enter")
    expect(names).to_have_text(["小周", "阿敏", "小林"])
    tools = page.locator(".data-tools").first
    tools.locator("summary").press("Enter")
    tools.get_by_label("看合计").press("Space")
    tools.get_by_label("前一个数").select_option(label="付款人数")
    tools.get_by_label("后一个数").select_option(label="询单人数")
    tools.get_by_label("写成 %").press("Space")
    tools.get_by_role("button", name="加上").press("Enter")
    expect(table.locator("tbody td:last-child")).to_have_text(["25.0 %", "50.0 %", "—"])
    expect(table.locator("tfoot tr").first.locator("td")).to_have_text(
        ["", "1,300", "360", "27.7 %"]
    )
    tools.get_by_role("button", name="还原").press("Enter")
    expect(names).to_have_text(["小周", "阿敏", "小林"])
    expect(table.locator("thead th")).to_have_count(4)
    expect(table.locator("tfoot")).to_have_count(0)


def test_a_table_in_a_question_keeps_its_tools_after_the_answer(
    lessons: Class, address: str, page: Page
) -> None:
    signed_in(lessons, address, page).goto(f"{address}/lesson/1.2")

    page.locator(ask("1.2-t1")).get_by_role("radio", name="错").press("Space")
    submit(page, "1.2-t1")

    expect(page.locator(f"{ask('1.2-t1')} .data-tools")).to_have_count(1)
    page.locator(f"{ask('1.2-t1')} .data-sort").last.press("Enter")
    names = page.locator(f"{ask('1.2-t1')} tbody th")
    expect(names).to_have_text(["阿敏", "小周"])


@pytest.mark.parametrize(
    "path", ["/lesson/1.1", "/lesson/1.2", "/lesson/later", "/course", "/practice"]
)
def test_the_pages_hurt_no_rule_of_accessibility(
    lessons: Class, address: str, page: Page, path: str
) -> None:
    lessons.answer("1.1-t4", {"text": "1"})
    lessons.answer("1.1-q1", {"choice": "a"})
    lessons.answer_right("1.1-t1", "1.1-t6", "1.1-t8")
    signed_in(lessons, address, page).goto(address + path)

    assert accessibility_problems(page) == []
