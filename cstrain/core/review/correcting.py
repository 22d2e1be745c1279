"""Marking again: a correction is another review, and what stands stays until it is done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cstrain.core.people.access import Role
from cstrain.core.people.queries import people_with
from cstrain.core.review import blind
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.service import NOTE_MAX_LENGTH, held, kept_notes, marks_of
from cstrain.core.review.subjects import marked_kind
from cstrain.kit.db import db, insert_row
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _


def correct(review_id: int, *, reason: str, by: int, now: datetime) -> int:
    """Begin to mark again what one has marked, or a manager what others have.

    What stands goes on standing until the new one is done.

    Returns:
        The new review, which holds the same marks.

    Raises:
        NotFoundError: If there is none.
        ForbiddenError: For anybody but who marked it and the team's managers.
        ConflictError: If it is not what stands, or is being corrected already.
        InvalidError: Without a reason.
    """
    old = db.session.get(Review, review_id)
    if old is None:
        raise NotFoundError
    if blind.is_hidden(old, by):
        raise ForbiddenError(_("同一条你还有一份要单独评，先评完那一份。"))
    if not may_correct(old, by):
        raise ForbiddenError(_("更正由批改的人自己或者主管来做。"))
    return mark_again(old, reason=reason, by=by, now=now)


def mark_again(old: Review, *, reason: str, by: int | None, now: datetime) -> int:
    """Open another marking of what is done; gives the new review, which holds the same marks.

    What stands goes on standing until the new one is done.

    Args:
        old: What stands.
        reason: Why; the person concerned reads it.
        by: Who begins it at once; None puts it into the queue for whoever may.
        now: The time.

    Raises:
        ConflictError: If it is not what stands, or is being corrected already.
        InvalidError: Without a reason.
    """
    if not reason.strip():
        raise InvalidError(_("写一句为什么更正，本人会看到。"))
    if old.state != "done" or _corrected(old.id):
        raise ConflictError(_("这次批改已经更正过了。"))
    columns = ("team_id", "kind", "subject_id", "evidence_id", "person_id", "enrolment_id")
    values = {name: getattr(old, name) for name in columns}
    values |= {
        "activity": old.activity,
        "rubric": old.rubric,
        "rubric_digest": old.rubric_digest,
        "is_exam": old.is_exam,
        "comment": old.comment,
        "state": "open" if by is None else "drafted",
        "opened_at": now,
        "claimed_by": by,
        "claimed_at": None if by is None else now,
        "reason": kept_notes(old, {"": reason})[""].strip()[:NOTE_MAX_LENGTH],
        "supersedes_id": old.id,
    }
    try:
        new_id = insert_row(Review, values)
    except IntegrityError as error:
        raise ConflictError(_("已经有人在更正。")) from error
    for row in marks_of(old.id).values():
        copied = {
            column.key: getattr(row, column.key)
            for column in ReviewMark.__table__.columns
            if column.key not in {"id", "review_id", "is_auto"}
        }
        insert_row(ReviewMark, {**copied, "review_id": new_id, "is_auto": False})
    return new_id


def may_correct(review: Review, person_id: int) -> bool:
    """Whether somebody may mark again: who marked it, or a manager; nobody their own work.

    What was marked blind stays as it was marked.
    """
    if review.person_id == person_id or review.for_person_id is not None:
        return False
    return review.by_person_id == person_id or person_id in people_with(
        review.team_id, Role.MANAGER
    )


def withdraw(review_id: int, *, by: int) -> None:
    """Give up a correction; what stands stays.

    Raises:
        NotFoundError: If there is none.
        ForbiddenError: If it is about one's own work.
        ConflictError: If it is done, or is no correction.
    """
    review = held(review_id, by=by)
    kind = marked_kind(review.kind)
    if review.supersedes_id is None:
        raise ConflictError(_("第一次批改不能撤回。"))
    if kind is not None and not kind.may_withdraw(review):
        raise ConflictError(_("这一份要定下来，不能撤回。"))
    review.state, review.claimed_by, review.claimed_at = "withdrawn", None, None
    db.session.flush()


def _corrected(review_id: int) -> bool:
    query = select(Review.id).where(Review.supersedes_id == review_id, Review.state == "done")
    return db.session.scalar(query.limit(1)) is not None
