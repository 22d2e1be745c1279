"""Coaching after a marked chat, which only chats drawn later bring to an end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from cstrain.core.people.models import Identity
from cstrain.core.review.blind import is_hidden, is_hidden_from
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.service import marks_of
from cstrain.core.review.versions import rubric_of
from cstrain.desk.quality.appeals import TEXT_MAX, may_appeal, standing_review
from cstrain.desk.quality.models import ChatCoaching, ChatReview
from cstrain.desk.quality.reviewing import KIND
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick

#: So many drawn chats in a row, in which the item is well enough, bring coaching to an end.
IN_A_ROW: Final = 3
_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Coached:
    """Coaching, and what chats drawn later tell of it.

    Attributes:
        name: Who was coached; empty where the name has been erased.
        title: The item.
        by_name: By whom, like ``name``.
        seen_count: In how many drawn chats the item was marked since.
        row_count: In how many of the last in a row it was well enough.
        closed_at: When that was ``IN_A_ROW`` for the first time; None before.
        chat_review_id: The chat it came from.
    """

    id: int
    person_id: int
    criterion: str
    name: str
    title: str
    text: str
    by_name: str
    at: datetime
    chat_review_id: int
    seen_count: int
    row_count: int
    closed_at: datetime | None


def closing(seen: Iterable[tuple[bool, datetime]]) -> tuple[int, int, datetime | None]:
    """How often an item was seen, how often well in a row, and when that was enough.

    Args:
        seen: Whether it was well enough, and when that was known; by the time of the chats.
    """
    count = row = 0
    for is_good, at in seen:
        count += 1
        row = row + 1 if is_good else 0
        if row == IN_A_ROW:
            return count, row, at
    return count, row, None


def coach(
    chat_review_id: int, criterion: str, text: str, *, by: int, now: datetime
) -> ChatCoaching:
    """Put down what was gone through with somebody; who may do so is the caller's question.

    Raises:
        ForbiddenError: With oneself, or while one still marks the chat blind.
        ConflictError: If the chat is not marked yet, or the item is being coached already.
        InvalidError: If nothing was lost by the item, or nothing is said.
    """
    chat = db.session.get_one(ChatReview, chat_review_id, with_for_update=True)
    if chat.person_id == by:
        raise ForbiddenError(_("自己的由别人来带。"))
    review = standing_review(chat.id)
    if review is None:
        raise ConflictError(_("还没有评好。"))
    if is_hidden(review, by):
        raise ForbiddenError(_("同一条你还有一份要单独评，先评完那一份。"))
    found = rubric_of(review.rubric_digest).get(criterion)
    if found is None or not may_appeal(found, marks_of(review.id).get(criterion)):
        raise InvalidError(_("这一项没有扣分，不用辅导。"))
    if not text.strip() or len(text) > TEXT_MAX:
        raise InvalidError(_("写一句说好了怎么改，最多 %(most)s 字。", most=TEXT_MAX))
    same = and_(
        ChatCoaching.person_id == chat.person_id,
        ChatCoaching.team_id == chat.team_id,
        ChatCoaching.criterion == criterion,
    )
    if any(not each.closed_at for each in _found(same)):
        raise ConflictError(_("这一项正在辅导，等抽到的聊天来看。"))
    row = ChatCoaching(
        team_id=chat.team_id,
        person_id=chat.person_id,
        review_id=review.id,
        criterion=criterion,
        text=text.strip(),
        by_person_id=by,
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def of_team(team_id: int, *, me: int) -> list[Coached]:
    """Coaching in a team, what is open first, then the newest first. One statement.

    What ``me`` still marks blind has not been looked at: the count would tell its marks.
    """
    is_seen = ~is_hidden_from(me, Review.kind, Review.subject_id)
    return _found(ChatCoaching.team_id == team_id, is_seen)


def of_person(person_id: int) -> list[Coached]:
    """Coaching of one person, in the same order. One statement."""
    return _found(ChatCoaching.person_id == person_id)


_from, _later = aliased(Review), aliased(Review)
_who, _by = aliased(Identity), aliased(Identity)


def _found(condition: ColumnElement[bool], *seen: ColumnElement[bool]) -> list[Coached]:
    """Coaching with the drawn chats after it, as far as their reviews are ``seen``."""
    newest = select(ChatCoaching.id).where(condition).order_by(ChatCoaching.id.desc()).limit(_SHOWN)
    drawn_later = and_(
        ChatReview.person_id == ChatCoaching.person_id,
        ChatReview.team_id == ChatCoaching.team_id,
        ChatReview.is_drawn,
        ChatReview.at > ChatCoaching.at,
    )
    of_chat = and_(
        Review.kind == KIND, Review.subject_id == ChatReview.id, Review.state == "done", *seen
    )
    rows = db.session.execute(
        select(
            ChatCoaching,
            _from.rubric_digest.label("from_digest"),
            _from.subject_id,
            func.coalesce(_who.name, "").label("name"),
            func.coalesce(_by.name, "").label("by_name"),
            Review.rubric_digest,
            Review.done_at,
            ReviewMark.value,
        )
        .join(_from, _from.id == ChatCoaching.review_id)
        .outerjoin(_who, _who.person_id == ChatCoaching.person_id)
        .outerjoin(_by, _by.person_id == ChatCoaching.by_person_id)
        .outerjoin(ChatReview, drawn_later)
        .outerjoin(Review, of_chat)
        .outerjoin(_later, and_(_later.supersedes_id == Review.id, _later.state == "done"))
        .outerjoin(
            ReviewMark,
            and_(
                ReviewMark.review_id == Review.id,
                ReviewMark.criterion == ChatCoaching.criterion,
                ReviewMark.is_marked,
            ),
        )
        .where(ChatCoaching.id.in_(newest), _later.id.is_(None))
        .order_by(ChatCoaching.id.desc(), ChatReview.at, ChatReview.id)
    ).all()
    by_id: dict[int, list[Any]] = {}
    for row in rows:
        by_id.setdefault(row.ChatCoaching.id, []).append(row)
    found = [_coached(each) for each in by_id.values()]
    return sorted(found, key=lambda each: each.closed_at is not None)


def _coached(rows: Sequence[Any]) -> Coached:
    first, coaching = rows[0], rows[0].ChatCoaching
    criterion = rubric_of(first.from_digest).get(coaching.criterion)
    count, row, closed_at = closing(
        (row.value >= _enough(row.rubric_digest, coaching.criterion), row.done_at)
        for row in rows
        if row.value is not None
    )
    return Coached(
        id=coaching.id,
        person_id=coaching.person_id,
        criterion=coaching.criterion,
        name=first.name,
        title=pick(criterion.title) if criterion else coaching.criterion,
        text=coaching.text,
        by_name=first.by_name,
        at=coaching.at,
        chat_review_id=first.subject_id,
        seen_count=count,
        row_count=row,
        closed_at=closed_at,
    )


def _enough(digest: str, key: str) -> int:
    """From which value on an item is well enough, as the chat's own rubric says."""
    criterion = rubric_of(digest).get(key)
    return criterion.enough if criterion else 1
