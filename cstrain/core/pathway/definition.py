"""Pathways as content: from YAML to stages and gates. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeGuard

from cstrain.core.catalogue.build import is_bilingual
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.file_reader import At, FileReader
from cstrain.core.catalogue.sources import Source
from cstrain.core.pathway.gates import Gate
from cstrain.core.pathway.rules import (
    AllOf,
    AnyOf,
    Done,
    MeanAtLeast,
    MeasureLimit,
    NoneOf,
    OnOneAttempt,
    Rule,
    ScoreAtLeast,
    SignedOff,
    looks_at_days,
)
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _

MATERIAL = "pathway"
_SIGNERS = ("trainer", "manager")


@dataclass(frozen=True)
class Stage:
    """One stage: what to learn, what to practise, and the gate at its end.

    Attributes:
        summary: What one may do after passing it, in words, ``{zh, en}``.
        learn: Lesson slugs in order; the gate's exams open when they are done.
        practise: Activities offered for practice; never required but by the gate.
    """

    slug: str
    title: Mapping[str, str]
    summary: Mapping[str, str]
    learn: tuple[str, ...]
    practise: tuple[str, ...]
    gate: Gate

    @cached_property
    def exams(self) -> tuple[str, ...]:
        """The activities whose attempts the gate judges, in a stable order."""
        limited = tuple(self.gate.attempts)
        others = self.gate.rule.activities() - set(limited) - set(means(self.gate.rule))
        return limited + tuple(sorted(others))

    @cached_property
    def activities(self) -> tuple[str, ...]:
        """Everything that this stage opens."""
        return tuple(dict.fromkeys((*self.learn, *self.practise, *self.exams)))

    @property
    def sign_off_slot(self) -> str:
        """The activity name under which signatures of this stage are kept."""
        return f"sign-off:{self.slug}"


@dataclass(frozen=True, slots=True)
class CertificateTerms:
    """What the last gate's PASS issues.

    Attributes:
        valid_days: Days from the issue to the end of validity.
        queues: The queues it is good for, ``{zh, en}`` each; empty means all.
    """

    title: Mapping[str, str]
    valid_days: int
    queues: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Pathway:
    """A pathway, as pinned by its digest.

    Attributes:
        lines: The line of each activity, and each measure, where it is first named.
    """

    slug: str
    title: Mapping[str, str]
    summary: Mapping[str, str]
    stages: tuple[Stage, ...]
    certificate: CertificateTerms
    path: str
    digest: str
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def stage(self, slug: str) -> Stage:
        """The stage of this slug.

        Raises:
            KeyError: If there is none.
        """
        return self.stages[self.position(slug)]

    def position(self, slug: str) -> int:
        """The stage's place, from 0.

        Raises:
            KeyError: If there is none.
        """
        for index, stage in enumerate(self.stages):
            if stage.slug == slug:
                return index
        raise KeyError(slug)

    def stage_of(self, activity: str) -> int | None:
        """The first stage that opens an activity; None when the pathway does not name it."""
        return self._first.get(activity)

    @cached_property
    def looks_at_days(self) -> bool:
        """Whether a gate asks what somebody has shown in the last so many days."""
        return any(looks_at_days(stage.gate.rule) for stage in self.stages)

    @cached_property
    def _first(self) -> Mapping[str, int]:
        first: dict[str, int] = {}
        for index, stage in enumerate(self.stages):
            for activity in stage.activities:
                first.setdefault(activity, index)
        return first


def load(source: Source) -> Pathway:
    """Read a pathway file.

    Raises:
        ContentError: With every problem found.
    """
    return _Reader(source).pathway()


def check(catalogue: Catalogue) -> Iterable[ContentProblem]:
    """What only shows beside all content: names that do not exist, limits on what is no exam."""
    seen: set[str] = set()
    pathways: Iterable[Pathway] = catalogue.materials.get(MATERIAL, ())
    for pathway in pathways:
        if pathway.slug in seen:
            yield ContentProblem(pathway.path, 1, _("路径 %(slug)s 重复", slug=pathway.slug))
        seen.add(pathway.slug)
        for line, text, missing in _misfits(pathway, catalogue):
            yield ContentProblem(pathway.path, line, text, missing)


def _misfits(pathway: Pathway, catalogue: Catalogue) -> Iterable[tuple[int, str, str]]:
    """Line, problem, and the activity that is not there, if that is the problem."""
    opened: set[str] = set()
    for stage in pathway.stages:
        opened.update(stage.activities)
        for slug in dict.fromkeys((*stage.activities, *done_slugs(stage.gate.rule))):
            line = pathway.lines.get(slug, 1)
            if slug not in catalogue.activities:
                text = _("阶段 %(stage)s 用到的 %(slug)s 不存在", stage=stage.slug, slug=slug)
                yield line, text, slug
            elif slug not in opened:
                text = _("要求学完 %(slug)s，可是到 %(stage)s 为止没有哪个阶段打开它")
                yield line, text % {"slug": slug, "stage": stage.slug}, ""
            elif slug in stage.gate.attempts and not catalogue.activities[slug].is_exam:
                yield line, _("%(slug)s 不是考试，不能限制次数", slug=slug), ""
        for slug in means(stage.gate.rule):
            if slug not in catalogue.activities and slug not in catalogue.unwritten:
                text = _("阶段 %(stage)s 用到的 %(slug)s 不存在", stage=stage.slug, slug=slug)
                yield pathway.lines.get(slug, 1), text, slug
        for limit in limits(stage.gate.rule):
            activity = catalogue.activities.get(limit.activity)
            if activity and all(each.name != limit.measure for each in activity.kind.measures):
                text = _("%(activity)s 没有 %(measure)s 这个指标")
                values = {"activity": limit.activity, "measure": limit.measure}
                yield pathway.lines.get(limit.measure, 1), text % values, ""


def done_slugs(rule: Rule) -> tuple[str, ...]:
    """Everything a rule asks to be done, in order."""
    return tuple(slug for part in _parts(rule) if isinstance(part, Done) for slug in part.slugs)


def limits(rule: Rule) -> tuple[MeasureLimit, ...]:
    """Every limit on a measure that a rule sets."""
    return tuple(part for part in _parts(rule) if isinstance(part, MeasureLimit))


def means(rule: Rule) -> tuple[str, ...]:
    """What a rule takes the mean of: work that others look at, with nothing to begin."""
    return tuple(part.activity for part in _parts(rule) if isinstance(part, MeanAtLeast))


def signers(rule: Rule) -> tuple[str, ...]:
    """The roles whose signatures a rule asks for."""
    return tuple(part.role for part in _parts(rule) if isinstance(part, SignedOff))


def _parts(rule: Rule) -> Iterable[Rule]:
    """A rule and all rules inside it."""
    yield rule
    inner: tuple[Rule, ...] = ()
    if isinstance(rule, AllOf | AnyOf):
        inner = rule.rules
    elif isinstance(rule, OnOneAttempt):
        inner = rule.limits
    for part in inner:
        yield from _parts(part)


class _Reader(FileReader):
    """Reads one file, collecting problems with their lines."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.lines: dict[str, int] = {}
        self.slot = ""

    def note(self, name: str, *at: str | int) -> str:
        """Remember where an activity or a measure is named."""
        self.lines.setdefault(name, self.source.meta.line_of(*at))
        return name

    def pathway(self) -> Pathway:
        data = self.source.meta.data
        slug = self.text(data, "slug")
        stages = [
            self.stage(stage, ("stages", index))
            for index, stage in enumerate(self.list_of(data, "stages"))
            if self.is_mapping(stage, ("stages", index))
        ]
        if data.get("stages") == []:
            self.complain(_("至少要有一个阶段（stages）"), "stages")
        pathway = Pathway(
            slug=slug,
            title=self.bilingual(data, "title"),
            summary=self.bilingual(data, "summary"),
            stages=tuple(stages),
            certificate=self.terms(data.get("certificate")),
            path=self.source.path,
            digest=self.source.digest,
            lines=self.lines,
        )
        if len({stage.slug for stage in stages}) < len(stages):
            self.complain(_("两个阶段的 slug 重复"), "stages")
        self.refuse_problems()
        return pathway

    def stage(self, data: Mapping[str, Any], at: At) -> Stage:
        slug = self.text(data, "slug", at)
        self.slot = f"sign-off:{slug}"
        return Stage(
            slug=slug,
            title=self.bilingual(data, "title", at),
            summary=self.bilingual(data, "summary", at),
            learn=self.slugs(data, "learn", at),
            practise=self.slugs(data, "practise", at),
            gate=self.gate(self.mapping(data.get("gate"), (*at, "gate")), (*at, "gate")),
        )

    def gate(self, data: Mapping[str, Any], at: At) -> Gate:
        rule = self.rule(data.get("rule"), (*at, "rule"))
        gate = Gate(
            title=self.bilingual(data, "title", at),
            rule=rule,
            attempts=self.counts(data, "attempts", at, least=1),
            delay_minutes=self.counts(data, "delay_minutes", at, least=0),
        )
        for key, named in (("attempts", gate.attempts), ("delay_minutes", gate.delay_minutes)):
            for slug in sorted(set(named) - rule.activities()):
                self.complain(_("关卡的条件里没有考 %(slug)s", slug=slug), *at, key, slug)
        return gate

    def terms(self, data: Any) -> CertificateTerms:
        if not isinstance(data, dict):
            self.complain(_("缺 certificate（证书的标题和有效天数）"), "certificate")
            return CertificateTerms({}, 1)
        days = data.get("valid_days")
        if not _is_whole(days) or days < 1:
            self.complain(_("valid_days 要写大于 0 的天数"), "certificate", "valid_days")
            days = 1
        queues = data.get("queues") or []
        if not isinstance(queues, list) or not all(is_bilingual(queue) for queue in queues):
            self.complain(_("queues 的每一项写成 {zh: 中文, en: English}"), "certificate", "queues")
            queues = []
        title = self.bilingual(data, "title", ("certificate",))
        return CertificateTerms(title, days, tuple(queues))

    def rule(self, data: Any, at: At) -> Rule:
        readers: Mapping[str, Callable[[Any, At], Rule]] = {
            "all": lambda each, where: AllOf(self.rules(each, where)),
            "any": lambda each, where: AnyOf(self.rules(each, where)),
            "done": self.done,
            "score_at_least": self.score,
            "measure_at_least": self.limit_at_least,
            "measure_at_most": self.limit_at_most,
            "on_one_attempt": self.one_attempt,
            "mean_at_least": self.mean,
            "none_of": self.none_of,
            "signed_off": self.signed_off,
        }
        if not isinstance(data, dict) or len(data) != 1 or next(iter(data)) not in readers:
            known = ", ".join(readers)
            self.complain(_("条件要写一个，可以是 %(known)s", known=known), *at)
            return AllOf(())
        ((name, inner),) = data.items()
        return readers[name](inner, (*at, name))

    def rules(self, data: Any, at: At) -> tuple[Rule, ...]:
        if not isinstance(data, list) or not data:
            self.complain(_("这里要列出至少一个条件"), *at)
            return ()
        return tuple(self.rule(each, (*at, index)) for index, each in enumerate(data))

    def done(self, data: Any, at: At) -> Rule:
        return Done(self.slugs(self.mapping(data, at), "activities", at))

    def score(self, data: Any, at: At) -> Rule:
        data = self.mapping(data, at)
        return ScoreAtLeast(self.activity(data, at), self.ratio(data, at), self.pick(data, at))

    def mean(self, data: Any, at: At) -> Rule:
        data = self.mapping(data, at)
        return MeanAtLeast(
            self.activity(data, at),
            self.ratio(data, at),
            self.positive(data, "min_n", at),
            self.positive(data, "days", at),
        )

    def limit_at_least(self, data: Any, at: At) -> MeasureLimit:
        data = self.mapping(data, at)
        return self.limit(data, at, self.activity(data, at), at_least=True)

    def limit_at_most(self, data: Any, at: At) -> MeasureLimit:
        data = self.mapping(data, at)
        return self.limit(data, at, self.activity(data, at), at_least=False)

    def limit(
        self, data: Mapping[str, Any], at: At, activity: str, *, at_least: bool
    ) -> MeasureLimit:
        value = data.get("value")
        if not _is_number(value):
            self.complain(_("value 要写一个数"), *at, "value")
            value = 0
        measure = self.note(self.text(data, "measure", at), *at, "measure")
        return MeasureLimit(activity, measure, float(value), at_least, self.pick(data, at))

    def one_attempt(self, data: Any, at: At) -> Rule:
        data = self.mapping(data, at)
        activity = self.activity(data, at)
        kept = []
        rules = self.list_of(data, "rules", at)
        if data.get("rules") == []:
            self.complain(_("这里要列出至少一个条件"), *at, "rules")
        for index, each in enumerate(rules):
            where = (*at, "rules", index)
            name = next(iter(each), "") if isinstance(each, dict) else ""
            if name not in {"measure_at_least", "measure_at_most"}:
                self.complain(_("这里只能写 measure_at_least 或 measure_at_most"), *where)
                continue
            inner = self.mapping(each[name], (*where, name))
            kept.append(
                self.limit(inner, (*where, name), activity, at_least=name == "measure_at_least")
            )
        best_of = data.get("best_of", 1)
        if not _is_whole(best_of) or best_of < 1:
            self.complain(_("best_of 要写 1 或更大的整数"), *at, "best_of")
            best_of = 1
        return OnOneAttempt(
            activity, tuple(kept), best_of, same_local_day=data.get("same_local_day") is True
        )

    def none_of(self, data: Any, at: At) -> Rule:
        data = self.mapping(data, at)
        return NoneOf(self.text(data, "flag", at), self.positive(data, "days", at))

    def signed_off(self, data: Any, at: At) -> Rule:
        data = self.mapping(data, at)
        role = data.get("role")
        if role not in _SIGNERS:
            self.complain(_("role 要写 trainer 或 manager"), *at, "role")
            role = _SIGNERS[0]
        return SignedOff(role, self.slot, self.bilingual(data, "about", at))

    # What the values are made of.

    def mapping(self, data: Any, at: At) -> Mapping[str, Any]:
        return data if self.is_mapping(data, at) else {}

    def is_mapping(self, data: Any, at: At) -> bool:
        if isinstance(data, dict):
            return True
        self.complain(_("这里要写成“名称: 内容”"), *at)
        return False

    def text(self, data: Mapping[str, Any], key: str, at: At = ()) -> str:
        value = data.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.complain(_("缺 %(key)s（文字，像数字的要带引号）", key=key), *at, key)
        return ""

    def activity(self, data: Mapping[str, Any], at: At) -> str:
        return self.note(self.text(data, "activity", at), *at, "activity")

    def bilingual(self, data: Mapping[str, Any], key: str, at: At = ()) -> Mapping[str, str]:
        value = data.get(key)
        if isinstance(value, dict) and is_bilingual(value):
            return value
        self.complain(_("%(key)s 要写成 {zh: 中文, en: English}", key=key), *at, key)
        return {}

    def list_of(self, data: Mapping[str, Any], key: str, at: At = ()) -> list[Any]:
        value = data.get(key)
        if isinstance(value, list):
            return value
        self.complain(_("%(key)s 要写成列表", key=key), *at, key)
        return []

    def slugs(self, data: Mapping[str, Any], key: str, at: At) -> tuple[str, ...]:
        values = self.list_of(data, key, at)
        if all(isinstance(value, str) and value for value in values):
            return tuple(self.note(value, *at, key, index) for index, value in enumerate(values))
        self.complain(_("%(key)s 里像数字的要带引号", key=key), *at, key)
        return ()

    def counts(self, data: Mapping[str, Any], key: str, at: At, *, least: int) -> Mapping[str, int]:
        value = data.get(key) or {}
        if isinstance(value, dict) and all(
            isinstance(slug, str) and _is_whole(count) and count >= least
            for slug, count in value.items()
        ):
            return value
        self.complain(_("%(key)s 要写成 {活动: 整数}", key=key), *at, key)
        return {}

    def positive(self, data: Mapping[str, Any], key: str, at: At) -> int:
        value = data.get(key)
        if _is_whole(value) and value > 0:
            return value
        self.complain(_("%(key)s 要写大于 0 的整数", key=key), *at, key)
        return 1

    def ratio(self, data: Mapping[str, Any], at: At) -> float:
        value = data.get("ratio")
        if _is_number(value) and 0 < value <= 1:
            return float(value)
        self.complain(_("ratio 要写 0 到 1 之间的数，例如 0.8"), *at, "ratio")
        return 1.0

    def pick(self, data: Mapping[str, Any], at: At) -> Any:
        value = data.get("pick", "latest")
        if value in ("latest", "best"):
            return value
        self.complain(_("pick 要写 latest 或 best"), *at, "pick")
        return "latest"


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> TypeGuard[int | float]:
    return _is_whole(value) or (isinstance(value, float) and math.isfinite(value))
