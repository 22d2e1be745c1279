"""Tables of published content."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class ContentBlob(Model):
    """The bytes of a file, or of one question, under their SHA-256. Never changed."""

    __tablename__ = "content_blob"

    digest: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class ContentRevision(Model):
    """One published state of all content. The newest is in force."""

    __tablename__ = "content_revision"

    id: Mapped[Id]
    #: Path → [digest, origin], origin ``folder`` or ``edit`` (brought in through the pages).
    manifest: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
