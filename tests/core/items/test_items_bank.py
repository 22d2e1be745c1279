"""What is said of a bank as a whole: habits of its author, and questions asked twice."""

import time
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.core.items.bank import SAME_RATIO, alike, check_bank, is_situation
from cstrain.core.items.item import Item, Kind
from tests.core.items.examples import item_of

STEM = "买家十点十二分拍下两件长袖没有付款，还剩三小时，第一句发什么"


def asking(*stems: str) -> list[Item]:
    item = item_of(Kind.TRUEFALSE)
    return [replace(item, id=f"q{n}", stem_md=stem) for n, stem in enumerate(stems)]


def pairs(*stems: str) -> list[tuple[str, str]]:
    return [(pair.first, pair.second) for pair in alike(asking(*stems))]


def single(right: int, text: str = "对的") -> Item:
    rows = "\n".join(
        f"- [{'x' if place == right else ' '}] {text if place == right else f'不对的{place}'}"
        for place in range(4)
    )
    return item_of(Kind.SINGLE, f"问？\n\n{rows}")


@pytest.mark.parametrize(
    ("one", "other", "is_told"),
    [
        (STEM, STEM, True),
        (STEM, STEM.replace("两件", "三件"), True),
        (STEM, f"**{STEM}**？！", True),
        (STEM, STEM.replace("十点十二分拍下两件长袖", "昨天拍下一床夏凉被"), False),
        (STEM, f"{STEM}，对面又发来一句便宜点吧不然去别家看看", False),
        ("在吗", "在吗", False),
    ],
)
def test_stems_that_are_nearly_the_same_are_told(one: str, other: str, is_told: bool) -> None:
    assert bool(pairs(one, "别的题问的是仓库几点发货", other)) == is_told


def test_both_questions_are_named_with_how_much_they_share() -> None:
    (pair,) = alike(asking(STEM, "隔开的一题问售后时限", STEM))

    assert (pair.first, pair.second, pair.ratio) == ("q0", "q2", 1.0)


def test_what_many_stems_say_is_left_out() -> None:
    put = "下面几句都是客服在同一个窗口里说的，只能发出去一句，哪一句最合适？"
    asked = ["长袖缩水", "被子太薄", "裤子偏小", "水杯漏水", "袜子掉色"]

    assert pairs(*(f"{words}。{put}" for words in asked)) == []
    assert pairs(*(f"{words}。{put}" for words in asked[:2])) == [("q0", "q1")]


@given(st.lists(st.text("甲乙丙", min_size=8, max_size=16), max_size=12, unique=True))
def test_nothing_that_is_alike_is_passed_over(stems: list[str]) -> None:
    grams = [{stem[at : at + 3] for at in range(len(stem) - 2)} for stem in stems]
    expected = {
        (f"q{one}", f"q{other}")
        for one, other in combinations(range(len(stems)), 2)
        if min(len(grams[one]), len(grams[other])) >= 6
        and len(grams[one] & grams[other]) / len(grams[one] | grams[other]) >= SAME_RATIO
    }

    assert set(pairs(*stems)) == expected


def test_a_large_bank_takes_no_time() -> None:
    stems = [f"买家第 {n} 单在 {n % 24} 点问第 {n * 7} 号仓库的货，店里怎么回" for n in range(1500)]
    begun = time.perf_counter()

    list(alike(asking(*stems)))

    assert time.perf_counter() - begun < 2


def test_where_the_right_reply_stands_is_counted() -> None:
    figures = check_bank([single(0), single(2), single(2)])

    assert figures.right_counts == (1, 0, 2)
    assert check_bank([]).right_counts == ()


@pytest.mark.parametrize(
    ("count", "long_count", "is_told"), [(20, 9, True), (20, 8, False), (19, 19, False)]
)
def test_a_bank_told_by_the_length_of_its_replies(
    count: int, long_count: int, is_told: bool
) -> None:
    items = [single(0, "长" * 9 if n < long_count else "短") for n in range(count)]

    assert check_bank(items).is_told_by_length is is_told


@pytest.mark.parametrize(
    ("stem", "expected"),
    [("买家问几点发。", True), ("她说“太贵了”，怎么回？", True), ("发货时限是什么？", False)],
)
def test_a_situation_has_somebody_in_it(stem: str, expected: bool) -> None:
    assert is_situation(asking(stem)[0]) is expected
