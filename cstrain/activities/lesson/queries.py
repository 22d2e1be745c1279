"""Reads of lessons: columns, never rows of the ORM, and one statement a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from cstrain.activities.lesson import progress as rules
from cstrain.activities.lesson.models import LessonAnswer, LessonProgress
from cstrain.activities.lesson.progress import Answered, Progress
from cstrain.activities.lesson.spec import LessonSpec
from cstrain.kit.db import run


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was kept."""

    answered: Answered
    response: Mapping[str, Any] | None
    given_text: str
    others: Mapping[str, float]
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything stored of one attempt at a lesson.

    Attributes:
        kept: Id → answer, drawn questions included, in the order they were drawn or answered.
    """

    content_digest: str
    is_relearning: bool
    scope: tuple[str, ...]
    opened: tuple[str, ...]
    report_number: int
    kept: Mapping[str, Kept] = field(default_factory=dict)

    def progress(self, spec: LessonSpec) -> Progress:
        """How far it is."""
        return rules.asked(
            spec,
            opened=self.opened,
            answers=[each.answered for each in self.kept.values()],
            is_relearning=self.is_relearning,
            scope=self.scope,
        )

    @property
    def drawn(self) -> Sequence[Answered]:
        """The bank questions that retraining drew."""
        return [each.answered for each in self.kept.values() if each.answered.drawn_for]


_READING = (
    select(
        LessonProgress.content_digest,
        LessonProgress.is_relearning,
        LessonProgress.scope,
        LessonProgress.opened,
        LessonProgress.report_number,
        LessonAnswer.item_id,
        LessonAnswer.item_digest,
        LessonAnswer.drawn_for,
        LessonAnswer.response,
        LessonAnswer.ratio,
        LessonAnswer.first_ratio,
        LessonAnswer.try_count,
        LessonAnswer.given_text,
        LessonAnswer.others,
        LessonAnswer.answered_at,
    )
    .select_from(LessonProgress)
    .outerjoin(LessonAnswer, LessonAnswer.attempt_id == LessonProgress.attempt_id)
    .where(LessonProgress.attempt_id == bindparam("attempt_id"))
    .order_by(LessonAnswer.id)
)


def reading(attempt_id: int) -> Reading | None:
    """What is stored of an attempt; None when nothing is. One statement."""
    rows = run(_READING, {"attempt_id": attempt_id}).all()
    if not rows:
        return None
    first = rows[0]
    kept = {
        row.item_id: Kept(
            Answered(
                row.item_id,
                row.item_digest,
                row.ratio,
                row.first_ratio,
                row.try_count,
                row.drawn_for,
            ),
            row.response,
            row.given_text,
            row.others or {},
            row.answered_at,
        )
        for row in rows
        if row.item_id is not None
    }
    return Reading(
        content_digest=first.content_digest,
        is_relearning=first.is_relearning,
        scope=tuple(first.scope),
        opened=tuple(first.opened),
        report_number=first.report_number,
        kept=kept,
    )


def progress(attempt_id: int, spec: LessonSpec) -> Progress:
    """How far an attempt is; nothing done where nothing is stored."""
    found = reading(attempt_id)
    return found.progress(spec) if found else rules.asked(spec)
