"""Tallies and retraining plans: the rows that follow from evidence and decisions.

A *tally* says how an enrolment stands with one activity. A *plan* is the steps that a failed
activity waits for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.evidence.outcome import EvidenceView, Shortfall
from cstrain.core.pathway.models import DecisionRow, Enrolment, PlanStep, Tally
from cstrain.kit.db import db, insert_for


def set_tally(enrolment: Enrolment, activity: str, values: Mapping[str, Any]) -> None:
    """Set columns of a tally, making the row when it is not there."""
    db.session.execute(
        insert_for(Tally)
        .values(enrolment_id=enrolment.id, cycle=enrolment.cycle, activity=activity, **values)
        .on_conflict_do_update(
            index_elements=["enrolment_id", "cycle", "activity"], set_=dict(values)
        )
    )


def keep_tally(enrolment: Enrolment, activity: str, views: Sequence[EvidenceView]) -> None:
    """Keep the row that course trees and locks read, from what stands, oldest first."""
    scores = [view.outcome.score for view in views if view.outcome.score is not None]
    attempts = [view.source_id for view in views if view.source_kind == "attempt"]
    set_tally(
        enrolment,
        activity,
        {
            "done_at": views[0].at,
            "latest_score": views[-1].outcome.score,
            "best_score": max(scores, default=None),
            "latest_attempt_id": attempts[-1] if attempts else None,
        },
    )


def tick_plan(
    enrolment: Enrolment, activity: str, evidence_id: int, *, begun_at: datetime, now: datetime
) -> None:
    """Close the steps this work has done, and free what waited for them."""
    done = db.session.execute(
        update(PlanStep)
        .where(
            PlanStep.enrolment_id == enrolment.id,
            PlanStep.activity == activity,
            PlanStep.done_at.is_(None),
            PlanStep.opened_at <= begun_at,
        )
        .values(done_at=now, evidence_id=evidence_id)
        .returning(PlanStep.for_activity)
    ).scalars()
    for waiting in set(done):
        _count_plan(enrolment, waiting)


def _count_plan(enrolment: Enrolment, activity: str) -> None:
    count = db.session.scalar(
        select(func.count())
        .select_from(PlanStep)
        .where(
            PlanStep.enrolment_id == enrolment.id,
            PlanStep.for_activity == activity,
            PlanStep.done_at.is_(None),
        )
    )
    set_tally(enrolment, activity, {"open_plan_count": count or 0})


def open_plan(
    enrolment: Enrolment,
    row: DecisionRow,
    activity: str,
    steps: Sequence[Mapping[str, Any]],
    *,
    retry_at: datetime,
) -> None:
    """Hold the next attempt at an activity until the steps are done and the time has come.

    A newer plan takes the place of the older one.
    """
    drop_plan(enrolment, activity, now=row.at)
    db.session.add_all(
        PlanStep(
            decision_id=row.id,
            enrolment_id=enrolment.id,
            team_id=enrolment.team_id,
            for_activity=activity,
            opened_at=row.at,
            **step,
        )
        for step in steps
    )
    db.session.flush()
    set_tally(enrolment, activity, {"open_plan_count": len(steps), "retry_at": retry_at})


def has_plan(enrolment: Enrolment, activity: str, since: datetime) -> bool:
    """Whether a plan for an activity has been opened since then, done or not."""
    found = db.session.scalar(
        select(PlanStep.id)
        .where(
            PlanStep.enrolment_id == enrolment.id,
            PlanStep.for_activity == activity,
            PlanStep.opened_at >= since,
        )
        .limit(1)
    )
    return found is not None


def open_plans(enrolment: Enrolment) -> set[str]:
    """The activities that wait for steps of a plan."""
    return set(
        db.session.scalars(
            select(PlanStep.for_activity).where(
                PlanStep.enrolment_id == enrolment.id, PlanStep.done_at.is_(None)
            )
        )
    )


def drop_plan(enrolment: Enrolment, activity: str | None, *, now: datetime) -> None:
    """Close steps that nothing waits for any more; of all activities when None."""
    steps = [PlanStep.enrolment_id == enrolment.id, PlanStep.done_at.is_(None)]
    tallies = [Tally.enrolment_id == enrolment.id, Tally.cycle == enrolment.cycle]
    if activity is not None:
        steps.append(PlanStep.for_activity == activity)
        tallies.append(Tally.activity == activity)
    db.session.execute(update(PlanStep).where(*steps).values(done_at=now))
    db.session.execute(update(Tally).where(*tallies).values(open_plan_count=0, retry_at=None))


def plan_steps(shortfalls: Sequence[Shortfall], catalogue: Catalogue) -> list[dict[str, Any]]:
    """The steps that mend shortfalls: one for each lesson, with the sections that failed.

    A target that the catalogue no longer has makes no step.
    """
    steps: dict[str, dict[str, Any]] = {}
    for shortfall in shortfalls:
        kind, _colon, name = shortfall.target.partition(":")
        slug = catalogue.lesson_of(name) if kind == "section" else name
        if slug is None or slug not in catalogue.activities:
            continue
        step = steps.setdefault(
            slug,
            {
                "activity": slug,
                "scope": [],
                "lost_ratio": 0.0,
                "item_count": 0,
                "reason": shortfall.reason,
            },
        )
        if kind == "section" and name != slug:
            step["scope"].append(name)
        step["lost_ratio"] = max(step["lost_ratio"], shortfall.lost_ratio)
        step["item_count"] += shortfall.item_count
    return list(steps.values())
