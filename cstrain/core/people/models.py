"""Tables of people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cstrain.kit.db import BigId, Id, Model


class Team(Model):
    """A shop: the border of what people see."""

    __tablename__ = "team"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    timezone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    #: The pathway new trainees are enrolled in, and how many agents a day needs.
    pathway_slug: Mapped[str] = mapped_column(default="three-exams")
    needed_on_duty_count: Mapped[int] = mapped_column(default=0)


class Person(Model):
    """Somebody who logs in. The record outlives leaving and is continued by a rehire."""

    __tablename__ = "person"

    id: Mapped[Id]
    employee_no: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    #: When access ended; None while the person works here.
    left_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(default="zh")
    theme: Mapped[str] = mapped_column(default="auto")
    #: Factor on every time limit for people who need more time, 1.0 to 3.0.
    extra_time_ratio: Mapped[float] = mapped_column(default=1.0)
    #: Messages not read yet, kept by the inbox so that the bell costs no statement.
    unread_count: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]

    identity: Mapped[Identity] = relationship(lazy="raise", uselist=False)


class Identity(Model):
    """Name and phone of a person; erasing this row keeps the evidence."""

    __tablename__ = "person_identity"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(unique=True)


class Membership(Model):
    """A role in a team. Ended memberships stay as history."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_current",
            "team_id",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text("until_at IS NULL"),
            postgresql_where=text("until_at IS NULL"),
        ),
        Index("ix_membership_person", "person_id"),
        Index("ix_membership_team_batch", "team_id", "batch", "until_at"),
        CheckConstraint("role IN ('trainee','trainer','manager','administrator')", name="role"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    role: Mapped[str]
    #: The group a trainee came in with (批次), e.g. 2026-11 双十一班.
    batch: Mapped[str | None]
    since_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class LoginSession(Model):
    """One log-in on one device, so that it can be ended from elsewhere."""

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_person", "person_id"),)

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    #: Touched at most every five minutes.
    touched_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginFailure(Model):
    """Failed log-ins by account and by address, for the throttle. Keys are hashes."""

    __tablename__ = "login_failure"
    __table_args__ = (Index("ix_login_failure_key_at", "key", "at"),)

    id: Mapped[Id]
    key: Mapped[str]
    at: Mapped[datetime]


class Invitation(Model):
    """A link or QR code by which new people join a team by themselves."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_team", "team_id"),)

    id: Mapped[Id]
    #: The link's secret is made from this and the site's secret, so that it can be shown again
    #: while the table alone opens nothing.
    nonce: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    batch: Mapped[str | None]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    uses_left: Mapped[int] = mapped_column(BigId)
    revoked_at: Mapped[datetime | None]


class PersonEvent(Model):
    """What was done to an account, by whom: the audit that people concerned can read."""

    __tablename__ = "person_event"
    __table_args__ = (Index("ix_person_event_person", "person_id", "at"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    #: One of ``history.WORDS``.
    action: Mapped[str]
    #: A role, batch, team name or employee number, never a person's name or phone.
    detail: Mapped[str] = mapped_column(default="")
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
