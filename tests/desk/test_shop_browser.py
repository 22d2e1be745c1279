"""Replies and products are narrowed, filled, copied, compared, a line is tried, in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.desk.test_shop_pages import _content, agent  # noqa: F401 - fixtures
from tests.plugins.browser import accessibility_problems, eventually
from tests.plugins.server import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
#: Keeps what is copied, as headless browsers refuse the clipboard.
KEEP = "() => { window.copied = []; window.cstrain.copy = (text) => window.copied.push(text); }"

CLIPBOARD_SAYS = "async (said) => (await navigator.clipboard.readText()) === said"


@pytest.fixture
def address(app: Flask, agent: FlaskClient, page: Page) -> Iterator[str]:  # noqa: F811
    """The application, served, with the agent signed in."""
    with served(app) as at:
        agent.get("/replies")
        cookie = agent.get_cookie("session")
        assert cookie is not None
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": at}])
        yield at


def test_the_box_narrows_replies_while_one_types(address: str, page: Page) -> None:
    page.goto(f"{address}/replies")
    first, second = page.locator("#replies-a-1"), page.locator("#replies-a-2")

    page.get_by_label("找一句").press_sequentially("WAIT")
    expect(first).to_be_hidden()
    expect(second).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="找到")).to_have_text("找到 1 条")
    page.get_by_label("找一句").fill("没有这样的话")

    expect(page.locator("#quick")).to_be_hidden()
    expect(page.get_by_role("status").filter(has_text="没有找到")).to_be_visible()


def test_a_gap_is_marked_before_copying_and_the_filled_text_is_copied(
    address: str, page: Page
) -> None:
    page.goto(f"{address}/replies")
    page.evaluate(KEEP)
    reply = page.locator("#replies-a-1")
    field, copy = reply.get_by_label("客服名"), reply.get_by_role("button", name="复制")

    copy.click()
    expect(reply).to_contain_text("还差：客服名")
    expect(field).to_be_focused()
    assert page.evaluate("copied") == []
    copy.click()
    field.press_sequentially("小周")
    expect(reply.locator(".reply-text")).to_have_text("在的，我是小周。您先说，我看着。")
    copy.click()

    assert page.evaluate("copied") == [
        "在的，我是{客服名}。您先说，我看着。",
        "在的，我是小周。您先说，我看着。",
    ]
    assert accessibility_problems(page) == []
    page.reload()
    expect(reply.locator(".reply-text")).to_contain_text("我是小周。")


def test_a_line_of_a_product_is_copied_as_a_sentence(address: str, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/products")
    page.get_by_label("找一款").fill("白色")
    expect(page.locator("#products-a-2")).to_be_hidden()
    card = page.locator("#products-a-1")

    for button, said in (
        ("白色略透，里面穿浅色 复制", "先说一声：白色略透，里面穿浅色。"),
        ("复制", "圆领短袖，69 元。200 克精梳棉。适合夏天单穿。"),
    ):
        card.get_by_role("button", name=button, exact=True).click()
        eventually(page, CLIPBOARD_SAYS, said)


@pytest.mark.parametrize("width", [360, 1440])
def test_two_products_are_ticked_and_compared(address: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}/products")
    compare = page.get_by_role("button", name="对比这两款")
    told = page.locator("[data-compare-bar] [role=status]")
    first, second, third = (page.get_by_role("checkbox").nth(place) for place in range(3))
    expect(compare).to_be_hidden()

    first.check()
    expect(told).to_have_text("已选 圆领短袖，再选一款")
    expect(compare).to_be_disabled()
    second.check()
    third.check()
    expect(first).not_to_be_checked()
    expect(told).to_have_text("已选 全棉四件套 和 枕套")
    assert accessibility_problems(page) == []
    compare.click()

    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(["全棉四件套 SC-B01", "枕套 SC-B03"])
    expect(table.get_by_role("row", name="搭配")).to_contain_text("没写")
    expect(compare).to_be_hidden()
    page.evaluate("scrollTo(0, 0)")
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_line_is_tried_while_one_types(address: str, page: Page) -> None:
    page.goto(f"{address}/words")

    page.get_by_label("要发的话").press_sequentially("第一次买，全网第一")

    expect(page.locator("#tried mark")).to_have_text("第一")
    expect(page.locator("#tried")).to_contain_text("改说：这款上个月卖得多")
    assert accessibility_problems(page) == []


def test_terms_are_found_in_english(address: str, page: Page) -> None:
    page.goto(f"{address}/glossary")

    page.get_by_label("找一个词").fill("urging")

    expect(page.locator("#glossary-a-1")).to_be_visible()
    expect(page.locator("#glossary-a-2")).to_be_hidden()
    assert accessibility_problems(page) == []
