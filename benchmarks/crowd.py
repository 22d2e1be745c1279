"""A SQLite database with many times the people, or the histories, of the one it is made from.

Rows are copied inside the database, because living ten thousand lives would take an hour. Ids of
copied tables, and what refers to them, move by a fixed step; texts that must be unique get a
number. So every copy is as whole as what it was made from.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Column, Table, UniqueConstraint, inspect, text

from cstrain.app import create_app
from cstrain.config import Settings
from cstrain.kit.db import db

#: What people are and where they stand; everything else of theirs is what they have done.
_STANDING = frozenset(
    {
        *("person", "person_identity", "membership", "login_session"),
        *("enrolment", "stage_state", "activity_tally"),
    }
)
#: Numbers without a declared reference, and the table they refer to.
_REFERS = {
    "person_id": "person",
    "by_person_id": "person",
    "team_id": "team",
    "attempt_id": "attempt",
    "latest_attempt_id": "attempt",
    "source_id": "attempt",
    "subject_id": "attempt",
    "conversation_id": "chat_conversation",
}


def copy_of(app: Flask, folder: Path) -> Flask:
    """The same database once more."""
    made: Settings = app.extensions["cstrain.settings"]
    folder.mkdir()
    with app.app_context():
        db.session.remove()
        db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.remove()
    shutil.copy(made.var_dir / "cstrain.db", folder / "cstrain.db")
    return create_app(
        replace(made, var_dir=folder, database_url=f"sqlite:///{folder / 'cstrain.db'}")
    )


def more_people(app: Flask, factor: int, *, with_teams: bool = False) -> None:
    """Put every person there ``factor`` times, with everything of theirs.

    Args:
        app: The application.
        factor: How often each person is there afterwards.
        with_teams: Whether every copy works in a copy of the team, else in the same team.
    """
    roots = {"person", "team"} if with_teams else {"person"}
    _multiply(app, factor, _belonging(roots))


def more_history(app: Flask, factor: int) -> None:
    """Let everybody have done ``factor`` times as much; what is open stays open once."""
    _multiply(app, factor, [name for name in _belonging({"person"}) if name not in _STANDING])


def _belonging(roots: Collection[str]) -> list[str]:
    """The tables whose rows belong to somebody, those referred to first."""
    found = list(roots)
    for table in db.metadata.sorted_tables:
        referred = {key.column.table.name for key in table.foreign_keys}
        owned = {"person_id", "by_person_id"} & set(table.columns.keys())
        if "team" not in found and [key.name for key in table.primary_key] == ["team_id"]:
            continue  # a team's own setting, once a team whoever made it
        if table.name not in found and (owned or not referred.isdisjoint(found)):
            found.append(table.name)
    return [table.name for table in db.metadata.sorted_tables if table.name in found]


def _multiply(app: Flask, factor: int, names: Sequence[str]) -> None:
    with app.app_context():
        there = set(inspect(db.engine).get_table_names())
        tables = [db.metadata.tables[name] for name in names if name in there]
        connection = db.session.connection().connection.dbapi_connection
        assert connection is not None  # noqa: S101 - just asked for
        run = connection.cursor().execute
        run("PRAGMA synchronous=OFF")
        run("BEGIN IMMEDIATE")
        run("PRAGMA defer_foreign_keys=ON")
        step = 1 + max(
            run(f"SELECT coalesce(max(id), 0) FROM {table.name}").fetchone()[0]  # noqa: S608 - our tables
            for table in tables
            if "id" in table.c
        )
        for table in tables:
            columns = ", ".join(column.name for column in table.columns)
            values = ", ".join(_copied(column, names, factor, step) for column in table.columns)
            run(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "  # noqa: S608
                f"WHERE i < {factor - 1}) INSERT INTO {table.name} ({columns}) SELECT {values} "
                f"FROM n, (SELECT * FROM {table.name}{_closed(table, names)}) AS t"
            )
        run("COMMIT")
        run("ANALYZE")
        db.session.remove()


def _closed(table: Table, names: Collection[str]) -> str:
    """Leaves out open attempts where those who make them are not copied."""
    if "enrolment" in names or "attempt" not in names:
        return ""
    if table.name == "attempt":
        return " WHERE closed_at IS NOT NULL"
    if "attempt_id" in table.c:
        closed = "SELECT id FROM attempt WHERE closed_at IS NOT NULL"
        return f" WHERE attempt_id IS NULL OR attempt_id IN ({closed})"
    return ""


def _refers(column: Column[Any], names: Collection[str]) -> bool:
    """Whether a column holds a number that moves with the copies."""
    declared = next((key.column.table.name for key in column.foreign_keys), None)
    refers = declared or _REFERS.get(column.name)
    is_number = column.type.python_type is int
    if refers is None and column.primary_key and is_number:
        refers = column.table.name
    return refers in names and is_number


def _tells_apart(column: Column[Any], names: Collection[str]) -> bool:
    """Whether a text is the last of what must be unique together while nothing of it moves."""
    table = column.table
    together = [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
    together += [each.columns for each in table.indexes if each.unique]
    for columns in map(list, together):
        texts = [each for each in columns if each.type.python_type is str]
        if texts and texts[-1] is column and not any(_refers(each, names) for each in columns):
            return True
    return False


def _copied(column: Column[Any], names: Collection[str], factor: int, step: int) -> str:
    """The value of a column in copy ``n.i`` of a row ``t``."""
    if _refers(column, names):
        return f"t.{column.name} + n.i * {step}"
    if column.name == "number" and column.table.name == "attempt":
        return f"t.{column.name} + n.i * 1000"
    is_key = column.unique or column.name == "subject" or _tells_apart(column, names)
    is_key = is_key or (column.primary_key and not column.foreign_keys)
    if is_key and column.type.python_type is str:
        return f"t.{column.name} || '-{factor}-' || n.i"
    return f"t.{column.name}"
