"""What somebody whose chats are marked sees of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from cstrain.core.review.models import Review
from cstrain.desk.quality.models import ChatAppeal, ChatReview
from cstrain.desk.quality.reviewing import KIND
from cstrain.kit.db import db

SHOWN: Final = 50
_later, _correction = aliased(Review), aliased(Review)


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A marked chat in the list.

    Attributes:
        at: When the chat took place.
        is_drawn: Whether it counts for means.
        reasons: Why it was looked at, codes by blanks.
        is_failed: Whether a red line holds the score below what the other items come to.
        open_count: How many of its items are appealed and not decided yet.
        appeal_count: How many were appealed at all.
    """

    id: int
    at: datetime
    is_drawn: bool
    reasons: str
    score: float | None
    is_failed: bool
    done_at: datetime | None
    acknowledged_at: datetime | None
    open_count: int
    appeal_count: int


def marked(person_id: int) -> list[MarkedRow]:
    """The marked chats of a person, the newest chat first. One statement."""
    rows: Any = db.session.execute(
        select(
            ChatReview.id,
            ChatReview.at,
            ChatReview.is_drawn,
            ChatReview.reasons,
            Review.score,
            func.coalesce(Review.score < Review.raw_score, False).label("is_failed"),
            Review.done_at,
            ChatReview.acknowledged_at,
            func.count(_correction.id),
            func.count(ChatAppeal.id),
        )
        .join(
            Review,
            and_(
                Review.kind == KIND,
                Review.subject_id == ChatReview.id,
                Review.state == "done",
            ),
        )
        .outerjoin(_later, and_(_later.supersedes_id == Review.id, _later.state == "done"))
        .outerjoin(ChatAppeal, ChatAppeal.chat_review_id == ChatReview.id)
        .outerjoin(
            _correction,
            and_(_correction.id == ChatAppeal.correction_id, _correction.state != "done"),
        )
        .where(ChatReview.person_id == person_id, _later.id.is_(None))
        .group_by(ChatReview.id, Review.id)
        .order_by(ChatReview.at.desc(), ChatReview.id.desc())
        .limit(SHOWN)
    )
    return [MarkedRow(*row) for row in rows]
