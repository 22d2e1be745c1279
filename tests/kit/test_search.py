"""Words in Chinese text, found alike on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from sqlalchemy import text

from cstrain.kit import bulk, search
from cstrain.kit.db import db, transaction

INDEX = search.Index("chat_search")
TEXTS = {
    1: ["亲，您好", "这款羽绒服S码还有3件，今天１５点前发"],
    2: ["我要退款", "快递SF1234567到哪了"],
    3: ["好", "的", "iphone 15 Pro怎么样"],
    4: ["L码偏小吗", "不用了，谢谢你好啊"],
}


@pytest.fixture
def index(app: Flask) -> Iterator[search.Index]:
    with app.app_context():
        with transaction():
            INDEX.add(bulk.driver(), bulk.dialect(), TEXTS.items())
        yield INDEX


def found(index: search.Index, said: str) -> list[int]:
    wanted = search.query(said)
    assert wanted
    owner, condition = index.matching(bulk.dialect())
    rows = db.session.execute(
        text(f"SELECT {owner} FROM {index.name} WHERE {condition}"),  # noqa: S608 - our names
        {"wanted": wanted.of(bulk.dialect())},
    )
    ids: Sequence[int] = rows.scalars().all()
    return sorted(each for each in ids if wanted.fits(TEXTS[each]))


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("退款", [2]),
        ("羽绒服", [1]),
        ("款", [1, 2]),
        ("码", [1, 4]),
        ("S码", [1]),
        ("l码偏小", [4]),
        ("15", [1, 3]),
        ("15点前", [1]),
        ("sf1234567", [2]),
        ("１５点", [1]),
        ("您好", [1]),
        ("你好", [4]),
        ("退款 快递", [2]),
        ("退款 羽绒服", []),
        ("好的", []),
        ("了到", []),
        ("了谢谢", []),
        ("了，谢谢", [4]),
        ("iPhone 15", [3]),
        ("o'b\"c:*", []),
    ],
)
def test_words_are_found_within_one_text(index: search.Index, said: str, ids: list[int]) -> None:
    assert found(index, said) == ids


def test_what_is_taken_out_is_found_no_more(index: search.Index) -> None:
    with transaction():
        index.remove(bulk.driver(), bulk.dialect(), [(2, TEXTS[2])])

    assert found(index, "退款") == []
    assert found(index, "羽绒服") == [1]


def test_marks_alone_are_no_query() -> None:
    assert search.query(" ？！ ") is None


def test_a_long_document_is_cut_between_texts_and_found_as_a_whole(app: Flask) -> None:
    texts = [f"第{number}句，" + "慢慢说" * 400 for number in range(12)] + ["最后退款"]

    assert len(search.documents(texts)) > 1
    with app.app_context():
        with transaction():
            INDEX.add(bulk.driver(), bulk.dialect(), [(9, texts)])
        TEXTS[9] = texts
        assert found(INDEX, "最后退款") == [9]
        with transaction():
            INDEX.remove(bulk.driver(), bulk.dialect(), [(9, texts)])
        del TEXTS[9]
        assert found(INDEX, "最后退款") == []


def test_a_word_without_end_is_found_by_its_beginning_and_whole(app: Flask) -> None:
    endless = "a" * 5000

    with app.app_context():
        with transaction():
            INDEX.add(bulk.driver(), bulk.dialect(), [(9, [endless])])
        TEXTS[9] = [endless]
        assert found(INDEX, endless) == found(INDEX, "a" * 64) == [9]
        assert found(INDEX, "a" * 63) == []
        del TEXTS[9]


def test_folding_keeps_every_character_in_its_place() -> None:
    said = "İＡ好ａ"

    assert len(search.fold(said)) == len(said)
    assert search.fold(said)[1:] == "a好a"
