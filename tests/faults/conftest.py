from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, insert, select, text

from cstrain.app import create_app
from cstrain.config import Settings, shipped
from cstrain.kit.db import db
from tests.plugins.actors import ACTORS, SECRET, Actor, Site, actor_of
from tests.plugins.databases import Databases, release
from tests.plugins.school import School
from tests.plugins.server import Server


@pytest.fixture
def shop(
    made_shop: Path, tmp_path: Path, database_kind: str, databases: Databases
) -> Iterator[Site]:
    """The demo shop on each kind of database; what breaks is answered as to a reader."""
    folder = tmp_path / "shop"
    shutil.copytree(made_shop, folder)
    settings = Settings(
        var_dir=folder,
        database_url=f"sqlite:///{folder / 'cstrain.db'}",
        secret_key=SECRET,
        content_dirs=(shipped("content"), folder / "content"),
    )
    if database_kind == "postgresql":
        url = databases.fresh("postgresql")
        copy_rows(settings.database_url, url)
        settings = replace(settings, database_url=url)
    app = create_app(settings)
    app.config.update(WTF_CSRF_ENABLED=False)
    with app.app_context():
        actors = (Actor("nobody"), *(actor_of(name, number) for name, number in ACTORS.items()))
    yield Site(app, actors)
    release(app)
    if database_kind == "postgresql":
        databases.drop(settings.database_url)


@pytest.fixture
def server(school: School, settings: Settings, tmp_path: Path) -> Iterator[Server]:
    """What ``make run`` starts, with the school in it."""
    assert school
    made = Server(settings, tmp_path / "course")
    made.start()
    yield made
    made.kill()


def copy_rows(source: str, target: str) -> None:
    """Put every row of a database into a migrated, empty one of PostgreSQL."""
    tables = db.metadata.tables.values()
    engines = create_engine(source), create_engine(target)
    with engines[0].connect() as old, engines[1].begin() as new:
        # Rows come in any order, so nothing they point to need be there yet.
        new.execute(text("SET session_replication_role = replica"))
        for table in tables:
            rows = [dict(row._mapping) for row in old.execute(select(table))]  # noqa: SLF001 - its name
            if not rows:
                continue
            new.execute(insert(table), rows)
            if "id" in table.columns and table.columns["id"].primary_key:
                last = new.scalar(select(func.max(table.columns["id"])))
                sequence = new.scalar(select(func.pg_get_serial_sequence(table.name, "id")))
                if sequence is not None:
                    new.execute(select(func.setval(sequence, last)))
    for engine in engines:
        engine.dispose()
