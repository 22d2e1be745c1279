"""The database: models' base, column types, and the one way to write.

Reads run in autocommit, so a page costs no BEGIN. Every write stands in ``transaction()``;
a flush outside of it is a programmer's mistake and raises.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from json import JSONDecoder
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    CursorResult,
    Date,
    DateTime,
    Engine,
    Executable,
    Insert,
    Integer,
    MetaData,
    Text,
    event,
    insert,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, registry
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

BigId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; SQLite keeps them without a zone, in UTC.

        Raises:
            ValueError: If the time carries no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a stored time must be aware, not {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time back aware, in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table."""

    # Flask-SQLAlchemy 3.1 refuses `type_annotation_map` as a class attribute: it must
    # come by an explicit registry.
    registry = registry(
        type_annotation_map={
            datetime: UtcDateTime(),
            date: Date(),
            int: BigId,
            str: Text(),
            dict[str, Any]: Json,
            list[Any]: Json,
        }
    )
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

Id = Annotated[int, mapped_column(BigId, primary_key=True)]

_WRITING = "cstrain_writing"
#: The open file that holds a session's turn to write.
_TURN = "cstrain_turn"


@contextmanager
def transaction(*, durably: bool = True) -> Iterator[Session]:
    """One write, whole or not at all.

    Ends any read first, begins at once as a writer (BEGIN IMMEDIATE on SQLite), commits at
    the end and rolls back on any error. Services inside re-read what they decide on.

    Args:
        durably: Whether the commit waits for the disk. Without, the write outlives the death of
            the process, and whatever is written durably after it takes it along; only a power
            cut in between may lose it. Never for something that somebody was told is saved.

    Raises:
        RuntimeError: If a transaction is already open; services never open one.
    """
    session = db.session()
    if session.info.get(_WRITING):
        raise RuntimeError("transaction() does not nest: open it in the view, command or job")
    bind = session.get_bind()
    on_sqlite = bind.dialect.name == "sqlite"
    if not on_sqlite or session.identity_map or session.new:
        session.rollback()
    try:
        connection = _on_sqlite(session) if on_sqlite else _on_postgresql(session, durably=durably)
        session.info[_WRITING] = connection
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _end_turn(session)
        session.info.pop(_WRITING, None)
    if durably and on_sqlite:
        _wait_for_disk(connection.engine.url.database)


def _on_sqlite(session: Session) -> Connection:
    connection = session.connection()
    if path := connection.engine.url.database:
        _take_turn(session, path)
    # Past SQLAlchemy, which knows no way to begin as a writer and asks before each statement.
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN IMMEDIATE")
    return connection


def _on_postgresql(session: Session, *, durably: bool) -> Connection:
    connection = session.connection(execution_options={"isolation_level": "READ COMMITTED"})
    if not durably:
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
    return connection


def _take_turn(session: Session, path: str) -> None:
    """Wait for one's turn to write to SQLite, which lets one write at a time.

    A writer who finds it busy sleeps, longer each time, while others go past. A lock on a file
    beside it wakes the next as soon as the one before has committed, or died.

    Raises:
        RuntimeError: If this thread has its turn already, in another session; it would wait for
            itself.
    """
    if path in _turns.held:
        raise RuntimeError("transaction() does not nest, not in another session either")
    try:
        file = os.open(f"{path}-turn", os.O_RDONLY)
    except FileNotFoundError:
        owner = Path(path).stat()
        file = os.open(f"{path}-turn", os.O_RDONLY | os.O_CREAT, owner.st_mode & 0o777)
        if os.geteuid() == 0:  # as SQLite does with its own files, so that the owner can go on
            os.fchown(file, owner.st_uid, owner.st_gid)
    fcntl.flock(file, fcntl.LOCK_EX)
    session.info[_TURN] = (path, file)
    _turns.held.add(path)


class _Turns(threading.local):
    """The databases whose turn this thread has."""

    def __init__(self) -> None:
        self.held: set[str] = set()


_turns = _Turns()


def _wait_for_disk(path: str | None) -> None:
    """Wait until what was committed to SQLite would outlive a power cut.

    ``synchronous=FULL`` does the same before the next may write. Here the others write on
    meanwhile, and one wait of the disk serves all of them.
    """
    try:
        file = os.open(f"{path}-wal", os.O_RDWR)
    except FileNotFoundError:
        return  # the last connection has closed, which brings everything to the disk
    try:
        os.fdatasync(file)
    finally:
        os.close(file)


@event.listens_for(Session, "after_commit")
def _end_turn(session: Session) -> None:
    held = session.info.pop(_TURN, None)
    if held is not None:
        path, file = held
        _turns.held.discard(path)
        os.close(file)


def run(
    statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement past the ORM, in the session's transaction; rows of columns, as they come.

    With a sequence of values a write is made for each of them.

    The ORM's part in ``session.execute`` takes longer than the statement itself, which shows in
    what every page reads and every hand-in writes. Not for selects of whole objects, nor for
    writes to rows that the session holds as objects: those would not notice.

    Raises:
        RuntimeError: For a write outside of ``transaction()``.
    """
    session = db.session()
    connection: Connection | None = session.info.get(_WRITING)
    if connection is None:
        if statement.is_dml:
            raise RuntimeError("a write outside transaction()")
        connection = session.connection()
    session.flush()  # costs nothing when nothing is pending
    return connection.execute(statement, {} if values is None else values)


def insert_row(model: type[Base], values: Mapping[str, Any]) -> int:
    """Insert one row past the ORM, with the columns' defaults; gives its id.

    Raises:
        RuntimeError: Outside of ``transaction()``.
    """
    (key,) = run(_insert(model), values).inserted_primary_key or (0,)
    return int(key)


@cache
def _insert(model: type[Base]) -> Insert:
    return insert(cast("Table", model.__table__))


def insert_for(table: Table | type[Base]) -> Any:
    """The dialect's INSERT, which knows ``on_conflict_do_update`` and ``…_do_nothing``."""
    if db.engine.dialect.name == "sqlite":
        return sqlite_insert(table)
    return postgresql_insert(table)


@event.listens_for(Session, "before_flush")
def _only_in_a_transaction(session: Session, _context: object, _instances: object) -> None:
    """Refuse a write that nobody would roll back.

    Raises:
        RuntimeError: Outside of ``transaction()``.
    """
    if not session.info.get(_WRITING):
        raise RuntimeError("a write outside transaction()")


_decode = JSONDecoder().raw_decode


def _from_json(text: str) -> Any:
    """A stored value. We wrote it, so nothing stands around it that ``json.loads`` looks for."""
    return _decode(text)[0]


def engine_options(url: str, *, threads: int) -> dict[str, Any]:
    """Engine settings for ``url``: as many connections as a worker has threads."""
    if url.startswith("sqlite"):
        return {
            "pool_size": threads + 1,
            "connect_args": {"timeout": 10},
            "json_deserializer": _from_json,
        }
    return {
        "pool_size": threads,
        "max_overflow": 2,
        "pool_recycle": 1800,
        "pool_pre_ping": False,
        "isolation_level": "AUTOCOMMIT",
    }


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Make SQLite durable, concurrent and strict; other databases are left alone."""
    if type(connection).__module__ != "sqlite3":
        return
    connection.isolation_level = None  # autocommit: transaction() says when it begins
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "cache_size=-65536",
        "mmap_size=268435456",
        "temp_store=MEMORY",
        "wal_autocheckpoint=4000",  # 16 MB; whoever fills it waits for the disk
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
