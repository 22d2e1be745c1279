"""Who the viewer is and what the viewer may see. Deny by default.

``requires(Role.X)`` lets a view be reached by those who hold the role in at least one team;
``may_see`` and the ``…_team_ids`` of the viewer decide about each object. A foreign object
is not found, never forbidden, so that nobody learns that it exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from flask import g
from flask_login import UserMixin, current_user

from cstrain.kit.db import db
from cstrain.kit.errors import ForbiddenError, NotFoundError

P = ParamSpec("P")
T = TypeVar("T")


class OfTeam(Protocol):
    """A row that belongs to a team."""

    @property
    def team_id(self) -> int:
        """The team."""
        ...


R = TypeVar("R", bound=OfTeam)


class Role(StrEnum):
    """What a person does in a team."""

    TRAINEE = "trainee"
    TRAINER = "trainer"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


#: Roles that look after other people.
STAFF = (Role.TRAINER, Role.MANAGER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class TeamRef:
    """A team as pages need it."""

    id: int
    slug: str
    name: str
    timezone: str


@dataclass(slots=True)
class Viewer(UserMixin):
    """The person behind a request, fetched with roles and log-in session in one statement.

    Attributes:
        id: The person.
        session_id: The log-in session's row.
        roles: Team id → roles held there now; ``teams`` too, by their names.
        viewing_as_trainee: A trainer looks at pages as a trainee of the team sees them.
    """

    id: int
    employee_no: str
    name: str
    language: str
    theme: str
    must_change_password: bool
    extra_time_ratio: float
    session_token: str
    session_id: int
    touched_at: datetime
    roles: Mapping[int, frozenset[Role]] = field(default_factory=dict)
    teams: Mapping[int, TeamRef] = field(default_factory=dict)
    viewing_as_trainee: bool = False
    unread_count: int = 0

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the session's secret, not the person."""
        return self.session_token

    def team_ids(self, *roles: Role) -> tuple[int, ...]:
        """Teams in which the viewer holds any of ``roles`` (all teams without arguments)."""
        if not roles:
            return tuple(self.roles)
        return tuple(team for team, held in self.roles.items() if not held.isdisjoint(roles))

    def teams_as(self, *roles: Role) -> list[TeamRef]:
        """The same teams as pages need them."""
        return [self.teams[team_id] for team_id in self.team_ids(*roles)]

    def has(self, *roles: Role) -> bool:
        """Whether the viewer holds any of ``roles`` in any team."""
        return any(not held.isdisjoint(roles) for held in self.roles.values())

    @property
    def is_staff(self) -> bool:
        """Whether the viewer looks after others anywhere."""
        return self.has(*STAFF)


def viewer() -> Viewer:
    """The signed-in person.

    Raises:
        ForbiddenError: If nobody is signed in; views with ``requires`` never see this.
    """
    person = current_user._get_current_object()  # noqa: SLF001 - the proxy costs 1 µs a look
    if not isinstance(person, Viewer):
        raise ForbiddenError
    return person


def teams_looked_into() -> tuple[int, ...] | None:
    """The teams that a look through a trainee's eyes is limited to; None without such a look."""
    person = current_user._get_current_object()  # noqa: SLF001 - see viewer()
    if isinstance(person, Viewer) and person.viewing_as_trainee:
        return person.team_ids()
    return None


def may_see(person_id: int, team_id: int) -> bool:
    """Whether the viewer may see what belongs to ``person_id`` in ``team_id``.

    One's own stays one's own after a transfer.
    """
    me = viewer()
    if me.id == person_id:
        return not me.viewing_as_trainee or team_id in me.roles
    return not me.roles.get(team_id, frozenset()).isdisjoint(STAFF)


def team_as(team_id: int | None, *roles: Role) -> TeamRef:
    """The team of this id; for None the viewer's first one.

    Raises:
        NotFoundError: If the viewer holds none of ``roles`` there, or nowhere (see ``team_ids``).
    """
    mine = viewer().teams_as(*roles)
    found = next((team for team in mine if team_id in {None, team.id}), None)
    if found is None:
        raise NotFoundError
    return found


def team_ids_as(team_id: int | None, *roles: Role) -> list[int]:
    """The team of this id alone; for None all in which the viewer holds any of ``roles``.

    Raises:
        NotFoundError: If the viewer holds none of ``roles`` there.
    """
    mine = viewer().team_ids(*roles)
    if team_id is not None and team_id not in mine:
        raise NotFoundError
    return list(mine) if team_id is None else [team_id]


def staff_of_or_404(team_id: int, *roles: Role) -> None:
    """Stop unless the viewer holds one of ``roles`` (any staff role by default) in the team.

    Raises:
        NotFoundError: If the viewer does not.
    """
    if viewer().roles.get(team_id, frozenset()).isdisjoint(roles or STAFF):
        raise NotFoundError


def row_of_my_team(model: type[R], row_id: int, *roles: Role) -> R:
    """The row of this id, if the viewer holds one of ``roles`` (any staff role by default) there.

    Raises:
        NotFoundError: If there is none, or it is another team's.
    """
    row = db.session.get(model, row_id)
    if row is None:
        raise NotFoundError
    staff_of_or_404(row.team_id, *roles)
    return row


def requires(*roles: Role) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a view be reached only by holders of one of ``roles`` in at least one team.

    Without roles any signed-in person may come. ``cstrain.app`` refuses to start when a
    view is neither marked by this nor by ``public``.
    """

    def decorate(view: Callable[P, T]) -> Callable[P, T]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            person = current_user._get_current_object()  # noqa: SLF001 - see viewer()
            if not isinstance(person, Viewer):
                g.needs_login = True
                raise ForbiddenError
            if roles and not person.has(*roles):
                raise ForbiddenError
            return view(*args, **kwargs)

        guarded.access_roles = roles  # type: ignore[attr-defined]  # read by the route check
        return guarded

    return decorate


def public(view: Callable[P, T]) -> Callable[P, T]:
    """Mark a view as open to everybody, on purpose."""
    view.access_roles = None  # type: ignore[attr-defined]  # read by the route check
    return view


def access_of(view: Any) -> tuple[Role, ...] | None:
    """The roles a view asks for; None for a public one.

    Raises:
        AttributeError: If the view says nothing, which stops the start.
    """
    roles: tuple[Role, ...] | None = view.access_roles
    return roles
