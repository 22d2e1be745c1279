"""What the pages of plans and draws read, each thing in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from cstrain.core.people.models import Identity
from cstrain.core.review.models import Review
from cstrain.desk.chats.models import ChatAccount, ChatConversation
from cstrain.desk.quality import reviewing
from cstrain.desk.quality.buys import MONTH_DAYS, Lately
from cstrain.desk.quality.models import ChatReview, SampledChat, SampleDraw, SamplingActivation
from cstrain.desk.quality.sampling import ALWAYS
from cstrain.kit.db import db

DRAWS_SHOWN: Final = 20
PICKED_SHOWN: Final = 10
CHATS_SHOWN: Final = 500


def in_force(team_id: int) -> Sequence[SamplingActivation]:
    """The plans in force in a team, the oldest first."""
    return db.session.scalars(
        select(SamplingActivation)
        .where(SamplingActivation.team_id == team_id, SamplingActivation.ended_at.is_(None))
        .order_by(SamplingActivation.id)
    ).all()


def lately(team_id: int, today: date) -> Lately:
    """What came in in the month before a day, by the shop's days, and of how many accounts.

    Accounts of one person are one agent.
    """
    since, until = today - timedelta(days=MONTH_DAYS), today - timedelta(days=1)
    came_in = (
        ChatConversation.day.between(since, until),
        ChatConversation.erased_by.is_(None),
    )
    chats = select(func.count()).where(ChatConversation.team_id == team_id, *came_in)
    agents = select(
        func.count(func.coalesce(ChatAccount.person_id, -ChatAccount.id).distinct())
    ).where(
        ChatAccount.team_id == team_id,
        exists().where(ChatConversation.account_id == ChatAccount.id, *came_in),
    )
    row = db.session.execute(select(chats.scalar_subquery(), agents.scalar_subquery())).one()
    return Lately(*row)


@dataclass(frozen=True, slots=True)
class DrawRow:
    """A draw in the list.

    Attributes:
        drawn_count: How many chats it took.
        marked_count: How many of them are marked by now, or could not be.
    """

    id: int
    slug: str
    first_on: date
    last_on: date
    state: str
    frame_count: int
    drawn_count: int
    marked_count: int


def draws(team_id: int) -> list[DrawRow]:
    """The latest draws of a team, the newest first."""
    marked = aliased(Review)
    rows = db.session.execute(
        select(
            SampleDraw.id,
            SamplingActivation.slug,
            SampleDraw.first_on,
            SampleDraw.last_on,
            SampleDraw.state,
            SampleDraw.frame_count,
            func.count(SampledChat.id.distinct()),
            func.count(marked.subject_id.distinct()),
        )
        .join(SamplingActivation, SamplingActivation.id == SampleDraw.activation_id)
        .outerjoin(SampledChat, SampledChat.draw_id == SampleDraw.id)
        .outerjoin(ChatReview, ChatReview.conversation_id == SampledChat.conversation_id)
        .outerjoin(
            marked,
            (marked.kind == reviewing.KIND)
            & (marked.subject_id == ChatReview.id)
            & or_(
                marked.state == "done",
                and_(marked.state == "withdrawn", marked.supersedes_id.is_(None)),
            ),
        )
        .where(SampleDraw.team_id == team_id)
        .group_by(SampleDraw.id, SamplingActivation.slug)
        .order_by(SampleDraw.first_on.desc(), SampleDraw.id.desc())
        .limit(DRAWS_SHOWN)
    )
    return [DrawRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PickedRow:
    """A chat that a trainer chose.

    Attributes:
        who: Whose chat it is; empty where the name has been erased.
        by: Who chose it, like ``who``.
    """

    review_id: int
    state: str
    at: datetime
    who: str
    by: str


def picked(team_id: int) -> list[PickedRow]:
    """The chats of a team that trainers chose, the newest first."""
    chose = aliased(Identity)
    rows = db.session.execute(
        select(
            Review.id,
            Review.state,
            ChatReview.at,
            func.coalesce(Identity.name, ""),
            func.coalesce(chose.name, ""),
        )
        .join(Review, (Review.kind == reviewing.KIND) & (Review.subject_id == ChatReview.id))
        .outerjoin(Identity, Identity.person_id == ChatReview.person_id)
        .outerjoin(chose, chose.person_id == ChatReview.by_person_id)
        .where(
            ChatReview.team_id == team_id,
            ChatReview.is_drawn.is_(False),
            Review.supersedes_id.is_(None),
            Review.state != "withdrawn",
        )
        .order_by(ChatReview.id.desc())
        .limit(PICKED_SHOWN)
    )
    return [PickedRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A chat that a draw took.

    Attributes:
        who: The person behind the account, else the account; empty where the chat was erased.
        unfit: Why it could not be marked, a code of ``reviewing.Unfit``; empty for nearly all.
        is_sure: Whether it was taken whatever chance said.
        review_id: Its newest review; None while it waits for a name behind its account.
    """

    conversation_id: int
    who: str
    day: date | None
    probability: float
    is_sure: bool
    reasons: str
    review_id: int | None
    review_state: str | None
    unfit: str


def drawn(draw_id: int) -> list[DrawnRow]:
    """The chats of a draw, agent by agent."""
    other = aliased(Review)
    newest = (
        select(func.max(other.id))
        .where(
            other.kind == reviewing.KIND,
            other.subject_id == ChatReview.id,
            or_(other.state != "withdrawn", other.supersedes_id.is_(None)),
        )
        .correlate(ChatReview)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            SampledChat.conversation_id,
            func.coalesce(Identity.name, ChatAccount.name, ""),
            ChatConversation.day,
            SampledChat.probability,
            SampledChat.stratum == ALWAYS,
            SampledChat.reasons,
            Review.id,
            Review.state,
            case((Review.state == "withdrawn", Review.reason), else_=""),
        )
        .outerjoin(ChatConversation, ChatConversation.id == SampledChat.conversation_id)
        .outerjoin(ChatAccount, ChatAccount.id == ChatConversation.account_id)
        .outerjoin(Identity, Identity.person_id == ChatAccount.person_id)
        .outerjoin(ChatReview, ChatReview.conversation_id == SampledChat.conversation_id)
        .outerjoin(Review, Review.id == newest)
        .where(SampledChat.draw_id == draw_id)
        .order_by(ChatConversation.account_id, SampledChat.conversation_id)
        .limit(CHATS_SHOWN)
    )
    return [DrawnRow(*row) for row in rows]
