"""Tables of calibration: the same chats marked blind by everybody, then agreed upon."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class Calibration(Model):
    """A session: marked blind until it is compared, open until the gold marks are agreed upon."""

    __tablename__ = "calibration"
    __table_args__ = (Index("ix_calibration_team", "team_id", "id"),)

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    title: Mapped[str]
    #: The rubric's file that all mark by.
    rubric_digest: Mapped[str]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]
    #: From when on all see each other's marks, and nobody marks any more.
    compared_at: Mapped[datetime | None]
    #: From when on the gold marks stand.
    closed_at: Mapped[datetime | None]


class CalibrationChat(Model):
    """A chat of a session. It was marked before, so that it is known whose it is."""

    __tablename__ = "calibration_chat"
    __table_args__ = (UniqueConstraint("calibration_id", "chat_review_id"),)

    id: Mapped[Id]
    calibration_id: Mapped[int] = mapped_column(ForeignKey("calibration.id"))
    #: From 1.
    place: Mapped[int]
    chat_review_id: Mapped[int] = mapped_column(ForeignKey("chat_review.id"))


class CalibrationPart(Model):
    """Somebody's part in a chat of a session: what their blind review is about."""

    __tablename__ = "calibration_part"
    __table_args__ = (UniqueConstraint("chat_id", "person_id"),)

    id: Mapped[Id]
    chat_id: Mapped[int] = mapped_column(ForeignKey("calibration_chat.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class CalibrationGold(Model):
    """What a session agreed upon for one item of a chat. The blind marks stay as they were."""

    __tablename__ = "calibration_gold"
    __table_args__ = (UniqueConstraint("chat_id", "criterion"),)

    id: Mapped[Id]
    chat_id: Mapped[int] = mapped_column(ForeignKey("calibration_chat.id"))
    criterion: Mapped[str]
    #: None for "does not apply".
    value: Mapped[int | None]
    #: What was said in favour of it.
    note: Mapped[str] = mapped_column(default="")
