"""Rubrics as content: from YAML in ``rubrics/`` to values, and the checks beside other content.

slug: live-practice
title: {zh: 接待评分表, en: Rubric for a reception}
style: points
sections:
  - key: facts
    title: {zh: 说得对, en: Right facts}
    weight: 30
    criteria:
      - key: facts
        title: {zh: 事实都对, en: All facts right}
        kind: scale
        most: 4
        rule: facts
        relearn: ["section:3.3.1"]
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from cstrain.core.catalogue.build import is_bilingual
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.file_reader import At, FileReader
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.sources import Source
from cstrain.core.review.rubric import (
    MATERIAL,
    MOST,
    Condition,
    Criterion,
    Form,
    Level,
    Rubric,
    Section,
    Style,
)
from cstrain.kit.errors import ContentProblem, NotFoundError
from cstrain.kit.i18n import gettext as _

E = TypeVar("E", bound=StrEnum)
_KEY = re.compile(r"[a-z][a-z0-9_-]*")
_PASS_FAIL = (
    Level(0, {"zh": "没做到", "en": "Not met"}),
    Level(1, {"zh": "做到了", "en": "Met"}),
)
#: Where nothing says how much is enough, three fifths of full are.
_ENOUGH = 0.6
_MOST_APPEAL_DAYS = 60
_RUBRIC_KEYS = frozenset(
    {"slug", "title", "style", "bonus_most", "sections", "snippets", "appeal_days"}
)
_SECTION_KEYS = frozenset({"key", "title", "weight", "criteria"})
_CRITERION_KEYS = frozenset(
    {
        *("key", "title", "looks", "kind", "most", "levels", "weight", "enough", "allows_na"),
        *("needs_evidence", "cap", "bonus", "relearn", "rule", "only_if"),
    }
)


def register(registry: Registry) -> None:
    """Let content hold rubrics. Called while the application is wired."""
    registry.add_material(MATERIAL, load)
    registry.checks.append(check)


def of_catalogue(catalogue: Catalogue) -> Mapping[str, Rubric]:
    """The rubrics a team has, by slug."""
    return {each.slug: each for each in catalogue.materials.get(MATERIAL, ())}


def published(catalogue: Catalogue, slug: str) -> Rubric:
    """The rubric as published now.

    Raises:
        NotFoundError: If there is none of this slug.
    """
    found = of_catalogue(catalogue).get(slug)
    if found is None:
        raise NotFoundError(_("没有评分表 %(slug)s。", slug=slug))
    return found


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """What only shows beside other content: doubled slugs, targets that do not exist."""
    seen: set[str] = set()
    rubrics: Iterable[Rubric] = catalogue.materials.get(MATERIAL, ())
    for rubric in rubrics:
        if rubric.slug in seen:
            yield ContentProblem(rubric.path, 1, _("评分表 %(slug)s 重复", slug=rubric.slug))
        seen.add(rubric.slug)
        for criterion in rubric:
            for target in criterion.relearn:
                kind, _colon, ref = target.partition(":")
                known = catalogue.sections if kind == "section" else catalogue.activities
                if ref not in known:
                    text = _("要补学的 %(target)s 不存在", target=target)
                    yield ContentProblem(rubric.path, criterion.line, text)


def load(source: Source) -> Rubric:
    """Read a rubric's file.

    Raises:
        ContentError: With every problem found.
    """
    return _Reader(source).rubric()


class _Reader(FileReader):
    """Reads one file, collecting problems with their lines."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.is_deduction = False

    def rubric(self) -> Rubric:
        data = self.source.meta.data
        self.known(data, _RUBRIC_KEYS, ())
        style = self.one_of(data, "style", Style, Style.POINTS, ())
        self.is_deduction = style is Style.DEDUCTION
        sections = tuple(
            self.section(each, ("sections", place))
            for place, each in enumerate(self.mappings(data, "sections", ()))
        )
        found = Rubric(
            slug=self.key(data, "slug", ()),
            title=self.title(data, ()),
            style=style,
            sections=sections,
            path=self.source.path,
            digest=self.source.digest,
            bonus_most=self.number(data, "bonus_most", (), usual=0.0),
            snippets=self.sentences(data, "snippets", ()),
            appeal_days=self.whole(
                data, "appeal_days", (), usual=7, least=0, most=_MOST_APPEAL_DAYS
            ),
        )
        self.check_whole(found)
        self.refuse_problems()
        return found

    def check_whole(self, rubric: Rubric) -> None:
        """What one criterion alone does not show."""
        keys = [each.key for each in rubric]
        weights = [each.weight is None for each in rubric.sections]
        if any(weights) and not all(weights):
            self.complain(_("有的部分写了 weight，有的没写：要么都写，要么都不写"), "sections")
        for place, section in enumerate(rubric.sections):
            for inner, each in enumerate(section.criteria):
                at = ("sections", place, "criteria", inner)
                if keys.index(each.key) != _count_before(rubric, place, inner):
                    self.complain(_("评分项 %(key)s 重复", key=each.key), *at, "key")
                if each.only_if is not None:
                    self.check_condition(rubric, each, (*at, "only_if"))

    def check_condition(self, rubric: Rubric, criterion: Criterion, at: At) -> None:
        condition = criterion.only_if
        other = rubric.get(condition.criterion) if condition else None
        if other is None or other.key == criterion.key or other.only_if is not None:
            self.complain(_("only_if 要写另一个自己没有 only_if 的评分项"), *at)
        elif condition is not None and not 0 < condition.at_least <= other.full:
            self.complain(_("at_least 要在 1 到 %(full)s 之间", full=other.full), *at, "at_least")

    def section(self, data: Mapping[str, Any], at: At) -> Section:
        self.known(data, _SECTION_KEYS, at)
        criteria = tuple(
            self.criterion(each, (*at, "criteria", place))
            for place, each in enumerate(self.mappings(data, "criteria", at))
        )
        weight = self.number(data, "weight", at, usual=1.0) if "weight" in data else None
        return Section(self.key(data, "key", at), self.title(data, at), criteria, weight)

    def criterion(self, data: Mapping[str, Any], at: At) -> Criterion:
        self.known(data, _CRITERION_KEYS, at)
        form = self.one_of(data, "kind", Form, Form.PASS_FAIL, at)
        levels = self.levels(data, form, at)
        full = levels[-1].value
        enough = self.whole(data, "enough", at, usual=math.ceil(full * _ENOUGH), least=1, most=full)
        rule = data.get("rule")
        if rule is not None and not (isinstance(rule, str) and _KEY.fullmatch(rule)):
            self.complain(_("rule 要写规则的名字（小写字母）"), *at, "rule")
            rule = None
        cap = self.number(data, "cap", at, usual=0.0, most=1.0) if "cap" in data else None
        is_bonus = data.get("bonus") is True
        if is_bonus and not self.is_deduction:
            self.complain(_("bonus 只用在扣分制（style: deduction）里"), *at, "bonus")
        return Criterion(
            key=self.key(data, "key", at),
            title=self.title(data, at),
            form=form,
            levels=levels,
            looks=self.sentences(data, "looks", at),
            weight=self.number(data, "weight", at, usual=1.0),
            enough=enough,
            allows_na=data.get("allows_na") is True,
            needs_evidence=data.get("needs_evidence") is True,
            cap=cap,
            is_bonus=is_bonus,
            relearn=self.targets(data, at),
            rule=rule,
            only_if=self.condition(data, at),
            line=self.source.meta.line_of(*at),
        )

    def levels(self, data: Mapping[str, Any], form: Form, at: At) -> tuple[Level, ...]:
        """The values that may be given; two in any case, so that reading can go on."""
        if form is Form.PASS_FAIL:
            return _PASS_FAIL
        if "levels" not in data and form is Form.SCALE:
            most = self.whole(data, "most", at, usual=MOST, least=1, most=MOST)
            return tuple(Level(value) for value in range(most + 1))
        found = []
        for place, each in enumerate(self.mappings(data, "levels", at)):
            inner = (*at, "levels", place)
            value = self.whole(each, "value", inner, usual=place, least=0, most=MOST)
            found.append(Level(value, self.title(each, inner)))
        values = [level.value for level in found]
        if len(found) < len(_PASS_FAIL) or values != sorted(set(values)) or values[0] != 0:
            text = _("levels 至少两档，value 从 0 起，从低到高，最多 %(most)s", most=MOST)
            self.complain(text, *at, "levels")
            return _PASS_FAIL
        return tuple(found)

    def sentences(
        self, data: Mapping[str, Any], name: str, at: At
    ) -> tuple[Mapping[str, str], ...]:
        value = data.get(name) or []
        if isinstance(value, list) and all(is_bilingual(each) for each in value):
            return tuple(value)
        self.complain(_("%(key)s 的每一行写成 {zh: 中文, en: English}", key=name), *at, name)
        return ()

    def targets(self, data: Mapping[str, Any], at: At) -> tuple[str, ...]:
        value = data.get("relearn") or []
        if isinstance(value, list) and all(
            isinstance(each, str) and each.startswith(("section:", "activity:")) for each in value
        ):
            return tuple(value)
        text = _("relearn 写成列表，每项是 section:小节 或 activity:活动")
        self.complain(text, *at, "relearn")
        return ()

    def condition(self, data: Mapping[str, Any], at: At) -> Condition | None:
        value = data.get("only_if")
        if value is None:
            return None
        if not isinstance(value, dict) or not isinstance(value.get("criterion"), str):
            text = _("only_if 写成 {criterion: 评分项, at_least: 1}")
            self.complain(text, *at, "only_if")
            return None
        least = self.whole(value, "at_least", (*at, "only_if"), usual=1, least=1, most=MOST)
        return Condition(value["criterion"], least)

    # What the values are made of.

    def known(self, data: Mapping[str, Any], keys: frozenset[str], at: At) -> None:
        for key in data.keys() - keys:
            self.complain(_("不认识 %(key)s", key=key), *at, key)

    def key(self, data: Mapping[str, Any], name: str, at: At) -> str:
        value = data.get(name)
        if isinstance(value, str) and _KEY.fullmatch(value):
            return value
        text = _("缺 %(name)s（小写字母开头，字母、数字、- 和 _）", name=name)
        self.complain(text, *at, name)
        return ""

    def title(self, data: Mapping[str, Any], at: At) -> Mapping[str, str]:
        value = data.get("title")
        if is_bilingual(value):
            return value
        self.complain(_("title 要写成 {zh: 中文, en: English}"), *at, "title")
        return {}

    def mappings(self, data: Mapping[str, Any], name: str, at: At) -> Sequence[Mapping[str, Any]]:
        value = data.get(name)
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            return value
        self.complain(_("%(key)s 要列出至少一项", key=name), *at, name)
        return ()

    def one_of(self, data: Mapping[str, Any], name: str, values: type[E], usual: E, at: At) -> E:
        value = data.get(name, usual.value)
        if isinstance(value, str) and value in {each.value for each in values}:
            return values(value)
        names = ", ".join(each.value for each in values)
        self.complain(_("%(key)s 要写其中一个：%(names)s", key=name, names=names), *at, name)
        return usual

    def number(
        self, data: Mapping[str, Any], name: str, at: At, *, usual: float, most: float = 1000.0
    ) -> float:
        value = data.get(name, usual)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 <= value <= most:
            return float(value)
        self.complain(_("%(key)s 要写数，最多 %(most)s", key=name, most=f"{most:g}"), *at, name)
        return usual


def _count_before(rubric: Rubric, section: int, criterion: int) -> int:
    """How many criteria stand before one."""
    return sum(len(each.criteria) for each in rubric.sections[:section]) + criterion
