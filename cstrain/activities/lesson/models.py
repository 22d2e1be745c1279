"""Tables of lessons: how far a reader is, answers, first thoughts, and a shop's own files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class LessonProgress(Model):
    """How far an attempt at a lesson is."""

    __tablename__ = "lesson_progress"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    #: The lesson's text as the attempt began, so that a page need not read the attempt.
    content_digest: Mapped[str]
    #: Whether a retraining plan asked for it; then answers must be right.
    is_relearning: Mapped[bool] = mapped_column(default=False)
    #: Sections to relearn; empty for the whole lesson.
    scope: Mapped[list[Any]]
    #: Refs of the parts opened so far, in the order of opening.
    opened: Mapped[list[Any]]
    #: The number of the newest report of opened parts.
    report_number: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]


class LessonAnswer(Model):
    """The newest answer to one question, or the thought on one prompt, of an attempt.

    Questions of the bank that retraining drew stand here from the start, without an answer.
    """

    __tablename__ = "lesson_answer"
    __table_args__ = (
        UniqueConstraint("attempt_id", "item_id"),
        Index("ix_lesson_answer_item", "item_id", "answered_at"),
    )

    id: Mapped[Id]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    item_id: Mapped[str]
    item_digest: Mapped[str]
    #: The section it was drawn for; empty for a question of the lesson itself.
    drawn_for: Mapped[str] = mapped_column(default="")
    response: Mapped[dict[str, Any] | None]
    #: Of the newest answer and of the first, 0 to 1; None for a prompt or without an answer.
    ratio: Mapped[float | None]
    first_ratio: Mapped[float | None]
    try_count: Mapped[int] = mapped_column(default=0)
    given_text: Mapped[str] = mapped_column(default="")
    #: What others had thought at that time: share by choice, for a prompt.
    others: Mapped[dict[str, Any] | None]
    answered_at: Mapped[datetime | None]


class PromptThought(Model):
    """How many of a team thought this first."""

    __tablename__ = "prompt_thought"
    __table_args__ = (UniqueConstraint("team_id", "item_digest", "thought"),)

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    item_digest: Mapped[str]
    #: The choice by its text, or the number.
    thought: Mapped[str]
    people_count: Mapped[int]


class LessonFile(Model):
    """A file that a shop's trainer has added to a lesson; the file itself lies in the data folder.

    The row of a removed one stays, so that sending an old form again does not bring it back.
    """

    __tablename__ = "lesson_file"
    __table_args__ = (
        Index(
            "ix_lesson_file_shown",
            "team_id",
            "lesson",
            "position",
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: The lesson's slug.
    lesson: Mapped[str]
    token: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    #: A name of ``kit.file_types.TYPES``.
    kind: Mapped[str]
    byte_count: Mapped[int]
    position: Mapped[int]
    added_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
