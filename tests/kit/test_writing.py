"""Nothing is written outside of a transaction."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from cstrain.core.people.models import Team
from cstrain.kit.db import db, run, transaction
from tests.plugins.shop import Shop


@pytest.mark.usefixtures("app_context")
def test_a_statement_past_the_orm_writes_in_a_transaction_only(team: Shop) -> None:
    rename = update(Team).where(Team.id == team.id).values(name="改名店")

    with pytest.raises(RuntimeError, match="outside"):
        run(rename)
    before = run(select(Team.name)).scalars().all()
    with transaction():
        run(rename)

    assert "改名店" not in before
    assert run(select(Team.name)).scalars().all() == ["改名店"]


def nested(app: Flask) -> None:
    with transaction(), app.app_context(), transaction():
        """A second writer who would wait for the first, which waits for the second."""


def test_nobody_waits_for_oneself(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL lets several write at a time")
        with pytest.raises(RuntimeError, match="nest"):
            nested(app)
        with transaction():
            assert db.session.scalar(select(1)) == 1


def test_whoever_owns_the_database_owns_the_file_beside_it(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("a file beside the database is SQLite's")
        database = Path(str(db.engine.url.database))
        database.chmod(0o640)
        if os.geteuid() == 0:
            os.chown(database, 1234, 1234)
        with transaction():
            beside = database.with_name(f"{database.name}-turn").stat()

        assert beside.st_mode & 0o777 == 0o640
        assert beside.st_uid == database.stat().st_uid
