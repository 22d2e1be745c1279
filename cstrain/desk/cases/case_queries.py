"""Reads about cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from cstrain.core.people.models import Identity
from cstrain.desk.cases.models import TypicalCase
from cstrain.kit.db import db
from cstrain.kit.search import fold

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cases are meant; empty for any.

    Attributes:
        is_good: None for both.
        is_withdrawn: Only those that were taken out.
    """

    team_ids: Sequence[int]
    q: str = ""
    step: str = ""
    reason: str = ""
    product: str = ""
    is_good: bool | None = None
    is_withdrawn: bool = False

    @property
    def condition(self) -> list[ColumnElement[bool]]:
        """As conditions on ``TypicalCase``."""
        row = TypicalCase
        gone = row.withdrawn_at.is_not(None) if self.is_withdrawn else row.withdrawn_at.is_(None)
        said: list[ColumnElement[bool]] = [row.team_id.in_(self.team_ids), gone]
        for column, value in ((row.step, self.step), (row.reason, self.reason)):
            if value:
                said.append(column == value)
        if self.product:
            said.append(row.product == self.product)
        if self.is_good is not None:
            said.append(row.is_good.is_(self.is_good))
        said += [row.words.contains(word, autoescape=True) for word in fold(self.q).split()]
        return said


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of cases, newest first."""

    cases: Sequence[Any]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // PAGE_SIZE), 1)


def listed(asked: Asked, *, number: int) -> CasePage:
    """A page of cases. Two statements."""
    row = TypicalCase
    total = db.session.scalar(select(func.count()).select_from(row).where(*asked.condition)) or 0
    number = min(max(number, 1), max(-(-total // PAGE_SIZE), 1))
    rows = db.session.execute(
        select(
            row.id,
            row.team_id,
            row.title,
            row.is_good,
            row.step,
            row.reason,
            row.product,
            row.happened,
            row.created_at,
            row.notice_id,
        )
        .where(*asked.condition)
        .order_by(row.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return CasePage(rows, number, total)


def products_in(team_ids: Sequence[int]) -> list[str]:
    """The products that cases of these teams are about, by name."""
    row = TypicalCase
    return list(
        db.session.scalars(
            select(row.product)
            .where(row.team_id.in_(team_ids), row.product != "", row.withdrawn_at.is_(None))
            .distinct()
            .order_by(row.product)
            .limit(50)
        )
    )


def name_of(person_id: int) -> str:
    """What somebody is called; empty once that is erased."""
    return db.session.scalar(select(Identity.name).where(Identity.person_id == person_id)) or ""


def made_of(team_id: int, source: str, source_id: int | None) -> list[tuple[int, str]]:
    """Cases in the library that were made of the same, id and title, the newest first."""
    if source_id is None:
        return []
    rows = db.session.execute(
        select(TypicalCase.id, TypicalCase.title)
        .where(
            TypicalCase.team_id == team_id,
            TypicalCase.source == source,
            TypicalCase.source_id == source_id,
            TypicalCase.withdrawn_at.is_(None),
        )
        .order_by(TypicalCase.id.desc())
    )
    return [(row.id, row.title) for row in rows]
