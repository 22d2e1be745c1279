"""What the pages of the archive read, each thing in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sqlalchemy import select, tuple_

from cstrain.core.people.access import Role
from cstrain.core.people.models import Identity, Membership
from cstrain.desk.chats.message import Role as Side
from cstrain.desk.chats.models import ChatConversation, ChatImport, ChatMessage
from cstrain.desk.chats.queries import Filters
from cstrain.desk.chats.shown import Row
from cstrain.kit.db import db

PAGE: Final = 30
_FIRST_LINES: Final = 3
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of conversations, the newest first.

    Attributes:
        next_before: What ``before`` is for the page after it; empty where there is none.
    """

    rows: Sequence[ChatConversation]
    next_before: str


def shelf(filters: Filters, *, before: str, is_undated: bool) -> Shelf:
    """Conversations by day and time; those without a day stand apart, by number.

    Args:
        filters: Which.
        before: ``next_before`` of the page shown before; what is none is passed over.
        is_undated: Those of sources without times instead.
    """
    row = ChatConversation
    asked = select(row).where(filters.condition)
    last = _place(before)
    if is_undated:
        asked = asked.where(row.day.is_(None)).order_by(row.id.desc())
        if last:
            asked = asked.where(row.id < last[-1])
    else:
        order = (row.day, row.began_at, row.id)
        asked = asked.where(row.day.is_not(None)).order_by(*(each.desc() for each in order))
        if last and last[0] is not None:
            asked = asked.where(row.day <= last[0], tuple_(*order) < last)
    rows = db.session.scalars(asked.limit(PAGE + 1)).all()
    if len(rows) <= PAGE:
        return Shelf(rows, "")
    end = rows[PAGE - 1]
    return Shelf(rows[:PAGE], _address(end))


def _address(row: ChatConversation) -> str:
    """Day, time and number of a conversation, as ``_place`` reads them."""
    if row.day is None or row.began_at is None:
        return f"..{row.id}"
    since = row.began_at - _EPOCH
    return f"{row.day.isoformat()}.{since // timedelta(microseconds=1)}.{row.id}"


def _place(before: str) -> tuple[date | None, datetime | None, int] | None:
    """Day, time and number that an address names; None for what makes no sense."""
    day, _dot, rest = before.partition(".")
    time_us, _dot, number = rest.partition(".")
    try:
        last_id = int(number)
        if not 0 < last_id < 2**63:
            return None
        if not day:
            return None, None, last_id
        began = _EPOCH + timedelta(microseconds=int(time_us))
        return date.fromisoformat(day), began, last_id
    except (ValueError, OverflowError):
        return None


def first_words(conversation_ids: Sequence[int]) -> Mapping[int, str]:
    """With what the buyers of these conversations began."""
    rows = db.session.execute(
        select(ChatMessage.conversation_id, ChatMessage.text)
        .where(
            ChatMessage.conversation_id.in_(conversation_ids),
            ChatMessage.ordinal < _FIRST_LINES,
            ChatMessage.role == Side.BUYER,
            ChatMessage.text.is_not(None),
        )
        .order_by(ChatMessage.conversation_id, ChatMessage.ordinal.desc())
    )
    return {row.conversation_id: row.text for row in rows}


def rows_of(conversation_id: int) -> Mapping[int, Row]:
    """The source's own rows of a conversation's messages, by the message's id."""
    rows = db.session.execute(
        select(ChatMessage.id, ChatMessage.line, ChatMessage.source).where(
            ChatMessage.conversation_id == conversation_id
        )
    )
    return {row.id: Row(row.line, row.source) for row in rows}


def file_of(conversation: ChatConversation) -> ChatImport:
    """The file that a conversation first came with."""
    return db.session.get_one(ChatImport, conversation.import_id)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may stand behind a sub-account."""

    id: int
    team_id: int
    name: str


def colleagues(team_ids: Sequence[int]) -> Sequence[Colleague]:
    """Trainees and trainers who work in these teams now, by name."""
    rows = db.session.execute(
        select(Membership.person_id, Membership.team_id, Identity.name)
        .join(Identity, Identity.person_id == Membership.person_id)
        .where(
            Membership.team_id.in_(team_ids),
            Membership.until_at.is_(None),
            Membership.role.in_((Role.TRAINEE, Role.TRAINER)),
        )
        .distinct()
        .order_by(Identity.name, Membership.person_id)
    )
    return [Colleague(*row) for row in rows]
