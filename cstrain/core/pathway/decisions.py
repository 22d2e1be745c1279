"""Deciding gates on new evidence, and what follows: plans, the next stage, the certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.certification import service as certification
from cstrain.core.evidence import ledger
from cstrain.core.evidence.outcome import EvidenceView, Outcome, Shortfall
from cstrain.core.pathway.definition import Pathway, Stage
from cstrain.core.pathway.gates import Decision, Fact, Facts, Finding, Verdict, decide
from cstrain.core.pathway.models import (
    DecisionRow,
    Enrolment,
    Grant,
    PlanStep,
    StageState,
    Tally,
)
from cstrain.core.pathway.stages import enter_stage
from cstrain.core.pathway.standing import forget, pinned, published
from cstrain.core.people.access import STAFF, Role
from cstrain.core.people.models import Membership, Team
from cstrain.kit.clock import local_day
from cstrain.kit.db import db, insert_for
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.outbox import tell

_STATES = {
    Verdict.PASS: "passed",
    Verdict.REPEAT: "repeat",
    Verdict.WAIT: "wait",
    Verdict.HELP: "help",
    Verdict.OPEN: "open",
}


def locked_enrolment(enrolment_id: int) -> Enrolment:
    """The enrolment, held against other writers until the transaction ends.

    Raises:
        NotFoundError: If there is none.
    """
    enrolment = db.session.scalars(
        select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update()
    ).first()
    if enrolment is None:
        raise NotFoundError
    return enrolment


def record(
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
        supersedes_id=supersedes_id,
    )
    enrolment.last_activity_at = now
    _tally(enrolment, activity, outcome, source_id, now=now)
    _tick_plan(enrolment, activity, evidence_id, begun_at=begun_at, now=now)
    decision = evaluate(enrolment, team, evidence_id=evidence_id, activity=activity, now=now)
    forget()
    return decision


def evaluate(
    enrolment: Enrolment,
    team: Team,
    *,
    now: datetime,
    evidence_id: int | None = None,
    activity: str | None = None,
) -> DecisionRow | None:
    """Decide the current gate, and on PASS the next ones too; store what is new.

    Returns:
        The last decision stored; None when nothing was.
    """
    stored: DecisionRow | None = None
    while enrolment.state == "active":
        pathway = pinned(enrolment.pathway_digest)
        stage = pathway.stage(enrolment.stage)
        facts = facts_of(enrolment, team)
        decision = decide(
            stage.gate, facts, now=now, extra_attempts=_extra_attempts(enrolment)
        )
        row = _keep_state(enrolment, stage, decision, facts, now=now)
        concerns = activity in stage.gate.rule.activities() or activity == stage.sign_off_slot
        is_news = decision.verdict is Verdict.PASS or (
            decision.verdict is not Verdict.OPEN and (concerns or row.decision_id is None)
        )
        if not is_news:
            return stored
        stored = _store(enrolment, stage, decision, now=now)
        row.decision_id = stored.id
        if decision.verdict is Verdict.PASS:
            _pass(enrolment, pathway, team, stored, now=now)
            activity = None
            continue
        if activity in decision.relearn and evidence_id is not None:
            catalogue = active.for_team(team.slug)
            _open_plan(enrolment, stored, activity, decision, catalogue, now=now)
        _announce(enrolment, stored, now=now)
        return stored
    return stored


def facts_of(enrolment: Enrolment, team: Team) -> Facts:
    """The evidence that stands for an enrolment's cycle."""
    return Facts.of(
        [fact(view, team.timezone) for view in ledger.of_enrolment(enrolment.id, enrolment.cycle)]
    )


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


def override(
    enrolment: Enrolment,
    verdict: Verdict,
    *,
    reason: str,
    by: int,
    now: datetime,
) -> DecisionRow:
    """Decide the current gate by hand.

    It is only proposed while a second person of the team may agree; where there is none it
    takes force at once and stands out as taken by one person alone.

    Raises:
        InvalidError: Without a reason.
        ConflictError: If the enrolment has ended or a proposal is waiting already.
    """
    reason = _needed_reason(reason)
    if enrolment.state != "active":
        raise ConflictError(_("这条路径已经结束，不能再改。"))
    pathway = pinned(enrolment.pathway_digest)
    stage = pathway.stage(enrolment.stage)
    waiting = db.session.scalar(
        select(DecisionRow.id).where(
            DecisionRow.enrolment_id == enrolment.id, DecisionRow.state == "proposed"
        )
    )
    if waiting is not None:
        raise ConflictError(_("已经有一个人工决定在等第二人确认。"))
    team = db.session.get_one(Team, enrolment.team_id)
    seconds = _who_may_decide(enrolment.team_id, but=by)
    current = decide(stage.gate, facts_of(enrolment, team), now=now)
    row = _store(
        enrolment,
        stage,
        Decision(verdict, current.finding, {}, {}),
        now=now,
        by=by,
        reason=reason,
        state="proposed" if seconds else "in_force",
        is_single_handed=not seconds,
    )
    if seconds:
        for person_id in seconds:
            _tell(row, person_id, "override_proposed", now=now)
    else:
        _take_force(enrolment, row, pathway, team, now=now)
    forget()
    return row


def second(row: DecisionRow, enrolment: Enrolment, *, agrees: bool, by: int, now: datetime) -> None:
    """A second person agrees with a proposed decision, or declines it.

    Raises:
        ConflictError: If it waits no longer, or the same person proposed it.
    """
    if row.by_person_id == by:
        raise ConflictError(_("自己提的决定要由另一个人确认。"))
    changed = db.session.execute(
        update(DecisionRow)
        .where(DecisionRow.id == row.id, DecisionRow.state == "proposed")
        .values(
            state="in_force" if agrees else "declined", second_person_id=by, second_at=now
        )
    )
    if changed.rowcount != 1:
        raise ConflictError(_("这个决定已经有人处理了。"))
    db.session.refresh(row)
    if agrees and enrolment.state == "active" and enrolment.stage == row.stage:
        team = db.session.get_one(Team, enrolment.team_id)
        _take_force(enrolment, row, pinned(enrolment.pathway_digest), team, now=now)
    forget()


def grant_attempt(
    enrolment: Enrolment, activity: str, *, reason: str, by: int, now: datetime
) -> DecisionRow | None:
    """Give one more attempt, and ask the gate again.

    Raises:
        InvalidError: Without a reason, or if the gate does not limit this activity.
    """
    reason = _needed_reason(reason)
    stage = pinned(enrolment.pathway_digest).stage(enrolment.stage)
    if activity not in stage.gate.attempts:
        raise InvalidError(_("这一关没有限制这项的次数。"))
    db.session.add(
        Grant(
            enrolment_id=enrolment.id,
            team_id=enrolment.team_id,
            cycle=enrolment.cycle,
            activity=activity,
            reason=reason,
            by_person_id=by,
            at=now,
        )
    )
    _upsert_tally(
        enrolment, activity, {}, {"extra_attempt_count": Tally.extra_attempt_count + 1}, first=1
    )
    team = db.session.get_one(Team, enrolment.team_id)
    decision = evaluate(enrolment, team, activity=activity, now=now)
    tell(
        enrolment.person_id,
        "attempt_granted",
        f"grant:{enrolment.id}:{activity}:{now.isoformat()}",
        team_id=enrolment.team_id,
        data={"activity": activity, "reason": reason},
        now=now,
    )
    forget()
    return decision


def sign_off(
    enrolment: Enrolment, *, accepted: bool, reason: str, by: int, now: datetime
) -> DecisionRow | None:
    """Sign the current stage, with a reason; a refusal is kept too.

    Raises:
        InvalidError: Without a reason.
        ConflictError: If the pathway has ended.
    """
    reason = _needed_reason(reason)
    if enrolment.state != "active":
        raise ConflictError(_("这条路径已经结束，不能再签。"))
    stage = pinned(enrolment.pathway_digest).stage(enrolment.stage)
    return record(
        enrolment,
        Outcome(1.0 if accepted else 0.0, summary={"zh": reason, "en": reason}),
        activity=stage.sign_off_slot,
        kind="sign_off",
        source_kind="sign_off",
        source_id=None,
        content_digest=enrolment.pathway_digest,
        begun_at=now,
        by=by,
        now=now,
    )


def _needed_reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidError(_("写一句原因，本人和主管都会看到。"))
    return reason.strip()


def _extra_attempts(enrolment: Enrolment) -> dict[str, int]:
    rows = db.session.execute(
        select(Grant.activity, func.count())
        .where(Grant.enrolment_id == enrolment.id, Grant.cycle == enrolment.cycle)
        .group_by(Grant.activity)
    ).all()
    return {activity: count for activity, count in rows}


def _upsert_tally(
    enrolment: Enrolment,
    activity: str,
    values: Mapping[str, Any],
    sums: Mapping[str, Any] | None = None,
    *,
    first: int = 0,
) -> None:
    """Set columns of a tally, making the row when it is not there.

    Args:
        enrolment: Whose.
        activity: Of what.
        values: Columns to set.
        sums: Columns to set by an expression on the existing row.
        first: The value of the ``sums`` columns in a new row.
    """
    sums = sums or {}
    statement = insert_for(Tally).values(
        enrolment_id=enrolment.id,
        cycle=enrolment.cycle,
        activity=activity,
        **values,
        **dict.fromkeys(sums, first),
    )
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["enrolment_id", "cycle", "activity"], set_={**values, **sums}
        )
    )


def _tally(
    enrolment: Enrolment,
    activity: str,
    outcome: Outcome,
    attempt_id: int | None,
    *,
    now: datetime,
) -> None:
    """Keep the row that course trees and locks read."""
    values: dict[str, Any] = {"latest_score": outcome.score, "latest_attempt_id": attempt_id}
    sums: dict[str, Any] = {"done_at": func.coalesce(Tally.done_at, now)}
    statement = insert_for(Tally).values(
        enrolment_id=enrolment.id,
        cycle=enrolment.cycle,
        activity=activity,
        done_at=now,
        best_score=outcome.score,
        **values,
    )
    if outcome.score is not None:
        best = func.coalesce(Tally.best_score, outcome.score)
        greater = func.max if db.engine.dialect.name == "sqlite" else func.greatest
        sums["best_score"] = greater(best, outcome.score)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["enrolment_id", "cycle", "activity"], set_={**values, **sums}
        )
    )


def _tick_plan(
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
    _upsert_tally(enrolment, activity, {"open_plan_count": count or 0})


def _keep_state(
    enrolment: Enrolment, stage: Stage, decision: Decision, facts: Facts, *, now: datetime
) -> StageState:
    """Bring the row behind boards up to date."""
    row = db.session.scalars(
        select(StageState).where(
            StageState.enrolment_id == enrolment.id,
            StageState.cycle == enrolment.cycle,
            StageState.stage == stage.slug,
        )
    ).one()
    state = _STATES[decision.verdict]
    if row.state != state:
        row.state, row.since_at = state, now
    exams = stage.exams
    if exams:
        tries = [each for each in facts.rows(exams[0]) if each.source_kind == "attempt"]
        row.score = tries[-1].score if tries else None
        row.attempt_count = len(tries)
    row.missing = list(
        dict.fromkeys(
            leaf.activity
            for leaf in decision.finding.leaves()
            if leaf.met is not True and leaf.activity is not None
        )
    )
    row.learned_count = sum(bool(facts.rows(slug)) for slug in stage.learn)
    return row


def _store(
    enrolment: Enrolment,
    stage: Stage,
    decision: Decision,
    *,
    now: datetime,
    by: int | None = None,
    reason: str = "",
    state: str = "in_force",
    is_single_handed: bool = False,
) -> DecisionRow:
    row = DecisionRow(
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        team_id=enrolment.team_id,
        cycle=enrolment.cycle,
        stage=stage.slug,
        pathway_digest=enrolment.pathway_digest,
        verdict=decision.verdict.value,
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


def _open_plan(
    enrolment: Enrolment,
    row: DecisionRow,
    activity: str,
    decision: Decision,
    catalogue: Catalogue,
    *,
    now: datetime,
) -> None:
    """Turn what fell short into steps, and hold the next attempt until they are done."""
    for step in plan_steps(decision.relearn[activity], catalogue):
        db.session.add(
            PlanStep(
                decision_id=row.id,
                enrolment_id=enrolment.id,
                team_id=enrolment.team_id,
                for_activity=activity,
                opened_at=now,
                **step,
            )
        )
    db.session.flush()
    _count_plan(enrolment, activity)
    _upsert_tally(enrolment, activity, {"retry_at": decision.retry_at[activity]})


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


def _pass(
    enrolment: Enrolment, pathway: Pathway, team: Team, row: DecisionRow, *, now: datetime
) -> None:
    """Go on to the next stage, or finish and issue the certificate."""
    db.session.execute(
        update(StageState)
        .where(
            StageState.enrolment_id == enrolment.id,
            StageState.cycle == enrolment.cycle,
            StageState.stage == row.stage,
        )
        .values(state="passed", since_at=now, decision_id=row.id)
    )
    pathway, position = _next_stage(pathway, row.stage, active.for_team(team.slug))
    if position < len(pathway.stages):
        enter_stage(enrolment, pathway, position, now=now)
        _announce(enrolment, row, now=now)
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


def _next_stage(pathway: Pathway, stage: str, catalogue: Catalogue) -> tuple[Pathway, int]:
    """The next stage's place, in the published version where that still knows this stage."""
    try:
        newest = published(catalogue, pathway.slug)
        return newest, newest.position(stage) + 1
    except (NotFoundError, KeyError):
        return pathway, pathway.position(stage) + 1


def _take_force(
    enrolment: Enrolment, row: DecisionRow, pathway: Pathway, team: Team, *, now: datetime
) -> None:
    """Let a decision by hand do what the gate's own would do."""
    if row.verdict == Verdict.PASS:
        _pass(enrolment, pathway, team, row, now=now)
        evaluate(enrolment, team, now=now)
        return
    state = db.session.scalars(
        select(StageState).where(
            StageState.enrolment_id == enrolment.id,
            StageState.cycle == enrolment.cycle,
            StageState.stage == row.stage,
        )
    ).one()
    state.state, state.since_at, state.decision_id = _STATES[Verdict(row.verdict)], now, row.id
    _announce(enrolment, row, now=now)


def _announce(enrolment: Enrolment, row: DecisionRow, *, now: datetime) -> None:
    """Tell the trainee; and the trainers, when it is their turn."""
    _tell(row, enrolment.person_id, f"gate_{row.verdict}", now=now)
    if row.verdict in {Verdict.HELP, Verdict.WAIT}:
        for person_id in people_with(enrolment.team_id, Role.TRAINER):
            _tell(row, person_id, f"gate_{row.verdict}_staff", now=now)


def _tell(row: DecisionRow, person_id: int, topic: str, *, now: datetime) -> None:
    tell(
        person_id,
        topic,
        f"decision:{row.id}",
        team_id=row.team_id,
        data={
            "decision_id": row.id,
            "enrolment_id": row.enrolment_id,
            "person_id": row.person_id,
            "stage": row.stage,
        },
        now=now,
    )


def people_with(team_id: int, *roles: Role) -> list[int]:
    """Who holds any of the roles in a team now."""
    return list(
        db.session.scalars(
            select(Membership.person_id)
            .where(
                Membership.team_id == team_id,
                Membership.role.in_(roles),
                Membership.until_at.is_(None),
            )
            .distinct()
        )
    )


def _who_may_decide(team_id: int, *, but: int) -> list[int]:
    return [person_id for person_id in people_with(team_id, *STAFF) if person_id != but]
