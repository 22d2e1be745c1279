"""The kind ``quiz``: what the core asks of it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from cstrain.activities.quiz import blueprint, queries, service, spec
from cstrain.activities.quiz.spec import QuizSpec
from cstrain.activities.quiz.views import bp
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import percent
from cstrain.plugin import (
    API_VERSION,
    ActivityKind,
    AttemptView,
    Catalogue,
    Measure,
    Outcome,
    Source,
    WeakPoint,
    root,
)

#: The share of a gated exam's second attempt that may be questions of the first.
MOST_OVERLAP_RATIO = 0.3
_COUNT = {"zh": "题", "en": "questions"}


class QuizKind(ActivityKind):
    """Exams and practice quizzes."""

    name: ClassVar[str] = "quiz"
    title: ClassVar[Mapping[str, str]] = {"zh": "测验", "en": "Quiz"}
    measures: ClassVar[Sequence[Measure]] = (
        Measure("right_count", {"zh": "答对", "en": "Right"}, _COUNT),
        Measure("question_count", {"zh": "题数", "en": "Questions"}, _COUNT),
        Measure("answered_count", {"zh": "作答", "en": "Answered"}, _COUNT),
        Measure("duration_s", {"zh": "用时", "en": "Time taken"}, {"zh": "秒", "en": "s"}),
    )
    api_version: ClassVar[int] = API_VERSION
    blueprint = bp

    def load(self, source: Source) -> QuizSpec:
        """Read a quiz file; its problems come out as ``ContentError``."""
        return spec.load(source)

    def check(self, catalogue: Catalogue) -> Iterable[ContentProblem]:
        """Whether the bank fills every paper, and gated exams do not repeat themselves."""
        gates = _gates(catalogue)
        for activity in catalogue.activities.values():
            if activity.kind is self:
                found = list(_bank_problems(activity.spec, catalogue))
                yield from found
                if not found:
                    yield from _gate_problems(activity.spec, catalogue, gates)

    def notes(self, catalogue: Catalogue) -> Iterable[str]:
        """How much of each gated exam later attempts are expected to repeat."""
        for slug, attempt_count in sorted(_gates(catalogue).items()):
            activity = catalogue.activities.get(slug)
            if activity is None or activity.kind is not self or attempt_count < 2:  # noqa: PLR2004 - nothing to repeat
                continue
            if blueprint.shortages(activity.spec, catalogue.bank):
                continue
            ratios = blueprint.expected_overlaps(activity.spec, catalogue.bank, attempt_count)
            shown = _("，").join(
                _("第 %(n)s 次 %(share)s", n=number, share=percent(ratio))
                for number, ratio in enumerate(ratios, start=2)
            )
            yield _("%(exam)s：预计和以前考过的题重复：%(shown)s", exam=slug, shown=shown)

    def minutes(self, spec: QuizSpec) -> float:
        """The time limit, or about how long the questions take."""
        return spec.about_minutes

    def time_limit_s(self, spec: QuizSpec) -> int | None:
        """The time limit."""
        return None if spec.minutes is None else spec.minutes * 60

    def is_exam(self, spec: QuizSpec) -> bool:
        """Whether it draws exam questions."""
        return spec.is_exam

    def weak_points(self, team_ids: Sequence[int], limit: int) -> Sequence[WeakPoint]:
        """The questions the teams failed most."""
        return queries.most_failed(team_ids, limit)

    def prepare(
        self, attempt: AttemptView, spec: QuizSpec, rng: random.Random, *, now: datetime
    ) -> None:
        """Draw and freeze the paper."""
        del now
        service.prepare(attempt, spec, rng)

    def start_url(self, slug: str) -> str:
        """The page before the paper."""
        return f"{root()}/quiz/{slug}"

    def attempt_url(self, attempt_id: int) -> str:
        """The paper while it is open, the result afterwards."""
        return f"{root()}/quiz/{attempt_id}"

    def close(self, attempt: AttemptView, *, now: datetime) -> Outcome:
        """Grade what was saved."""
        return service.close(attempt, now=now)

    def regrade(self, attempt: AttemptView, *, now: datetime) -> Outcome:
        """Grade again what was saved."""
        return service.regrade(attempt, now=now)


def _gates(catalogue: Catalogue) -> dict[str, int]:
    """Exam → the greatest number of attempts a gate allows it."""
    allowed: dict[str, int] = {}
    pathways: Sequence[Any] = catalogue.materials.get("pathway", ())
    for pathway in pathways:
        for stage in pathway.stages:
            for slug, count in stage.gate.attempts.items():
                allowed[slug] = max(allowed.get(slug, 0), count)
    return allowed


def _bank_problems(quiz: QuizSpec, catalogue: Catalogue) -> Iterator[ContentProblem]:
    """What keeps the bank from filling the paper."""
    for item_id in quiz.always:
        entry = catalogue.bank.get(item_id)
        if entry is None:
            yield quiz.problem(_("always 里的 %(id)s 不在题库里", id=item_id), "always")
        elif not entry.item.use.allows(quiz.use):
            yield quiz.problem(_("always 里的 %(id)s 用途不对", id=item_id), "always")
    unknown = False
    for draw in quiz.draws:
        for section in draw.sections:
            if section not in catalogue.sections and catalogue.page_of(section) is None:
                unknown = True
                text = _("没有这一节：%(ref)s", ref=section)
                yield quiz.problem(text, line=draw.line, missing=section)
    if unknown:
        return
    for shortage in blueprint.shortages(quiz, catalogue.bank):
        wanted, found = shortage.wanted_count, shortage.found_count
        if shortage.draw is None:
            text = _(
                "每一行都够，合起来不够：要 %(n)s 题，不重复只能抽出 %(m)s 题", n=wanted, m=found
            )
            yield quiz.problem(text, "draw")
        else:
            text = _("题库不够：要抽 %(n)s 题，合条件的只有 %(m)s 题", n=wanted, m=found)
            yield quiz.problem(text, line=shortage.draw.line)


def _gate_problems(
    quiz: QuizSpec, catalogue: Catalogue, gates: Mapping[str, int]
) -> Iterator[ContentProblem]:
    """What is wrong with an exam that a gate limits."""
    allowed = gates.get(quiz.slug)
    if allowed is None:
        return
    if not quiz.is_exam:
        yield quiz.problem(_("关卡限制了它的次数，所以 use 要写 exam"), "use")
    if quiz.attempts is not None and quiz.attempts != allowed:
        text = _("关卡里写的是 %(n)s 次，这里要写一样的数", n=allowed)
        yield quiz.problem(text, "attempts")
    if allowed < 2:  # noqa: PLR2004 - one attempt repeats nothing
        return
    overlap = blueprint.expected_overlaps(quiz, catalogue.bank, 2)[0]
    if overlap > MOST_OVERLAP_RATIO:
        text = _(
            "第二次考会有 %(share)s 是第一次见过的题，最多 %(most)s：请给这些节补考试题",
            share=percent(overlap),
            most=percent(MOST_OVERLAP_RATIO),
        )
        yield quiz.problem(text, "draw")


KIND = QuizKind()
