"""Reads for the pages of trainers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select
from sqlalchemy.orm import aliased

from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway.models import (
    DecisionRow,
    Enrolment,
    Grant,
    PlanStep,
    StageState,
    VersionMove,
)
from cstrain.core.pathway.overview import current_stage
from cstrain.core.people.models import Identity, Membership, Person
from cstrain.kit.db import db, run

#: Decisions by one person alone stay on the manager's page for so long.
SHOWN_FOR = timedelta(days=30)
_team_ids: Any = bindparam("team_ids", expanding=True)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A trainee for whom it is a trainer's turn.

    Attributes:
        state: ``help`` or ``wait``.
        missing: What the gate lacks: activities and the sign-off slot.
        pathway_digest: The pinned pathway.
    """

    enrolment_id: int
    person_id: int
    name: str
    employee_no: str
    team_id: int
    pathway_digest: str
    stage: str
    state: str
    missing: tuple[str, ...]
    since_at: datetime
    score: float | None
    attempt_count: int


_WAITING = (
    select(
        Enrolment.id.label("enrolment_id"),
        Enrolment.person_id,
        Identity.name,
        Person.employee_no,
        Enrolment.team_id,
        Enrolment.pathway_digest,
        StageState.stage,
        StageState.state,
        StageState.missing,
        StageState.since_at,
        StageState.score,
        StageState.attempt_count,
    )
    .select_from(StageState)
    .join(Enrolment, current_stage())
    .join(Person, Person.id == Enrolment.person_id)
    .join(Identity, Identity.person_id == Person.id)
    .where(
        StageState.team_id.in_(_team_ids),
        StageState.state.in_(("help", "wait")),
        Enrolment.state == "active",
    )
    .order_by(StageState.since_at)
    .limit(bindparam("most"))
)


def waiting(team_ids: Sequence[int], limit: int = 100) -> list[Waiting]:
    """Trainees who wait for a trainer, the longest first."""
    rows = run(_WAITING, {"team_ids": team_ids, "most": limit})
    return [Waiting(**{**row, "missing": tuple(row["missing"])}) for row in rows.mappings()]


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A result that a trainer must accept or refuse."""

    evidence_id: int
    person_id: int
    team_id: int
    name: str
    activity: str
    kind: str
    attempt_id: int
    measures: dict[str, float]
    summary: dict[str, str]
    at: datetime


def unmarked(
    team_ids: Sequence[int], besides: Sequence[str] = (), limit: int = 50
) -> list[Unmarked]:
    """Results without a mark, the oldest first; without kinds that are marked elsewhere."""
    later = aliased(Evidence)
    rows = db.session.execute(
        select(
            Evidence.id,
            Evidence.person_id,
            Evidence.team_id,
            Identity.name,
            Evidence.activity,
            Evidence.kind,
            Evidence.source_id,
            Evidence.measures,
            Evidence.summary,
            Evidence.at,
        )
        .join(Identity, Identity.person_id == Evidence.person_id)
        .outerjoin(later, later.supersedes_id == Evidence.id)
        .where(
            Evidence.team_id.in_(team_ids),
            Evidence.score.is_(None),
            Evidence.source_kind == "attempt",
            Evidence.kind.not_in(besides),
            later.id.is_(None),
        )
        .order_by(Evidence.at)
        .limit(limit)
    )
    return [Unmarked(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Override:
    """A decision by hand about one of a team's people."""

    decision_id: int
    enrolment_id: int
    person_id: int
    name: str
    team_id: int
    pathway_digest: str
    stage: str
    verdict: str
    reason: str
    by_person_id: int
    by_name: str
    at: datetime


_author = aliased(Identity)
_OVERRIDES = (
    select(
        DecisionRow.id.label("decision_id"),
        DecisionRow.enrolment_id,
        DecisionRow.person_id,
        Identity.name,
        DecisionRow.team_id,
        DecisionRow.pathway_digest,
        DecisionRow.stage,
        DecisionRow.verdict,
        DecisionRow.reason,
        DecisionRow.by_person_id,
        _author.name.label("by_name"),
        DecisionRow.at,
    )
    .join(Identity, Identity.person_id == DecisionRow.person_id)
    .join(_author, _author.person_id == DecisionRow.by_person_id)
    .where(DecisionRow.team_id.in_(_team_ids))
    .limit(bindparam("most"))
)
_PROPOSALS = _OVERRIDES.where(DecisionRow.state == "proposed").order_by(DecisionRow.at)
_SINGLE_HANDED = _OVERRIDES.where(
    DecisionRow.at > bindparam("since"),
    DecisionRow.is_single_handed,
    DecisionRow.state == "in_force",
).order_by(DecisionRow.at.desc(), DecisionRow.id.desc())


def proposals(team_ids: Sequence[int], limit: int = 50) -> list[Override]:
    """Decisions by hand that wait for a second person, the oldest first."""
    rows = run(_PROPOSALS, {"team_ids": team_ids, "most": limit})
    return [Override(**row) for row in rows.mappings()]


def single_handed(team_ids: Sequence[int], now: datetime, limit: int = 20) -> list[Override]:
    """Decisions that one person took alone within ``SHOWN_FOR``, the newest first."""
    values = {"team_ids": team_ids, "since": now - SHOWN_FOR, "most": limit}
    return [Override(**row) for row in run(_SINGLE_HANDED, values).mappings()]


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a retraining plan."""

    for_activity: str
    activity: str
    scope: tuple[str, ...]
    lost_ratio: float
    item_count: int
    reason: str
    opened_at: datetime
    done_at: datetime | None


_PLAN = (
    PlanStep.for_activity,
    PlanStep.activity,
    PlanStep.scope,
    PlanStep.lost_ratio,
    PlanStep.item_count,
    PlanStep.reason,
    PlanStep.opened_at,
    PlanStep.done_at,
)


_newest_plan = (
    select(PlanStep.for_activity, func.max(PlanStep.decision_id).label("decision_id"))
    .where(PlanStep.enrolment_id == bindparam("enrolment_id"))
    .group_by(PlanStep.for_activity)
    .subquery()
)
_PLAN_STEPS = (
    select(*_PLAN)
    .join(
        _newest_plan,
        (_newest_plan.c.for_activity == PlanStep.for_activity)
        & (_newest_plan.c.decision_id == PlanStep.decision_id),
    )
    .where(PlanStep.enrolment_id == bindparam("enrolment_id"))
    .order_by(PlanStep.for_activity, PlanStep.id)
)


def plan(enrolment_id: int) -> list[StepRow]:
    """The steps of plans that are still open, done ones of the same plans included.

    Of a failed activity the newest plan counts; earlier ones were finished before it.
    """
    rows = run(_PLAN_STEPS, {"enrolment_id": enrolment_id})
    steps = [StepRow(row[0], row[1], tuple(row[2]), *row[3:]) for row in rows]
    open_for = {step.for_activity for step in steps if step.done_at is None}
    return [step for step in steps if step.for_activity in open_for]


@dataclass(frozen=True, slots=True)
class InTraining:
    """A trainee on the way, as a trainer's home lists them."""

    enrolment_id: int
    person_id: int
    name: str
    team_id: int
    batch: str | None
    pathway_digest: str
    stage: str
    state: str
    since_at: datetime
    learned_count: int
    missing: tuple[str, ...]
    last_activity_at: datetime


_urgency = case({"help": 0, "wait": 1, "repeat": 2}, value=StageState.state, else_=3)
_IN_TRAINING = (
    select(
        Enrolment.id.label("enrolment_id"),
        Enrolment.person_id,
        Identity.name,
        Enrolment.team_id,
        Membership.batch,
        Enrolment.pathway_digest,
        StageState.stage,
        StageState.state,
        StageState.since_at,
        StageState.learned_count,
        StageState.missing,
        Enrolment.last_activity_at,
    )
    .select_from(Enrolment)
    .join(StageState, current_stage())
    .join(Identity, Identity.person_id == Enrolment.person_id)
    .outerjoin(
        Membership,
        (Membership.person_id == Enrolment.person_id)
        & (Membership.team_id == Enrolment.team_id)
        & (Membership.role == "trainee")
        & Membership.until_at.is_(None),
    )
    .where(Enrolment.team_id.in_(_team_ids), Enrolment.state == "active")
    .order_by(_urgency, StageState.since_at)
    .limit(bindparam("most"))
)


def in_training(team_ids: Sequence[int], limit: int) -> list[InTraining]:
    """Trainees on their way, those in need first, then the longest in their state."""
    rows = run(_IN_TRAINING, {"team_ids": team_ids, "most": limit})
    return [InTraining(**{**row, "missing": tuple(row["missing"])}) for row in rows.mappings()]


@dataclass(frozen=True, slots=True)
class ByHand:
    """Something a person decided: an override, one more attempt, a move to another version."""

    what: str
    verdict: str
    activity: str
    reason: str
    by_name: str
    second_name: str | None
    state: str
    is_single_handed: bool
    at: datetime


def by_hand(enrolment_id: int) -> list[ByHand]:
    """Decisions, attempts given and moves by hand, the newest first. Three statements."""
    author, second = aliased(Identity), aliased(Identity)
    decided: list[ByHand] = [
        ByHand(what="decision", activity="", **row)
        for row in db.session.execute(
            select(
                DecisionRow.verdict,
                DecisionRow.reason,
                author.name.label("by_name"),
                second.name.label("second_name"),
                DecisionRow.state,
                DecisionRow.is_single_handed,
                DecisionRow.at,
            )
            .join(author, author.person_id == DecisionRow.by_person_id)
            .outerjoin(second, second.person_id == DecisionRow.second_person_id)
            .where(
                DecisionRow.enrolment_id == enrolment_id,
                DecisionRow.by_person_id.is_not(None),
            )
        ).mappings()
    ]
    granted = [
        _at_once("grant", row, activity=row.activity)
        for row in db.session.execute(
            select(Grant.activity, Grant.reason, Identity.name, Grant.at)
            .join(Identity, Identity.person_id == Grant.by_person_id)
            .where(Grant.enrolment_id == enrolment_id)
        )
    ]
    moved = [
        _at_once("move", row)
        for row in db.session.execute(
            select(VersionMove.reason, Identity.name, VersionMove.at)
            .join(Identity, Identity.person_id == VersionMove.by_person_id)
            .where(VersionMove.enrolment_id == enrolment_id)
        )
    ]
    return sorted([*decided, *granted, *moved], key=lambda row: row.at, reverse=True)


def _at_once(what: str, row: Row[*tuple[Any, ...]], activity: str = "") -> ByHand:
    """What takes force at once and needs nobody else."""
    return ByHand(
        what=what,
        verdict="",
        activity=activity,
        reason=row.reason,
        by_name=row.name,
        second_name=None,
        state="in_force",
        is_single_handed=False,
        at=row.at,
    )


def name_of(person_id: int) -> tuple[str, Any]:
    """A person's name and employee number."""
    row = db.session.execute(
        select(Identity.name, Person.employee_no)
        .join(Person, Person.id == Identity.person_id)
        .where(Identity.person_id == person_id)
    ).one()
    return row[0], row[1]
