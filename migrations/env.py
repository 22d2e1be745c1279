"""Runs the migrations of cstrain and of installed kinds against the application's database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from flask import current_app

from cstrain.kit.db import UtcDateTime, db


def run() -> None:
    """Migrate over one connection; SQLite alters tables by copying them (batch)."""
    engine = db.engine
    # The engine reads in autocommit on PostgreSQL; a migration is one transaction.
    options = {"isolation_level": "READ COMMITTED"} if engine.dialect.name == "postgresql" else {}
    with engine.execution_options(**options).connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            include_object=_is_ours,
            render_item=_plain_type,
        )
        is_sqlite = engine.dialect.name == "sqlite"
        if is_sqlite:
            # A copied table is dropped, which what refers to it would forbid; looked at below.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite:
                _refuse_lost_references(connection)
        connection.commit()
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def _refuse_lost_references(connection: sa.Connection) -> None:
    """Let no migration pass after which a row refers to one that is gone.

    Raises:
        RuntimeError: If there is such a row.
    """
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if lost is not None:
        raise RuntimeError(f"a row of {lost[0]} would refer to a missing one of {lost[2]}")


def _is_ours(
    _thing: object,
    name: str | None,
    kind: str,
    _reflected: bool,  # noqa: FBT001 - Alembic calls it so
    _other: object,
) -> bool:
    """Leave tables alone that other programmes keep in the same database."""
    return kind != "table" or name in db.metadata.tables


def _plain_type(kind: str, thing: object, _context: object) -> str | bool:
    """Write our types as what they are in the database, so that migrations stand alone."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, sa.JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


if current_app:
    run()
