"""The table of evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class Evidence(Model):
    """One thing a person has shown. Never changed; a correction supersedes."""

    __tablename__ = "evidence"
    __table_args__ = (
        Index("ix_evidence_enrolment", "enrolment_id", "cycle", "activity"),
        Index("ix_evidence_person", "team_id", "person_id", "at"),
        Index("ix_evidence_activity", "team_id", "activity", "at"),
        Index("ix_evidence_source", "source_kind", "source_id"),
        Index(
            "ix_evidence_unmarked",
            "team_id",
            "at",
            sqlite_where=text("score IS NULL"),
            postgresql_where=text("score IS NULL"),
        ),
        CheckConstraint("score IS NULL OR (score >= 0 AND score <= 1)", name="score"),
        CheckConstraint(
            "source_kind IN ('attempt','sign_off','sampled_chat','import')", name="source_kind"
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    cycle: Mapped[int] = mapped_column(default=1)
    activity: Mapped[str]
    kind: Mapped[str]
    source_kind: Mapped[str]
    #: The attempt, for source_kind attempt.
    source_id: Mapped[int | None]
    score: Mapped[float | None]
    measures: Mapped[dict[str, Any]]
    shortfalls: Mapped[list[Any]]
    summary: Mapped[dict[str, Any]]
    content_digest: Mapped[str]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    #: In which role somebody signed, for source_kind sign_off.
    by_role: Mapped[str | None]
    #: When the person showed it; a correction keeps this, so that days and order stay true.
    at: Mapped[datetime]
    #: When the row was added.
    recorded_at: Mapped[datetime]
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"), unique=True)
