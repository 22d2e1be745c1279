"""Tables of typing runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class TypingRun(Model):
    """One run: what is shown, what came in, and what it was judged to be."""

    __tablename__ = "typing_run"
    __table_args__ = (
        Index("ix_typing_run_person", "person_id", "drawn_at"),
        Index("ix_typing_run_team", "team_id", "is_official", "drawn_at"),
        Index("ix_typing_run_gap_digest", "gap_digest"),
        CheckConstraint("verdict IN ('valid','review','invalid','reject')", name="verdict"),
    )

    attempt_id: Mapped[int] = mapped_column(
        ForeignKey("attempt.id"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    activity: Mapped[str]
    is_official: Mapped[bool]
    #: The text as shown, a line for each paragraph.
    passage: Mapped[str]
    #: Slugs of the blocks or the passage; empty for a drill.
    sources: Mapped[list[Any]]
    policy: Mapped[str]
    limit_ms: Mapped[int]
    drawn_at: Mapped[datetime]
    supervised_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    #: When the server heard of the first key.
    started_at: Mapped[datetime | None]
    #: What the page said at the end; None when it never did.
    finished_at: Mapped[datetime | None]
    client_ms: Mapped[int | None]
    is_complete: Mapped[bool] = mapped_column(default=False)
    chunk_count: Mapped[int | None]
    final_value: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: What it came to; None until it is judged.
    verdict: Mapped[str | None]
    #: False where speed and accuracy are not recorded.
    is_recorded: Mapped[bool] = mapped_column(default=False)
    elapsed_ms: Mapped[int | None]
    net_cpm: Mapped[float | None]
    accuracy_ratio: Mapped[float | None]
    typed: Mapped[str | None]
    gap_digest: Mapped[str | None]
    #: Figures, flags, buckets, pauses and confusions; see ``judging.Judged``.
    result: Mapped[dict[str, Any] | None]


class TypingChunk(Model):
    """A numbered part of a run's log as it came, gzipped JSON."""

    __tablename__ = "typing_chunk"
    __table_args__ = (UniqueConstraint("attempt_id", "seq"),)

    id: Mapped[Id]
    attempt_id: Mapped[int] = mapped_column(ForeignKey("typing_run.attempt_id"))
    #: From 1.
    seq: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]


class TypingCode(Model):
    """A code by which a trainer opens official runs for a while."""

    __tablename__ = "typing_code"
    __table_args__ = (Index("ix_typing_code_team", "team_id", "expires_at"),)

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    code: Mapped[str]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
