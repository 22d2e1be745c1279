"""What is open to a trainee and why not. Pure; every way in asks this one function."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
        code: ``no_enrolment``, ``not_on_path``, ``stage_locked``, ``stage_passed``, ``met``,
            ``held``, ``learn_first``, ``plan_open``, ``too_early`` or ``used_up``.
        stage: The stage's slug, for ``stage_locked``.
        count: How many lessons or plan steps are left.
        until: When it opens, for ``too_early``.
    """

    code: str
    stage: str | None = None
    count: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands on a pathway, as far as locks ask.

    Attributes:
        pathway: The pinned pathway.
        position: The place of the current stage.
        is_completed: Whether the last gate is passed.
        tallies: How it stands with the activities.
        lacking: The activities that the current gate still lacks; None when unknown.
        is_held: Whether a person has said to stop here.
    """

    pathway: Pathway
    position: int
    is_completed: bool
    tallies: Mapping[str, TallyView]
    lacking: Collection[str] | None = None
    is_held: bool = False


def lock_of(place: Place, activity: str, *, is_exam: bool, now: datetime) -> Lock | None:
    """Why an activity cannot be begun now; None when it can.

    An open attempt may always be continued, which the caller sees to.

    Args:
        place: Where the trainee stands.
        activity: The slug.
        is_exam: Whether its attempts are limited and count.
        now: The time of the question.
    """
    first = place.pathway.stage_of(activity)
    if first is None:
        return Lock("not_on_path") if is_exam else None
    if first > place.position and not place.is_completed:
        return Lock("stage_locked", stage=place.pathway.stages[first].slug)
    if not is_exam:
        return None
    return _stage_lock(place, activity) or _attempt_lock(place, activity, now=now)


def _stage_lock(place: Place, activity: str) -> Lock | None:
    """Why the current stage does not examine this now."""
    pathway, position = place.pathway, place.position
    if place.is_completed:
        return Lock("stage_passed")
    judged = [index for index, each in enumerate(pathway.stages) if activity in each.exams]
    if judged and position not in judged:
        later = next((index for index in judged if index > position), None)
        if later is None:
            return Lock("stage_passed")
        return Lock("stage_locked", stage=pathway.stages[later].slug)
    return Lock("held") if place.is_held else None


def _attempt_lock(place: Place, activity: str, *, now: datetime) -> Lock | None:
    """Why no further attempt may begin now."""
    stage = place.pathway.stages[place.position]
    tally = place.tallies.get(activity, NO_TALLY)
    unlearned = sum(place.tallies.get(slug, NO_TALLY).done_at is None for slug in stage.learn)
    if unlearned:
        return Lock("learn_first", count=unlearned)
    is_judged = activity in stage.exams and tally.done_at is not None
    if is_judged and place.lacking is not None and activity not in place.lacking:
        return Lock("met")
    allowed = stage.gate.attempts.get(activity)
    if allowed is not None and tally.attempt_count >= allowed + tally.extra_attempt_count:
        return Lock("used_up")
    if tally.open_plan_count:
        return Lock("plan_open", count=tally.open_plan_count)
    if tally.retry_at is not None and tally.retry_at > now:
        return Lock("too_early", until=tally.retry_at)
    return None
