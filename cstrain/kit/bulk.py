"""Many rows at once, past SQLAlchemy, which takes three times as long for them.

Values are what the drivers take: text, numbers, bytes, None; times by ``stored_time``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from cstrain.kit.db import _WRITING, Model, db

#: The sequence is looked up once, not for each id.
_TAKE_IDS = """
    WITH of AS MATERIALIZED (SELECT CAST(pg_get_serial_sequence(%s, 'id') AS regclass) AS ids)
    SELECT min(id), max(id)
    FROM (SELECT nextval((SELECT ids FROM of)) AS id FROM generate_series(1, %s)) AS made
"""


def driver() -> Any:
    """The driver's own connection of the open transaction: sqlite3's or psycopg's.

    Raises:
        RuntimeError: Outside of ``transaction()``.
    """
    session = db.session()
    connection: Connection | None = session.info.get(_WRITING)
    if connection is None:
        raise RuntimeError("a write outside transaction()")
    session.flush()
    return connection.connection.driver_connection


def dialect() -> str:
    """``sqlite`` or ``postgresql``."""
    return db.engine.dialect.name


def insert_rows(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows with these columns, in the open transaction.

    Raises:
        RuntimeError: Outside of ``transaction()``.
    """
    names = ", ".join(columns)
    if dialect() == "sqlite":
        marks = ", ".join("?" * len(columns))
        driver().executemany(
            f"INSERT INTO {model.__tablename__} ({names}) VALUES ({marks})",  # noqa: S608
            rows,
        )
        return
    statement = f"COPY {model.__tablename__} ({names}) FROM STDIN"
    with driver().cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def new_ids(model: type[Model], count: int) -> Sequence[int]:
    """Ids that nobody else gets, growing, for rows that are inserted with their ids.

    Raises:
        RuntimeError: Outside of ``transaction()``.
    """
    name = model.__tablename__
    if dialect() == "sqlite":  # nobody else writes until the transaction ends
        (last,) = driver().execute(f"SELECT coalesce(max(id), 0) FROM {name}").fetchone()  # noqa: S608
        return range(last + 1, last + 1 + count)
    if not count:
        return range(0)
    while True:
        first, last = driver().execute(_TAKE_IDS, (name, count)).fetchone()
        if last - first + 1 == count:  # else somebody took some between them: leave these out
            return range(first, last + 1)


def stored_time(at: datetime | None) -> Any:
    """A time as the driver stores it in a column of ``UtcDateTime``."""
    if at is None or dialect() != "sqlite":
        return at
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def stored_day(day: date | None) -> Any:
    """A day as the driver stores it in a column of ``Date``."""
    return day.isoformat() if day and dialect() == "sqlite" else day
