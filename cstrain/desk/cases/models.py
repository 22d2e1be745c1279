"""Tables of notices to read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class Notice(Model):
    """Something the agents of a team must have read. Never changed once it is out."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_team", "team_id", "id"),)

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: Only people of this batch; None for the whole team.
    batch: Mapped[str | None]
    title: Mapped[str]
    #: Markdown.
    body: Mapped[str]
    question: Mapped[str]
    options: Mapped[list[Any]]
    #: Which of the options is right, from 0.
    right_index: Mapped[int]
    #: Shown after a wrong answer; empty for the usual words.
    explanation: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class NoticeReading(Model):
    """That one person must read a notice, and when that was confirmed."""

    __tablename__ = "notice_reading"
    __table_args__ = (
        UniqueConstraint("notice_id", "person_id"),
        Index(
            "ix_notice_reading_open",
            "person_id",
            sqlite_where=text("confirmed_at IS NULL"),
            postgresql_where=text("confirmed_at IS NULL"),
        ),
        Index("ix_notice_reading_person", "person_id", "id"),
        Index(
            "ix_notice_reading_team_open",
            "team_id",
            "due_at",
            sqlite_where=text("confirmed_at IS NULL"),
            postgresql_where=text("confirmed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: The notice's, or later for somebody who joined after it was out.
    due_at: Mapped[datetime]
    answer_count: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]


class NoticeAnswer(Model):
    """One answer to a notice's question, right or wrong."""

    __tablename__ = "notice_answer"
    __table_args__ = (Index("ix_notice_answer_reading", "reading_id"),)

    id: Mapped[Id]
    reading_id: Mapped[int] = mapped_column(ForeignKey("notice_reading.id"))
    #: The option, from 0.
    chosen_index: Mapped[int]
    is_right: Mapped[bool]
    at: Mapped[datetime]
