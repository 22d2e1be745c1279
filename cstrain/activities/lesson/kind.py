"""The kind: what the core asks of lessons."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from cstrain import plugin
from cstrain.activities.lesson import editing, service, spec, views
from cstrain.activities.lesson.spec import LessonSpec
from cstrain.kit.errors import ContentProblem


class LessonKind(plugin.ActivityKind):
    """A text to read, with questions on the way; done by a rule that the server applies."""

    api_version = plugin.API_VERSION
    name = views.KIND
    title: ClassVar = {"zh": "课", "en": "Lesson"}
    measures: ClassVar = (
        plugin.Measure(
            "answered_count",
            {"zh": "答过的随堂题", "en": "Questions answered"},
            {"zh": "题", "en": "questions"},
        ),
        plugin.Measure(
            "right_first_ratio",
            {"zh": "一次答对", "en": "Right at once"},
            {"zh": "%", "en": "%"},
        ),
    )
    blueprint = views.bp

    def load(self, source: plugin.Source) -> LessonSpec:
        """Read a lesson's file."""
        return spec.load(source)

    def check(self, catalogue: plugin.Catalogue) -> Iterable[ContentProblem]:
        """Dead links, missing sections, ids used twice."""
        return spec.check(catalogue)

    def advice(self, catalogue: plugin.Catalogue) -> Iterable[ContentProblem]:
        """What an editor would mend in the lessons."""
        for activity in catalogue.activities.values():
            if isinstance(activity.spec, LessonSpec):
                for line, text in editing.remarks(activity.spec):
                    yield ContentProblem(activity.path, line, text)

    def sections(self, spec: LessonSpec) -> Mapping[str, Mapping[str, str]]:
        """Its numbered sections; a practice lesson teaches as a whole."""
        if spec.is_practice:
            return {spec.slug: spec.title}
        return {part.ref: part.title for part in spec.parts if part.ref in spec.sections}

    def search_entries(self, activity: plugin.Activity) -> Iterable[plugin.SearchEntry]:
        """An entry for each part; the search itself leaves out what is locked."""
        lesson: LessonSpec = activity.spec
        name = activity.title["zh"]
        for part in lesson.parts:
            own = f"{part.number} {part.title['zh']}".strip()
            yield plugin.SearchEntry(
                group="lesson",
                title=f"{own} · {name}" if part.title["zh"] else name,
                text=part.text,
                url=f"{plugin.root()}/lesson/{activity.slug}#{part.ref}",
                activity=activity.slug,
            )

    def minutes(self, spec: LessonSpec) -> float:
        """As its author says."""
        return spec.minutes

    def prepare(
        self, attempt: plugin.AttemptView, spec: LessonSpec, rng: random.Random, *, now: datetime
    ) -> None:
        """Keep how far the reader is; in retraining, draw questions from the bank."""
        service.prepare(attempt, spec, rng, now=now)

    def start_url(self, slug: str) -> str:
        """The lesson."""
        return f"{plugin.root()}/lesson/{slug}"

    def attempt_url(self, attempt_id: int) -> str:
        """What was opened and answered."""
        return f"{plugin.root()}/lesson/attempt/{attempt_id}"

    def close(self, attempt: plugin.AttemptView, *, now: datetime) -> plugin.Outcome:
        """Done, with what was right at once.

        Raises:
            ConflictError: If something is left.
        """
        del now
        return service.outcome(attempt, plugin.spec_of(attempt))


KIND = LessonKind()
