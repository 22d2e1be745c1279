"""Passages made of the shop's ready answers."""

from __future__ import annotations

from typing import Any

import pytest

from cstrain.activities.typing_speed import spec
from cstrain.activities.typing_speed.difficulty import PRACTICE_CHARS
from cstrain.activities.typing_speed.draw import Block
from cstrain.core.catalogue.catalogue import Catalogue, Practice

LINE = "您说下订单尾号，我现在去查，查到了马上回您，今天之内一定有话。"


def practice(*texts: str, slug: str = "faq-delivery") -> Practice:
    return Practice("faq", slug, {"zh": "发货", "en": "Dispatch"}, "shop/a.md", {}, texts, ())


def catalogue(*given: Practice, materials: tuple[Any, ...] = ()) -> Catalogue:
    return Catalogue(1, [], {}, {}, {}, {spec.MATERIAL: materials}, {}, practice=given)


def numbered(count: int) -> list[str]:
    return [f"{number}号：{LINE}" for number in range(count)]


def test_answers_are_joined_in_their_order_to_passages_of_one_class() -> None:
    texts = numbered(25)

    found = spec.ready(catalogue(practice(*texts), practice(*texts[:4], slug="faq-b")))

    assert [each.slug for each in found] == ["faq-delivery-1", "faq-delivery-2"]
    assert "\n".join(each.text for each in found) == "\n".join(texts[:18])
    for each in found:
        least, most = PRACTICE_CHARS
        assert least <= len(each.text.replace("\n", "")) <= most


@pytest.mark.parametrize("bad", ["看这里😀，点一下。", "龘字打不出。", "长" * 501])
def test_what_cannot_be_typed_is_left_out_alone(bad: str) -> None:
    (found,) = spec.ready(catalogue(practice(*numbered(5), bad, *numbered(4))))

    assert bad not in found.text
    assert found.text == "\n".join([*numbered(5), *numbered(4)])


def test_an_answer_without_room_begins_the_next_passage() -> None:
    long = "好" * 450

    (found,) = spec.ready(catalogue(practice(*numbered(4), long)))

    assert found.text == long


def test_a_passage_that_holds_an_official_block_is_not_offered() -> None:
    texts = numbered(10)
    block = spec.OfficialBlock("ob-1", texts[3], 1, Block("ob-1", 30, 3.0))
    pool = spec.Pool("official", (block,), "typing/official.md")

    assert spec.ready(catalogue(practice(*texts), materials=(pool,))) == []
    assert len(spec.ready(catalogue(practice(*texts)))) == 1


def test_a_written_passage_keeps_its_name() -> None:
    written = spec.Passage("faq-delivery-1", {}, 1, LINE * 10, (), "typing/a.md", 1)

    assert spec.passages(catalogue(practice(*numbered(10)), materials=(written,))) == [written]
