"""Writes wait for the disk unless they need not."""

from __future__ import annotations

import os
from typing import Any

import pytest
from sqlalchemy import func, select, text

from cstrain.core.people.models import Team
from cstrain.kit.db import db, transaction


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Which file was waited for, and whether another could have written meanwhile."""
    seen: list[tuple[str, bool]] = []
    wait = os.fdatasync

    def waiting(file: int) -> None:
        connection: Any = db.engine.raw_connection()
        connection.execute("BEGIN IMMEDIATE")  # would not come through while somebody writes
        connection.execute("ROLLBACK")
        connection.close()
        seen.append((os.path.realpath(f"/proc/self/fd/{file}"), True))
        wait(file)

    monkeypatch.setattr(os, "fdatasync", waiting)
    return seen


def write(slug: str, *, durably: bool) -> str | None:
    """Write a row; how PostgreSQL's commit waits, None on SQLite."""
    with transaction(durably=durably) as session:
        session.add(Team(slug=slug, name=slug))
        session.flush()
        if db.engine.dialect.name == "sqlite":
            return None
        return str(session.execute(text("SHOW synchronous_commit")).scalar_one())


def write_and_fail() -> None:
    with transaction() as session:
        session.add(Team(slug="never", name="never"))
        session.flush()
        raise ZeroDivisionError


@pytest.mark.usefixtures("app_context")
def test_a_write_waits_unless_it_need_not(waits: list[tuple[str, bool]]) -> None:
    how = [write(f"team-{n}", durably=durably) for n, durably in enumerate((True, False, True))]

    assert db.session.scalar(select(func.count()).select_from(Team)) == len(how)
    if db.engine.dialect.name == "sqlite":
        assert waits == [(f"{os.path.realpath(str(db.engine.url.database))}-wal", True)] * 2
    else:
        assert how[1] == "off"
        assert waits == []


@pytest.mark.usefixtures("app_context")
def test_nothing_is_waited_for_when_nothing_was_committed(waits: list[tuple[str, bool]]) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    assert waits == []
    assert db.session.scalar(select(func.count()).select_from(Team)) == 0
