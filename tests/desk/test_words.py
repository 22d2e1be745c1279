"""Forbidden words: what of a line hits, and what the shop itself may not say."""

from __future__ import annotations

import pytest
from flask import Flask

from cstrain.core.catalogue import active
from cstrain.desk.replies.words import Word, hits, pieces, words_of
from tests.desk.shop_content import FAQ, REPLIES, WORDS, checked, problems

FIRST = Word("a", ("第一", "No.1"), ("第一次", "第一件事"), "上个月卖得多")
BEST = Word("b", ("最好", "最好的"), ("最好先", "最好"))
MOST = Word("c", ("最",), ("最近", "最后"))
TOP = Word("d", ("top", "顶级"))
ALL = (FIRST, BEST, MOST, TOP)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", []),
        ("全网第一", ["第一"]),
        ("我第一次买", []),
        ("第一次买，全网第一", ["第一"]),
        ("第一件事是第一", ["第一"]),
        ("第第一一次", ["第一"]),
        ("我们是NO.1", ["NO.1"]),
        ("我们是ｎｏ．１！", ["ｎｏ．１"]),
        ("NO.10 那件", []),
        ("最近到的", []),
        ("最近最低", ["最"]),
        ("最好的一款", ["最好的"]),
        ("最好先洗一次", ["最"]),
        ("laptop 包", []),
        ("TOP款", ["TOP"]),
        ("顶级top第一", ["顶级", "top", "第一"]),
        ("第一，又第一", ["第一", "第一"]),
    ],
)
def test_a_line_hits_words_and_leaves_out_their_exceptions(line: str, found: list[str]) -> None:
    assert [line[hit.start : hit.end] for hit in hits(line, ALL)] == found


def test_an_exception_excuses_only_its_own_word_and_only_what_lies_inside_it() -> None:
    whole = Word("w", ("第一次下单",))

    assert [hit.word for hit in hits("第一次下单", (FIRST, whole))] == [whole]
    assert hits("第一次下单", (FIRST,)) == []


def test_the_pieces_are_the_line_again_with_the_words_in_it() -> None:
    line = "全网第一，最近"

    cut = pieces(line, hits(line, ALL))

    assert cut == [("全网", None), ("第一", FIRST), ("，最近", None)]


def test_a_file_becomes_words() -> None:
    (word,) = words_of(checked({"shop/w.md": WORDS}).catalogues[""])

    assert word.forms == ("第一", "No.1")
    assert word.exceptions == ("第一次", "第一件事")
    assert (word.instead, word.reason, word.line) == ("这款上个月卖得多", "没有数据证明。", 8)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (WORDS.replace("第一次, ", "头一回, "), "w.md:8: 例外“头一回”里没有“第一”"),
        (WORDS.replace("没有数据证明。", "一。\n二。"), "w.md:8: “第一”下面只写一行"),
        (WORDS.replace("没有数据证明。", "长" * 61), "w.md:8: “第一”下面只写一行"),
        (WORDS.replace("改说:", "换成:"), "w.md:10: 不认识 换成，这里只能写：例外、改说"),
        (WORDS + "\n## no.1\n", "w.md:14: “no.1”和 shop/w.md:8 重复"),
    ],
)
def test_every_mistake_is_named_with_its_line(text: str, problem: str) -> None:
    assert any(problem in each for each in problems(w=text)), problems(w=text)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({"r": REPLIES.replace("您先说", "全网第一")}, "r.md:7"),
        ({"f": FAQ.replace("16:00 前发", "发货全网第一")}, "f.md:6"),
    ],
)
def test_the_shop_says_no_forbidden_word_itself(said: dict[str, str], line: str) -> None:
    (found,) = problems(w=WORDS, **said)

    assert f"shop/{line}: 有违禁词“第一”，改说：这款上个月卖得多" in found


def test_the_shop_may_say_what_an_exception_allows() -> None:
    assert problems(w=WORDS, r=REPLIES.replace("您先说", "第一次买")) == []


QUESTIONS = """---
section: shop-a
---
/// 题 | 单选
    编号: sh-1
    难度: 1
    用途: 练习

哪句合适？

- [x] {right}
- [ ] {wrong}

解析：照实说。
///

/// 题 | 找错
    编号: sh-2
    难度: 1
    用途: 练习

勾出说错的行。

- 买家：好吗
- [x] 客服：{wrong}
- [ ] 客服：{right}

解析：照实说。
///
"""


def test_a_model_reply_of_the_shop_has_none_and_a_bad_example_may(app: Flask) -> None:
    lesson = (
        "---\nkind: lesson\nslug: shop-a\ntitle: {zh: 店, en: Shop}\nminutes: 5\n"
        "goals: {zh: [一], en: [one]}\nkey_points: {zh: [一], en: [one]}\n---\n"
        "## 练一练 | Practise\n\n读一读。\n"
    )
    files = {"shop/a.md": lesson, "shop/w.md": WORDS}

    def told(right: str, wrong: str) -> list[str]:
        bank = QUESTIONS.format(right=right, wrong=wrong)
        with app.app_context():
            builder = active.active().builder
        found = checked({**files, "shop/a.questions.md": bank}, builder)
        return [str(problem) for problem in found.problems]

    assert told("卖得多", "全网第一") == []
    assert [each.partition(" ")[0] for each in told("全网第一", "卖得多")] == [
        "shop/a.questions.md:4:",
        "shop/a.questions.md:17:",
    ]
