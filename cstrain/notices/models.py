"""The table of the inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class InboxMessage(Model):
    """One thing one person has been told."""

    __tablename__ = "inbox_message"
    __table_args__ = (
        UniqueConstraint("person_id", "topic", "subject"),
        Index("ix_inbox_message_person", "person_id", "id"),
        Index(
            "ix_inbox_message_unread",
            "person_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    #: A code that ``words`` puts into words.
    topic: Mapped[str]
    #: What it is about, e.g. ``decision:17``.
    subject: Mapped[str]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
