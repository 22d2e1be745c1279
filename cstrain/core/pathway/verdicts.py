"""Decisions as they are kept, and who is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway.definition import Stage
from cstrain.core.pathway.findings import Finding
from cstrain.core.pathway.gates import Decision, Verdict
from cstrain.core.pathway.models import DecisionRow, Enrolment, Grant
from cstrain.core.pathway.standing import pinned
from cstrain.core.people.access import Role
from cstrain.core.people.queries import people_with
from cstrain.kit.db import db, run
from cstrain.kit.outbox import tell


def store(  # noqa: PLR0913 - the columns of a decision
    enrolment: Enrolment,
    stage: Stage,
    decision: Decision,
    *,
    now: datetime,
    by: int | None = None,
    reason: str = "",
    state: str = "in_force",
    is_single_handed: bool = False,
    evidence_id: int | None = None,
) -> DecisionRow:
    """Keep a decision with its findings and evidence, for ever.

    Args:
        enrolment: Whose.
        stage: The stage that is decided.
        decision: What the gate, or a person, says.
        now: The time.
        by: Who decided, where it was no gate.
        reason: Why, in that person's words.
        state: in_force, or proposed while a second person must agree.
        is_single_handed: Whether nobody else could be asked to agree.
        evidence_id: The evidence that led to it.
    """
    row = DecisionRow(
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        team_id=enrolment.team_id,
        cycle=enrolment.cycle,
        stage=stage.slug,
        pathway_digest=enrolment.pathway_digest,
        verdict=decision.verdict.value,
        evidence_id=evidence_id,
        findings=finding_to_json(decision.finding),
        evidence_ids=list(decision.evidence_ids),
        at=now,
        by_person_id=by,
        reason=reason,
        state=state,
        is_single_handed=is_single_handed,
    )
    db.session.add(row)
    db.session.flush()
    return row


def decided_on(source_id: int, at: datetime, *, source_kind: str = "attempt") -> DecisionRow | None:
    """What the gate said of an attempt at a moment; None where none looked at it then."""
    return db.session.scalar(
        select(DecisionRow)
        .join(Evidence, Evidence.id == DecisionRow.evidence_id)
        .where(
            Evidence.source_kind == source_kind,
            Evidence.source_id == source_id,
            DecisionRow.at == at,
        )
        .order_by(DecisionRow.id.desc())
        .limit(1)
    )


def announce(enrolment: Enrolment, row: DecisionRow, *, now: datetime) -> None:
    """Tell the trainee; and the trainers, when it is their turn."""
    tell_of(row, enrolment.person_id, f"gate_{row.verdict}", now=now)
    if row.verdict in {Verdict.HELP, Verdict.WAIT}:
        for person_id in people_with(enrolment.team_id, Role.TRAINER):
            tell_of(row, person_id, f"gate_{row.verdict}_staff", now=now)


def tell_of(row: DecisionRow, person_id: int, topic: str, *, now: datetime) -> None:
    """Put a decision into somebody's inbox."""
    tell(
        person_id,
        topic,
        f"decision:{row.id}",
        team_id=row.team_id,
        data={
            "decision_id": row.id,
            "enrolment_id": row.enrolment_id,
            "person_id": row.person_id,
            "pathway": pinned(row.pathway_digest).slug,
            "stage": row.stage,
        },
        now=now,
    )


def extra_attempts_of(enrolment: Enrolment) -> dict[str, int]:
    """How many attempts were given on top in this cycle, by activity."""
    rows = run(_GRANTED, {"of_enrolment": enrolment.id, "of_cycle": enrolment.cycle})
    return {row[0]: row[1] for row in rows}


_GRANTED = (
    select(Grant.activity, func.count())
    .where(Grant.enrolment_id == bindparam("of_enrolment"), Grant.cycle == bindparam("of_cycle"))
    .group_by(Grant.activity)
)


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """A tree of findings as stored."""
    return asdict(finding)


def finding_from_json(data: Mapping[str, Any]) -> Finding:
    """A stored tree of findings."""
    return Finding(
        **{
            **data,
            "missing": tuple(data["missing"]),
            "evidence_ids": tuple(data["evidence_ids"]),
            "parts": tuple(finding_from_json(part) for part in data["parts"]),
        }
    )
