"""The outbox: what people must learn of, written in the transaction that causes it.

A job delivers it; a row is unique by topic, subject and recipient, so that nothing is told
twice, whatever is retried.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from cstrain.kit import jobs
from cstrain.kit.db import Id, Model, db, insert_for, run

if TYPE_CHECKING:
    from sqlalchemy import Table


class OutboxMessage(Model):
    """One thing one person must learn of."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("topic", "subject", "person_id"),
        Index(
            "ix_outbox_message_waiting",
            "id",
            sqlite_where=text("delivered_at IS NULL"),
            postgresql_where=text("delivered_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    #: A code that a template words, e.g. ``gate_passed``.
    topic: Mapped[str]
    #: What it is about, e.g. ``decision:17``.
    subject: Mapped[str]
    person_id: Mapped[int]
    team_id: Mapped[int | None]
    #: Codes and figures for the template, never finished text.
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


def tell(  # noqa: PLR0913 - the columns of one row
    person_id: int,
    topic: str,
    subject: str,
    *,
    team_id: int | None,
    data: Mapping[str, Any],
    now: datetime,
) -> None:
    """Put a message into the outbox, once."""
    row = {
        "topic": topic,
        "subject": subject,
        "person_id": person_id,
        "team_id": team_id,
        "data": dict(data),
        "created_at": now,
    }
    run(_put(db.engine.dialect.name), row)
    jobs.wake_after_commit()


@cache
def _put(dialect: str) -> Any:
    del dialect  # the cache's key; insert_for looks itself
    messages = cast("Table", OutboxMessage.__table__)
    once = ["topic", "subject", "person_id"]
    return insert_for(messages).on_conflict_do_nothing(index_elements=once)
