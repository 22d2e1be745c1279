"""The table of reflections."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Model


class Reflection(Model):
    """What a trainee writes in one attempt, saved as it is written."""

    __tablename__ = "reflection"

    attempt_id: Mapped[int] = mapped_column(
        ForeignKey("attempt.id"), primary_key=True, autoincrement=False
    )
    text: Mapped[str] = mapped_column(default="")
    #: Counts what was saved, so that an older page does not write over a newer one unseen.
    version: Mapped[int] = mapped_column(default=0)
    #: The page that saved last, by a word of its own; it may go on without asking.
    writer: Mapped[str] = mapped_column(default="")
    saved_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
