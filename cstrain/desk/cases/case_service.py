"""Making, changing and withdrawing cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import update

from cstrain.desk.cases import tips
from cstrain.desk.cases.models import TypicalCase
from cstrain.desk.cases.sources import TIP
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.search import fold


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A case as it is kept, without what tells who somebody is.

    Attributes:
        step: A code of ``tags.STEPS``; empty for none.
        reason: A code of ``tags.REASONS``; empty for none.
        product: As the shop calls it; empty for none.
        chat: One line a message; may be empty.
        options: Two to four answers, the right one first.
    """

    title: str
    is_good: bool
    step: str
    reason: str
    product: str
    happened: str
    chat: str
    better: str
    question: str
    options: Sequence[str]
    explanation: str = ""


def add(  # noqa: PLR0913 - whose it is, of what, by whom
    team_id: int,
    draft: CaseDraft,
    *,
    source: str,
    source_id: int | None,
    by: int,
    now: datetime,
) -> int:
    """Put a case into the library; gives its id."""
    row = TypicalCase(
        team_id=team_id,
        source=source,
        source_id=source_id,
        by_person_id=by,
        created_at=now,
        changed_at=now,
        **_columns(draft),
    )
    db.session.add(row)
    if source == TIP and source_id is not None:
        tips.settle(source_id, tips.USED)
    db.session.flush()
    return row.id


def change(case_id: int, draft: CaseDraft, *, now: datetime) -> None:
    """Change a case; a document that it went out with stays as it was read.

    Raises:
        NotFoundError: If there is none.
    """
    row = db.session.get(TypicalCase, case_id)
    if row is None:
        raise NotFoundError
    for name, value in _columns(draft).items():
        setattr(row, name, value)
    row.changed_at = now
    db.session.flush()


def _columns(draft: CaseDraft) -> dict[str, Any]:
    values: dict[str, Any] = {each.name: getattr(draft, each.name) for each in fields(draft)}
    said = (values[name] for name in ("title", "product", "happened", "chat", "better"))
    return values | {"words": fold("\n".join(said))}


def withdraw(case_id: int, *, is_back: bool, now: datetime) -> None:
    """Take a case out of the library, or put it back."""
    db.session.execute(
        update(TypicalCase)
        .where(TypicalCase.id == case_id)
        .values(withdrawn_at=None if is_back else now)
    )
