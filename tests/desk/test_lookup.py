"""What is looked up: the question first, then other ways to ask, then answers, alike everywhere."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from cstrain.core.catalogue import active, lookup
from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.publish import publish
from cstrain.desk.replies import faq
from cstrain.kit.db import transaction
from tests.desk.shop_content import PRODUCTS, REPLIES, TERMS, WORDS, checked, registry
from tests.plugins.browser import accessibility_problems
from tests.plugins.server import served
from tests.plugins.shop import NOW, MakePerson, MakeTeam, SignIn

HEAD = "---\nkind: faq\nslug: faq-{0}\ntitle: {{zh: {1}, en: {1}}}\n---\n"
RETURNS = HEAD.format("a", "售后") + (
    "## 换货补多少？\n\n满减重算。\n\n## 退一件呢？\n    别名: 满减怎么退\n\n按实付退。\n"
)
PRICE = HEAD.format("b", "价格") + "## 满减怎么算？\n\n满 199 减 20。\n\n## 包邮吗？\n\n包。\n"
FILES = {
    "glossary/g.md": TERMS,
    "teams/mine/shop/f1.md": RETURNS,
    "teams/mine/shop/f2.md": PRICE,
    "teams/mine/shop/w.md": WORDS,
    "teams/mine/shop/r.md": REPLIES,
    "teams/mine/shop/p.md": PRODUCTS,
}
IN_ORDER = ["满减怎么算？", "退一件呢？", "换货补多少？"]
PAGES = {
    "faq": "包邮",
    "replies": "wait",
    "products": "枕芯",
    "words": "上个月",
    "glossary": "urging",
}


@pytest.mark.parametrize(
    ("query", "chosen", "found", "counts"),
    [
        ("满减", "", IN_ORDER, {"faq-a": 2, "faq-b": 1}),
        ("满减", "faq-a", IN_ORDER[1:], {"faq-a": 2, "faq-b": 1}),
        ("满减 199", "", IN_ORDER[:1], {"faq-a": 0, "faq-b": 1}),
        ("满减", "nothing", IN_ORDER, {"faq-a": 2, "faq-b": 1}),
        (" ", "faq-b", [], {"faq-a": 2, "faq-b": 2}),
        ("没有", "", [], {"faq-a": 0, "faq-b": 0}),
    ],
)
def test_the_best_comes_first_whatever_its_class(
    query: str, chosen: str, found: list[str], counts: dict[str, int]
) -> None:
    files = faq.files_of(checked(FILES).catalogues["mine"])

    narrowed = lookup.read({each.slug: [each] for each in files}, {"q": query, "class": chosen})

    assert [row.entry.question for row in narrowed.found] == found
    assert narrowed.counts == counts
    assert sum(map(len, narrowed.rest.values())) == 4 - len(found)


def test_the_search_box_of_every_page_has_the_same_order() -> None:
    hits = checked(FILES).catalogues["mine"].search("满减", lambda _slug: True)

    assert [hit.entry.title for hit in hits] == IN_ORDER


@pytest.fixture
def agent(app: Flask, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn) -> FlaskClient:
    """Somebody of a shop that has all of it."""
    made = registry()
    active.install(app, made)
    with app.app_context(), transaction():
        publish(checked(FILES, Builder(made)), origins={}, by=None, note="", now=NOW)
    return sign_in(make_person(team=make_team(slug="mine")))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_narrowed_without_scripts(agent: FlaskClient, name: str) -> None:
    whole, page = agent.get(f"/{name}").text, agent.get(f"/{name}?q={PAGES[name]}").text

    for each in (whole, page):
        assert each.count('id="narrow" name="q"') == 1
        assert "placeholder=" in each
        assert "查找" in each[each.index("<noscript>") : each.index("</noscript>")]
    assert whole.count("data-entry=") == page.count("data-entry=")
    groups = page.count("data-entries=")
    assert page.count(" hidden><h2") == groups
    assert whole.count(" hidden><h2") == 1  # what was found, which is nothing yet


@pytest.mark.browser
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_it_is_narrowed_while_one_types_and_back(
    app: Flask, agent: FlaskClient, page: Page
) -> None:
    with served(app) as at:
        agent.get("/faq")
        cookie = agent.get_cookie("session")
        assert cookie is not None
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": at}])
        shown, chips = page.locator("main h3:visible"), page.get_by_role("navigation", name="分类")

        page.goto(f"{at}/faq?q=包邮")
        expect(shown).to_have_text(["包邮吗？"])
        page.get_by_label("找一句").fill("满减")
        expect(shown).to_have_text(IN_ORDER)
        expect(chips.get_by_role("link")).to_have_text(["全部 3", "售后 2", "价格 1"])
        assert accessibility_problems(page) == []
        chips.get_by_role("link", name="售后").click()
        expect(shown).to_have_text(IN_ORDER[1:])
        page.get_by_label("找一句").press("Enter")
        expect(shown).to_have_text(IN_ORDER[1:])
        page.get_by_label("找一句").fill("")
        expect(shown).to_have_text(["换货补多少？", "退一件呢？"])
        page.evaluate("location.hash = 'faq-b-1'")
        expect(shown).to_have_text(["换货补多少？", "退一件呢？", "满减怎么算？", "包邮吗？"])

        for name, query in PAGES.items():
            page.goto(f"{at}/{name}")
            page.locator("#narrow").fill(query)
            expect(page.locator("[data-narrow-told]")).to_have_text("找到 1 条")
            assert accessibility_problems(page) == []
