"""Reminders before a certificate ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import aliased

from cstrain.core.certification.models import Certificate
from cstrain.core.people.access import Role
from cstrain.core.people.models import Membership, Person
from cstrain.kit import duties
from cstrain.kit.clock import local_day
from cstrain.kit.db import db, transaction
from cstrain.kit.outbox import tell

#: Days before the last good day on which the holder is told.
REMIND_DAYS = (30, 7, 1)
_ZONE = "Asia/Shanghai"


@duties.daily(9)
def remind(now: datetime) -> None:
    """Tell holders 30, 7 and 1 days ahead, and the managers where they work 7 days ahead."""
    today = local_day(now, _ZONE)
    with transaction():
        rows = db.session.execute(
            select(
                Certificate.id,
                Certificate.number,
                Certificate.person_id,
                Certificate.team_id,
                Certificate.valid_until_on,
            )
            .join(Person, Person.id == Certificate.person_id)
            .where(
                Certificate.state == "valid",
                Person.left_at.is_(None),
                Certificate.valid_until_on.in_(today + timedelta(days=n) for n in REMIND_DAYS),
            )
        ).all()
        a_week = today + timedelta(days=REMIND_DAYS[1])
        managers = _managers({row.person_id for row in rows if row.valid_until_on == a_week})
        for row in rows:
            days = (row.valid_until_on - today).days
            also = managers[row.person_id] if row.valid_until_on == a_week else ()
            for person_id in (row.person_id, *also):
                tell(
                    person_id,
                    "certificate_expiring",
                    f"certificate:{row.id}:{days}",
                    team_id=row.team_id,
                    data={"number": row.number, "days": days, "person_id": row.person_id},
                    now=now,
                )


def _managers(people: Collection[int]) -> Mapping[int, set[int]]:
    """Who manages where each of these people works."""
    here, there = aliased(Membership), aliased(Membership)
    found = defaultdict[int, set[int]](set)
    for person_id, manager_id in db.session.execute(
        select(here.person_id, there.person_id)
        .join(there, there.team_id == here.team_id)
        .where(
            here.person_id.in_(people),
            here.until_at.is_(None),
            there.role == Role.MANAGER,
            there.until_at.is_(None),
            there.person_id != here.person_id,
        )
    ):
        found[person_id].add(manager_id)
    return found
