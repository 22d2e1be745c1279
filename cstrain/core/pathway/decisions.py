"""Deciding gates on new evidence, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from cstrain.core.catalogue import active
from cstrain.core.evidence import ledger
from cstrain.core.evidence.outcome import EvidenceView, Outcome
from cstrain.core.pathway.definition import Stage
from cstrain.core.pathway.findings import Fact, Facts
from cstrain.core.pathway.gates import Decision, Verdict, decide
from cstrain.core.pathway.models import DecisionRow, Enrolment, StageState
from cstrain.core.pathway.plans import (
    drop_plan,
    has_plan,
    keep_tally,
    open_plan,
    open_plans,
    plan_steps,
    tick_plan,
)
from cstrain.core.pathway.stages import STATES, advance, state_row
from cstrain.core.pathway.standing import Standing, forget, pinned
from cstrain.core.pathway.verdicts import announce, extra_attempts_of, store
from cstrain.core.people.models import Team
from cstrain.kit.clock import local_day
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError


def locked_enrolment(enrolment_id: int) -> Enrolment:
    """The enrolment, held against other writers until the transaction ends.

    Raises:
        NotFoundError: If there is none.
    """
    enrolment = db.session.scalars(_LOCKED, {"enrolment_id": enrolment_id}).first()
    if enrolment is None:
        raise NotFoundError
    return enrolment


_LOCKED = (
    select(Enrolment)
    .where(Enrolment.id == bindparam("enrolment_id"))
    .with_for_update()
    # What this session has read before the lock may be old.
    .execution_options(populate_existing=True)
)


def record(  # noqa: PLR0913 - the columns of a row of evidence
    enrolment: Enrolment,
    outcome: Outcome,
    *,
    activity: str,
    kind: str,
    source_kind: str,
    source_id: int | None,
    content_digest: str,
    begun_at: datetime,
    by: int | None,
    now: datetime,
    at: datetime | None = None,
    by_role: str | None = None,
    supersedes_id: int | None = None,
) -> DecisionRow | None:
    """Add evidence to an enrolment and ask its gate again.

    Args:
        enrolment: Held by ``locked_enrolment``.
        outcome: What the activity came to.
        activity: Its slug.
        kind: Its kind.
        source_kind: attempt, sign_off, sampled_chat or import.
        source_id: The attempt's id, for an attempt.
        content_digest: The content that was shown.
        begun_at: When the work began; only what began after a plan counts for the plan.
        by: Who caused it.
        now: The time.
        at: When the person showed it, where that is not now.
        by_role: In which role somebody signed.
        supersedes_id: The row this corrects.

    Returns:
        The decision that this evidence led to; None when the gate has nothing new to say.
    """
    team = db.session.get_one(Team, enrolment.team_id)
    evidence_id = ledger.add(
        outcome,
        person_id=enrolment.person_id,
        team_id=enrolment.team_id,
        enrolment_id=enrolment.id,
        cycle=enrolment.cycle,
        activity=activity,
        kind=kind,
        source_kind=source_kind,
        source_id=source_id,
        content_digest=content_digest,
        by=by,
        now=now,
        at=at,
        by_role=by_role,
        supersedes_id=supersedes_id,
    )
    enrolment.last_activity_at = now
    views = ledger.of_enrolment(enrolment.id, enrolment.cycle)
    keep_tally(enrolment, activity, [view for view in views if view.activity == activity])
    if outcome.score != 0:  # work worth nothing, as an empty practice, has made nothing good
        tick_plan(enrolment, activity, evidence_id, begun_at=begun_at, now=now)
    facts = _facts(enrolment, team, views)
    cause = _Cause(activity, evidence_id)
    decision = _evaluate(enrolment, team, facts, cause, now=now)
    forget()
    return decision


def evaluate(
    enrolment: Enrolment, team: Team, *, now: datetime, activity: str | None = None
) -> DecisionRow | None:
    """Decide the current gate, and on PASS the next ones too; store what is new.

    Args:
        enrolment: Held by ``locked_enrolment``.
        team: Its team.
        now: The time.
        activity: What has changed about it other than evidence, if anything.

    Returns:
        The last decision stored; None when nothing was.
    """
    return _evaluate(enrolment, team, facts_of(enrolment, team), _Cause(activity), now=now)


def evaluate_anew(enrolment: Enrolment, team: Team, *, now: datetime) -> DecisionRow | None:
    """Decide the current gate after another version of it was pinned, and fit the plans to it.

    Args:
        enrolment: Held by ``locked_enrolment``.
        team: Its team.
        now: The time.

    Returns:
        The last decision stored; None for somebody whom a person has stopped.
    """
    cause = _Cause(is_new_version=True)
    return _evaluate(enrolment, team, facts_of(enrolment, team), cause, now=now)


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why a gate is asked: the activity and its new evidence, where there are such.

    Attributes:
        is_new_version: Whether the gate itself is another one than before.
    """

    activity: str | None = None
    evidence_id: int | None = None
    is_new_version: bool = False

    def concerns(self, stage: Stage) -> bool:
        """Whether the stage's gate looks at the activity."""
        judged = stage.gate.rule.activities()
        return self.activity in judged or self.activity == stage.sign_off_slot


def _evaluate(
    enrolment: Enrolment, team: Team, facts: Facts, cause: _Cause, *, now: datetime
) -> DecisionRow | None:
    stored: DecisionRow | None = None
    extra = extra_attempts_of(enrolment)
    # Every PASS enters a stage that was never entered before, or ends the pathway.
    while enrolment.state == "active":
        pathway = pinned(enrolment.pathway_digest)
        stage = pathway.stage(enrolment.stage)
        row = state_row(enrolment, stage.slug)
        concerns = cause.concerns(stage)
        decision = decide(stage.gate, facts, now=now, extra_attempts=extra)
        _keep_figures(row, stage, facts)
        _keep_missing(row, decision)
        if not concerns and _is_held(row):
            return stored
        was = row.state
        _keep_state(row, decision, now=now)
        verdict = decision.verdict
        is_new = verdict is not Verdict.OPEN and row.state != was
        if not (concerns or is_new or cause.is_new_version or verdict is Verdict.PASS):
            return stored
        stored = store(enrolment, stage, decision, now=now, evidence_id=cause.evidence_id)
        row.decision_id = stored.id
        if verdict is Verdict.PASS:
            advance(enrolment, pathway, team, stored, now=now)
            cause = _Cause()
            continue
        if concerns:
            _renew_plan(enrolment, team, stored, cause, decision, facts)
        elif cause.is_new_version:
            _fit_plans(enrolment, team, stored, decision, facts)
        if verdict is not Verdict.OPEN and (concerns or is_new):
            announce(enrolment, stored, now=now)
        return stored
    return stored


def facts_of(enrolment: Enrolment, team: Team) -> Facts:
    """The evidence that stands for an enrolment's cycle, with the person's work where it counts."""
    return _facts(enrolment, team, ledger.of_enrolment(enrolment.id, enrolment.cycle))


def _facts(enrolment: Enrolment, team: Team, views: Sequence[EvidenceView]) -> Facts:
    if pinned(enrolment.pathway_digest).looks_at_days:
        who = (enrolment.team_id, enrolment.person_id)
        views = ledger.joined(views, ledger.at_work([who]).get(who, ()))
    return Facts.of([fact(view, team.timezone) for view in views])


def as_it_stands(
    found: Standing, evidence: Sequence[EvidenceView], timezone: str, *, now: datetime
) -> Decision:
    """What the current gate says, from what a page has read already. No statement."""
    facts = Facts.of([fact(view, timezone) for view in evidence])
    extra = {slug: tally.extra_attempt_count for slug, tally in found.tallies.items()}
    return decide(found.stage.gate, facts, now=now, extra_attempts=extra)


def fact(view: EvidenceView, timezone: str) -> Fact:
    """A row of evidence as gates read it."""
    return Fact(
        evidence_id=view.id,
        activity=view.activity,
        score=view.outcome.score,
        measures=view.outcome.measures,
        shortfalls=view.outcome.shortfalls,
        source_kind=view.source_kind,
        at=view.at,
        day=local_day(view.at, timezone),
        by_role=view.by_role,
    )


def _is_held(row: StageState) -> bool:
    """Whether a person has said to stop; until then the gate speaks on judged work only."""
    if row.state != STATES[Verdict.HELP] or row.decision_id is None:
        return False
    return db.session.get_one(DecisionRow, row.decision_id).by_person_id is not None


def _keep_figures(row: StageState, stage: Stage, facts: Facts) -> None:
    if stage.exams:
        tries = [each for each in facts.rows(stage.exams[0]) if each.source_kind == "attempt"]
        row.score = tries[-1].score if tries else None
        row.attempt_count = len(tries)
    row.learned_count = sum(bool(facts.rows(slug)) for slug in stage.learn)


def _keep_state(row: StageState, decision: Decision, *, now: datetime) -> None:
    state = STATES[decision.verdict]
    if row.state != state:
        row.state, row.since_at = state, now


def _keep_missing(row: StageState, decision: Decision) -> None:
    lacking = (leaf.activity for leaf in decision.finding.lacking() if leaf.code != "none_of")
    row.missing = [activity for activity in dict.fromkeys(lacking) if activity is not None]


def _renew_plan(  # noqa: PLR0913, PLR0917 - one step of _evaluate, with all that it knows
    enrolment: Enrolment,
    team: Team,
    row: DecisionRow,
    cause: _Cause,
    decision: Decision,
    facts: Facts,
) -> None:
    """Open a plan for a failed attempt; drop the one that nothing calls for any more."""
    activity = cause.activity
    if activity is None or cause.evidence_id is None:
        return
    if activity not in decision.relearn:
        drop_plan(enrolment, activity, now=row.at)
        return
    latest = facts.rows(activity)[-1]
    if latest.evidence_id != cause.evidence_id and has_plan(enrolment, activity, latest.at):
        return  # a correction of an earlier attempt leaves the plan of the latest as it is
    _open_plan(enrolment, team, row, activity, decision)


def _fit_plans(
    enrolment: Enrolment, team: Team, row: DecisionRow, decision: Decision, facts: Facts
) -> None:
    """Open plans for what falls short of another version, drop those it does not call for."""
    for activity in open_plans(enrolment) - decision.relearn.keys():
        drop_plan(enrolment, activity, now=row.at)
    for activity in decision.relearn:
        if not has_plan(enrolment, activity, facts.rows(activity)[-1].at):
            _open_plan(enrolment, team, row, activity, decision)


def _open_plan(
    enrolment: Enrolment, team: Team, row: DecisionRow, activity: str, decision: Decision
) -> None:
    steps = plan_steps(decision.relearn[activity], active.for_team(team.slug))
    open_plan(enrolment, row, activity, steps, retry_at=decision.retry_at[activity])
