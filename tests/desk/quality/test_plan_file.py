"""Sampling plans as content: what a file may say, and what it is told where it may not."""

from __future__ import annotations

import pytest

from cstrain.config import shipped
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.desk.quality.iso2859 import Level
from cstrain.desk.quality.plan import By, Design, Order, Plan
from cstrain.desk.quality.plan_file import load
from cstrain.desk.quality.risk import POINTS, Reason
from cstrain.kit.errors import ContentError

FRONT = """\
kind: sampling_plan
slug: sample
title: {zh: 样例, en: Sample}
per_agent: 5
"""


def read(front: str, body: str = "为什么。\n") -> Plan:
    raw = f"---\n{front}---\n{body}".encode()
    return load(open_source("quality/sample.md", File(digest_of(raw), raw), {}))


def advanced(*lines: str) -> str:
    return FRONT + "advanced:\n" + "".join(f"  {line}\n" for line in lines)


def test_three_fields_are_a_plan() -> None:
    plan = read(FRONT + "always: [forbidden, complaint]\nextra_below: 3\n")

    assert (plan.per_agent, plan.extra_below, plan.every_days) == (5, 3, 3)
    assert plan.always == (Reason.COMPLAINT, Reason.FORBIDDEN)
    assert plan.design is Design.PER_AGENT
    assert not plan.is_advanced
    assert plan.note == "为什么。"
    assert len(plan.digest) == 64


def test_everything_else_stands_behind_advanced() -> None:
    risk = read(advanced("design: risk", "size: 60", "points: {late: 5}", "base: 2", "floor: 0.02"))
    neyman = read(
        advanced(
            "design: neyman",
            "strata: [tenure, stage]",
            "minimum: 2",
            "deviations: {presale/new: 9, presale/experienced: 5, "
            "after_sale/new: 20, after_sale/experienced: 12}",
        )
    )
    systematic = read(advanced("design: systematic", "one_in: 12.5", "order: time"))
    lot = read(
        advanced("design: lot", "limit: 1.0", "level: III", "every_days: 7", "second_ratio: 0.2")
    )

    assert (risk.size, risk.base, risk.floor) == (60, 2, 0.02)
    assert risk.points == {**POINTS, Reason.LATE: 5}
    assert risk.is_advanced
    assert neyman.strata == (By.STAGE, By.TENURE)
    assert neyman.deviations["after_sale/new"] == 20
    assert (systematic.one_in, systematic.order) == (12.5, Order.TIME)
    assert (lot.limit, lot.level, lot.every_days) == ("1.0", Level.III, 7)
    assert lot.second_ratio == 0.2


@pytest.mark.parametrize("limit", ["1.0", '"1.0"', "1", "1.00"])
def test_a_limit_may_be_written_as_a_number(limit: str) -> None:
    assert read(advanced("design: lot", f"limit: {limit}")).limit == "1.0"


@pytest.mark.parametrize(
    ("front", "line", "problem"),
    [
        (FRONT.replace("per_agent: 5\n", ""), 2, "per_agent"),
        (FRONT.replace("5", "0"), 5, "1 到 200"),
        (FRONT.replace("5", "true"), 5, "per_agent"),
        (FRONT.replace("slug: sample", "slug: 样例"), 3, "slug"),
        (FRONT.replace("en: Sample", "en: ''"), 4, "title"),
        (FRONT + "per_team: 5\n", 6, "per_team"),
        (FRONT + "always: complaint\n", 6, "always"),
        (FRONT + "always: [complaint, complaint]\n", 6, "不重复"),
        (FRONT + "always: [new_hire]\n", 6, "always"),
        (FRONT + "always: [[1]]\n", 6, "always"),
        (FRONT + "extra_below: -1\n", 6, "extra_below"),
        (FRONT + "advanced: 3\n", 6, "advanced"),
        (advanced("design: random"), 7, "per_agent, simple"),
        (advanced("size: 20"), 7, "size"),
        (advanced("design: simple", "size: 0"), 8, "size"),
        (advanced("design: simple", "one_in: 20"), 8, "one_in"),
        (advanced("design: systematic", "one_in: .nan"), 8, "one_in"),
        (advanced("design: systematic", "order: shift"), 8, "chance, time"),
        (advanced("design: proportional", "strata: []"), 8, "strata"),
        (advanced("design: proportional", "minimum: 3"), 8, "1 到 2"),
        (advanced("design: neyman"), 6, "strata"),
        (
            advanced("design: neyman", "strata: [stage]", "deviations: {presale: 3}"),
            9,
            "after_sale",
        ),
        (advanced("design: risk", "points: {slow: 3}"), 8, "slow"),
        (advanced("design: risk", "points: {late: -3}"), 8, "late"),
        (advanced("design: risk", "points: []"), 8, "points"),
        (advanced("design: risk", "floor: 0"), 8, "floor"),
        (advanced("design: lot", "limit: 1.2"), 8, "0.10"),
        (advanced("design: lot", "limit: [1]"), 8, "limit"),
        (advanced("design: lot", "level: 2"), 8, "I, II, III"),
        (FRONT + "extra_below: 2\nadvanced:\n  design: lot\n", 8, "lot"),
        (advanced("every_days: 0"), 7, "every_days"),
        (advanced("second_ratio: 1.5"), 7, "second_ratio"),
    ],
)
def test_what_a_file_may_not_say_is_told_with_its_line(front: str, line: int, problem: str) -> None:
    with pytest.raises(ContentError) as caught:
        read(front)

    told = [(each.line, each.problem) for each in caught.value.problems]
    assert any(place == line and problem in text for place, text in told), told


def test_shipped_plans_are_plans() -> None:
    paths = sorted(shipped("content").glob("quality/*.md"))

    plans = [
        load(open_source(f"quality/{path.name}", file_of(path.read_bytes()), {})) for path in paths
    ]

    assert [plan.slug for plan in plans] == [path.stem for path in paths]
    assert [plan.is_advanced for plan in plans] == [False, True]


def file_of(body: bytes) -> File:
    return File(digest_of(body), body)
