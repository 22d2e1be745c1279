"""Tables of papers, answers as they arrived, answers that stand, and what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class Paper(Model):
    """What an attempt drew, and where its answers stand.

    Person, deadline and end are copies of the attempt's, so that taking an answer reads one row
    and holds one lock.
    """

    __tablename__ = "quiz_paper"
    __table_args__ = (Index("ix_quiz_paper_person", "person_id", "use", "attempt_id"),)

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    use: Mapped[str]
    #: By place: [item id, digest, order of its parts, points, section].
    items: Mapped[list[Any]]
    #: That of the page loaded last; 0 before the first.
    epoch: Mapped[int] = mapped_column(default=0)
    deadline_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    #: Places that the trainee wants to look at again.
    marked: Mapped[list[Any]] = mapped_column(default=list)


class AnswerEvent(Model):
    """One answer as it arrived; all are kept, and the same one sent again is kept once."""

    __tablename__ = "answer_event"
    __table_args__ = (UniqueConstraint("attempt_id", "epoch", "seq", "position"),)

    id: Mapped[Id]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    position: Mapped[int]
    epoch: Mapped[int]
    seq: Mapped[int]
    response: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    #: False where it came from an older page, or too late.
    counted: Mapped[bool]


class Answer(Model):
    """The answer that stands: the counted one with the greatest (epoch, seq)."""

    __tablename__ = "quiz_answer"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    response: Mapped[dict[str, Any]]
    epoch: Mapped[int]
    seq: Mapped[int]


class GradedAnswer(Model):
    """A question of a closed attempt in words, readable whatever becomes of the content."""

    __tablename__ = "quiz_graded"
    __table_args__ = (Index("ix_quiz_graded_person", "person_id", "attempt_id"),)

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    item_id: Mapped[str]
    digest: Mapped[str]
    section: Mapped[str]
    #: How its parts stood on the paper, and the answer as sent; None without one.
    part_order: Mapped[list[Any]]
    response: Mapped[dict[str, Any] | None]
    question: Mapped[str]
    given: Mapped[str]
    right: Mapped[str]
    ratio: Mapped[float]
    points: Mapped[int]
    is_right: Mapped[bool]
    is_answered: Mapped[bool]


class ItemStat(Model):
    """How a team answers a question: kept with every closed attempt."""

    __tablename__ = "quiz_item_stat"
    __table_args__ = (Index("ix_quiz_item_stat_wrong", "team_id", "wrong_count"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(primary_key=True)
    #: The question as it was asked last.
    digest: Mapped[str]
    section: Mapped[str]
    answered_count: Mapped[int] = mapped_column(default=0)
    wrong_count: Mapped[int] = mapped_column(default=0)
