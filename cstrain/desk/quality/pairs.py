"""Chats that two have marked, each pair of markings side by side. Reads alone.

The first marks are the score; the second ones change nothing. Who finds the first ones wrong has
them marked again, as anything else that is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import aliased

from cstrain.core.people.models import Identity
from cstrain.core.review.blind import is_hidden_from
from cstrain.core.review.models import Review, ReviewMark
from cstrain.desk.quality import agreement_queries, seconds
from cstrain.desk.quality.models import ChatReview
from cstrain.kit.db import db

SHOWN: Final = 10
_first, _standing, _any = aliased(Review), aliased(Review), aliased(Review)
_one, _other = aliased(ReviewMark), aliased(ReviewMark)
_agent, _first_by, _second_by = aliased(Identity), aliased(Identity), aliased(Identity)


@dataclass(frozen=True, slots=True)
class Pair:
    """A chat and its two markings.

    Attributes:
        id: The second review.
        first_id: The first review, whose marks were the evidence.
        standing_id: What counts now: the first, or what it was corrected to.
        at: When the chat took place.
        who: Whose chat it is; empty where the name has been erased, likewise the others.
        apart_count: On how many items the two gave something else.
    """

    id: int
    first_id: int
    standing_id: int
    chat_review_id: int
    team_id: int
    rubric_digest: str
    at: datetime
    who: str
    first_name: str
    second_name: str
    first_score: float | None
    second_score: float | None
    standing_score: float | None
    apart_count: int

    @property
    def is_corrected(self) -> bool:
        """Whether the first marks count no more."""
        return self.standing_id != self.first_id


def of_team(team_id: int, *, me: int, now: datetime) -> list[Pair]:
    """The pairs of the last days, those that are furthest apart first. One statement.

    Left out is what is about oneself, and what one still marks blind.
    """
    apart = func.abs(_first.score - Review.score)
    rows = db.session.execute(
        _pairs(me)
        .where(
            Review.team_id == team_id,
            Review.done_at >= now - timedelta(days=agreement_queries.DAYS),
        )
        .order_by(apart.desc(), Review.done_at.desc(), Review.id.desc())
        .limit(SHOWN)
    )
    return [Pair(*row) for row in rows]


def pair(review_id: int, *, me: int) -> Pair | None:
    """One pair by its second review; None where there is none that one may see. One statement."""
    row = db.session.execute(_pairs(me).where(Review.id == review_id)).first()
    return Pair(*row) if row else None


def _pairs(me: int) -> Select[*tuple[Any, ...]]:
    is_apart = _one.value.is_distinct_from(_other.value)
    newest = (
        select(func.max(_any.id))
        .where(_any.kind == _first.kind, _any.subject_id == ChatReview.id, _any.state == "done")
        .correlate(_first, ChatReview)
        .scalar_subquery()
    )
    columns = (
        Review.id,
        _first.id,
        _standing.id,
        ChatReview.id,
        Review.team_id,
        Review.rubric_digest,
        ChatReview.at,
        func.coalesce(_agent.name, ""),
        func.coalesce(_first_by.name, ""),
        func.coalesce(_second_by.name, ""),
        _first.score,
        Review.score,
        _standing.score,
    )
    return (
        select(*columns, func.sum(case((is_apart, 1), else_=0)))
        .join(_first, _first.id == Review.beside_id)
        .join(ChatReview, ChatReview.id == Review.subject_id)
        .join(_one, _one.review_id == _first.id)
        .join(_other, and_(_other.review_id == Review.id, _other.criterion == _one.criterion))
        .join(_standing, _standing.id == newest)
        .outerjoin(_agent, _agent.person_id == Review.person_id)
        .outerjoin(_first_by, _first_by.person_id == _first.by_person_id)
        .outerjoin(_second_by, _second_by.person_id == Review.by_person_id)
        .where(
            Review.kind == seconds.KIND,
            Review.state == "done",
            Review.person_id != me,
            ~is_hidden_from(me, _first.kind, _first.subject_id),
        )
        .group_by(*columns)
    )


def marks(review_ids: list[int]) -> dict[int, dict[str, ReviewMark]]:
    """The marks of reviews by review and item. One statement."""
    found: dict[int, dict[str, ReviewMark]] = {each: {} for each in review_ids}
    for row in db.session.scalars(select(ReviewMark).where(ReviewMark.review_id.in_(review_ids))):
        found[row.review_id][row.criterion] = row
    return found
