"""What the estimates rest on, each thing in one statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from cstrain.core.people.models import Identity
from cstrain.core.review.blind import is_hidden_from
from cstrain.core.review.models import Review
from cstrain.desk.chats.models import ChatAccount
from cstrain.desk.quality import chance, reviewing
from cstrain.desk.quality.estimates import Estimate, Seen, of_marked
from cstrain.desk.quality.models import ChatReview, SampledChat, SampleDraw, SamplingActivation
from cstrain.desk.quality.plan import Order, Window, draw_name
from cstrain.desk.quality.queries import plan_of
from cstrain.kit.db import db

_later = aliased(Review)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plan that has drawn in a time.

    Attributes:
        draw_ids: Its draws in force that lie in it.
        frame_count: Of how many chats they were made.
        agent_counts: The same by agent, with the keys of ``framing``.
    """

    slug: str
    draw_ids: Sequence[int]
    frame_count: int
    agent_counts: Mapping[str, int]


def drawings(team_id: int, *, since: date) -> list[Drawing]:
    """The plans of which draws end on that day or later, who has drawn most often first.

    Each is estimated by itself: what is drawn by two plans has chances that only both know.
    """
    rows = db.session.execute(
        select(
            SamplingActivation.slug,
            SampleDraw.id,
            SampleDraw.frame_count,
            SampleDraw.agent_counts,
        )
        .join(SamplingActivation, SamplingActivation.id == SampleDraw.activation_id)
        .where(
            SampleDraw.team_id == team_id,
            SampleDraw.state == "in_force",
            SampleDraw.last_on >= since,
        )
        .order_by(SampleDraw.id)
    )
    by_slug: dict[str, list[Any]] = {}
    for row in rows:
        by_slug.setdefault(row.slug, []).append(row)
    found = [
        Drawing(
            slug,
            [row.id for row in each],
            sum(row.frame_count for row in each),
            reduce(add, (Counter(row.agent_counts) for row in each)),
        )
        for slug, each in by_slug.items()
    ]
    return sorted(found, key=lambda each: (-len(each.draw_ids), each.slug))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chat that was drawn by chance or taken always.

    Attributes:
        person_id: Whose it is; None while nobody is known behind its account.
        is_sure: Whether it was taken always.
        seen: None while it is not marked.
    """

    person_id: int | None
    is_sure: bool
    seen: Seen | None


def drawn(draw_ids: Sequence[int], *, me: int) -> list[Drawn]:
    """The chats of draws with what they were marked in the end; picks are left out.

    Draw by draw; those that were drawn in turn are in the order they were drawn in.

    To who still marks a chat blind it is not marked: one chat's mean would tell its score.
    """
    rows = db.session.execute(
        select(
            SampledChat.draw_id,
            SampledChat.stratum,
            SampledChat.probability,
            SampledChat.conversation_id,
            # Only what is drawn in turn leaves something over for the next window.
            SampleDraw.left_over.is_not(None).label("is_in_turn"),
            SampleDraw.seed,
            SampleDraw.first_on,
            SampleDraw.last_on,
            SampleDraw.number,
            SamplingActivation.slug,
            SamplingActivation.plan_digest,
            ChatReview.person_id,
            ChatReview.at,
            Review.state,
            Review.score,
        )
        .join(SampleDraw, SampleDraw.id == SampledChat.draw_id)
        .join(SamplingActivation, SamplingActivation.id == SampleDraw.activation_id)
        .outerjoin(ChatReview, ChatReview.conversation_id == SampledChat.conversation_id)
        .outerjoin(
            Review,
            and_(
                Review.kind == reviewing.KIND,
                Review.subject_id == ChatReview.id,
                or_(
                    Review.state == "done",
                    and_(Review.state == "withdrawn", Review.supersedes_id.is_(None)),
                ),
                ~is_hidden_from(me, Review.kind, Review.subject_id),
            ),
        )
        .outerjoin(_later, and_(_later.supersedes_id == Review.id, _later.state == "done"))
        .where(
            SampledChat.draw_id.in_(draw_ids),
            _later.id.is_(None),
        )
        .order_by(SampledChat.id)
    ).all()
    return [
        Drawn(
            row.person_id,
            row.probability == 1,
            Seen(
                row.score,
                row.probability,
                f"{row.draw_id}/{row.stratum}",
                is_in_turn=row.is_in_turn,
            )
            if row.state
            else None,
        )
        for row in sorted(rows, key=_turn)
    ]


def _turn(row: Any) -> tuple[int, str, float]:
    """Where a chat stood in the list that its draw went through; see ``sampling``.

    Of chats of one agent that overlap, the one that ended first is taken for the first.
    """
    if not row.is_in_turn or row.at is None:
        return row.draw_id, "", 0.0
    if plan_of(row.plan_digest).order is Order.TIME:
        place = row.at.timestamp()
    else:
        name = draw_name(row.slug, Window(row.first_on, row.last_on), row.number)
        place = chance.number(row.seed, name, row.conversation_id)
    return row.draw_id, f"p{row.person_id}", place


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody whose chats the draws were made of.

    Attributes:
        name: Empty where it has been erased.
        chat_count: How many chats there were.
    """

    id: int
    name: str
    chat_count: int


def agents(team_id: int, drawing: Drawing) -> list[Agent]:
    """Whose chats the draws were made of, by name; accounts that nobody is behind are left out."""
    rows = db.session.execute(
        select(ChatAccount.id, ChatAccount.person_id, func.coalesce(Identity.name, ""))
        .outerjoin(Identity, Identity.person_id == ChatAccount.person_id)
        .where(ChatAccount.team_id == team_id, ChatAccount.person_id.is_not(None))
    ).all()
    counts, names = Counter(drawing.agent_counts), dict[int, str]()
    for account_id, found_id, name in rows:
        person_id = found_id or 0
        names[person_id] = name
        # Drawn from while nobody was known behind it.
        counts[f"p{person_id}"] += counts.pop(f"a{account_id}", 0)
    found = [Agent(id_, name, counts[f"p{id_}"]) for id_, name in names.items()]
    return sorted(
        (each for each in found if each.chat_count), key=lambda each: (each.name, each.id)
    )


def estimate(chats: Sequence[Drawn], population: int) -> Estimate | None:
    """The mean score of all chats by those that are marked; None while none is."""
    return of_marked([(each.is_sure, each.seen) for each in chats], population)
