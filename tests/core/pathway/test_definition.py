"""Pathways as content: what they come to, and every problem with its line."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime

import pytest

from cstrain.config import shipped
from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.publish import check_files
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.core.pathway.definition import (
    MATERIAL,
    Pathway,
    check,
    done_slugs,
    limits,
    load,
    signers,
)
from cstrain.core.pathway.findings import Facts
from cstrain.core.pathway.rules import OnOneAttempt, ScoreAtLeast
from cstrain.kit.errors import ContentError
from cstrain.testing import FakeKind
from tests.core.pathway.conftest import COURSE, PATHWAY

PATH = "pathways/three-exams.yaml"
SHIPPED = sorted(path.name for path in (shipped("content") / "pathways").glob("*.yaml"))


def read(text: str) -> Pathway:
    body = text.encode()
    return load(open_source(PATH, File(digest_of(body), body), {}))


def problems_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(ContentError) as caught:
        read(text)
    return [(each.line, each.problem) for each in caught.value.problems]


def problems_beside(**changes: str) -> list[str]:
    registry = Registry()
    registry.add_material(MATERIAL, load)
    registry.checks.append(check)
    registry.add_kind(FakeKind(), distribution="tests")
    files = {path: text.encode() for path, text in {**COURSE, **changes}.items()}
    checked = check_files(
        Builder(registry), {path: File(digest_of(body), body) for path, body in files.items()}
    )
    return [str(each) for each in checked.problems]


def with_rule(rule: str) -> str:
    """The shortest pathway with a rule, which stands on line 12."""
    return f"""\
slug: short
title: {{zh: 短, en: Short}}
summary: {{zh: 短, en: Short}}
certificate: {{title: {{zh: 证, en: C}}, valid_days: 30}}
stages:
  - slug: only
    title: {{zh: 一, en: One}}
    summary: {{zh: 一, en: One}}
    learn: ["1.1"]
    practise: []
    gate:
      rule: {rule}
      title: {{zh: 关, en: Gate}}
"""


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_pathways_load(name: str) -> None:
    text = (shipped("content") / "pathways" / name).read_text(encoding="utf-8")

    pathway = read(text)

    assert pathway.slug == name.removesuffix(".yaml")
    assert pathway.stages[-1].gate.rule.check(Facts.of([]), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_pathway_is_read_as_written() -> None:
    pathway = read(PATHWAY)

    basic, post, live = pathway.stages
    assert basic.exams == ("exam", "typing")
    assert basic.activities == ("1.1", "1.2", "drill", "exam", "typing")
    assert done_slugs(basic.gate.rule) == ("1.1", "1.2")
    assert [each.measure for each in limits(basic.gate.rule)] == ["fake_cpm", "fake_accuracy_ratio"]
    assert (basic.gate.attempts, basic.gate.delay_minutes) == (
        {"exam": 2, "typing": 5},
        {"exam": 30},
    )
    assert (post.exams, signers(post.gate.rule)) == ((), ())
    assert (live.exams, signers(live.gate.rule)) == ((), ("trainer",))
    assert live.sign_off_slot == "sign-off:live"
    assert [pathway.stage_of(slug) for slug in ("drill", "2.1", "extra")] == [0, 1, None]
    assert pathway.certificate.valid_days == 365


def test_a_pathway_can_be_pickled_and_compared() -> None:
    pathway = read(PATHWAY)

    assert pickle.loads(pickle.dumps(pathway)) == pathway  # noqa: S301 - pickled here
    assert copy.deepcopy(pathway) == pathway


def test_best_of_and_picks_are_read() -> None:
    one = read(
        with_rule(
            "{on_one_attempt: {activity: t, best_of: 3, same_local_day: true,"
            " rules: [{measure_at_most: {measure: m, value: 1.5}}]}}"
        )
    ).stages[0]
    best = read(with_rule("{score_at_least: {activity: t, ratio: 1, pick: best}}")).stages[0]

    assert isinstance(one.gate.rule, OnOneAttempt)
    assert (one.gate.rule.best_of, one.gate.rule.same_local_day) == (3, True)
    assert not one.gate.rule.limits[0].at_least
    assert best.gate.rule == ScoreAtLeast("t", 1.0, "best")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{all: []}", "至少一个条件"),
        ("{}", "条件要写一个"),
        ("[]", "条件要写一个"),
        ("{some: []}", "条件要写一个"),
        ("{done: {activities: [1.1]}}", "要带引号"),
        ("{done: [a]}", "名称: 内容"),
        ("{score_at_least: {ratio: 0.8}}", "缺 activity"),
        ("{score_at_least: {activity: t, ratio: 80}}", "ratio 要写 0 到 1"),
        ("{score_at_least: {activity: t, ratio: true}}", "ratio 要写 0 到 1"),
        ("{score_at_least: {activity: t, ratio: .nan}}", "ratio 要写 0 到 1"),
        ("{score_at_least: {activity: t, ratio: 0.8, pick: [best]}}", "pick 要写"),
        ("{measure_at_least: {activity: t, measure: m, value: fast}}", "value 要写一个数"),
        ("{measure_at_least: {activity: t, measure: m, value: .inf}}", "value 要写一个数"),
        ("{measure_at_least: {activity: t, value: 1}}", "缺 measure"),
        ("{on_one_attempt: {activity: t, rules: []}}", "至少一个条件"),
        ("{on_one_attempt: {activity: t, rules: [{done: {}}]}}", "这里只能写"),
        (
            "{on_one_attempt: {activity: t, best_of: 0, rules: [measure_at_most: {measure: m, value: 1}]}}",  # noqa: E501
            "best_of",
        ),
        ("{mean_at_least: {activity: t, ratio: 0.8, min_n: 0, days: 30}}", "min_n"),
        ("{none_of: {flag: rude, days: true}}", "days"),
        ("{signed_off: {role: trainee, about: {zh: 好, en: Good}}}", "trainer 或 manager"),
        ("{signed_off: {role: trainer, about: 好}}", "about"),
    ],
)
def test_a_wrong_rule_is_told_with_its_line(rule: str, told: str) -> None:
    found = problems_of(with_rule(rule))

    assert {line for line, _problem in found} == {12}
    assert told in found[0][1]


def test_all_problems_come_out_together() -> None:
    text = """\
slug: 3
title: 路径
stages:
  - slug: a
    learn: [1.1]
    gate:
      rule: {score_at_least: {activity: exam, ratio: 2}}
      attempts: {exam: many, other: 2}
  - 阶段
  - slug: a
    title: {zh: 甲, en: A}
    summary: {zh: 甲, en: A}
    learn: []
    practise: []
"""

    found = [line for line, _problem in problems_of(text)]

    assert found == [1, 1, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9, 10, 10, 10]


def test_limits_and_delays_belong_to_what_the_rule_judges() -> None:
    rule = "{score_at_least: {activity: exam, ratio: 0.8}}\n      attempts: {exam: 2, quiz: 3}"

    ((line, problem),) = problems_of(with_rule(rule))

    assert (line, problem) == (13, "关卡的条件里没有考 quiz")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("practise: [drill]", "practise: [dril]", ":13: 阶段 basic 用到的 dril 不存在"),
        ("activity: exam, ratio", "activity: exan, ratio", "exan 不存在"),
        ('["2.1"]}}', '["2.2"]}}', "2.2 不存在"),
        ('learn: ["2.1"]', "learn: []", "2.1，可是到 post 为止没有哪个阶段打开它"),
        ("measure: fake_cpm", "measure: cpm", ":23: typing 没有 cpm 这个指标"),
    ],
)
def test_names_that_do_not_exist_are_told(old: str, new: str, told: str) -> None:
    text = PATHWAY.replace(old, new)
    if "exan" in new:
        text = text.replace("attempts: {exam: 2, ", "attempts: {").replace("{exam: 30}", "{}")

    (problem,) = problems_beside(**{PATH: text})

    assert told in problem
    assert problem.startswith(PATH)


def test_only_exams_can_be_limited() -> None:
    text = PATHWAY.replace("activity: exam,", "activity: drill,").replace("exam:", "drill:")

    (problem,) = problems_beside(**{PATH: text})

    assert "drill 不是考试" in problem


def test_two_pathways_need_two_slugs() -> None:
    (problem,) = problems_beside(**{"pathways/zweite.yaml": PATHWAY})

    assert problem == "pathways/zweite.yaml:1: 路径 three-exams 重复"
