"""Tables of practice sessions: the session, its pauses, its customers and every line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class PracticeSession(Model):
    """One attempt: what was drawn, and where its clock stands.

    Person, deadline and end are copies of the attempt's, and settings those of its file, so that
    a line that is sent reads one row and holds one lock.
    """

    __tablename__ = "practice_session"
    __table_args__ = (
        Index(
            "ix_practice_session_open",
            "person_id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    attempt_id: Mapped[int] = mapped_column(
        ForeignKey("attempt.id"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    revision_id: Mapped[int]
    #: See ``spec.Settings``.
    settings: Mapped[dict[str, Any]]
    #: By seat: scenario, its digest, the seed, the earliest arrival in ms.
    plan: Mapped[list[Any]]
    #: The scenario the trainee chose; None for what was drawn.
    chosen: Mapped[str | None]
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    #: Since when the clock stands still; None while it runs.
    paused_at: Mapped[datetime | None]
    #: All pauses that are over, together.
    paused_ms: Mapped[int] = mapped_column(default=0)
    #: The rules that played the customers; a later version may play them otherwise.
    engine: Mapped[int]
    #: What it came to; see ``measuring.Measured``. None until it is closed.
    result: Mapped[dict[str, Any] | None]


class PracticePause(Model):
    """A stretch in which the clock of a session stood still."""

    __tablename__ = "practice_pause"
    __table_args__ = (Index("ix_practice_pause_attempt", "attempt_id"),)

    id: Mapped[Id]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("practice_session.attempt_id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class PracticeCustomer(Model):
    """A customer who has come. Times are ms of the session, pauses taken out."""

    __tablename__ = "practice_customer"
    __table_args__ = (
        UniqueConstraint("attempt_id", "seat"),
        Index("ix_practice_customer_person", "person_id", "scenario"),
    )

    id: Mapped[Id]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("practice_session.attempt_id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: The place in the plan, from 0.
    seat: Mapped[int]
    scenario: Mapped[str]
    digest: Mapped[str]
    seed: Mapped[int]
    nick: Mapped[str]
    is_returning: Mapped[bool]
    arrived_ms: Mapped[int]
    gone_ms: Mapped[int | None]
    #: The scenario's ending, and what it is; None until it is decided.
    ending: Mapped[str | None]
    outcome: Mapped[str | None]
    is_good: Mapped[bool | None]
    #: All that the customer remembers; see ``customer.Condition``.
    condition: Mapped[dict[str, Any]]
    #: The first line that nobody has answered.
    waiting_since_ms: Mapped[int | None]
    #: The latest time at which something happened to the customer.
    last_ms: Mapped[int]
    #: When something happens if the agent stays silent.
    next_ms: Mapped[int | None]
    #: What was done to the order: [code, parameters], in order.
    actions: Mapped[list[Any]]


class PracticePlayer(Model):
    """The trainer who plays the customer of a session; sessions of the machine have none."""

    __tablename__ = "practice_player"
    __table_args__ = (Index("ix_practice_player_person", "person_id"),)

    attempt_id: Mapped[int] = mapped_column(
        ForeignKey("practice_session.attempt_id"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: When the trainee came in; nothing is said before.
    entered_at: Mapped[datetime | None]


class PracticeLine(Model):
    """A line of a chat, or an action on the order. Only ever added."""

    __tablename__ = "practice_line"
    __table_args__ = (
        UniqueConstraint("attempt_id", "key"),
        Index("ix_practice_line_attempt", "attempt_id", "id"),
        CheckConstraint("role IN ('buyer','agent','auto','system')", name="role"),
        CheckConstraint("kind IN ('text','picture','card','action')", name="kind"),
    )

    id: Mapped[Id]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("practice_session.attempt_id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("practice_customer.id"))
    at_ms: Mapped[int]
    role: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    picture: Mapped[str | None]
    #: The page's own name for what it sent, so that a second delivery is known.
    key: Mapped[str | None]
    #: What the customer made of it; see ``customer.Mark``. Agents' lines only.
    mark: Mapped[dict[str, Any] | None]
    #: How it came about: action, params, card, quick, typed_chars, typed_ms, pasted_chars; of a
    #: customer's line whether it asks, and the mood in which a trainer said it.
    origin: Mapped[dict[str, Any] | None]
