"""Questions whose numbers are drawn: reading, drawing, filling in, grading, what is refused."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.core.items import canonical, drawn, grading, paper
from cstrain.core.items.item import Item
from cstrain.core.items.parse import parse_items
from cstrain.core.items.responses import clean_response

SHARE = """\
/// 题 | 数值
    编号: share
    参数: 全店 = 80000..120000/1000; 小周 = 24000..36000/500
    验算: 全店 = 100000, 小周 = 30000 => 30

全店卖了 {全店} 元，小周卖了 {小周} 元。占百分之几？

答案：{小周 / 全店 * 100} ± 0.01 %

解析：{小周} ÷ {全店} ＝ {小周 / 全店 * 100:2} %。
///
"""


def read(text: str) -> Item:
    items, problems = parse_items("b.md", text, section="5.1")
    assert not problems, problems
    return items[0]


def problems_of(text: str) -> list[str]:
    _items, problems = parse_items("b.md", text, section="5.1")
    return [problem.problem for problem in problems]


def test_an_attempt_shows_and_grades_its_own_numbers() -> None:
    frozen = paper.frozen(read(SHARE), (20, 12))

    public = paper.present(frozen)
    assert public.stem_md == "全店卖了 100000 元，小周卖了 30000 元。占百分之几？"
    assert public.choices == ()
    assert "{" not in frozen.item.explanation_md
    assert frozen.item.explanation_md.endswith("30.00 %。")
    for typed, is_right in (("30", True), ("30.01%", True), ("30.02", False), ("33.33", False)):
        response = clean_response(public, {"text": typed})
        assert grading.grade(frozen, response).is_right is is_right, typed
    assert canonical.question_text(frozen.item) == public.stem_md
    assert canonical.right_text(frozen.item) == "30 %（误差 0.01 以内）"


def test_others_get_other_numbers_and_the_same_person_the_same_again() -> None:
    item = read(SHARE)

    stems = {paper.present(paper.freeze(item, random.Random(n))).stem_md for n in range(40)}
    assert len(stems) > 30
    first, again = (paper.freeze(item, random.Random(7)) for _ in range(2))
    assert first == again
    assert paper.frozen(item, first.order) == first
    assert paper.from_json(paper.to_json(first)) == first


def test_a_question_to_draw_survives_as_json() -> None:
    item = read(SHARE)
    assert paper.item_from_json(paper.item_to_json(item)) == item
    assert canonical.item_digest(item) != canonical.item_digest(
        read(SHARE.replace("* 100}", "* 10}").replace("=> 30", "=> 3"))
    )


def test_a_list_without_a_draw_shows_the_first_numbers() -> None:
    assert "全店卖了 80000 元，小周卖了 24000 元" in canonical.question_text(read(SHARE))


@given(
    st.integers(min_value=1, max_value=10**6),
    st.integers(min_value=1, max_value=10**6),
    st.integers(min_value=0, max_value=100),
)
def test_formulas_compute_exactly(whole: int, part: int, ratio: int) -> None:
    values = {"全店": Fraction(whole), "小周": Fraction(part), "率": Fraction(ratio)}
    compute = drawn.formula("（全店 − 小周）× 率 ÷ 100 + 上取整(小周 / 全店)")
    assert compute(values) == Fraction((whole - part) * ratio, 100) + -(-part // whole)


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (Fraction(1845, 3873) * 100, 2, "47.64"),
        (Fraction(1697, 1855) * 100, 2, "91.48"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(720_000), 2, "720000"),
        (Fraction(5, 2), 0, "3"),
    ],
)
def test_keys_are_rounded_as_people_round(value: Fraction, decimals: int, shown: str) -> None:
    assert drawn.rounded(value, decimals) == Decimal(shown)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("全店 = 80000..120000/1000", "全店 = 80000"), "名字 = 最小..最大/步长"),
        (("全店 = 80000..120000/1000", "全店 = 5..4"), "要有 2 到"),
        (("; 小周 =", "; 全店 ="), "写了两次"),
        (("=> 30", "=> 31"), "照公式得 30，写的是 31"),
        (("小周 = 30000 => 30", "=> 30"), "每个参数都要有"),
        (("{小周 / 全店 * 100} ±", "{小周 / 店 * 100} ±"), "“店”不在参数里"),
        (("{小周 / 全店 * 100} ±", "{小周 / (全店 - 全店)} ±"), "除以 0"),
        (("{小周 / 全店 * 100} ±", "{__import__('os')} ±"), "只能用数、参数"),
        (("{小周 / 全店 * 100} ±", "{小周 ** 全店} ±"), "只能用数、参数"),
        (("{小周 / 全店 * 100} ±", "{小周 /} ±"), "看不懂"),
        (("} ± 0.01 %", "} %"), "除不尽，答案要写误差"),
        (("占百分之几", "即 {小周 / 全店}，占百分之几"), "写成 {小周 / 全店:2}"),
        (("答案：{小周 / 全店 * 100}", "答案：30"), "有参数的题写"),
        (("; 小周 = 24000..36000/500", "; 小周 = 24000..36000/500; 人 = 1..3"), "“人”没有用到"),
        (("| 数值", "| 判断"), "只有数值题能写参数"),
    ],
)
def test_what_cannot_be_computed_is_told(change: tuple[str, str], told: str) -> None:
    text = SHARE.replace(*change)
    assert text != SHARE
    found = problems_of(text)
    assert any(told in problem for problem in found), found
