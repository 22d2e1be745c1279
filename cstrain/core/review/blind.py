"""Who must not see or mark a review: blind markings, and who is kept from exams for a while."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, or_, select, update
from sqlalchemy.orm import aliased

from cstrain.core.review.models import ExamBar, Review
from cstrain.kit.db import db, run

_OPEN = ("open", "drafted")
_beside = aliased(Review)


def is_for(person_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """Whether a review is for somebody's eyes: those that are for nobody alone, and their own."""
    return or_(Review.for_person_id.is_(None), Review.for_person_id == person_id)


def may_mark_exams(person_id: int) -> ColumnElement[bool]:
    """Whether a review is none of the exams that somebody is kept from."""
    barred = (
        select(ExamBar.id)
        .where(
            ExamBar.team_id == Review.team_id,
            ExamBar.person_id == person_id,
            ExamBar.ended_at.is_(None),
        )
        .exists()
    )
    return or_(Review.is_exam.is_(False), ~barred)


def hidden_subjects(person_id: int) -> set[tuple[str, int]]:
    """Kinds and subjects whose marks somebody must not see before their own are done."""
    rows = db.session.execute(
        select(_beside.kind, _beside.subject_id)
        .join(Review, Review.beside_id == _beside.id)
        .where(Review.for_person_id == person_id, Review.state.in_(_OPEN))
    )
    return {(row.kind, row.subject_id) for row in rows}


def is_hidden(review: Review, person_id: int) -> bool:
    """Whether somebody still marks the same blind. One statement."""
    return (review.kind, review.subject_id) in hidden_subjects(person_id)


def is_barred(review: Review, person_id: int) -> bool:
    """Whether it is an exam that somebody is kept from; one statement, for exams only."""
    if not review.is_exam:
        return False
    found = select(ExamBar.id).where(
        ExamBar.team_id == review.team_id,
        ExamBar.person_id == person_id,
        ExamBar.ended_at.is_(None),
    )
    return db.session.scalar(found) is not None


def bars(team_id: int) -> dict[int, datetime]:
    """Who is kept from a team's exams, and since when."""
    rows = db.session.scalars(
        select(ExamBar).where(ExamBar.team_id == team_id, ExamBar.ended_at.is_(None))
    )
    return {row.person_id: row.at for row in rows}


def set_bars(team_id: int, person_ids: Collection[int], *, now: datetime) -> None:
    """Keep just these from a team's exams; who was before and is not named may mark them again."""
    there = bars(team_id)
    over = there.keys() - set(person_ids)
    if over:
        run(
            update(ExamBar)
            .where(
                ExamBar.team_id == team_id,
                ExamBar.person_id.in_(over),
                ExamBar.ended_at.is_(None),
            )
            .values(ended_at=now)
        )
    db.session.add_all(
        ExamBar(team_id=team_id, person_id=each, at=now)
        for each in sorted(set(person_ids) - there.keys())
    )
    db.session.flush()
