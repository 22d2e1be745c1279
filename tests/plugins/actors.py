"""Who opens pages of the made shop, and the shop as they reach it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from cstrain.core.people import sessions
from cstrain.core.people.access import STAFF, Role
from cstrain.core.people.models import Membership, Person
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction

SECRET = "a secret of the tests"
TABLE_TOKEN = "0" * 32
CHAT = """tb4433_22 2026-10-20 10:23:01
在吗？什么时候发货，电话13812345678
茶里旗舰店:小美 2026-10-20 10:29:09
在的亲，今天就发，送运费险
茶里旗舰店:小丽 2026-10-20 10:31:40
我接着跟，单号晚点发您
"""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who opens pages.

    Attributes:
        name: Who, for messages.
        id: The person; 0 for somebody who is not signed in.
        team_id: The person's team; 0 for nobody.
        roles: The roles held there.
    """

    name: str
    id: int = 0
    team_id: int = 0
    roles: frozenset[Role] = frozenset()

    @property
    def is_staff(self) -> bool:
        """Whether the person looks after others."""
        return not self.roles.isdisjoint(STAFF)


@dataclass(slots=True)
class Site:
    """An application on the demo shop.

    Attributes:
        actors: Somebody signed in to nothing, trainees in several places, one of each staff role.
    """

    app: Flask
    actors: tuple[Actor, ...]

    def actor(self, name: str) -> Actor:
        """The actor of this name."""
        return next(actor for actor in self.actors if actor.name == name)

    def client(self, actor: Actor) -> FlaskClient:
        """A browser in which the actor is signed in."""
        client = self.app.test_client()
        if actor.id:
            with self.app.app_context(), transaction():
                token = sessions.start(actor.id, now=utc_now())
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
                cookie["_fresh"] = True
        return client

    def dress(self, *, language: str = "zh", theme: str = "auto") -> None:
        """Let everybody read in a language and a theme; who is not signed in has cookies."""
        with self.app.app_context(), transaction() as session:
            session.execute(update(Person).values(language=language, theme=theme))


#: Who opens pages: a name for messages, and the demo's employee number.
ACTORS: Mapping[str, str] = {
    "newcomer": "S002",
    "half way": "S001",
    "trainee": "S003",
    "relearning": "S004",
    "out of attempts": "S005",
    "certified": "S012",
    "trainer": "T001",
    "manager": "M001",
    "administrator": "A001",
}


def actor_of(name: str, employee_no: str) -> Actor:
    rows = db.session.execute(
        select(Person.id, Membership.team_id, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(Person.employee_no == employee_no, Membership.until_at.is_(None))
    ).all()
    made = Actor(name, rows[0].id, rows[0].team_id)
    return replace(made, roles=frozenset(Role(row.role) for row in rows))
