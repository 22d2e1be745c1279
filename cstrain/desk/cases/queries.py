"""Reads about notices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, case, func, select

from cstrain.core.people.access import Role
from cstrain.core.people.models import Identity, Membership, Team
from cstrain.desk.cases.models import Notice, NoticeReading
from cstrain.kit.db import db, run

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class ToRead:
    """A notice in the list of somebody who must read it.

    Attributes:
        due_at: Until when.
        confirmed_at: None while it is open.
    """

    notice_id: int
    title: str
    published_at: datetime
    due_at: datetime
    confirmed_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is open and its time is over."""
        return self.confirmed_at is None and self.due_at <= now


@dataclass(frozen=True, slots=True)
class Late:
    """Somebody who has not confirmed a notice in time."""

    notice_id: int
    title: str
    team_id: int
    person_id: int
    name: str
    batch: str | None
    due_at: datetime
    answer_count: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice in the list of those who send them, with how far it got."""

    notice_id: int
    team_id: int
    team_name: str
    title: str
    batch: str | None
    by_name: str
    published_at: datetime
    due_at: datetime
    withdrawn_at: datetime | None
    confirmed_count: int
    late_count: int
    person_count: int


@dataclass(frozen=True, slots=True)
class Reader:
    """One recipient of a notice."""

    person_id: int
    name: str
    batch: str | None
    due_at: datetime
    answer_count: int
    confirmed_at: datetime | None
    read_s: int

    def state(self, now: datetime) -> str:
        """passed, failed (too late) or waiting."""
        if self.confirmed_at is not None:
            return "passed"
        return "failed" if self.due_at <= now else "waiting"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of sent notices, newest first."""

    notices: Sequence[Sent]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // PAGE_SIZE), 1)


def _is_agent_there() -> ColumnElement[bool]:
    """Joins a reading to its reader's place in the team, as long as there is one."""
    return (
        (Membership.person_id == NoticeReading.person_id)
        & (Membership.team_id == NoticeReading.team_id)
        & (Membership.role == Role.TRAINEE)
        & Membership.until_at.is_(None)
    )


_READINGS = (
    select(
        Notice.id,
        Notice.title,
        Notice.published_at,
        NoticeReading.due_at,
        NoticeReading.confirmed_at,
    )
    .join(Notice, Notice.id == NoticeReading.notice_id)
    .join(Membership, _is_agent_there())
    .where(NoticeReading.person_id == bindparam("person_id"), Notice.withdrawn_at.is_(None))
    .limit(100)
)
_TO_READ = _READINGS.where(NoticeReading.confirmed_at.is_(None)).order_by(
    NoticeReading.due_at, Notice.id
)
_HAVE_READ = _READINGS.where(NoticeReading.confirmed_at.is_not(None)).order_by(
    NoticeReading.confirmed_at.desc()
)


def to_read(person_id: int) -> list[ToRead]:
    """What a person must still read, most urgent first: for home pages, one statement."""
    return [ToRead(*row) for row in run(_TO_READ, {"person_id": person_id})]


def have_read(person_id: int) -> list[ToRead]:
    """The latest notices that a person has confirmed, newest first."""
    return [ToRead(*row) for row in run(_HAVE_READ, {"person_id": person_id})]


def overdue(team_ids: Collection[int], *, now: datetime) -> list[Late]:
    """Who has not confirmed in time, people who are still there only; one statement.

    Ordered by notice, oldest first, then by name.
    """
    if not team_ids:
        return []
    rows = db.session.execute(
        select(
            Notice.id,
            Notice.title,
            Notice.team_id,
            NoticeReading.person_id,
            Identity.name,
            Membership.batch,
            NoticeReading.due_at,
            NoticeReading.answer_count,
        )
        .select_from(NoticeReading)
        .join(Notice, Notice.id == NoticeReading.notice_id)
        .join(Membership, _is_agent_there())
        .join(Identity, Identity.person_id == NoticeReading.person_id)
        .where(_is_late(team_ids, now))
        .order_by(Notice.id, Identity.name, NoticeReading.person_id)
        .limit(1000)
    ).all()
    return [Late(*row) for row in rows]


def overdue_count(team_ids: Collection[int], *, now: datetime) -> int:
    """How many readings ``overdue`` would list: for home pages, one statement."""
    found = (
        select(func.count())
        .select_from(NoticeReading)
        .join(Notice, Notice.id == NoticeReading.notice_id)
        .join(Membership, _is_agent_there())
        .where(_is_late(team_ids, now))
    )
    return db.session.scalar(found) or 0


def _is_late(team_ids: Collection[int], now: datetime) -> ColumnElement[bool]:
    return and_(
        NoticeReading.team_id.in_(team_ids),
        NoticeReading.confirmed_at.is_(None),
        NoticeReading.due_at <= now,
        Notice.withdrawn_at.is_(None),
    )


def sent(team_ids: Collection[int], *, number: int, now: datetime) -> Page:
    """A page of the notices of some teams, with how many of those still there confirmed."""
    wanted = Notice.team_id.in_(team_ids)
    total = db.session.scalar(select(func.count()).select_from(Notice).where(wanted)) or 0
    number = min(max(number, 1), max(-(-total // PAGE_SIZE), 1))
    listed = (
        select(Notice.id)
        .where(wanted)
        .order_by(Notice.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
        .subquery()
    )
    is_late = NoticeReading.confirmed_at.is_(None) & (NoticeReading.due_at <= now)
    counts = (
        select(
            NoticeReading.notice_id,
            func.count().label("person_count"),
            func.count(NoticeReading.confirmed_at).label("confirmed_count"),
            func.sum(case((is_late, 1), else_=0)).label("late_count"),
        )
        .join(Membership, _is_agent_there())
        .where(NoticeReading.notice_id.in_(select(listed.c.id)))
        .group_by(NoticeReading.notice_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            Notice.id,
            Notice.team_id,
            Team.name,
            Notice.title,
            Notice.batch,
            Identity.name.label("by_name"),
            Notice.published_at,
            Notice.due_at,
            Notice.withdrawn_at,
            func.coalesce(counts.c.confirmed_count, 0),
            func.coalesce(counts.c.late_count, 0),
            func.coalesce(counts.c.person_count, 0),
        )
        .join(listed, listed.c.id == Notice.id)
        .join(Team, Team.id == Notice.team_id)
        .outerjoin(Identity, Identity.person_id == Notice.by_person_id)
        .outerjoin(counts, counts.c.notice_id == Notice.id)
        .order_by(Notice.id.desc())
    ).all()
    return Page([Sent(*row) for row in rows], number, total)


def readers(notice_id: int) -> list[Reader]:
    """The recipients of a notice who are still there: open ones first, late ones first of all."""
    rows = db.session.execute(
        select(
            NoticeReading.person_id,
            Identity.name,
            Membership.batch,
            NoticeReading.due_at,
            NoticeReading.answer_count,
            NoticeReading.confirmed_at,
            NoticeReading.read_s,
        )
        .select_from(NoticeReading)
        .join(Membership, _is_agent_there())
        .join(Identity, Identity.person_id == NoticeReading.person_id)
        .where(NoticeReading.notice_id == notice_id)
        .order_by(
            NoticeReading.confirmed_at.is_not(None),
            NoticeReading.due_at,
            Identity.name,
            NoticeReading.person_id,
        )
    ).all()
    return [Reader(*row) for row in rows]


def reading(notice_id: int, person_id: int) -> NoticeReading | None:
    """A person's own reading of a notice."""
    return db.session.scalars(
        select(NoticeReading).where(
            NoticeReading.notice_id == notice_id, NoticeReading.person_id == person_id
        )
    ).first()


def batches(team_ids: Collection[int]) -> list[str]:
    """The batches of the agents who are in the teams now, newest name first."""
    return list(
        db.session.scalars(
            select(Membership.batch)
            .where(
                Membership.team_id.in_(team_ids),
                Membership.role == Role.TRAINEE,
                Membership.until_at.is_(None),
                Membership.batch.is_not(None),
            )
            .distinct()
            .order_by(Membership.batch.desc())
        )
    )
