"""Who must not mark an open review, and why: one answer for lists, counts, pages and writes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, and_, case, select

from cstrain.core.review import blind
from cstrain.core.review.models import Review
from cstrain.core.review.subjects import marked_kind, marked_kinds
from cstrain.kit.db import db
from cstrain.kit.i18n import gettext as _

# Codes that no kind is called by.
_EXAM: Final = ":exam"
_BLIND: Final = ":blind"


def code(person_id: int) -> ColumnElement[str]:
    """Why somebody must not mark a review while it is open, for statements; empty for nothing."""
    is_blind = blind.is_hidden_from(person_id, Review.kind, Review.subject_id)
    kinds = (
        (and_(Review.kind == each.name, each.refuses(person_id)), each.name)
        for each in marked_kinds()
    )
    return case(
        (~blind.may_mark_exams(person_id), _EXAM),
        (and_(Review.supersedes_id.is_not(None), is_blind), _BLIND),
        *kinds,
        else_="",
    )


def words_of(found: str) -> str:
    """A code in words; empty for the empty one."""
    if found == _EXAM:
        return _("你和别人评得还对不齐，这段时间阶段考试由别人批。先一起校准几条。")
    if found == _BLIND:
        return _("同一条你还有一份要单独评，先评完那一份。")
    kind = marked_kind(found)
    return kind.refusal() if kind else ""


def why(review_id: int, person_id: int) -> str:
    """Why somebody must not mark one open review, in words; empty for nothing. One statement."""
    found = select(code(person_id)).select_from(Review).where(Review.id == review_id)
    return words_of(db.session.scalar(found) or "")
