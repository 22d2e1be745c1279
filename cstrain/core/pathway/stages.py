"""The stages of an enrolment: entering one, its state, and going on after a PASS."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.certification import service as certification
from cstrain.core.pathway.definition import Pathway
from cstrain.core.pathway.gates import Verdict
from cstrain.core.pathway.models import DecisionRow, Enrolment, StageState
from cstrain.core.pathway.plans import drop_plan
from cstrain.core.pathway.standing import pinned, published
from cstrain.core.pathway.verdicts import announce
from cstrain.core.people.models import Team
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.outbox import tell

STATES = {
    Verdict.PASS: "passed",
    Verdict.REPEAT: "repeat",
    Verdict.WAIT: "wait",
    Verdict.HELP: "help",
    Verdict.OPEN: "open",
}


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


def state_row(enrolment: Enrolment, stage: str) -> StageState:
    """The row behind boards."""
    place = {"of_enrolment": enrolment.id, "of_cycle": enrolment.cycle, "of_stage": stage}
    return db.session.scalars(_STATE_ROW, place).one()


_STATE_ROW = select(StageState).where(
    StageState.enrolment_id == bindparam("of_enrolment"),
    StageState.cycle == bindparam("of_cycle"),
    StageState.stage == bindparam("of_stage"),
)


def advance(
    enrolment: Enrolment, pathway: Pathway, team: Team, row: DecisionRow, *, now: datetime
) -> None:
    """Go on to the next stage, or finish and issue the certificate."""
    state = state_row(enrolment, row.stage)
    state.state, state.since_at, state.decision_id = STATES[Verdict.PASS], now, row.id
    state.missing = []
    drop_plan(enrolment, None, now=now)
    db.session.execute(
        update(DecisionRow)
        .where(
            DecisionRow.enrolment_id == enrolment.id,
            DecisionRow.state == "proposed",
            DecisionRow.id != row.id,
        )
        .values(state="lapsed", second_at=now)
    )
    pathway, position = _next_stage(enrolment, pathway, row.stage, active.for_team(team.slug))
    if position < len(pathway.stages):
        enter_stage(enrolment, pathway, position, now=now)
        announce(enrolment, row, now=now)
        return
    enrolment.state, enrolment.ended_at = "completed", now
    terms = pathway.certificate
    certificate = certification.issue(
        person_id=enrolment.person_id,
        team_id=enrolment.team_id,
        timezone=team.timezone,
        enrolment_id=enrolment.id,
        decision_id=row.id,
        pathway=pathway.slug,
        title=terms.title,
        pathway_title=pathway.title,
        queues=terms.queues,
        valid_days=terms.valid_days,
        now=now,
    )
    db.session.flush()
    tell(
        enrolment.person_id,
        "certificate_issued",
        f"certificate:{certificate.id}",
        team_id=enrolment.team_id,
        data={"number": certificate.number, "title": dict(terms.title)},
        now=now,
    )


def _next_stage(
    enrolment: Enrolment, pathway: Pathway, stage: str, catalogue: Catalogue
) -> tuple[Pathway, int]:
    """The next stage not yet entered, in the published version where that knows this stage."""
    entered = set(
        db.session.scalars(
            select(StageState.stage).where(
                StageState.enrolment_id == enrolment.id, StageState.cycle == enrolment.cycle
            )
        )
    )
    try:
        pathway = published(catalogue, pathway.slug)
        after = pathway.position(stage) + 1
    except (NotFoundError, KeyError):
        pathway = pinned(enrolment.pathway_digest)
        after = pathway.position(stage) + 1
    while after < len(pathway.stages) and pathway.stages[after].slug in entered:
        after += 1
    return pathway, after
