"""The application on each kind of database, with teams and people in it.

Three rules. ``app`` opens no context: requests sent inside an open one would share its ``g``, and
with it the signed-in person; a test that calls services or queries asks for ``app_context``, or
opens ``app.app_context()`` around each call between requests. ``make_team`` and ``make_person``
open their own context and give plain values. ``sign_in(person)`` gives that person's own client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.ctx import AppContext
from flask.testing import FlaskClient

from cstrain.app import create_app
from cstrain.config import Settings, shipped
from cstrain.core.people import sessions
from cstrain.core.people.access import Role
from cstrain.core.people.models import Identity, Membership, Person, Team
from cstrain.kit import i18n
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.plugins.databases import release

if TYPE_CHECKING:
    from tests.plugins.databases import Databases

#: A Monday morning in Shanghai, for services that are told the time.
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
SECRET = "a secret of the tests"


@dataclass(frozen=True, slots=True)
class Shop:
    """A team as ``make_team`` gives it."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as ``make_person`` gives it; ``password`` is None when there is none."""

    id: int
    employee_no: str
    name: str
    phone: str | None
    password: str | None
    team_id: int


MakeTeam = Callable[..., Shop]
MakePerson = Callable[..., Someone]
SignIn = Callable[[Someone], FlaskClient]


@pytest.fixture(autouse=True)
def _chinese() -> None:
    """Every test begins in Chinese, whatever language the one before it spoke."""
    i18n.speak("zh")


@pytest.fixture
def settings(database_kind: str, databases: Databases, tmp_path: Path) -> Iterator[Settings]:
    """Settings of one test: an own empty database with all tables, an own data folder."""
    is_migrated = any((shipped("migrations") / "versions").glob("*.py"))
    url = databases.fresh(database_kind, migrated=is_migrated)
    made = Settings(
        var_dir=tmp_path,
        database_url=url,
        secret_key=SECRET,
        content_dirs=(shipped("content"),),
    )
    if not is_migrated:
        app = create_app(made)
        with app.app_context():
            db.create_all()
            db.engine.dispose()
    yield made
    databases.drop(url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on a fresh database, once for each kind; forms need no CSRF token."""
    made = create_app(settings)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield made
    release(made)


@pytest.fixture
def app_context(app: Flask) -> Iterator[AppContext]:
    """An open application context, for tests that call services and queries, not pages."""
    with app.app_context() as context:
        yield context


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def make_team(app: Flask) -> MakeTeam:
    """Gives ``make_team(name="云朵家居旗舰店", **columns)``."""
    numbers = count(1)

    def make(name: str = "云朵家居旗舰店", **columns: object) -> Shop:
        slug = str(columns.pop("slug", f"team-{next(numbers)}"))
        with app.app_context(), transaction() as session:
            row = Team(slug=slug, name=name, **columns)
            session.add(row)
            session.flush()
            return Shop(row.id, slug, name)

    return make


@pytest.fixture
def team(make_team: MakeTeam) -> Shop:
    """The shop in which ``make_person`` puts people when it is told no other."""
    return make_team()


@pytest.fixture
def make_person(app: Flask, request: pytest.FixtureRequest) -> MakePerson:
    """Gives ``make_person(*roles, team=…, name=…, batch=…, password=…, **columns)``.

    Without roles the person is a trainee. Hashing takes time, so a password is stored only when
    one is given.
    """
    numbers = count(1)

    def make(
        *roles: Role,
        team: Shop | None = None,
        name: str = "",
        phone: str | None = None,
        batch: str | None = None,
        password: str | None = None,
        since_at: datetime = NOW,
        **columns: object,
    ) -> Someone:
        number = next(numbers)
        shop: Shop = team or request.getfixturevalue("team")
        employee_no = str(columns.pop("employee_no", f"T{number:04}"))
        name = name or f"学员{number:02}"
        held: Sequence[Role] = roles or (Role.TRAINEE,)
        with app.app_context(), transaction() as session:
            row = Person(
                employee_no=employee_no,
                password_hash=sessions.hash_password(password) if password else None,
                created_at=since_at,
                **columns,
            )
            session.add(row)
            session.flush()
            session.add(Identity(person_id=row.id, name=name, phone=phone))
            session.add_all(
                Membership(
                    person_id=row.id, team_id=shop.id, role=role, batch=batch, since_at=since_at
                )
                for role in held
            )
            session.flush()
            return Someone(row.id, employee_no, name, phone, password, shop.id)

    return make


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """Gives ``sign_in(person)``: a client of its own in which that person is signed in."""

    def signed_in(person: Someone) -> FlaskClient:
        with app.app_context(), transaction():
            token = sessions.start(person.id, now=utc_now())
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return client

    return signed_in
