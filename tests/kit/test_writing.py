"""Nothing is written outside of a transaction."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from cstrain.core.people.models import Team
from cstrain.kit.db import run, transaction
from tests.plugins.shop import Shop


@pytest.mark.usefixtures("app_context")
def test_a_statement_past_the_orm_writes_in_a_transaction_only(team: Shop) -> None:
    rename = update(Team).where(Team.id == team.id).values(name="改名店")

    with pytest.raises(RuntimeError, match="outside"):
        run(rename)
    before = run(select(Team.name)).scalars().all()
    with transaction():
        run(rename)

    assert "改名店" not in before
    assert run(select(Team.name)).scalars().all() == ["改名店"]
