"""The migrations make exactly the tables that the models describe, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from cstrain.config import shipped
from cstrain.desk.chats.models import SEARCH
from cstrain.kit.db import db


def test_an_empty_database_upgraded_is_what_the_models_say(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "render_as_batch": True,
                # A search index is a table of no model: FTS5 here, with a tsvector there.
                "include_name": lambda name, kind, _parents: (
                    not (kind == "table" and name and name.startswith(SEARCH.name))
                ),
            },
        )

        differences = compare_metadata(context, db.metadata)

    assert differences == []


def test_every_partial_index_of_the_models_is_there_with_its_condition(app: Flask) -> None:
    """Alembic compares an index by its columns, and what makes it partial is a rule of ours."""
    with app.app_context():
        dialect = db.engine.dialect.name
        wanted = {
            index.name
            for table in db.metadata.tables.values()
            for index in table.indexes
            if index.dialect_options[dialect]["where"] is not None
        }
        found = {
            index["name"]
            for table in db.metadata.tables
            for index in inspect(db.engine).get_indexes(table)
            if index.get("dialect_options", {}).get(f"{dialect}_where") is not None
        }

    assert wanted
    assert found == wanted


def test_the_migrations_are_one_straight_line() -> None:
    script = ScriptDirectory(str(shipped("migrations")))

    assert len(script.get_heads()) == 1
    assert all(isinstance(each.down_revision, str | None) for each in script.walk_revisions())
