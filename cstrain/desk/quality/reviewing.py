"""Chats in the review queue: opened for what was drawn or chosen, settled as evidence."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from cstrain.core.catalogue import active
from cstrain.core.evidence import ledger
from cstrain.core.evidence.marks import ReviewRequest, Scored
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import Outcome
from cstrain.core.pathway import decisions
from cstrain.core.pathway.models import Enrolment
from cstrain.core.people.models import Membership, Team
from cstrain.core.review.models import Review
from cstrain.core.review.opening import About, open_for
from cstrain.core.review.rubric import Rubric
from cstrain.core.review.rubric_file import published
from cstrain.core.review.service import claim
from cstrain.desk.chats import queries as chats
from cstrain.desk.chats.models import ChatAccount, ChatConversation, ChatImport
from cstrain.desk.quality.hints import hints_of, messages_of, proposals
from cstrain.desk.quality.models import ChatReview, SampledChat, SampleDraw
from cstrain.desk.replies.words import words_of
from cstrain.kit.clock import day_start
from cstrain.kit.db import db, insert_for
from cstrain.kit.errors import ConflictError, NotFoundError
from cstrain.kit.i18n import figure
from cstrain.kit.i18n import gettext as _
from cstrain.kit.outbox import tell

log = logging.getLogger(__name__)

KIND: Final = "chat_review"
#: Under what evidence of drawn chats stands, and of chosen ones, which count for no mean.
DRAWN, CHOSEN = "chat-review", "chat-review-chosen"
#: A red line was touched, drawn or chosen.
FLAG: Final = "flag:auto_fail"
RUBRIC: Final = "chat-review"
_SOURCE: Final = "sampled_chat"


class Unfit(StrEnum):
    """Why a chat cannot be marked."""

    EMPTY = "empty"
    SPAM = "spam"
    PARTS_MISSING = "parts_missing"
    SOMEBODY_ELSE = "somebody_else"


def open_drawn(
    draw_id: int | None = None, *, now: datetime, after_id: int = 0, most: int | None = None
) -> tuple[int, int]:
    """Put drawn chats into the queue.

    A chat waits while nobody is known behind its account, or who is known is not in the team; it
    is put into the queue once, however many draws take it.

    Args:
        draw_id: Of this draw; None for whatever still waits of draws in force.
        now: The time.
        after_id: Only chats with a later id.
        most: Look at so many; None for all.

    Returns:
        How many were put there, and the id of the last chat that was looked at; 0 for none.
    """
    condition = SampleDraw.state == "in_force" if draw_id is None else SampleDraw.id == draw_id
    rows = db.session.execute(
        _chats(condition & ChatReview.id.is_(None), SampledChat.reasons)
        .join(SampledChat, SampledChat.conversation_id == ChatConversation.id)
        .join(SampleDraw, SampleDraw.id == SampledChat.draw_id)
        .where(ChatConversation.id > after_id)
        .order_by(ChatConversation.id)
        .limit(most)
    ).all()
    by_id = {row.id: row for row in rows}
    opened = _open(list(by_id.values()), is_drawn=True, by=None, now=now)
    return len(opened), max(by_id, default=0)


def count_chosen(draw_id: int | None = None) -> None:
    """Let chats that a trainer chose and a draw took count as drawn, unless they are marked.

    So choosing a chat takes it out of no mean.

    Args:
        draw_id: This draw; None for all in force.
    """
    condition = SampleDraw.state == "in_force" if draw_id is None else SampleDraw.id == draw_id
    rows = db.session.execute(
        select(ChatReview, Review, SampledChat.reasons)
        .join(SampledChat, SampledChat.conversation_id == ChatReview.conversation_id)
        .join(SampleDraw, SampleDraw.id == SampledChat.draw_id)
        .join(Review, and_(Review.kind == KIND, Review.subject_id == ChatReview.id))
        .where(
            condition,
            ChatReview.is_drawn.is_(False),
            Review.state.in_(("open", "drafted")),
            Review.supersedes_id.is_(None),
        )
    )
    for chat, review, reasons in rows:
        chat.is_drawn, chat.reasons, review.activity = True, reasons, DRAWN
    db.session.flush()


def set_aside(review_id: int, why: Unfit, *, by: int, now: datetime) -> None:
    """Say that a chat cannot be marked. It stays in its draw, and no other takes its place.

    Raises:
        NotFoundError: If it is no review of a chat.
        ConflictError: If it is done or being corrected, or somebody else is at it.
        ForbiddenError: If it is one's own chat.
    """
    claim(review_id, by=by, now=now)
    review = db.session.get_one(Review, review_id)
    if review.kind != KIND:
        raise NotFoundError
    if review.supersedes_id is not None:
        raise ConflictError(_("已经评过了，只能更正。"))
    review.state, review.reason = "withdrawn", why
    review.claimed_by = review.claimed_at = None
    db.session.flush()


def choose(conversation_id: int, *, team_ids: Sequence[int], by: int, now: datetime) -> int:
    """Put a chat that a trainer chose into the queue; gives its review, an older one too.

    One that was set aside is to be marked again.

    Raises:
        NotFoundError: If none of the teams has it.
        ConflictError: If nobody is known behind its account, it is erased or the trainer's own, or
            the team has no rubric for chats.
    """
    known = db.session.scalar(
        select(Review)
        .join(ChatReview, ChatReview.id == Review.subject_id)
        .where(
            Review.kind == KIND,
            or_(Review.state != "withdrawn", Review.supersedes_id.is_(None)),
            ChatReview.conversation_id == conversation_id,
            ChatReview.team_id.in_(team_ids),
        )
        .order_by(Review.id.desc())
        .limit(1)
    )
    if known is not None:
        if known.state == "withdrawn":  # set aside: somebody thinks again
            known.state, known.reason = "open", ""
            db.session.flush()
        return known.id
    wanted = (ChatConversation.id == conversation_id) & ChatConversation.team_id.in_(team_ids)
    row = db.session.execute(_chats(wanted)).first()
    if row is None:
        found, _said = chats.conversation(conversation_id, team_ids)
        if found.erased_by is not None:
            raise ConflictError(_("这段聊天的内容已经按期删除了。"))
        raise ConflictError(_("先说清这个子账号是哪位同事，才能评。"))
    if row.person_id == by:
        raise ConflictError(_("自己的聊天要由别人评。"))
    opened = _open([row], is_drawn=False, by=by, now=now)
    if not opened:
        raise ConflictError(_("刚刚有人也挑了这一条，再点一次。"))
    return opened[0]


def _chats(condition: ColumnElement[bool], *more: Any) -> Any:
    """Chats that are still there and whose agent is in the team, with what a review needs."""
    is_member = (
        select(Membership.id)
        .where(
            Membership.person_id == ChatAccount.person_id,
            Membership.team_id == ChatConversation.team_id,
            Membership.until_at.is_(None),
        )
        .exists()
    )
    return (
        select(
            ChatConversation.id,
            ChatConversation.team_id,
            ChatConversation.account_id,
            ChatConversation.ended_at,
            ChatConversation.day,
            ChatConversation.precision,
            ChatAccount.person_id,
            ChatImport.created_at,
            Team.slug,
            Team.timezone,
            *more,
        )
        .join(ChatAccount, ChatAccount.id == ChatConversation.account_id)
        .join(ChatImport, ChatImport.id == ChatConversation.import_id)
        .join(Team, Team.id == ChatConversation.team_id)
        .outerjoin(ChatReview, ChatReview.conversation_id == ChatConversation.id)
        .where(condition, is_member, ChatConversation.erased_by.is_(None))
    )


def _open(rows: Sequence[Row[Any]], *, is_drawn: bool, by: int | None, now: datetime) -> list[int]:
    """Open a review of each; gives their ids.

    Raises:
        ConflictError: If a chosen one's team has no rubric; drawn ones wait for it.
    """
    said = chats.messages_of([row.id for row in rows]) if rows else {}
    opened = []
    for row in rows:
        try:
            catalogue = active.for_team(row.slug)
            rubric = published(catalogue, RUBRIC)
        except NotFoundError as error:
            if not is_drawn:
                text = _("还没有发布聊天的评分表（%(slug)s），先存着，发布以后再评。", slug=RUBRIC)
                raise ConflictError(text) from error
            log.warning("team %s has no rubric %s: drawn chats wait", row.slug, RUBRIC)
            continue
        messages = messages_of(said[row.id], row.account_id)
        numbers = [each.number for each in said[row.id]]
        hints = hints_of(messages, words_of(catalogue), precision=row.precision, numbers=numbers)
        request = ReviewRequest(RUBRIC, proposals(messages, hints, precision=row.precision))
        opened.append(_open_one(row, rubric, request, is_drawn=is_drawn, by=by, now=now))
    return [each for each in opened if each is not None]


def _open_one(  # noqa: PLR0913 - what a review is made of
    row: Row[Any],
    rubric: Rubric,
    request: ReviewRequest,
    *,
    is_drawn: bool,
    by: int | None,
    now: datetime,
) -> int | None:
    """Gives None where somebody else was quicker."""
    day = day_start(row.day, row.timezone) if row.day else row.created_at
    subject_id = db.session.scalar(
        insert_for(ChatReview)
        .values(
            team_id=row.team_id,
            conversation_id=row.id,
            account_id=row.account_id,
            person_id=row.person_id,
            is_drawn=is_drawn,
            reasons=row.reasons if is_drawn else "",
            at=min(row.ended_at or day, now),
            opened_at=now,
            by_person_id=by,
        )
        .on_conflict_do_nothing(index_elements=["conversation_id"])
        .returning(ChatReview.id)
    )
    if subject_id is None:
        return None
    about = About(
        kind=KIND,
        subject_id=subject_id,
        team_id=row.team_id,
        person_id=row.person_id,
        activity=DRAWN if is_drawn else CHOSEN,
    )
    return open_for(about, rubric, request, now=now)


def kept(conversation_ids: Sequence[int]) -> set[int]:
    """Those that were drawn or are marked, which stay; registered in ``chats.hooks.keeps``."""
    marked = select(ChatReview.conversation_id).where(
        ChatReview.conversation_id.in_(conversation_ids)
    )
    drawn = select(SampledChat.conversation_id).where(
        SampledChat.conversation_id.in_(conversation_ids)
    )
    return set(db.session.scalars(marked.union(drawn)))


def waits(conversation_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether marks of a chat are not done; registered in ``chats.hooks.unfinished``."""
    return exists().where(
        ChatReview.conversation_id == conversation_id,
        Review.kind == KIND,
        Review.subject_id == ChatReview.id,
        Review.state.in_(("open", "drafted")),
    )


def settle(review: Review, scored: Scored, *, by: int, now: datetime) -> int:
    """Keep what the marks of a chat came to; gives the id of the evidence.

    The flag of a red line is a row by itself, which a correction takes back by a score of 1.
    """
    chat = db.session.get_one(ChatReview, review.subject_id)
    standing = _standing(chat.id)
    before, flag = standing.get(review.activity), standing.get(FLAG)
    enrolment = _enrolment(chat, before)
    cycle = enrolment.cycle if enrolment else 1
    columns: Mapping[str, Any] = {
        "kind": KIND,
        "source_kind": _SOURCE,
        "source_id": chat.id,
        "content_digest": review.rubric_digest,
        "by": by,
        "now": now,
        "at": chat.at,
    }
    whose: Mapping[str, Any] = {
        "person_id": chat.person_id,
        "team_id": chat.team_id,
        "enrolment_id": enrolment.id if enrolment else None,
        "cycle": cycle,
    }
    is_failed = bool(scored.failed_at_once)
    if is_failed != (flag is not None and flag.score == 0):
        ledger.add(
            _flagged(is_failed=is_failed),
            activity=FLAG,
            supersedes_id=flag.id if flag else None,
            **whose,
            **columns,
        )
    outcome = Outcome(
        scored.ratio, shortfalls=scored.shortfalls, summary=_summary(scored, is_failed=is_failed)
    )
    supersedes_id = before.id if before else None
    if enrolment is None:
        ledger.add(
            outcome, activity=review.activity, supersedes_id=supersedes_id, **whose, **columns
        )
    else:
        decisions.record(
            enrolment,
            outcome,
            activity=review.activity,
            begun_at=chat.at,
            supersedes_id=supersedes_id,
            **columns,
        )
    tell(
        chat.person_id,
        "chat_marked",
        f"review:{review.id}",
        team_id=chat.team_id,
        data={
            "chat_review_id": chat.id,
            "is_correction": review.supersedes_id is not None,
            "is_appeal": review.is_appeal,
        },
        now=now,
    )
    return _standing(chat.id)[review.activity].id


def _standing(chat_review_id: int) -> dict[str, Evidence]:
    """What stands of a chat, by activity."""
    rows = db.session.scalars(
        ledger.standing_rows().where(
            Evidence.source_kind == _SOURCE, Evidence.source_id == chat_review_id
        )
    )
    return {row.activity: row for row in rows}


def _enrolment(chat: ChatReview, before: Evidence | None) -> Enrolment | None:
    """The pathway the evidence belongs to, held: the one it was kept for, else the present one."""
    if before is not None:
        found = before.enrolment_id
    else:
        found = db.session.scalar(
            select(Enrolment.id)
            .where(
                Enrolment.person_id == chat.person_id,
                Enrolment.team_id == chat.team_id,
                Enrolment.state == "active",
            )
            .order_by(Enrolment.id.desc())
            .limit(1)
        )
    return None if found is None else decisions.locked_enrolment(found)


def _flagged(*, is_failed: bool) -> Outcome:
    if is_failed:
        return Outcome(0.0, summary={"zh": "聊天里碰了红线", "en": "A red line in a chat"})
    return Outcome(1.0, summary={"zh": "红线的记录撤回了", "en": "The red line was taken back"})


def _summary(scored: Scored, *, is_failed: bool) -> Mapping[str, str]:
    points = figure((scored.ratio or 0) * 100)
    raw = figure((scored.raw_ratio or 0) * 100)
    if is_failed:
        return {
            "zh": f"抽检 {points} 分：碰了红线，没碰是 {raw} 分",
            "en": f"Sampled chat: {points} points, a red line was touched; {raw} but for that",
        }
    return {"zh": f"抽检 {points} 分", "en": f"Sampled chat: {points} points"}
