"""What time alone can change about gates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from cstrain.core.pathway import decisions
from cstrain.core.pathway.models import Enrolment
from cstrain.core.pathway.rules import looks_at_days
from cstrain.core.pathway.standing import pinned_all
from cstrain.core.people.models import Team
from cstrain.kit import duties
from cstrain.kit.db import db, transaction


@duties.daily(3)
def decide_again(now: datetime) -> None:
    """Ask the gates again whose rules look at a window of days; each in its own transaction."""
    rows = db.session.execute(
        select(Enrolment.id, Enrolment.pathway_digest, Enrolment.stage).where(
            Enrolment.state == "active"
        )
    ).all()
    pathways = pinned_all({row.pathway_digest for row in rows})
    due = [
        row.id
        for row in rows
        if looks_at_days(pathways[row.pathway_digest].stage(row.stage).gate.rule)
    ]
    for enrolment_id in due:
        with transaction():
            enrolment = decisions.locked_enrolment(enrolment_id)
            team = db.session.get_one(Team, enrolment.team_id)
            decisions.evaluate(enrolment, team, now=now)
