"""One person as a viewer may see them, and what the viewer may do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from cstrain.core.people.access import STAFF, Role, TeamRef, Viewer
from cstrain.core.people.models import Identity, Person
from cstrain.core.people.queries import Post, posts_of
from cstrain.core.people.rights import Roles, givable, may_give, may_manage
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError

#: After this a leaving is not taken back but followed by a rehire.
UNDO_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the viewer may do with a person.

    Attributes:
        edit: Correct name and numbers, reset the password, set extra time.
        leave: End access.
        undo_leave: Take a leaving of today back.
        rehire: Team → roles in which the person may come back.
        move: (from team, to team) pairs.
        give: Team → roles that can be added.
        end: Roles that can be ended.
        batch: Teams whose batch can be set.
        erase: Erase the identity for ever.
    """

    edit: bool = False
    leave: bool = False
    undo_leave: bool = False
    rehire: tuple[tuple[TeamRef, tuple[Role, ...]], ...] = ()
    move: tuple[tuple[TeamRef, TeamRef], ...] = ()
    give: tuple[tuple[TeamRef, tuple[Role, ...]], ...] = ()
    end: tuple[Post, ...] = ()
    batch: tuple[Post, ...] = ()
    erase: bool = False


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person as the viewer may see them: only what belongs to the viewer's teams."""

    id: int
    employee_no: str
    name: str
    phone: str | None
    left_at: datetime | None
    has_password: bool
    must_change_password: bool
    extra_time_ratio: float
    created_at: datetime
    posts: tuple[Post, ...]
    allowed: Allowed

    @property
    def current(self) -> tuple[Post, ...]:
        """Roles that go on."""
        return tuple(post for post in self.posts if post.until_at is None)

    @property
    def former(self) -> tuple[Post, ...]:
        """Roles that have ended, the latest first."""
        return tuple(post for post in self.posts if post.until_at is not None)

    @property
    def team_ids(self) -> tuple[int, ...]:
        """Teams the viewer and the person have, or had, in common."""
        return tuple(dict.fromkeys(post.team_id for post in self.posts))

    @property
    def is_here(self) -> bool:
        """Whether the person works in a team of the viewer now."""
        return bool(self.current)


def person_page(person_id: int, viewer: Viewer, *, now: datetime) -> PersonPage:
    """A person for the viewer, in two statements.

    Raises:
        NotFoundError: If the viewer looks after no team the person is or was in.
    """
    row = db.session.execute(
        select(Person, Identity)
        .join(Identity, Identity.person_id == Person.id)
        .where(Person.id == person_id)
    ).first()
    if row is None:
        raise NotFoundError
    person, identity = row
    every = posts_of([person_id])[person_id]
    mine = set(viewer.team_ids(*STAFF))
    posts = tuple(post for post in every if post.team_id in mine)
    if not posts:
        raise NotFoundError
    return PersonPage(
        id=person.id,
        employee_no=person.employee_no,
        name=identity.name,
        phone=identity.phone,
        left_at=person.left_at,
        has_password=person.password_hash is not None,
        must_change_password=person.must_change_password,
        extra_time_ratio=person.extra_time_ratio,
        created_at=person.created_at,
        posts=posts,
        allowed=_allowed(person, every, posts, viewer, now=now),
    )


def _allowed(
    person: Person, every: Sequence[Post], posts: Sequence[Post], viewer: Viewer, *, now: datetime
) -> Allowed:
    roles = _last_roles(person, every)
    teams = [viewer.teams[team_id] for team_id in viewer.team_ids(*STAFF)]
    by_manager = {
        team.id: (team, given)
        for team in teams
        if (given := givable(viewer.roles, team.id, floor=Role.MANAGER))
    }
    manages = may_manage(viewer.roles, roles, floor=Role.MANAGER)
    if person.left_at is not None:
        return Allowed(
            undo_leave=manages and now - person.left_at < UNDO_WITHIN,
            rehire=tuple(by_manager.values()) if manages else (),
            erase=may_manage(viewer.roles, roles, floor=Role.ADMINISTRATOR)
            and not person.employee_no.startswith("#"),
        )
    current = [post for post in posts if post.until_at is None]
    held = {(post.team_id, post.role) for post in current}
    everywhere = sum(post.until_at is None for post in every)
    give = (
        (team, tuple(role for role in given if (team.id, role) not in held))
        for team, given in by_manager.values()
    )
    return Allowed(
        edit=may_manage(viewer.roles, roles),
        leave=manages and person.id != viewer.id,
        move=_moves(roles, by_manager) if manages else (),
        give=tuple(pair for pair in give if pair[1]) if manages else (),
        end=tuple(
            post
            for post in current
            if manages
            and everywhere > 1
            and may_give(viewer.roles, post.team_id, post.role, floor=Role.MANAGER)
        ),
        batch=tuple(
            post
            for post in current
            if post.role is Role.TRAINEE and may_give(viewer.roles, post.team_id, Role.TRAINEE)
        ),
    )


def _moves(
    roles: Roles, by_manager: dict[int, tuple[TeamRef, tuple[Role, ...]]]
) -> tuple[tuple[TeamRef, TeamRef], ...]:
    return tuple(
        (by_manager[source][0], target)
        for source, held in roles.items()
        if source in by_manager and set(held) <= set(by_manager[source][1])
        for target, given in by_manager.values()
        if target.id not in roles and set(held) <= set(given)
    )


def _last_roles(person: Person, posts: Sequence[Post]) -> Roles:
    held: defaultdict[int, set[Role]] = defaultdict(set)
    for post in posts:
        if post.until_at == person.left_at:
            held[post.team_id].add(post.role)
    return held
