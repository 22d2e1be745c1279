"""What pages show of papers and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from cstrain.activities.quiz.models import Answer, GradedAnswer, ItemStat, Paper
from cstrain.activities.quiz.papers import Question, questions_of
from cstrain.kit.db import db, run
from cstrain.plugin import Item, Kind, WeakPoint, canonical, grading, responses
from cstrain.plugin import items as items_by_digest

#: A question that fewer have answered says little about a class.
LEAST_ANSWERS = 2


@dataclass(frozen=True, slots=True)
class Given:
    """The answer that stands, and the epoch of the page it came from."""

    response: responses.Response
    epoch: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A question of a closed attempt.

    Attributes:
        question: As it was shown.
        response: The answer; None where nothing was sent.
        row: What became of it, as kept: question, section, ratio, is_right, is_answered.
    """

    question: Question
    response: responses.Response | None
    row: Row[Any]

    @property
    def state(self) -> str:
        """``passed``, ``needs_you`` (partly right) or ``failed``."""
        if self.row.is_right:
            return "passed"
        return "needs_you" if self.row.ratio > 0 else "failed"

    def graded(self) -> grading.Graded:
        """Part by part. It tells the key."""
        return grading.grade(self.question.frozen, self.response)


_GIVEN = select(Answer.position, Answer.response, Answer.epoch).where(
    Answer.attempt_id == bindparam("of_attempt")
)


def given(attempt_id: int, questions: Sequence[Question]) -> Mapping[int, Given]:
    """The answers that stand, by place. One statement."""
    return {
        row.position: Given(
            responses.clean_response(questions[row.position].public, row.response), row.epoch
        )
        for row in run(_GIVEN, {"of_attempt": attempt_id})
    }


def open_positions(attempt_id: int) -> list[int]:
    """The places without an answer. Two statements."""
    items = db.session.scalars(select(Paper.items).where(Paper.attempt_id == attempt_id)).one()
    answered = given(attempt_id, questions_of(items))
    return [
        position
        for position in range(len(items))
        if position not in answered or answered[position].response.is_empty
    ]


def judged(attempt_id: int) -> list[Judged]:
    """The questions of a closed attempt. At most two statements."""
    rows = run(_GRADED, {"of_attempt": attempt_id}).all()
    questions = questions_of(
        [(row.item_id, row.digest, row.part_order, row.points, row.section) for row in rows]
    )
    return [
        Judged(
            question,
            responses.clean_response(question.public, row.response) if row.response else None,
            row,
        )
        for row, question in zip(rows, questions, strict=True)
    ]


_GRADED = (
    select(
        GradedAnswer.item_id,
        GradedAnswer.digest,
        GradedAnswer.part_order,
        GradedAnswer.points,
        GradedAnswer.section,
        GradedAnswer.response,
        GradedAnswer.question,
        GradedAnswer.ratio,
        GradedAnswer.is_right,
        GradedAnswer.is_answered,
    )
    .where(GradedAnswer.attempt_id == bindparam("of_attempt"))
    .order_by(GradedAnswer.position)
)


def asked(item: Item) -> str:
    """A question without what there is to choose; a chat to find faults in is asked itself."""
    text = canonical.question_text(item)
    return text.replace("\n- ", "\n") if item.kind is Kind.SPOT else text.partition("\n- ")[0]


_wrong, _answered = func.sum(ItemStat.wrong_count), func.sum(ItemStat.answered_count)
_MOST_FAILED = (
    select(
        func.max(ItemStat.digest).label("digest"),
        func.max(ItemStat.section).label("section"),
        _wrong.label("wrong_count"),
        _answered.label("answered_count"),
    )
    .where(ItemStat.team_id.in_(bindparam("team_ids", expanding=True)), ItemStat.wrong_count > 0)
    .group_by(ItemStat.item_id)
    .having(_answered >= LEAST_ANSWERS)
    .order_by(_wrong.desc(), _answered, ItemStat.item_id)
    .limit(bindparam("most"))
)


def most_failed(team_ids: Sequence[int], limit: int = 5) -> list[WeakPoint]:
    """The questions the teams got wrong most, worst first. At most two statements."""
    if not team_ids:
        return []
    rows = run(_MOST_FAILED, {"team_ids": team_ids, "most": limit}).all()
    items = items_by_digest([row.digest for row in rows])
    return [
        WeakPoint(
            text=asked(items[row.digest]),
            section=row.section,
            wrong_count=int(row.wrong_count),
            answered_count=int(row.answered_count),
        )
        for row in rows
    ]
