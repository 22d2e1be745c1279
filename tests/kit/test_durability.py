"""Writes that need not wait for the disk."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from cstrain.core.people.models import Team
from cstrain.kit.db import db, transaction

#: What ``PRAGMA synchronous`` says of a connection that waits with every commit, and without.
WAITS = {True: 2, False: 1}


def write(slug: str, *, durably: bool) -> int | None:
    """Write a row; gives how the connection waits for the disk, None on PostgreSQL."""
    with transaction(durably=durably) as session:
        session.add(Team(slug=slug, name=slug))
        session.flush()
        if db.engine.dialect.name != "sqlite":
            return None
        return int(session.scalar(text("PRAGMA synchronous")) or 0)


@pytest.mark.usefixtures("app_context")
@pytest.mark.parametrize("order", [(True, False, True), (False, True), (False, False, True)])
def test_each_write_waits_for_the_disk_as_it_was_asked_to(order: tuple[bool, ...]) -> None:
    waits = [write(f"team-{number}", durably=durably) for number, durably in enumerate(order)]

    is_sqlite = db.engine.dialect.name == "sqlite"
    assert waits == [WAITS[durably] if is_sqlite else None for durably in order]
    assert db.session.scalar(select(func.count()).select_from(Team)) == len(order)
