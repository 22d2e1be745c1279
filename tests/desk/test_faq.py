"""Ready answers: read from Markdown, refused with every problem, found and copied."""

from __future__ import annotations

import pytest
from flask import Flask

from cstrain.config import shipped
from cstrain.core.catalogue import active
from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.publish import Checked, check_files, publish
from cstrain.core.catalogue.sources import File, digest_of
from cstrain.desk.replies import faq
from cstrain.desk.replies.material import register
from cstrain.kit.db import transaction
from tests.plugins.shop import NOW, MakePerson, MakeTeam, SignIn

HEAD = "---\nkind: faq\nslug: faq-a\ntitle: {zh: 发货, en: Dispatch}\n---\n"
GOOD = (
    HEAD
    + "## 今天拍什么时候发？\n    别名: 几点发货，多久发出\n\n"
    + "16:00 前付款<b>当天发</b>，之后明天发。\n\n"
    + "## 发什么快递？\n\n默认发中通。\n一单一个包裹。\n"
)


def built(**texts: str) -> tuple[Checked, list[str]]:
    registry = Registry()
    register(registry)
    files = {
        f"shop/{name}.md": File(digest_of(text.encode()), text.encode())
        for name, text in texts.items()
    }
    checked = check_files(Builder(registry), files)
    return checked, [str(problem) for problem in checked.problems]


def test_a_file_becomes_entries_with_their_lines() -> None:
    checked, problems = built(a=GOOD)

    assert problems == []
    (file,) = faq.files_of(checked.catalogues[""])
    first, second = file.entries
    assert (first.question, first.line) == ("今天拍什么时候发？", 6)
    assert first.aliases == ("几点发货", "多久发出")
    assert second.answer == "默认发中通。\n一单一个包裹。"


def test_the_search_finds_questions_other_wordings_and_answers() -> None:
    checked, _problems = built(a=GOOD)
    catalogue = checked.catalogues[""]

    def found(query: str) -> list[str | None]:
        return [hit.entry.answer for hit in catalogue.search(query, lambda _slug: True)]

    assert found("快递") == ["默认发中通。\n一单一个包裹。"]
    assert len(found("几点")) == 1
    assert len(found("中通")) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD.replace("slug: faq-a\n", "") + "## 问\n\n答\n", "a.md:2: 缺 slug"),
        (HEAD.replace(", en: Dispatch", "") + "## 问\n\n答\n", "a.md:4: title"),
        (HEAD + "先写了字\n\n## 问\n\n答\n", "a.md:6: 第一个 ## 之前"),
        (HEAD + "## 问\n\n## 问二\n\n答\n", "a.md:6: “问”没有回答"),
        (HEAD + "## 问\n    标签: 甲\n\n答\n", "a.md:7: 不认识 标签"),
        (HEAD + "##问\n\n答\n", "a.md:6: 标题用两个 #"),
        (HEAD + "## 问\n\n答\n\n## 问\n\n答二\n", "a.md:10: “问”和第 6 行重复"),
        (HEAD + f"## 问\n\n{'长' * 501}\n", "a.md:6: “问”的回答有 501 字"),
        (
            HEAD.replace("kind: faq", "kind: faq\nextra: 1") + "## 问\n\n答\n",
            "a.md:3: 不认识 extra",
        ),
        (HEAD, "一条也没有"),
    ],
)
def test_every_mistake_is_named_with_its_line(text: str, problem: str) -> None:
    _checked, problems = built(a=text)

    assert any(problem in each for each in problems), problems


def test_two_files_share_neither_slug_nor_question() -> None:
    _checked, problems = built(a=GOOD, b=GOOD)

    assert len([each for each in problems if "b.md" in each]) == 3


@pytest.fixture
def _shop_faq(app: Flask) -> None:
    """The two questions, published, in the application."""
    registry = Registry()
    register(registry)
    active.install(app, registry)
    checked = check_files(
        Builder(registry), {"shop/a.md": File(digest_of(GOOD.encode()), GOOD.encode())}
    )
    with app.app_context(), transaction():
        publish(checked, origins={}, by=None, note="", now=NOW)


@pytest.mark.usefixtures("_shop_faq")
def test_the_page_offers_every_answer_for_copying(make_person: MakePerson, sign_in: SignIn) -> None:
    page = sign_in(make_person()).get("/faq").text

    assert 'data-copy="默认发中通。\n一单一个包裹。"' in page
    assert 'id="faq-a-1"' in page
    assert "<b>当天发</b>" not in page
    assert "16:00 前付款&lt;b&gt;当天发&lt;/b&gt;" in page


@pytest.mark.usefixtures("_shop_faq")
def test_the_page_is_narrowed_by_class_and_words(make_person: MakePerson, sign_in: SignIn) -> None:
    client = sign_in(make_person())

    page = client.get("/faq?q=几点").text
    found, rest = page.split("</section>")[:2]
    assert "几点发货" in found
    assert "发什么快递" not in found
    assert 'data-entries="faq-a" hidden' in rest
    assert "找到 1 条" in found
    assert "没有找到" in client.get("/faq?q=优惠券").text.split("data-found-list")[0]
    assert 'data-entries="faq-a"><' in client.get("/faq?class=faq-a").text
    assert client.get("/faq?class=nothing&q=%00😀").status_code == 200


@pytest.mark.usefixtures("_shop_faq")
def test_anothers_shop_is_not_found(
    make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    other = make_team("别的店")

    assert sign_in(make_person()).get(f"/faq?team={other.id}").status_code == 404


def test_the_demo_shop_answers_in_the_order_of_the_work() -> None:
    files = sorted((shipped("content") / "teams").glob("*/shop/faq/*.md"))

    assert [path.read_text("utf-8").split("\n")[2].removeprefix("slug: ") for path in files] == [
        "faq-product",
        "faq-product-home",
        "faq-payment",
        "faq-delivery",
        "faq-aftersales",
    ]
