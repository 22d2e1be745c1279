"""Delivering messages and reading them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, update

from cstrain.core.people.models import Person
from cstrain.kit.db import db, insert_for
from cstrain.kit.outbox import OutboxMessage
from cstrain.notices.models import InboxMessage

BATCH = 500


def deliver(*, now: datetime) -> int:
    """Put the oldest waiting messages of the outbox into inboxes; gives how many.

    Two job processes may do it at once: an inbox takes a message once.
    """
    waiting = db.session.execute(
        select(
            OutboxMessage.id,
            OutboxMessage.person_id,
            OutboxMessage.team_id,
            OutboxMessage.topic,
            OutboxMessage.subject,
            OutboxMessage.data,
            OutboxMessage.created_at,
        )
        .where(OutboxMessage.delivered_at.is_(None))
        .order_by(OutboxMessage.id)
        .limit(BATCH)
    ).all()
    if not waiting:
        return 0
    rows = [{key: row[key] for key in row if key != "id"} for row in (r._asdict() for r in waiting)]
    db.session.execute(
        insert_for(InboxMessage).on_conflict_do_nothing(
            index_elements=["person_id", "topic", "subject"]
        ),
        rows,
    )
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_([row.id for row in waiting]))
        .values(delivered_at=now)
    )
    _count_unread({row.person_id for row in waiting})
    return len(waiting)


def _count_unread(person_ids: Collection[int]) -> None:
    """Bring the number at the bell up to date."""
    unread = (
        select(func.count())
        .select_from(InboxMessage)
        .where(InboxMessage.person_id == Person.id, InboxMessage.read_at.is_(None))
        .scalar_subquery()
    )
    db.session.execute(
        update(Person)
        .where(Person.id.in_(person_ids))
        .values(unread_count=unread)
        .execution_options(synchronize_session=False)
    )


def settle(message_ids: Collection[int], *, now: datetime) -> None:
    """Count messages as read whose request has been settled."""
    people = db.session.scalars(
        update(InboxMessage)
        .where(InboxMessage.id.in_(message_ids), InboxMessage.read_at.is_(None))
        .values(read_at=now)
        .returning(InboxMessage.person_id)
        .execution_options(synchronize_session=False)
    )
    _count_unread(set(people))


def mark_read(person_id: int, message_ids: list[int] | None = None, *, now: datetime) -> int:
    """Note that a person has read messages, all of them with None; gives how many were new."""
    unread = update(InboxMessage).where(
        InboxMessage.person_id == person_id, InboxMessage.read_at.is_(None)
    )
    if message_ids is not None:
        unread = unread.where(InboxMessage.id.in_(message_ids))
    done = db.session.execute(unread.values(read_at=now))
    _count_unread([person_id])
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it
