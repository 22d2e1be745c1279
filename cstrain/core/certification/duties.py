"""Reminders before a certificate ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

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
        for row in rows:
            days = (row.valid_until_on - today).days
            told = [row.person_id, *(_managers_of(row.person_id) if days == REMIND_DAYS[1] else ())]
            for person_id in told:
                tell(
                    person_id,
                    "certificate_expiring",
                    f"certificate:{row.id}:{days}",
                    team_id=row.team_id,
                    data={"number": row.number, "days": days, "person_id": row.person_id},
                    now=now,
                )


def _managers_of(person_id: int) -> list[int]:
    here = select(Membership.team_id).where(
        Membership.person_id == person_id, Membership.until_at.is_(None)
    )
    return list(
        db.session.scalars(
            select(Membership.person_id)
            .where(
                Membership.team_id.in_(here),
                Membership.role == Role.MANAGER,
                Membership.until_at.is_(None),
                Membership.person_id != person_id,
            )
            .distinct()
        )
    )
