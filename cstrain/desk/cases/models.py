"""Tables of notices to read, of cases, and of the meetings on them."""

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
    #: So long the page must have been open and in sight before an answer counts; 0 for any.
    least_s: Mapped[int] = mapped_column(default=0)
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
    #: How long its page was in sight since the last wrong answer, and when that was last heard of.
    read_s: Mapped[int] = mapped_column(default=0)
    beat_at: Mapped[datetime | None]
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


class TypicalCase(Model):
    """A chat worth reading, masked by rule and looked over by a person, and what it teaches."""

    __tablename__ = "typical_case"
    __table_args__ = (
        Index("ix_typical_case_team", "team_id", "id"),
        Index("ix_typical_case_notice", "notice_id"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    title: Mapped[str]
    #: Whether it is to be done again, or not.
    is_good: Mapped[bool]
    #: Codes of ``tags``, empty for none; and a product as the shop calls it.
    step: Mapped[str]
    reason: Mapped[str]
    product: Mapped[str]
    #: What happened, and what should have been said (of a good one: what made it good).
    happened: Mapped[str]
    better: Mapped[str]
    #: As ``kit.chat`` reads it; empty where nobody has the chat.
    chat: Mapped[str]
    question: Mapped[str]
    #: The right one first.
    options: Mapped[list[Any]]
    explanation: Mapped[str] = mapped_column(default="")
    #: All its words, folded, by which it is found.
    words: Mapped[str]
    #: chat, attempt, tip or none, and the id of it; of what may be gone one day.
    source: Mapped[str]
    source_id: Mapped[int | None]
    #: Who made it and said that nobody can be recognised in it.
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    #: The case document it went out with.
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    withdrawn_at: Mapped[datetime | None]


class CaseRule(Model):
    """How often a team's agents get the new cases to read; a team without one gets none."""

    __tablename__ = "case_rule"

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    every_days: Mapped[int]
    #: So many days there are to read it, the day it goes out included.
    read_days: Mapped[int]
    #: In whose name documents go out.
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class CaseTip(Model):
    """What a colleague has seen or a customer has written, told by the short form."""

    __tablename__ = "case_tip"
    __table_args__ = (Index("ix_case_tip_team", "team_id", "state", "id"),)

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: observation or review.
    kind: Mapped[str]
    #: Without what certainly tells who somebody is.
    text: Mapped[str]
    product: Mapped[str]
    #: new, used (there is a case of it) or put_by.
    state: Mapped[str] = mapped_column(default="new")
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class SharingSession(Model):
    """A meeting on cases: planned with an agenda, held with attendance and outcomes."""

    __tablename__ = "sharing_session"
    __table_args__ = (Index("ix_sharing_session_team", "team_id", "starts_at"),)

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    title: Mapped[str]
    starts_at: Mapped[datetime]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: What the team agreed on.
    outcome: Mapped[str] = mapped_column(default="")
    #: When attendance and outcomes were first written down; None before.
    held_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class SharedCase(Model):
    """A case on the agenda of a session."""

    __tablename__ = "shared_case"
    __table_args__ = (UniqueConstraint("session_id", "case_id"),)

    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sharing_session.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("typical_case.id"))
    #: Its place on the agenda, from 0.
    ordinal: Mapped[int]
    #: What came of it, in a sentence: the wording that is used from now on.
    outcome: Mapped[str] = mapped_column(default="")


class SharingAttendance(Model):
    """That somebody was there."""

    __tablename__ = "sharing_attendance"
    __table_args__ = (UniqueConstraint("session_id", "person_id"),)

    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sharing_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
