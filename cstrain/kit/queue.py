"""Waking the job process. huey carries the wake-up and nothing else.

What is to be done stands in tables of ours (``kit.jobs``, ``kit.duties``), so a lost message
costs a minute and a doubled one nothing.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from huey import PostgresHuey
from huey.api import Huey, crontab
from huey.exceptions import HueyException
from huey.storage import SqliteStorage
from sqlalchemy import make_url

from cstrain.config import Settings

log = logging.getLogger(__name__)

_STATE = "cstrain.queue"
_TICK_MINUTES = "*"
_IDLE_LOOK_S = 0.5


class _QueueFile(SqliteStorage):
    """huey's SQLite storage without a disk sync for every message."""

    def _create_connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._create_connection()
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection


@dataclass(slots=True)
class Queue:
    """The queue of one process, and what its messages set off in the job process."""

    huey: Huey
    wake: Callable[[], Any]
    tick: Callable[[], Any]
    on_wake: Callable[[], object] | None = None
    on_tick: Callable[[], object] | None = None


def open_queue(app: Flask) -> Queue:
    """The application's queue, made on first use.

    A file in the data folder beside SQLite, tables of the same database on PostgreSQL.
    """
    found: Queue | None = app.extensions.get(_STATE)
    if found is None:
        found = app.extensions[_STATE] = _make(app.extensions["cstrain.settings"])
    return found


def _make(settings: Settings) -> Queue:
    url = make_url(settings.database_url)
    huey: Huey
    if url.get_backend_name() == "postgresql":
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        huey = PostgresHuey("cstrain", dsn=address, table_prefix="cstrain_queue", results=False)
    else:
        file = str(settings.var_dir / "queue.db")
        huey = Huey("cstrain", storage_class=_QueueFile, filename=file, results=False)

    def wake() -> None:
        if queue.on_wake:
            queue.on_wake()

    def tick() -> None:
        if queue.on_tick:
            queue.on_tick()

    queue = Queue(
        huey,
        huey.task(name="wake")(wake),
        huey.periodic_task(crontab(minute=_TICK_MINUTES), name="tick")(tick),
    )
    return queue


def wake(app: Flask) -> None:
    """Wake the job process. A queue that cannot be reached is logged: the sweep comes anyway."""
    try:
        open_queue(app).wake()
    except (HueyException, OSError, sqlite3.Error) as error:
        log.warning("the job process was not woken: %s", error)
    except Exception as error:
        # psycopg is only there with PostgreSQL; its errors must not undo what is committed.
        if not type(error).__module__.startswith("psycopg"):
            raise
        log.warning("the job process was not woken: %s", error)


def close(app: Flask) -> None:
    """Close the queue's connection, if there is any."""
    found: Queue | None = app.extensions.pop(_STATE, None)
    if found is not None:
        found.huey.storage.close()


def consume(
    app: Flask,
    *,
    on_wake: Callable[[], object],
    on_tick: Callable[[], object],
    on_stop: Callable[[], object],
    threads: int = 3,
) -> None:
    """Serve the queue until SIGTERM or SIGINT; must run in a process's main thread.

    Args:
        app: The application.
        on_wake: Called when something was put into the tables.
        on_tick: Called at the start and every minute.
        on_stop: Called once when the end is asked for, before threads are waited for.
        threads: How many wake-ups may be worked on at the same time.
    """
    queue = open_queue(app)
    queue.on_wake, queue.on_tick = on_wake, on_tick
    consumer = queue.huey.create_consumer(
        workers=threads,
        max_delay=_IDLE_LOOK_S,
        shutdown_timeout=8,
        graceful_signal="TERM",
    )
    stop = consumer.stop

    def stopping(*, graceful: bool = False) -> None:
        on_stop()
        stop(graceful=graceful)

    consumer.stop = stopping
    queue.tick()
    consumer.run()
    close(app)
