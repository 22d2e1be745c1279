"""Keeping what is written. Nothing here commits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select, update

from cstrain.activities.reflection.models import Reflection
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, InvalidError
from cstrain.kit.i18n import gettext as _

#: Characters that are kept of a draft, white space included.
MAX_DRAFT_CHARS: Final = 20_000
#: What no database and no page can show: control characters and halves of characters.
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class ElsewhereError(ConflictError):
    """Another page has saved since this one was opened."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text on its way from a page.

    Attributes:
        version: What the page was opened with, or was told when it saved last.
        writer: The page's own word; empty for a page without scripts.
    """

    text: str
    version: int
    writer: str = ""


def clean(text: str) -> str:
    """The text with plain line ends and without what cannot be shown."""
    return _UNSHOWN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def char_count(text: str) -> int:
    """Characters, white space left out; the page's script counts the same."""
    return len("".join(text.split()))


def paragraphs(text: str) -> list[str]:
    """The paragraphs in order, without empty ones; a trainer cites them by their number."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def begin(attempt_id: int, *, now: datetime) -> None:
    """An empty sheet."""
    db.session.add(Reflection(attempt_id=attempt_id, saved_at=now))


def of(attempt_id: int) -> Reflection:
    """What is written in an attempt."""
    query = select(Reflection).where(Reflection.attempt_id == attempt_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def save(attempt_id: int, draft: Draft, *, now: datetime) -> int:
    """Keep a draft; gives the version to name next time.

    A page that saved last may save again whatever it was told, so that an answer that was lost
    on its way costs nothing.

    Raises:
        InvalidError: If it is longer than anything that is kept.
        ElsewhereError: If another page has saved since.
        ConflictError: If it has been handed in.
    """
    text = clean(draft.text)
    if len(text) > MAX_DRAFT_CHARS:
        most = MAX_DRAFT_CHARS
        raise InvalidError(_("太长了，最多存 %(most)s 个字。先删掉一些再存。", most=most))
    is_newest = Reflection.version == draft.version
    if draft.writer:
        is_newest = or_(is_newest, Reflection.writer == draft.writer)
    found = db.session.execute(
        update(Reflection)
        .where(Reflection.attempt_id == attempt_id, Reflection.closed_at.is_(None), is_newest)
        .values(text=text, writer=draft.writer, version=Reflection.version + 1, saved_at=now)
        .returning(Reflection.version)
        .execution_options(synchronize_session=False)
    ).scalar()
    if found is not None:
        return found
    kept = of(attempt_id)
    if kept.closed_at is not None:
        raise ConflictError(_("这一篇已经交了，不能再改。"))
    if kept.text == text:
        return kept.version
    raise ElsewhereError(_("这一篇在别的窗口里改过，这里的字还没有存。"))


def close(attempt_id: int, *, now: datetime) -> None:
    """From now on nothing is saved."""
    db.session.execute(
        update(Reflection)
        .where(Reflection.attempt_id == attempt_id, Reflection.closed_at.is_(None))
        .values(closed_at=now)
        .execution_options(synchronize_session=False)
    )
