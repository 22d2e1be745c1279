"""Reads for the queue of reviews and the marking page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, literal, or_, select
from sqlalchemy.orm import aliased

from cstrain.core.people.models import Identity
from cstrain.core.review import refusing
from cstrain.core.review.blind import is_for, is_hidden_from
from cstrain.core.review.models import APPEAL, Review, ReviewMark
from cstrain.core.review.service import CLAIM_LASTS
from cstrain.core.review.subjects import APPEALS, REST, marked_kinds
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _

OPEN = ("open", "drafted")
#: The marks of a review by criterion.
Marks = dict[str, ReviewMark]
_subject, _marker, _author = aliased(Identity), aliased(Identity), aliased(Identity)
_later = aliased(Review)


@dataclass(frozen=True, slots=True)
class Found:
    """A review with the names around it.

    Attributes:
        name: Whose work it is; empty where the name has been erased.
        claimed_name: Who is at it, or was; empty for nobody.
        by_name: Who marked it; empty while it is open, and where rules alone did.
        is_corrected: Whether another review has taken its place.
        is_hidden: Whether the reader still marks the same blind.
        refused: Why the reader must not mark it, a code of ``refusing``; while it is open alone.
    """

    review: Review
    name: str
    claimed_name: str
    by_name: str
    is_corrected: bool
    is_hidden: bool = False
    refused: str = ""


_JOINED = (
    select(
        Review,
        _subject.name.label("name"),
        _marker.name.label("claimed_name"),
        _author.name.label("by_name"),
        _later.id.is_not(None).label("is_corrected"),
    )
    .outerjoin(_subject, _subject.person_id == Review.person_id)
    .outerjoin(_marker, _marker.person_id == Review.claimed_by)
    .outerjoin(_author, _author.person_id == Review.by_person_id)
    .outerjoin(_later, and_(_later.supersedes_id == Review.id, _later.state == "done"))
)


def waiting(team_ids: Sequence[int], *, me: int, limit: int = 100) -> list[Found]:
    """Open reviews of teams, without what is for somebody else alone, in the queue's order."""
    rows = _seen_by(me).where(Review.team_id.in_(team_ids), Review.state.in_(OPEN), is_for(me))
    return _all(rows.order_by(*_in_order()).limit(limit))


def _in_order() -> tuple[ColumnElement[Any], ...]:
    """Appeals first, then what is looked at for a reason; the longest waiting first in each."""
    is_appeal = and_(Review.supersedes_id.is_not(None), Review.reason == APPEAL)
    kinds = ((Review.kind == each.name, each.urgency()) for each in marked_kinds())
    urgency = case((is_appeal, literal(APPEALS)), *kinds, else_=literal(REST))
    return urgency, Review.opened_at.expression, Review.id.expression


def done(team_ids: Sequence[int], *, me: int, limit: int = 100) -> list[Found]:
    """Reviews of teams that are done, without what is somebody else's alone; the newest first."""
    rows = _seen_by(me).where(Review.team_id.in_(team_ids), Review.state == "done", is_for(me))
    return _all(rows.order_by(Review.done_at.desc(), Review.id.desc()).limit(limit))


def found(review_id: int, *, me: int) -> Found:
    """One review. Who may see it is the caller's question.

    Raises:
        NotFoundError: If there is none.
    """
    query = _seen_by(me).where(Review.id == review_id)
    rows = _all(query.execution_options(populate_existing=True))
    if not rows:
        raise NotFoundError(_("没有这次批改。"))
    return rows[0]


def _seen_by(me: int) -> Select[*tuple[Any, ...]]:
    """Reviews with what somebody may do with them."""
    return _JOINED.add_columns(
        is_hidden_from(me, Review.kind, Review.subject_id).label("is_hidden"),
        refusing.code(me).label("refused"),
    )


def _all(query: Select[*tuple[Any, ...]]) -> list[Found]:
    return [
        replace(_found(row), is_hidden=bool(row.is_hidden), refused=row.refused)
        for row in db.session.execute(query)
    ]


def _found(row: Any) -> Found:
    names = (row.name or "", row.claimed_name or "", row.by_name or "")
    return Found(row[0], *names, bool(row.is_corrected))


@dataclass(frozen=True, slots=True)
class Ahead:
    """What waits for somebody to mark: how many, and the next; None where nothing does."""

    count: int
    review_id: int | None


def ahead(team_ids: Sequence[int], *, me: int, now: datetime, after: int = 0) -> Ahead:
    """The reviews that ``me`` may mark and that nobody else is at. One statement.

    Args:
        team_ids: The teams whose work is marked.
        me: Who marks.
        now: The time.
        after: A review that is left out of the count and comes last, as do those before it in the
            queue: whoever skips one meets every other before it comes back.
    """
    is_waiting = and_(
        Review.team_id.in_(team_ids),
        Review.state.in_(OPEN),
        Review.person_id != me,
        is_for(me),
        refusing.code(me) == "",
        or_(
            Review.claimed_by.is_(None),
            Review.claimed_by == me,
            Review.claimed_at < now - CLAIM_LASTS,
        ),
    )
    # The one that is left just now may be done: it only says where in the queue one is.
    rows = db.session.execute(
        select(Review.id, is_waiting.label("is_waiting"))
        .where(or_(is_waiting, Review.id == after))
        .order_by(*_in_order())
    ).all()
    places = [row.id for row in rows]
    here = places.index(after) if after in places else -1
    ring = [row.id for row in (*rows[here + 1 :], *rows[: here + 1]) if row.is_waiting]
    return Ahead(len(set(ring) - {after}), ring[0] if ring else None)


def of_subject(kind: str, subject_id: int) -> tuple[list[Found], dict[int, Marks]] | None:
    """The reviews of an attempt, the one that counts last: what is done, else the open one.

    Two statements; the marks of an open one are left out, they are nobody's business yet.

    Returns:
        The reviews, and the marks of each by its id; None where there is no review.
    """
    rows = db.session.execute(
        _JOINED.where(
            Review.kind == kind, Review.subject_id == subject_id, Review.state != "withdrawn"
        ).order_by(Review.id)
    ).all()
    if not rows:
        return None
    standing = [_found(row) for row in rows if row[0].state == "done"]
    if not standing:
        return [_found(rows[-1])], {}
    marks: dict[int, Marks] = {each.review.id: {} for each in standing}
    for mark in db.session.scalars(select(ReviewMark).where(ReviewMark.review_id.in_(marks))):
        marks[mark.review_id][mark.criterion] = mark
    return standing, marks
