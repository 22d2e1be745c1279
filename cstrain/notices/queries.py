"""Reads of the inbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select

from cstrain.core.people.models import Identity
from cstrain.kit.db import db
from cstrain.notices.models import InboxMessage

PAGE_SIZE = 50
#: From here on the bell shows no exact number.
COUNTED_TO = 100


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it lies in the inbox."""

    id: int
    team_id: int | None
    topic: str
    data: Mapping[str, Any]
    created_at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an inbox, newest first."""

    messages: Sequence[Message]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // PAGE_SIZE), 1)


def unread_count(person_id: int) -> int:
    """How many messages wait for a person, counted up to 100; one look at an index."""
    some = (
        select(literal(1))
        .where(InboxMessage.person_id == person_id, InboxMessage.read_at.is_(None))
        .limit(COUNTED_TO)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def page(person_id: int, *, only_unread: bool, number: int) -> Page:
    """A page of a person's inbox, the last one for a number past it."""
    mine = InboxMessage.person_id == person_id
    wanted = mine & InboxMessage.read_at.is_(None) if only_unread else mine
    total = db.session.scalar(select(func.count()).select_from(InboxMessage).where(wanted)) or 0
    number = min(max(number, 1), max(-(-total // PAGE_SIZE), 1))
    rows = db.session.execute(
        select(
            InboxMessage.id,
            InboxMessage.team_id,
            InboxMessage.topic,
            InboxMessage.data,
            InboxMessage.created_at,
            InboxMessage.read_at,
        )
        .where(wanted)
        .order_by(InboxMessage.created_at.desc(), InboxMessage.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    messages = [
        Message(row.id, row.team_id, row.topic, row.data, row.created_at, row.read_at is not None)
        for row in rows
    ]
    return Page(messages, number, total)


def own_message(person_id: int, message_id: int) -> Message | None:
    """A message of a person's own inbox."""
    row = db.session.execute(
        select(InboxMessage).where(
            InboxMessage.id == message_id, InboxMessage.person_id == person_id
        )
    ).scalar_one_or_none()
    if row is None:
        return None
    return Message(
        row.id, row.team_id, row.topic, row.data, row.created_at, row.read_at is not None
    )


def names_of(person_ids: Collection[int]) -> dict[int, str]:
    """Names by person; people whose names were erased are missing."""
    if not person_ids:
        return {}
    rows = db.session.execute(
        select(Identity.person_id, Identity.name).where(Identity.person_id.in_(person_ids))
    ).all()
    return {row.person_id: row.name for row in rows}
