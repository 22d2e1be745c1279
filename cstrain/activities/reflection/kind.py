"""The kind ``reflection``: what the core asks of it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from flask import render_template
from markupsafe import Markup

from cstrain import plugin
from cstrain.activities.reflection import service, spec, views
from cstrain.activities.reflection.spec import ReflectionSpec
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import percent


class ReflectionKind(plugin.ActivityKind):
    """Writing about one's own work; a trainer marks it by a rubric."""

    api_version: ClassVar[int] = plugin.API_VERSION
    name: ClassVar[str] = views.KIND
    title: ClassVar[Mapping[str, str]] = {"zh": "心得", "en": "Reflection"}
    measures: ClassVar[Sequence[plugin.Measure]] = (
        plugin.Measure("char_count", {"zh": "写了", "en": "Written"}, {"zh": "字", "en": "chars"}),
    )
    blueprint = views.bp

    def load(self, source: plugin.Source) -> ReflectionSpec:
        """Read a reflection's file; its problems come out as ``ContentError``."""
        return spec.load(source)

    def check(self, catalogue: plugin.Catalogue) -> Iterable[ContentProblem]:
        """The rubric and the sections must be there."""
        rubrics = plugin.rubrics_of(catalogue)
        for activity in catalogue.activities.values():
            if activity.kind is not self:
                continue
            asked: ReflectionSpec = activity.spec
            if asked.rubric not in rubrics:
                yield asked.problem(_("没有这份评分表：%(slug)s", slug=asked.rubric), "rubric")
            for ref in asked.sections:
                if ref not in catalogue.sections:
                    text = _("没有这一节：%(ref)s", ref=ref)
                    yield asked.problem(text, "sections", missing=ref)

    def minutes(self, spec: ReflectionSpec) -> float:
        """As the file says."""
        return spec.minutes

    def prepare(
        self,
        attempt: plugin.AttemptView,
        spec: ReflectionSpec,
        rng: random.Random,
        *,
        now: datetime,
    ) -> None:
        """Lay out an empty sheet."""
        del spec, rng
        service.begin(attempt.id, now=now)

    def start_url(self, slug: str) -> str:
        """The page before it."""
        return f"{plugin.root()}/reflections/{slug}"

    def attempt_url(self, attempt_id: int) -> str:
        """The sheet while it is open, the result afterwards."""
        return f"{plugin.root()}/reflections/{attempt_id}"

    def close(self, attempt: plugin.AttemptView, *, now: datetime) -> plugin.Outcome:
        """Take nothing more; a trainer marks it."""
        service.close(attempt.id, now=now)
        return _outcome(attempt)

    def regrade(self, attempt: plugin.AttemptView, *, now: datetime) -> plugin.Outcome:
        """What is kept stays as it is."""
        del now
        return _outcome(attempt)

    def needs_review(
        self, attempt: plugin.AttemptView, outcome: plugin.Outcome
    ) -> plugin.ReviewRequest | None:
        """The rubric, unless nothing is written; no rule proposes anything about a free text."""
        if outcome.score is not None:
            return None
        asked: ReflectionSpec = plugin.spec_of(attempt)
        return plugin.ReviewRequest(asked.rubric, {})

    def render_review(self, attempt: plugin.AttemptView) -> Markup:
        """The task, and the text paragraph by paragraph."""
        return Markup(  # noqa: S704 - a template of ours
            render_template(
                "reflection/marked.html",
                spec=plugin.spec_of(attempt),
                paragraphs=service.paragraphs(service.of(attempt.id).text),
            )
        )

    def settle_marks(
        self,
        attempt: plugin.AttemptView,
        scored: plugin.Scored,
        marks: Mapping[str, plugin.Mark],
        *,
        now: datetime,
    ) -> plugin.Outcome:
        """The score of the marks, with what was written."""
        del marks, now
        return _outcome(attempt, scored)


def _outcome(attempt: plugin.AttemptView, scored: plugin.Scored | None = None) -> plugin.Outcome:
    """What an attempt comes to; an empty sheet is worth nothing and needs no trainer."""
    count = service.char_count(service.of(attempt.id).text)
    zh, en = f"写了 {count} 字", f"{count} characters"
    score = scored.ratio if scored else (None if count else 0.0)
    if scored:
        zh, en = f"{zh}，得分 {percent(score)}", f"{en}, score {percent(score)}"
    return plugin.Outcome(
        score,
        {"char_count": count},
        scored.shortfalls if scored else (),
        {"zh": zh, "en": en},
    )


KIND = ReflectionKind()
