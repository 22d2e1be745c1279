"""Practice made of ready answers: questions that are fair, and addresses that lead back."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from flask import Flask

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.cli import counts
from cstrain.core.catalogue.publish import publish
from cstrain.core.items import canonical, paper
from cstrain.core.items.item import Item, Use
from cstrain.desk.replies import faq_questions
from cstrain.kit.db import transaction
from tests.desk.shop_content import checked, registry
from tests.plugins.shop import NOW, MakePerson, SignIn

HEAD = "---\nkind: faq\nslug: faq-a\ntitle: {zh: 发货, en: Dispatch}\n---\n"
ANSWERS = {
    "今天拍什么时候发？": "16:00 前付款今天发，之后付款明天发。",
    "发什么快递": "默认发中通，一单一个包裹。",
    "能发顺丰吗？": "能，补差价就行，您说下收货城市。",
    "几天能到？": "路上几天看快递，*发出后*订单里能查。",
    "什么时候发出？": "16:00 前付款的今天发，之后付款的明天发。",
}


def file_of(answers: dict[str, str], head: str = HEAD) -> str:
    return head + "".join(f"## {asked}\n\n{said}\n\n" for asked, said in answers.items())


def catalogue(answers: dict[str, str] = ANSWERS) -> Catalogue:
    found = checked({"shop/a.md": file_of(answers)})
    assert found.problems == ()
    return found.catalogues[""]


def items_of(found: Catalogue) -> dict[str, Item]:
    return {item_id: entry.item for item_id, entry in found.bank.items() if entry.is_made}


def test_every_entry_becomes_a_question_for_practice() -> None:
    found = items_of(catalogue())

    assert list(found) == [f"faq-a-{number}" for number in range(1, 6)]
    second = found["faq-a-2"]
    assert second.stem_md == "买家：发什么快递。店里怎么回？"
    assert "发货" in second.explanation_md
    assert "(section:faq-a-2)" in second.explanation_md
    assert canonical.right_text(second) == "默认发中通，一单一个包裹。"
    assert {item.use for item in found.values()} == {Use.PRACTICE}
    assert canonical.right_text(found["faq-a-4"]) == ANSWERS["几天能到？"]


def test_two_answers_that_say_nearly_the_same_are_never_offered_together() -> None:
    for item in items_of(catalogue()).values():
        assert len(item.choices) >= faq_questions.SHOWN_COUNT
        for one, other in combinations(item.choices, 2):
            pair = {one.text, other.text}
            assert pair != {ANSWERS["今天拍什么时候发？"], ANSWERS["什么时候发出？"]}


def test_a_class_without_three_other_answers_makes_no_question() -> None:
    few = dict(list(ANSWERS.items())[:3])
    same = {**few, "什么时候发出？": ANSWERS["什么时候发出？"]}

    assert items_of(catalogue(few)) == {}
    assert items_of(catalogue(same)) == {}


def test_an_attempt_shows_the_right_answer_and_three_others() -> None:
    many = {
        f"第{place}件事怎么办": f"{char * 9}。" for place, char in enumerate("甲乙丙丁戊己庚辛")
    }
    item = items_of(catalogue(many))["faq-a-1"]

    drawn = [paper.freeze(item, random.Random(seed)) for seed in range(40)]

    shown = [[choice.text for choice in paper.present(each).choices] for each in drawn]
    assert {len(set(texts)) for texts in shown} == {4}
    assert all("甲甲甲甲甲甲甲甲甲。" in texts for texts in shown)
    assert len({frozenset(texts) for texts in shown}) > 10
    assert len({texts.index("甲甲甲甲甲甲甲甲甲。") for texts in shown}) == 4
    told = canonical.question_text(drawn[0].item, drawn[0].order)
    assert sorted(told.split("\n- ")[1:]) == sorted(shown[0])


def test_a_question_that_was_drawn_is_read_back_the_same() -> None:
    item = items_of(catalogue())["faq-a-3"]
    frozen = paper.freeze(item, random.Random(1))

    assert paper.from_json(paper.to_json(frozen)) == frozen


def test_a_short_alias_is_not_asked_alone() -> None:
    text = file_of({**ANSWERS, "发什么快递": "默认发中通。"})
    text = text.replace("## 发什么快递\n", "## 发什么快递\n    别名: 中通\n")
    found = items_of(checked({"shop/a.md": text}).catalogues[""])

    assert found["faq-a-2"].stem_md == "买家：发什么快递。店里怎么回？"


def test_they_are_counted_apart_from_what_is_written() -> None:
    figures = counts(checked({"shop/a.md": file_of(ANSWERS)}))

    assert figures["questions"]["total"] == 0
    assert figures["made_questions"] == 5


@pytest.mark.parametrize(
    ("ref", "address"),
    [("faq", "/faq"), ("faq-a", "/faq?class=faq-a"), ("faq-a-2", "/faq#faq-a-2")],
)
def test_a_section_of_them_leads_to_the_page(
    app: Flask, sign_in: SignIn, make_person: MakePerson, ref: str, address: str
) -> None:
    active.install(app, registry())
    with app.app_context():
        with transaction():
            found = checked({"shop/a.md": file_of(ANSWERS)}, active.active().builder)
            publish(found, origins={}, by=None, note="test", now=NOW)
        assert active.for_team(None).section_title("faq-a")["zh"] == "发货"
    client = sign_in(make_person())

    answer = client.get(f"/go/section/{ref}")

    assert (answer.status_code, answer.location) == (302, address)
    assert client.get("/go/section/faq-b").status_code == 404
