"""Sharing sessions: planned with an agenda of cases, held with attendance and outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update

from cstrain.core.people.access import Role
from cstrain.core.people.models import Identity, Membership
from cstrain.core.people.queries import people_with
from cstrain.desk.cases.models import (
    SharedCase,
    SharingAttendance,
    SharingSession,
    TypicalCase,
)
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.outbox import tell

CASES_MOST: Final = 10
#: Half an hour is enough for so many.
CASES_USUAL: Final = 5
USUAL_HOUR: Final = 15
LISTED_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A session in the list."""

    id: int
    team_id: int
    title: str
    starts_at: datetime
    held_at: datetime | None
    cancelled_at: datetime | None
    case_count: int
    person_count: int


@dataclass(frozen=True, slots=True)
class ToShare:
    """A case to choose for a session.

    Attributes:
        was_shared: Whether a session that was held had it.
        planned: The title of the session not held yet that has it; None for none.
    """

    case_id: int
    title: str
    is_good: bool
    was_shared: bool
    planned: str | None


@dataclass(frozen=True, slots=True)
class OnAgenda:
    """A case on an agenda, and what came of it."""

    case_id: int
    title: str
    is_good: bool
    is_withdrawn: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a session agreed on."""

    id: int
    starts_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody of the team, and whether the person was there."""

    person_id: int
    name: str
    was_there: bool


def plan(  # noqa: PLR0913 - what an invitation says
    team_id: int,
    title: str,
    starts_at: datetime,
    case_ids: Sequence[int],
    *,
    by: int,
    now: datetime,
) -> int:
    """Plan a session and tell the team's agents; gives its id.

    Raises:
        InvalidError: If it is over already, or its agenda is empty, too long, or not the team's.
    """
    if starts_at <= now:
        raise InvalidError(_("这个时间已经过了。"))
    wanted = list(dict.fromkeys(case_ids))
    if not 1 <= len(wanted) <= CASES_MOST:
        raise InvalidError(_("选 1 到 %(most)s 个案例。", most=CASES_MOST))
    known = set(
        db.session.scalars(
            select(TypicalCase.id).where(
                TypicalCase.id.in_(wanted),
                TypicalCase.team_id == team_id,
                TypicalCase.withdrawn_at.is_(None),
            )
        )
    )
    if known != set(wanted):
        raise InvalidError(_("有的案例刚刚撤下了，再选一次。"))
    row = SharingSession(team_id=team_id, title=title, starts_at=starts_at, by_person_id=by)
    db.session.add(row)
    db.session.flush()
    db.session.add_all(
        SharedCase(session_id=row.id, case_id=case_id, ordinal=place)
        for place, case_id in enumerate(wanted)
    )
    db.session.flush()
    _tell("sharing_session", row.id, team_id, title, starts_at, now=now)
    return row.id


def _tell(  # noqa: PLR0913 - what is told, of which session
    topic: str, session_id: int, team_id: int, title: str, starts_at: datetime, *, now: datetime
) -> None:
    """Tell the team's agents of a session."""
    for person_id in people_with(team_id, Role.TRAINEE):
        tell(
            person_id,
            topic,
            f"sharing_session:{session_id}",
            team_id=team_id,
            data={"session_id": session_id, "title": title, "starts_at": starts_at.isoformat()},
            now=now,
        )


def record(
    session_id: int,
    *,
    present: Collection[int],
    outcomes: Mapping[int, str],
    outcome: str,
    now: datetime,
) -> None:
    """Write down who was there and what came of it; again, it takes the place of before.

    Args:
        session_id: Which.
        present: People; those who are not in the team count for nothing.
        outcomes: Case → what came of it.
        outcome: What was agreed on in all.
        now: The time.

    Raises:
        NotFoundError: If there is no such session.
        ConflictError: If it has not begun, or was called off.
    """
    row = db.session.scalars(
        select(SharingSession).where(SharingSession.id == session_id).with_for_update()
    ).first()
    if row is None:
        raise NotFoundError
    if row.cancelled_at is not None:
        raise ConflictError(_("这次分享会已经取消。"))
    if row.starts_at > now:
        raise ConflictError(_("还没到时间，开完再记。"))
    known = {each.person_id for each in guests(row)}
    db.session.execute(delete(SharingAttendance).where(SharingAttendance.session_id == session_id))
    db.session.add_all(
        SharingAttendance(session_id=session_id, person_id=person_id)
        for person_id in sorted(known.intersection(present))
    )
    for shared in db.session.scalars(select(SharedCase).where(SharedCase.session_id == session_id)):
        shared.outcome = outcomes.get(shared.case_id, shared.outcome)
    row.outcome = outcome
    row.held_at = row.held_at or now
    db.session.flush()


def cancel(session_id: int, *, now: datetime) -> bool:
    """Call a session off that was not held and tell the agents; gives whether there was one."""
    row = db.session.execute(
        update(SharingSession)
        .where(
            SharingSession.id == session_id,
            SharingSession.held_at.is_(None),
            SharingSession.cancelled_at.is_(None),
        )
        .values(cancelled_at=now)
        .returning(SharingSession.team_id, SharingSession.title, SharingSession.starts_at)
    ).first()
    if row is not None:
        _tell("sharing_cancelled", session_id, *row, now=now)
    return row is not None


def next_time(team_id: int, timezone: str, *, now: datetime) -> datetime:
    """When the next session would be: at the hour and weekday of the last, else in a week.

    Returns:
        A local time after now.
    """
    last = db.session.scalar(
        select(func.max(SharingSession.starts_at)).where(
            SharingSession.team_id == team_id, SharingSession.cancelled_at.is_(None)
        )
    )
    here = now.astimezone(ZoneInfo(timezone))
    found = here.replace(hour=USUAL_HOUR, minute=0, second=0, microsecond=0)
    found = last.astimezone(here.tzinfo) if last is not None else found
    weeks = max((here - found).days // 7 + 1, 1)
    return found + timedelta(weeks=weeks)


def agreed_before(session: SharingSession) -> Agreed | None:
    """What the last session before one agreed on; None where nothing was written down."""
    row = db.session.execute(
        select(SharingSession.id, SharingSession.starts_at, SharingSession.outcome)
        .where(
            SharingSession.team_id == session.team_id,
            SharingSession.starts_at < session.starts_at,
            SharingSession.held_at.is_not(None),
        )
        .order_by(SharingSession.starts_at.desc(), SharingSession.id.desc())
        .limit(1)
    ).first()
    return Agreed(*row) if row is not None and row.outcome else None


def listed(team_ids: Sequence[int]) -> list[Listed]:
    """The sessions of teams, the latest first. One statement."""
    row = SharingSession
    cases = (
        select(func.count())
        .select_from(SharedCase)
        .where(SharedCase.session_id == row.id)
        .scalar_subquery()
    )
    people = (
        select(func.count())
        .select_from(SharingAttendance)
        .where(SharingAttendance.session_id == row.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            row.id,
            row.team_id,
            row.title,
            row.starts_at,
            row.held_at,
            row.cancelled_at,
            cases,
            people,
        )
        .where(row.team_id.in_(team_ids))
        .order_by(row.starts_at.desc(), row.id.desc())
        .limit(LISTED_MOST)
    )
    return [Listed(*each) for each in rows]


def agenda(session_id: int) -> list[OnAgenda]:
    """The cases of a session in their order."""
    rows = db.session.execute(
        select(
            TypicalCase.id,
            TypicalCase.title,
            TypicalCase.is_good,
            TypicalCase.withdrawn_at.is_not(None),
            SharedCase.outcome,
        )
        .join(TypicalCase, TypicalCase.id == SharedCase.case_id)
        .where(SharedCase.session_id == session_id)
        .order_by(SharedCase.ordinal)
    )
    return [OnAgenda(*each) for each in rows]


def guests(session: SharingSession) -> list[Guest]:
    """Who is in the team now or was there, by name: agents and trainers."""
    there = select(SharingAttendance.person_id).where(SharingAttendance.session_id == session.id)
    team = select(Membership.person_id).where(
        Membership.team_id == session.team_id,
        Membership.until_at.is_(None),
        Membership.role.in_((Role.TRAINEE, Role.TRAINER)),
    )
    was_there = Identity.person_id.in_(there)
    rows = db.session.execute(
        select(Identity.person_id, Identity.name, was_there)
        .where(Identity.person_id.in_(team) | was_there)
        .order_by(Identity.name, Identity.person_id)
    )
    return [Guest(*each) for each in rows]


def recent_cases(team_id: int) -> list[ToShare]:
    """Cases to choose from, the latest first. One statement."""
    agendas = (
        select(SharingSession.title)
        .join(SharedCase, SharingSession.id == SharedCase.session_id)
        .where(SharedCase.case_id == TypicalCase.id, SharingSession.cancelled_at.is_(None))
    )
    had = agendas.where(SharingSession.held_at.is_not(None)).exists()
    coming = (
        agendas.where(SharingSession.held_at.is_(None))
        .order_by(SharingSession.starts_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(TypicalCase.id, TypicalCase.title, TypicalCase.is_good, had, coming)
        .where(TypicalCase.team_id == team_id, TypicalCase.withdrawn_at.is_(None))
        .order_by(TypicalCase.id.desc())
        .limit(30)
    )
    return [ToShare(*row) for row in rows]
