"""Who must not see or mark a review: blind markings, and who is kept from exams for a while."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from flask import g, has_app_context
from sqlalchemy import BindParameter, ColumnElement, and_, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from cstrain.core.evidence.models import Evidence
from cstrain.core.people.access import Role, Viewer
from cstrain.core.review.models import ExamBar, Review
from cstrain.kit.db import db, run

MARKERS = (Role.TRAINER, Role.MANAGER)
_OPEN = ("open", "drafted")
_UNSEEN = "unseen_evidence"
_beside, _blind = aliased(Review), aliased(Review)


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


def is_hidden_from(
    person_id: int,
    kind: InstrumentedAttribute[str],
    subject_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> ColumnElement[bool]:
    """Whether a row is about what somebody still marks blind, for statements that tell marks."""
    return (
        select(_blind.id)
        .join(_beside, _beside.id == _blind.beside_id)
        .where(
            _blind.for_person_id == person_id,
            _blind.state.in_(_OPEN),
            _beside.kind == kind,
            _beside.subject_id == subject_id,
        )
        .exists()
    )


def unseen() -> frozenset[int]:
    """The evidence whose score the viewer must not read yet; in ``pathway.hooks.unseen``.

    One statement the first time in a request, and none where nobody looks.
    """
    me: Viewer | None = g.get("viewer") if has_app_context() else None
    if me is None or not me.has(*MARKERS):
        return frozenset()
    if _UNSEEN not in g:
        rows = (
            select(Evidence.id)
            .join(
                _beside,
                and_(
                    _beside.team_id == Evidence.team_id,
                    _beside.person_id == Evidence.person_id,
                    _beside.kind == Evidence.kind,
                    _beside.subject_id == Evidence.source_id,
                ),
            )
            .join(_blind, _blind.beside_id == _beside.id)
            .where(_blind.for_person_id == me.id, _blind.state.in_(_OPEN))
        )
        setattr(g, _UNSEEN, frozenset(db.session.scalars(rows)))
    found: frozenset[int] = g.get(_UNSEEN)
    return found


def is_hidden(review: Review, person_id: int) -> bool:
    """Whether somebody still marks the same blind. One statement."""
    return (review.kind, review.subject_id) in hidden_subjects(person_id)


def own(kind: str, subject_id: int, person_id: int) -> int | None:
    """The review that somebody still marks blind beside those of a subject. One statement."""
    return db.session.scalar(
        select(Review.id)
        .join(_beside, _beside.id == Review.beside_id)
        .where(
            Review.for_person_id == person_id,
            Review.state.in_(_OPEN),
            _beside.kind == kind,
            _beside.subject_id == subject_id,
        )
        .order_by(Review.id)
        .limit(1)
    )


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
