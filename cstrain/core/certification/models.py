"""Tables of certificates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class Certificate(Model):
    """A certificate. It rests on a decision and belongs to the person, also after a transfer."""

    __tablename__ = "certificate"
    __table_args__ = (
        Index("ix_certificate_person", "person_id", "valid_until_on"),
        Index("ix_certificate_team", "team_id", "state", "valid_until_on"),
        CheckConstraint("state IN ('valid','suspended','revoked')", name="state"),
    )

    id: Mapped[Id]
    #: Ten Crockford characters.
    number: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    pathway: Mapped[str]
    title: Mapped[dict[str, Any]]
    pathway_title: Mapped[dict[str, Any]]
    queues: Mapped[list[Any]]
    issued_at: Mapped[datetime]
    valid_from_on: Mapped[date]
    #: The last day on which it is good.
    valid_until_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="valid")


class CertificateEvent(Model):
    """What happened to a certificate, by whom, why."""

    __tablename__ = "certificate_event"
    __table_args__ = (Index("ix_certificate_event_certificate", "certificate_id", "id"),)

    id: Mapped[Id]
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    action: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
