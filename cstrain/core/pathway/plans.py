"""Tallies and retraining plans: the rows that follow from evidence and decisions.

A *tally* says how an enrolment stands with one activity. A *plan* is the steps that a failed
activity waits for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, func, insert, select, update

from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.evidence.outcome import EvidenceView, Shortfall
from cstrain.core.pathway.models import DecisionRow, Enrolment, PlanStep, Tally
from cstrain.kit.db import db, insert_for, run

#: Statements are made once and go past the ORM, because a hand-in asks more than twenty.
_steps, _tallies = cast("Table", PlanStep.__table__), cast("Table", Tally.__table__)


def set_tally(enrolment: Enrolment, activity: str, values: Mapping[str, Any]) -> None:
    """Set columns of a tally, making the row when it is not there."""
    place = {"enrolment_id": enrolment.id, "cycle": enrolment.cycle, "activity": activity}
    run(_set_tally(db.engine.dialect.name, tuple(values)), {**place, **values})


@cache
def _set_tally(dialect: str, names: tuple[str, ...]) -> Any:
    del dialect  # the cache's key; insert_for looks itself
    made = insert_for(_tallies)
    made = made.values({name: bindparam(name) for name in (*_TALLY, *names)})
    return made.on_conflict_do_update(
        index_elements=_TALLY, set_={name: made.excluded[name] for name in names}
    )


_TALLY = ("enrolment_id", "cycle", "activity")


def keep_tally(enrolment: Enrolment, activity: str, views: Sequence[EvidenceView]) -> None:
    """Keep the row that course trees and locks read, from what stands, oldest first."""
    scores = [view.outcome.score for view in views if view.outcome.score is not None]
    attempts = [view.source_id for view in views if view.source_kind == "attempt"]
    # Work worth nothing, as a practice that was ended at once, is not done.
    done = [view.at for view in views if view.outcome.score != 0]
    set_tally(
        enrolment,
        activity,
        {
            "done_at": done[0] if done else None,
            "latest_score": views[-1].outcome.score,
            "best_score": max(scores, default=None),
            "latest_attempt_id": attempts[-1] if attempts else None,
        },
    )


def tick_plan(
    enrolment: Enrolment, activity: str, evidence_id: int, *, begun_at: datetime, now: datetime
) -> None:
    """Close the steps this work has done, and free what waited for them."""
    values = {
        "of_enrolment": enrolment.id,
        "of_activity": activity,
        "begun_at": begun_at,
        "at": now,
        "by_evidence": evidence_id,
    }
    for waiting in set(run(_TICK, values).scalars()):
        _count_plan(enrolment, waiting)


_TICK = (
    update(_steps)
    .where(
        _steps.c.enrolment_id == bindparam("of_enrolment"),
        _steps.c.activity == bindparam("of_activity"),
        _steps.c.done_at.is_(None),
        _steps.c.opened_at <= bindparam("begun_at"),
    )
    .values(done_at=bindparam("at"), evidence_id=bindparam("by_evidence"))
    .returning(_steps.c.for_activity)
)


def _count_plan(enrolment: Enrolment, activity: str) -> None:
    values = {"of_enrolment": enrolment.id, "of_activity": activity}
    set_tally(enrolment, activity, {"open_plan_count": run(_OPEN_COUNT, values).scalar() or 0})


_OPEN_COUNT = select(func.count()).where(
    _steps.c.enrolment_id == bindparam("of_enrolment"),
    _steps.c.for_activity == bindparam("of_activity"),
    _steps.c.done_at.is_(None),
)


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
    place = {
        "decision_id": row.id,
        "enrolment_id": enrolment.id,
        "team_id": enrolment.team_id,
        "for_activity": activity,
        "opened_at": row.at,
    }
    if steps:
        run(_ADD_STEPS, [{**place, **step} for step in steps])
    set_tally(enrolment, activity, {"open_plan_count": len(steps), "retry_at": retry_at})


_ADD_STEPS = insert(_steps)


def has_plan(enrolment: Enrolment, activity: str, since: datetime) -> bool:
    """Whether a plan for an activity has been opened since then, done or not."""
    values = {"of_enrolment": enrolment.id, "of_activity": activity, "since": since}
    return run(_HAS_PLAN, values).first() is not None


_HAS_PLAN = (
    select(_steps.c.id)
    .where(
        _steps.c.enrolment_id == bindparam("of_enrolment"),
        _steps.c.for_activity == bindparam("of_activity"),
        _steps.c.opened_at >= bindparam("since"),
    )
    .limit(1)
)


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
    values = {"of_enrolment": enrolment.id, "of_cycle": enrolment.cycle, "of_activity": activity}
    drop_steps, free_tallies = _DROP_ALL if activity is None else _DROP
    run(drop_steps, {**values, "at": now})
    run(free_tallies, values)


_OPEN_STEPS = and_(_steps.c.enrolment_id == bindparam("of_enrolment"), _steps.c.done_at.is_(None))
_OWN_TALLIES = and_(
    _tallies.c.enrolment_id == bindparam("of_enrolment"), _tallies.c.cycle == bindparam("of_cycle")
)
_DROP_ALL = (
    update(_steps).where(_OPEN_STEPS).values(done_at=bindparam("at")),
    update(_tallies).where(_OWN_TALLIES).values(open_plan_count=0, retry_at=None),
)
_DROP = (
    _DROP_ALL[0].where(_steps.c.for_activity == bindparam("of_activity")),
    _DROP_ALL[1].where(_tallies.c.activity == bindparam("of_activity")),
)


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
