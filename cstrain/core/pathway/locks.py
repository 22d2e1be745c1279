"""What is open to a trainee and why not. Pure; every way in asks this one function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cstrain.core.pathway.definition import Pathway


@dataclass(frozen=True, slots=True)
class TallyView:
    """How an enrolment stands with one activity."""

    attempt_count: int = 0
    open_attempt_id: int | None = None
    done_at: datetime | None = None
    latest_score: float | None = None
    best_score: float | None = None
    latest_attempt_id: int | None = None
    retry_at: datetime | None = None
    open_plan_count: int = 0
    extra_attempt_count: int = 0


NO_TALLY = TallyView()


@dataclass(frozen=True, slots=True)
class Lock:
    """Why an activity is closed to a trainee.

    Attributes:
        code: ``no_enrolment``, ``not_on_path``, ``stage_locked``, ``stage_passed``,
            ``learn_first``, ``plan_open``, ``too_early`` or ``used_up``.
        stage: The stage's slug, for ``stage_locked``.
        count: How many lessons or plan steps are left.
        until: When it opens, for ``too_early``.
    """

    code: str
    stage: str | None = None
    count: int = 0
    until: datetime | None = None


def lock_of(
    activity: str,
    *,
    is_exam: bool,
    pathway: Pathway,
    position: int,
    is_completed: bool,
    tallies: Mapping[str, TallyView],
    now: datetime,
) -> Lock | None:
    """Why ``activity`` cannot be begun now; None when it can.

    Args:
        activity: The slug.
        is_exam: Whether its attempts are limited and count.
        pathway: The pinned pathway.
        position: The place of the current stage.
        is_completed: Whether the last gate is passed.
        tallies: How the enrolment stands with its activities.
        now: The time of the question.

    Returns:
        The lock. An open attempt may always be continued, which the caller sees to.
    """
    place = pathway.stage_of(activity)
    if place is None:
        return Lock("not_on_path") if is_exam else None
    if place > position and not is_completed:
        return Lock("stage_locked", stage=pathway.stages[place].slug)
    if not is_exam:
        return None
    places = [index for index, stage in enumerate(pathway.stages) if activity in stage.exams]
    if is_completed or (places and max(places) < position):
        return Lock("stage_passed")
    stage = pathway.stages[position]
    unlearned = sum(tallies.get(slug, NO_TALLY).done_at is None for slug in stage.learn)
    if unlearned:
        return Lock("learn_first", count=unlearned)
    tally = tallies.get(activity, NO_TALLY)
    allowed = stage.gate.attempts.get(activity)
    if allowed is not None and tally.attempt_count >= allowed + tally.extra_attempt_count:
        return Lock("used_up")
    if tally.open_plan_count:
        return Lock("plan_open", count=tally.open_plan_count)
    if tally.retry_at is not None and tally.retry_at > now:
        return Lock("too_early", until=tally.retry_at)
    return None
