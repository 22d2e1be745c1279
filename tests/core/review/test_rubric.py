"""Rubrics: what marks come to, what files may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cstrain.config import shipped
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.core.evidence.marks import Proposal
from cstrain.core.review.rubric import (
    Condition,
    Criterion,
    Form,
    Level,
    Rubric,
    Section,
    Style,
    score,
    unmarked,
)
from cstrain.core.review.rubric_file import load
from cstrain.kit.errors import ContentError

TITLE = {"zh": "样例", "en": "Sample"}


def criterion(key: str, most: int = 1, **named: Any) -> Criterion:
    levels = tuple(Level(value) for value in range(most + 1))
    return Criterion(key, TITLE, Form.SCALE, levels, **{"enough": most, **named})


def rubric(*sections: Section, style: Style = Style.POINTS, bonus_most: float = 0.0) -> Rubric:
    return Rubric("sample", TITLE, style, sections, "rubrics/sample.yaml", "0", bonus_most)


def flat(*criteria: Criterion, **named: Any) -> Rubric:
    return rubric(Section("all", TITLE, criteria), **named)


TWO = flat(criterion("a", 4, weight=3, allows_na=True), criterion("b", weight=1, allows_na=True))


@pytest.mark.parametrize(
    ("grades", "ratio"),
    [
        ({"a": 4, "b": 1}, 1.0),
        ({"a": 0, "b": 0}, 0.0),
        ({"a": 2, "b": 1}, (3 * 0.5 + 1) / 4),
        ({"a": 2, "b": None}, 0.5),  # what does not apply leaves both sums
        ({"a": None, "b": 0}, 0.0),
        ({"a": None, "b": None}, None),  # and is no 100
        ({"a": 2}, 0.5),  # not marked yet
        ({}, None),
    ],
)
def test_points_are_the_weighted_mean_of_what_applies(
    grades: dict[str, int | None], ratio: float | None
) -> None:
    assert score(TWO, grades).ratio == (ratio if ratio is None else pytest.approx(ratio))


WEIGHED = rubric(
    Section("s", TITLE, (criterion("a", weight=3), criterion("b", weight=1)), weight=60),
    Section("t", TITLE, (criterion("c"), criterion("d")), weight=40),
)


@pytest.mark.parametrize(
    ("grades", "ratio"),
    [
        ({"a": 1, "b": 0, "c": 1, "d": 0}, 0.6 * 0.75 + 0.4 * 0.5),
        ({"a": 1, "b": None, "c": 1, "d": 0}, 0.6 * 1 + 0.4 * 0.5),  # a's weight grows inside s
        ({"a": 1, "b": 0, "c": None, "d": None}, 0.75),  # t leaves as a whole
    ],
)
def test_a_sections_weight_is_spread_over_what_applies_in_it(
    grades: dict[str, int | None], ratio: float
) -> None:
    assert score(WEIGHED, grades).ratio == pytest.approx(ratio)


DEDUCTION = flat(
    criterion("greeting", weight=3),
    criterion("slow", 2, weight=10),
    criterion("rude", weight=95),
    criterion("closing", weight=8, is_bonus=True),
    style=Style.DEDUCTION,
    bonus_most=5,
)


@pytest.mark.parametrize(
    ("grades", "ratio"),
    [
        ({"greeting": 1, "slow": 2, "rude": 1, "closing": 0}, 1.0),
        ({"greeting": 0, "slow": 1, "rude": 1, "closing": 0}, 0.92),
        ({"greeting": 0, "slow": 1, "rude": 1, "closing": 1}, 0.97),  # 8, of which 5 count
        ({"greeting": 1, "slow": 2, "rude": 1, "closing": 1}, 1.0),  # never above 100
        ({"greeting": 0, "slow": 0, "rude": 0, "closing": 0}, 0.0),  # never below 0
        ({"greeting": 0, "slow": 0, "rude": 0, "closing": 1}, 0.05),
        ({"greeting": None, "slow": 2}, 1.0),
        ({"closing": 1}, None),
        ({}, None),
    ],
)
def test_deductions_start_at_100(grades: dict[str, int | None], ratio: float | None) -> None:
    assert score(DEDUCTION, grades).ratio == (ratio if ratio is None else pytest.approx(ratio))


def test_failing_at_once_keeps_the_raw_score() -> None:
    of = flat(criterion("a", 4), criterion("red", weight=0, cap=0.0), criterion("b", cap=0.4))

    none = score(of, {"a": 4, "red": 1, "b": 1})
    capped = score(of, {"a": 4, "red": 1, "b": 0})
    failed = score(of, {"a": 4, "red": 0, "b": 0})

    assert (none.ratio, none.failed_at_once) == (1.0, ())
    assert (capped.ratio, capped.raw_ratio, capped.failed_at_once) == (0.4, 0.5, ("b",))
    assert (failed.ratio, failed.raw_ratio, failed.failed_at_once) == (0.0, 0.5, ("red", "b"))


def test_a_cap_never_lifts() -> None:
    of = flat(criterion("a", 10 - 1), criterion("b", cap=0.4))

    assert score(of, {"a": 0, "b": 0}).ratio == 0.0


def test_a_condition_leaves_a_criterion_out() -> None:
    of = flat(criterion("asked"), criterion("answer", 4, only_if=Condition("asked", 1)))

    assert score(of, {"asked": 1, "answer": 0}).ratio == 0.5
    assert score(of, {"asked": 0, "answer": 0}).ratio == 0.0
    assert [each.key for each in unmarked(of, {})] == ["asked", "answer"]
    assert [each.key for each in unmarked(of, {"asked": 1})] == ["answer"]
    assert unmarked(of, {"asked": 0}) == []


def test_what_falls_short_is_to_be_relearned_the_worst_first() -> None:
    of = flat(
        criterion("a", 4, weight=3, enough=3, relearn=("section:1.1.1", "section:1.1.2")),
        criterion("b", weight=1, relearn=("section:1.1.2",)),
        criterion("c", 4, enough=3, relearn=("section:1.2.1",)),
        criterion("red", weight=0, cap=0.0, relearn=("section:1.2.2",)),
    )

    found = score(of, {"a": 1, "b": 1, "c": 3, "red": 0}).shortfalls

    assert [(each.target, each.lost_ratio, each.item_count) for each in found] == [
        ("section:1.2.2", 1.0, 1),
        ("section:1.1.1", 0.75, 1),
        ("section:1.1.2", 0.5625, 2),
    ]


@pytest.mark.parametrize(
    ("ratio", "value"), [(None, None), (0.0, 0), (0.74, 2), (0.75, 3), (0.99, 3), (1.0, 4)]
)
def test_a_proposal_is_never_rounded_up(ratio: float | None, value: int | None) -> None:
    assert criterion("a", 4).proposed(Proposal(ratio)) == value


def read(text: str) -> Rubric:
    body = text.encode()
    return load(open_source("rubrics/sample.yaml", File(digest_of(body), body), {}))


GOOD = """\
slug: sample
title: {zh: 样例, en: Sample}
style: deduction
bonus_most: 5
sections:
  - key: all
    title: {zh: 全部, en: All}
    criteria:
      - key: first
        title: {zh: 第一, en: First}
        kind: scale
        most: 4
        weight: 10
        rule: facts
        relearn: ["section:1.1.1"]
        looks: [{zh: 好, en: Good}]
      - key: second
        title: {zh: 第二, en: Second}
        kind: choice
        levels: [{value: 0, title: {zh: 差, en: Bad}}, {value: 2, title: {zh: 好, en: Good}}]
        allows_na: true
        needs_evidence: true
        cap: 0.4
        only_if: {criterion: first, at_least: 2}
      - key: third
        title: {zh: 第三, en: Third}
        bonus: true
"""


def test_a_file_says_it_all() -> None:
    found = read(GOOD)
    first, second, third = found

    assert (found.slug, found.style, found.bonus_most) == ("sample", Style.DEDUCTION, 5)
    assert (first.full, first.enough, first.weight, first.rule) == (4, 3, 10, "facts")
    assert (second.form, second.full, second.cap) == (Form.CHOICE, 2, 0.4)
    assert second.only_if == Condition("first", 2)
    assert [second.takes(value) for value in (0, 1, 2, None)] == [True, False, True, True]
    assert (third.form, third.full, third.is_bonus) == (Form.PASS_FAIL, 1, True)
    assert found.rules == {"facts"}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("slug: sample", "slug: 样例", 1),
        ("style: deduction", "style: best", 3),
        ("most: 4", "most: 12", 12),
        ("weight: 10", "weight: -1", 13),
        ("rule: facts", "rule: 1", 14),
        ('["section:1.1.1"]', "[1.1.1]", 15),
        ("{zh: 好, en: Good}]\n      - key: second", "{zh: 好}]\n      - key: second", 16),
        ("key: second", "key: first", 17),
        ("value: 2", "value: 0", 20),
        ("cap: 0.4", "cap: 3", 23),
        ("criterion: first, at", "criterion: second, at", 24),
        ("at_least: 2", "at_least: 9", 24),
        ("bonus: true", "colour: red", 27),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, line: int) -> None:
    assert old in GOOD

    with pytest.raises(ContentError) as caught:
        read(GOOD.replace(old, new))

    assert line in [problem.line for problem in caught.value.problems]


def test_a_bonus_needs_deduction_style() -> None:
    with pytest.raises(ContentError, match="bonus"):
        read(GOOD.replace("style: deduction", "style: points"))


@pytest.mark.parametrize("path", sorted((shipped("content") / "rubrics").glob("*.yaml")))
def test_a_shipped_rubric_gives_100_for_the_best(path: Path) -> None:
    found = read(path.read_text(encoding="utf-8"))

    best = score(found, {each.key: each.full for each in found})
    worst = score(found, {each.key: 0 for each in found})

    assert best.ratio == 1.0
    assert not best.shortfalls
    assert worst.ratio == 0.0
