"""Reads for pages about people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import aliased

from cstrain.core.people import fields, history
from cstrain.core.people.access import Role
from cstrain.core.people.models import (
    Identity,
    Invitation,
    Membership,
    Person,
    PersonEvent,
    Team,
)
from cstrain.core.people.rights import RANKS
from cstrain.kit.db import db

PAGE_SIZE = 50
EVENTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people a list shows; every field stands in the address.

    Attributes:
        team_ids: Teams whose people the viewer may see, or the chosen one of them.
        q: Part of a name, an employee number or a phone.
        role: One of ``Role``; empty for all.
        batch: The batch; empty for all.
        state: ``here``, ``left`` (from these teams) or ``all``.
        page: From 1.
    """

    team_ids: tuple[int, ...]
    q: str = ""
    role: str = ""
    batch: str = ""
    state: str = "here"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Post:
    """A role in a team, now (``until_at`` None) or formerly."""

    team_id: int
    team_name: str
    role: Role
    batch: str | None
    since_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line of the list."""

    id: int
    employee_no: str
    name: str
    phone: str | None
    left_at: datetime | None
    #: Whether the first log-in is still to come.
    is_waiting: bool
    posts: tuple[Post, ...]

    @property
    def is_here(self) -> bool:
        """Whether any of the listed roles goes on."""
        return any(post.until_at is None for post in self.posts)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of the list, as ``ui.pagination`` wants it."""

    rows: tuple[PersonRow, ...]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(-(-self.total // PAGE_SIZE), 1)


@dataclass(frozen=True, slots=True)
class Event:
    """A line of an account's history."""

    at: datetime
    words: str
    icon: str
    team_name: str | None
    by_name: str | None


def people_list(wanted: PeopleFilter) -> PeoplePage:
    """A page of people, the newest first; two statements, one more for a page too far."""
    number = max(wanted.page, 1)
    query = (
        select(
            Person.id,
            Person.employee_no,
            Person.left_at,
            or_(Person.password_hash.is_(None), Person.must_change_password).label("is_waiting"),
            Identity.name,
            Identity.phone,
            func.count().over().label("total"),
        )
        .join(Identity, Identity.person_id == Person.id)
        .where(*_conditions(wanted))
        .order_by(Person.id.desc())
        .limit(PAGE_SIZE)
    )
    rows = db.session.execute(query.offset((number - 1) * PAGE_SIZE)).all()
    if not rows and number > 1:
        number = 1
        rows = db.session.execute(query).all()
    posts = posts_of([row.id for row in rows], wanted.team_ids)
    return PeoplePage(
        tuple(
            PersonRow(
                row.id,
                row.employee_no,
                row.name,
                row.phone,
                row.left_at,
                bool(row.is_waiting),
                _worth_showing(posts[row.id]),
            )
            for row in rows
        ),
        number,
        rows[0].total if rows else 0,
    )


def _conditions(wanted: PeopleFilter) -> list[ColumnElement[bool]]:
    within = Membership.team_id.in_(wanted.team_ids)
    chosen: Select[int] = select(Membership.person_id).where(within)
    if wanted.role:
        chosen = chosen.where(Membership.role == wanted.role)
    if wanted.batch:
        chosen = chosen.where(Membership.batch == wanted.batch)
    here = Membership.until_at.is_(None)
    conditions: list[ColumnElement[bool]] = []
    if wanted.state == "here":
        chosen = chosen.where(here)
    elif wanted.state == "left":
        still = select(Membership.person_id).where(within, here)
        conditions.append(Person.id.not_in(still))
    conditions.append(Person.id.in_(chosen))
    text = fields.one_line(wanted.q)
    if text:
        conditions.append(
            or_(
                Identity.name.contains(text, autoescape=True),
                Person.employee_no.contains(text.upper(), autoescape=True),
                Identity.phone.contains(text.replace(" ", ""), autoescape=True),
            )
        )
    return conditions


def posts_of(
    person_ids: Sequence[int], team_ids: Sequence[int] | None = None
) -> defaultdict[int, list[Post]]:
    """The roles of people, in these teams or in all: current ones first, then the latest."""
    posts: defaultdict[int, list[Post]] = defaultdict(list)
    if not person_ids:
        return posts
    query = (
        select(Membership, Team.name)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.person_id.in_(person_ids))
        .order_by(Membership.until_at.is_not(None), Membership.since_at.desc(), Membership.id)
    )
    if team_ids is not None:
        query = query.where(Membership.team_id.in_(team_ids))
    for row, team_name in db.session.execute(query):
        posts[row.person_id].append(
            Post(row.team_id, team_name, Role(row.role), row.batch, row.since_at, row.until_at)
        )
    return posts


def _worth_showing(posts: Sequence[Post]) -> tuple[Post, ...]:
    """The roles that go on; of somebody who has none, the last that ended together."""
    current = [post for post in posts if post.until_at is None]
    if current:
        return tuple(current)
    last = max((post.until_at for post in posts if post.until_at), default=None)
    return tuple(post for post in posts if post.until_at == last)


def people_with(team_id: int, *roles: Role) -> list[int]:
    """Who holds any of the roles in a team now."""
    return list(
        db.session.scalars(
            select(Membership.person_id)
            .where(
                Membership.team_id == team_id,
                Membership.role.in_(roles),
                Membership.until_at.is_(None),
            )
            .distinct()
        )
    )


def phone_of(person_id: int) -> str | None:
    """The phone number somebody logs in with, when there is one."""
    return db.session.scalar(select(Identity.phone).where(Identity.person_id == person_id))


def events_of(person_id: int, team_ids: Sequence[int] | None = None) -> list[Event]:
    """What was done to an account, the latest first.

    Args:
        person_id: Whose.
        team_ids: Only events of these teams and of the account as a whole; None for all.
    """
    by = aliased(Identity)
    query = (
        select(PersonEvent, Team.name, by.name)
        .outerjoin(Team, Team.id == PersonEvent.team_id)
        .outerjoin(by, by.person_id == PersonEvent.by_person_id)
        .where(PersonEvent.person_id == person_id)
        .order_by(PersonEvent.at.desc(), PersonEvent.id.desc())
        .limit(EVENTS_SHOWN)
    )
    if team_ids is not None:
        query = query.where(or_(PersonEvent.team_id.is_(None), PersonEvent.team_id.in_(team_ids)))
    return [_event(row) for row in db.session.execute(query)]


def _event(row: Row[PersonEvent, str, str]) -> Event:
    event, team_name, by_name = row
    return Event(
        at=event.at,
        words=history.words(event.action, event.detail),
        icon=history.icon(event.action),
        team_name=team_name,
        by_name=by_name,
    )


def batches_of(team_ids: Sequence[int]) -> list[str]:
    """Batches of people in these teams, the latest first, at most 100."""
    rows = db.session.scalars(
        select(Membership.batch)
        .where(Membership.team_id.in_(team_ids), Membership.batch.is_not(None))
        .group_by(Membership.batch)
        .order_by(func.max(Membership.since_at).desc())
        .limit(100)
    )
    return [batch for batch in rows if batch]


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team with how many people hold each role in it."""

    id: int
    slug: str
    name: str
    timezone: str
    pathway_slug: str
    needed_on_duty_count: int
    counts: tuple[tuple[Role, int], ...]


def team_list(team_ids: Sequence[int]) -> list[TeamRow]:
    """Teams by name, in two statements."""
    teams = db.session.scalars(select(Team).where(Team.id.in_(team_ids)).order_by(Team.name)).all()
    counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for team_id, role, count in db.session.execute(
        select(Membership.team_id, Membership.role, func.count())
        .where(Membership.team_id.in_(team_ids), Membership.until_at.is_(None))
        .group_by(Membership.team_id, Membership.role)
    ):
        counts[team_id][role] = count
    return [
        TeamRow(
            team.id,
            team.slug,
            team.name,
            team.timezone,
            team.pathway_slug,
            team.needed_on_duty_count,
            tuple((role, counts[team.id].get(role, 0)) for role in RANKS),
        )
        for team in teams
    ]


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation that is still open."""

    id: int
    nonce: str
    team_id: int
    team_name: str
    batch: str | None
    by_name: str
    created_at: datetime
    expires_at: datetime
    uses_left: int


def open_invitations(
    team_ids: Sequence[int], *, now: datetime, invitation_id: int | None = None
) -> list[InvitationRow]:
    """Invitations into these teams that can still be used, the newest first, at most 100.

    Args:
        team_ids: The viewer's teams.
        now: The current time.
        invitation_id: Only this one.
    """
    query = (
        select(Invitation, Team.name, Identity.name)
        .join(Team, Team.id == Invitation.team_id)
        .join(Identity, Identity.person_id == Invitation.by_person_id)
        .where(
            Invitation.team_id.in_(team_ids),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
            Invitation.uses_left > 0,
        )
        .order_by(Invitation.id.desc())
        .limit(100)
    )
    if invitation_id is not None:
        query = query.where(Invitation.id == invitation_id)
    return [
        InvitationRow(
            row.id,
            row.nonce,
            row.team_id,
            team_name,
            row.batch,
            by_name,
            row.created_at,
            row.expires_at,
            row.uses_left,
        )
        for row, team_name, by_name in db.session.execute(query)
    ]
