"""The pages of replies, forbidden words and terms, and what other shops see of them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cstrain.core.catalogue import active
from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.publish import publish
from cstrain.kit.db import transaction
from tests.desk.shop_content import PRODUCTS, REPLIES, TERMS, WORDS, checked, registry
from tests.plugins.shop import NOW, MakePerson, MakeTeam, SignIn

ASKED = """---
kind: faq
slug: faq-b
title: {zh: 衣物, en: Clothes}
---
## 短袖白色透不透？
    别名: 白短袖透吗, 短袖会透吗

白色略透，里面穿浅色内衣。
"""


@pytest.fixture
def _content(app: Flask) -> None:
    """A shared glossary, and the replies and words of the team ``mine`` alone."""
    made = registry()
    active.install(app, made)
    files = {
        "glossary/g.md": TERMS,
        "teams/mine/shop/w.md": WORDS,
        "teams/mine/shop/r.md": REPLIES,
        "teams/mine/shop/p.md": PRODUCTS,
        "teams/mine/shop/f.md": ASKED,
    }
    with app.app_context(), transaction():
        publish(checked(files, Builder(made)), origins={}, by=None, note="", now=NOW)


@pytest.fixture
def agent(
    _content: None, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> FlaskClient:
    """Somebody of that team."""
    return sign_in(make_person(team=make_team(slug="mine")))


def test_a_whole_reply_is_copied_and_one_with_gaps_has_a_field_for_each(
    agent: FlaskClient,
) -> None:
    page = agent.get("/replies").text

    assert 'data-copy="稍等，&lt;b&gt;我查&lt;/b&gt;。"' in page
    assert "<kbd>hi</kbd>" in page
    assert 'data-variable="客服名"' in page
    assert '在的，我是<span class="gap" data-gap="客服名">{客服名}</span>。' in page


def test_a_product_is_copied_whole_and_line_by_line(agent: FlaskClient) -> None:
    page = agent.get("/products").text

    for said in (
        "圆领短袖，69 元。200 克精梳棉。适合夏天单穿。",
        "先说一声：白色略透，里面穿浅色。",
        "&lt;b&gt;40 支&lt;/b&gt;斜纹。",
    ):
        assert f'data-copy="{said}"' in page


def test_two_products_stand_side_by_side(agent: FlaskClient) -> None:
    page = agent.get("/products?pick=SC-B01&pick=SC-T01").text

    compared = page[page.index('id="compared"') : page.index("</table>")]
    assert compared.index("全棉四件套") < compared.index("圆领短袖")
    for shown in ("1.5 米床 329 元；1.8 米床 369 元", "69 元", "夏凉被；枕套", "没写"):
        assert shown in compared
    assert page.count(" checked>") == 2


@pytest.mark.parametrize(
    ("query", "is_told"),
    [
        ("", False),
        ("?compare=1", True),
        ("?pick=SC-T01", True),
        ("?pick=SC-T01&pick=SC-T01", True),
        ("?pick=SC-T01&pick=nothing", True),
    ],
)
def test_fewer_than_two_are_not_compared(agent: FlaskClient, query: str, *, is_told: bool) -> None:
    page = agent.get(f"/products{query}").text

    assert 'id="compared"' not in page
    assert ("勾两款再对比" in page) is is_told


def test_the_words_say_what_to_say_instead_and_what_is_harmless(agent: FlaskClient) -> None:
    page = agent.get("/words").text

    for shown in ("第一 / No.1", "广告法不让说。", "这款上个月卖得多", "第一次、第一件事"):
        assert shown in page


@pytest.mark.parametrize("fragment", [True, False])
def test_a_line_that_is_tried_shows_what_hits(agent: FlaskClient, *, fragment: bool) -> None:
    headers = {"HX-Request": "true"} if fragment else {}

    told = agent.post("/words", data={"line": "第一次买，<i>全网第一"}, headers=headers).text

    assert "第一次买，&lt;i&gt;全网<mark>第一</mark>" in told
    assert "有 1 个违禁词" in told
    assert ("<html" in told) is not fragment


def test_a_harmless_line_and_an_empty_one(agent: FlaskClient) -> None:
    assert "没有违禁词" in agent.post("/words", data={"line": "第一次买"}).text
    assert "没有违禁词" not in agent.post("/words", data={"line": " "}).text


def test_the_terms_stand_by_theme_with_an_anchor_each(agent: FlaskClient) -> None:
    page = agent.get("/glossary").text

    assert 'id="glossary-a-1"' in page
    for shown in ("催付", "Urging payment", "催款", "拍下没付款，店里提醒一句。"):
        assert shown in page


def test_search_finds_all_of_it(agent: FlaskClient) -> None:
    found = {query: agent.get(f"/search?q={query}").text for query in ("wait", "催款", "第一")}

    assert 'data-copy="稍等' in found["wait"]
    assert "/glossary#glossary-a-1" in found["催款"]
    assert "/words#words-a-1" in found["第一"]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sc-t01", "圆领短袖，69 元。"),
        ("短袖", "圆领短袖，69 元。"),
        ("短袖 透", "白色略透，里面穿浅色内衣。"),
    ],
)
def test_enter_copies_a_product_that_was_named_and_else_the_answer(
    agent: FlaskClient, query: str, first: str
) -> None:
    found = agent.get(f"/search?q={query}").text

    assert found.index("data-copy") == found.index(f'data-copy="{first}')
    assert "/products#products-a-1" in found


@pytest.mark.usefixtures("_content")
def test_another_shop_sees_the_glossary_and_none_of_the_shops_own(
    make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    mine = make_team(slug="mine")
    client = sign_in(make_person(team=make_team(slug="other")))

    assert "催付" in client.get("/glossary").text
    assert "还没有话术" in client.get("/replies").text
    assert "还没有违禁词" in client.get("/words").text
    assert "还没有商品" in client.get("/products").text
    assert "圆领短袖" not in client.get("/products?pick=SC-T01&pick=SC-B01").text
    assert "圆领短袖" not in client.get("/search?q=SC-T01").text
    assert "<mark>" not in client.post("/words", data={"line": "第一"}).text
    assert "先应一声" not in client.get("/search?q=先应").text
    for path in ("/replies", "/products", "/words"):
        assert client.get(f"{path}?team={mine.id}").status_code == 404
