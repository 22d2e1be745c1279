"""Entering a stage."""

from __future__ import annotations

from datetime import datetime

from cstrain.core.pathway.definition import Pathway
from cstrain.core.pathway.models import Enrolment, StageState
from cstrain.kit.db import db


def enter_stage(enrolment: Enrolment, pathway: Pathway, position: int, *, now: datetime) -> None:
    """Move an enrolment to a stage, pinning the pathway as it is now."""
    enrolment.pathway_digest = pathway.digest
    enrolment.stage = pathway.stages[position].slug
    db.session.add(
        StageState(
            enrolment_id=enrolment.id,
            person_id=enrolment.person_id,
            team_id=enrolment.team_id,
            cycle=enrolment.cycle,
            stage=enrolment.stage,
            position=position,
            entered_at=now,
            since_at=now,
            missing=[],
        )
    )
    db.session.flush()
