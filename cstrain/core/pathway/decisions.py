"""Deciding gates on new evidence, and what follows: plans, the next stage, the certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.certification import service as certification
from cstrain.core.evidence import ledger
from cstrain.core.evidence.outcome import EvidenceView, Outcome
from cstrain.core.pathway.definition import Pathway, Stage, signers
from cstrain.core.pathway.gates import (
    SIGNERS,
    Decision,
    Fact,
    Facts,
    Finding,
    Verdict,
    decide,
    may_sign,
)
from cstrain.core.pathway.models import DecisionRow, Enrolment, Grant, StageState
from cstrain.core.pathway.plans import (
    drop_plan,
    has_plan,
    keep_tally,
    open_plan,
    plan_steps,
    set_tally,
    tick_plan,
)
from cstrain.core.pathway.stages import enter_stage
from cstrain.core.pathway.standing import Standing, forget, of_enrolment, pinned, published
from cstrain.core.people.access import STAFF, Role
from cstrain.core.people.models import Membership, Team
from cstrain.kit.clock import local_day
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
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
        select(Enrolment)
        .where(Enrolment.id == enrolment_id)
        .with_for_update()
        # What this session has read before the lock may be old.
        .execution_options(populate_existing=True)
    ).first()
    if enrolment is None:
        raise NotFoundError
    return enrolment


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
    tick_plan(enrolment, activity, evidence_id, begun_at=begun_at, now=now)
    facts = Facts.of([fact(view, team.timezone) for view in views])
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


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why a gate is asked: the activity and its new evidence, where there are such."""

    activity: str | None = None
    evidence_id: int | None = None

    def concerns(self, stage: Stage) -> bool:
        """Whether the stage's gate looks at the activity."""
        judged = stage.gate.rule.activities()
        return self.activity in judged or self.activity == stage.sign_off_slot


def _evaluate(
    enrolment: Enrolment, team: Team, facts: Facts, cause: _Cause, *, now: datetime
) -> DecisionRow | None:
    stored: DecisionRow | None = None
    # Every PASS enters a stage that was never entered before, or ends the pathway.
    while enrolment.state == "active":
        pathway = pinned(enrolment.pathway_digest)
        stage = pathway.stage(enrolment.stage)
        row = _state_row(enrolment, stage.slug)
        _keep_figures(row, stage, facts)
        concerns = cause.concerns(stage)
        if not concerns and _is_held(row):
            return stored
        decision = decide(stage.gate, facts, now=now, extra_attempts=_extra_attempts(enrolment))
        was = row.state
        _keep_state(row, decision, now=now)
        verdict = decision.verdict
        is_new = verdict is not Verdict.OPEN and row.state != was
        if not (concerns or is_new or verdict is Verdict.PASS):
            return stored
        stored = _store(enrolment, stage, decision, now=now, evidence_id=cause.evidence_id)
        row.decision_id = stored.id
        if verdict is Verdict.PASS:
            _pass(enrolment, pathway, team, stored, now=now)
            cause = _Cause()
            continue
        if concerns:
            _renew_plan(enrolment, team, stored, cause, decision, facts)
        if verdict is not Verdict.OPEN:
            _announce(enrolment, stored, now=now)
        return stored
    return stored


def facts_of(enrolment: Enrolment, team: Team) -> Facts:
    """The evidence that stands for an enrolment's cycle."""
    return Facts.of(
        [fact(view, team.timezone) for view in ledger.of_enrolment(enrolment.id, enrolment.cycle)]
    )


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


def override(  # noqa: PLR0913 - who, what, why, when
    enrolment: Enrolment,
    verdict: Verdict,
    *,
    reason: str,
    by: int,
    now: datetime,
    stage_slug: str | None = None,
) -> DecisionRow:
    """Decide the current gate by hand.

    PASS goes on to the next stage. REPEAT sends back to relearning, with one more attempt where
    none was left. HELP stops the trainee's exams until a person decides again.

    It is only proposed while a second person of the team may agree; where there is none it
    takes force at once and stands out as taken by one person alone.

    Args:
        enrolment: Held by ``locked_enrolment``.
        verdict: PASS, REPEAT or HELP.
        reason: Why; the people concerned read it.
        by: Who decides.
        now: The time.
        stage_slug: The stage that was looked at, so that a second click decides no further one.

    Raises:
        InvalidError: Without a reason.
        ForbiddenError: If somebody decides about themselves.
        ConflictError: If the enrolment is not there any more, or a proposal is waiting already.
    """
    reason = _needed_reason(reason)
    _refuse_own(enrolment, by)
    pathway, stage = _current(enrolment, stage_slug)
    waiting = db.session.scalar(
        select(DecisionRow.id).where(
            DecisionRow.enrolment_id == enrolment.id, DecisionRow.state == "proposed"
        )
    )
    if waiting is not None:
        raise ConflictError(_("已经有一个人工决定在等第二人确认。"))
    team = db.session.get_one(Team, enrolment.team_id)
    but = {by, enrolment.person_id}
    seconds = [each for each in people_with(enrolment.team_id, *STAFF) if each not in but]
    extra = _extra_attempts(enrolment)
    current = decide(stage.gate, facts_of(enrolment, team), now=now, extra_attempts=extra)
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
        ForbiddenError: If somebody decides about themselves.
        ConflictError: If it waits no longer, or the same person proposed it.
    """
    _refuse_own(enrolment, by)
    if row.by_person_id == by:
        raise ConflictError(_("自己提的决定要由另一个人确认。"))
    if agrees and (enrolment.state != "active" or enrolment.stage != row.stage):
        raise ConflictError(_("这条路径已经不在那一关，只能否决。"))
    changed = db.session.scalar(
        update(DecisionRow)
        .where(DecisionRow.id == row.id, DecisionRow.state == "proposed")
        .values(state="in_force" if agrees else "declined", second_person_id=by, second_at=now)
        .returning(DecisionRow.id)
    )
    if changed is None:
        raise ConflictError(_("这个决定已经有人处理了。"))
    db.session.refresh(row)
    if agrees:
        team = db.session.get_one(Team, enrolment.team_id)
        _take_force(enrolment, row, pinned(enrolment.pathway_digest), team, now=now)
    elif row.by_person_id is not None:
        _tell(row, row.by_person_id, "override_declined", now=now)
    forget()


def grant_attempt(
    enrolment: Enrolment, activity: str, *, reason: str, by: int, now: datetime
) -> DecisionRow | None:
    """Give one more attempt where none is left, and ask the gate again.

    Raises:
        InvalidError: Without a reason, or if the gate does not limit this activity.
        ForbiddenError: If somebody gives it to themselves.
        ConflictError: If the pathway has ended, or there are attempts left.
    """
    reason = _needed_reason(reason)
    _refuse_own(enrolment, by)
    _pathway, stage = _current(enrolment)
    if activity not in stage.gate.attempts:
        raise InvalidError(_("这一关没有限制这项的次数。"))
    tally = of_enrolment(enrolment.id).tally(activity)
    if tally.attempt_count < stage.gate.attempts[activity] + tally.extra_attempt_count:
        raise ConflictError(_("还有次数没用完，不用再给。"))
    _give_attempt(enrolment, activity, reason=reason, by=by, now=now)
    team = db.session.get_one(Team, enrolment.team_id)
    decision = evaluate(enrolment, team, activity=activity, now=now)
    forget()
    return decision


def _give_attempt(
    enrolment: Enrolment, activity: str, *, reason: str, by: int | None, now: datetime
) -> None:
    grant = Grant(
        enrolment_id=enrolment.id,
        team_id=enrolment.team_id,
        cycle=enrolment.cycle,
        activity=activity,
        reason=reason,
        by_person_id=by,
        at=now,
    )
    db.session.add(grant)
    db.session.flush()
    extra = _extra_attempts(enrolment)[activity]
    set_tally(enrolment, activity, {"extra_attempt_count": extra})
    tell(
        enrolment.person_id,
        "attempt_granted",
        f"grant:{grant.id}",
        team_id=enrolment.team_id,
        data={"activity": activity, "reason": reason},
        now=now,
    )


def sign_off(  # noqa: PLR0913 - who, what, why, when
    enrolment: Enrolment,
    *,
    accepted: bool,
    reason: str,
    by: int,
    now: datetime,
    stage_slug: str | None = None,
) -> DecisionRow | None:
    """Sign the current stage, with a reason; a refusal is kept too.

    It counts in the signer's highest role in the team.

    Args:
        enrolment: Held by ``locked_enrolment``.
        accepted: Whether the signer says yes.
        reason: Why; the people concerned read it.
        by: Who signs.
        now: The time.
        stage_slug: The stage that was looked at, so that a second click signs no further one.

    Raises:
        InvalidError: Without a reason, or if this stage asks for no signature.
        ForbiddenError: If it asks for somebody else's.
        ConflictError: If the pathway has ended, or is at another stage.
    """
    reason = _needed_reason(reason)
    _refuse_own(enrolment, by)
    _pathway, stage = _current(enrolment, stage_slug)
    asked = signers(stage.gate.rule)
    if not asked:
        raise InvalidError(_("这一关不用签字。"))
    by_role = _signing_role(by, enrolment.team_id)
    if not any(may_sign(by_role, role) for role in asked):
        raise ForbiddenError(_("这一关要由主管签字。") if by_role else "")
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
        by_role=by_role,
        now=now,
    )


def _signing_role(person_id: int, team_id: int) -> str | None:
    """The highest role in which somebody may sign in a team now."""
    held = db.session.scalars(
        select(Membership.role).where(
            Membership.person_id == person_id,
            Membership.team_id == team_id,
            Membership.role.in_(SIGNERS),
            Membership.until_at.is_(None),
        )
    )
    return max(held, key=SIGNERS.index, default=None)


def _current(enrolment: Enrolment, stage_slug: str | None = None) -> tuple[Pathway, Stage]:
    """The pinned pathway and the stage that can still be decided.

    Raises:
        ConflictError: If the pathway has ended, or is at another stage than the one meant.
    """
    if enrolment.state != "active":
        raise ConflictError(_("这条路径已经结束，不能再改。"))
    if stage_slug is not None and enrolment.stage != stage_slug:
        raise ConflictError(_("这一关刚刚已经有结果了，请刷新再看。"))
    pathway = pinned(enrolment.pathway_digest)
    return pathway, pathway.stage(enrolment.stage)


def _refuse_own(enrolment: Enrolment, by: int) -> None:
    if enrolment.person_id == by:
        raise ForbiddenError(_("自己的关卡要由别人决定。"))


def _needed_reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidError(_("写一句原因，本人和主管都会看到。"))
    return reason.strip()


def _extra_attempts(enrolment: Enrolment) -> dict[str, int]:
    rows = db.session.execute(
        select(Grant.activity, func.count())
        .where(Grant.enrolment_id == enrolment.id, Grant.cycle == enrolment.cycle)
        .group_by(Grant.activity)
    )
    return {row[0]: row[1] for row in rows}


def _state_row(enrolment: Enrolment, stage: str) -> StageState:
    """The row behind boards."""
    return db.session.scalars(
        select(StageState).where(
            StageState.enrolment_id == enrolment.id,
            StageState.cycle == enrolment.cycle,
            StageState.stage == stage,
        )
    ).one()


def _is_held(row: StageState) -> bool:
    """Whether a person has said to stop; until then the gate speaks on judged work only."""
    if row.state != _STATES[Verdict.HELP] or row.decision_id is None:
        return False
    return db.session.get_one(DecisionRow, row.decision_id).by_person_id is not None


def _keep_figures(row: StageState, stage: Stage, facts: Facts) -> None:
    if stage.exams:
        tries = [each for each in facts.rows(stage.exams[0]) if each.source_kind == "attempt"]
        row.score = tries[-1].score if tries else None
        row.attempt_count = len(tries)
    row.learned_count = sum(bool(facts.rows(slug)) for slug in stage.learn)


def _keep_state(row: StageState, decision: Decision, *, now: datetime) -> None:
    state = _STATES[decision.verdict]
    if row.state != state:
        row.state, row.since_at = state, now
    lacking = (leaf.activity for leaf in decision.finding.lacking() if leaf.code != "none_of")
    row.missing = [activity for activity in dict.fromkeys(lacking) if activity is not None]


def _store(  # noqa: PLR0913 - the columns of a decision
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
    steps = plan_steps(decision.relearn[activity], active.for_team(team.slug))
    open_plan(enrolment, row, activity, steps, retry_at=decision.retry_at[activity])


def _pass(
    enrolment: Enrolment, pathway: Pathway, team: Team, row: DecisionRow, *, now: datetime
) -> None:
    """Go on to the next stage, or finish and issue the certificate."""
    state = _state_row(enrolment, row.stage)
    state.state, state.since_at, state.decision_id = _STATES[Verdict.PASS], now, row.id
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


def _take_force(
    enrolment: Enrolment, row: DecisionRow, pathway: Pathway, team: Team, *, now: datetime
) -> None:
    """Let a decision by hand do what the gate's own would do."""
    verdict = Verdict(row.verdict)
    if verdict is Verdict.PASS:
        _pass(enrolment, pathway, team, row, now=now)
        evaluate(enrolment, team, now=now)
        return
    state = _state_row(enrolment, row.stage)
    state.state, state.since_at, state.decision_id = _STATES[verdict], now, row.id
    if verdict is Verdict.REPEAT:
        _open_attempts(enrolment, row, pathway.stage(row.stage), team, now=now)
    _announce(enrolment, row, now=now)


def _open_attempts(
    enrolment: Enrolment, row: DecisionRow, stage: Stage, team: Team, *, now: datetime
) -> None:
    """Give one more attempt where the one who sends back to relearning would find none left."""
    extra = _extra_attempts(enrolment)
    facts = facts_of(enrolment, team)
    failed = decide(stage.gate, facts, now=now, extra_attempts=extra).relearn
    for activity in failed:
        allowed = stage.gate.attempts.get(activity)
        tried = sum(each.source_kind == "attempt" for each in facts.rows(activity))
        if allowed is not None and tried >= allowed + extra.get(activity, 0):
            _give_attempt(enrolment, activity, reason=row.reason, by=row.by_person_id, now=now)


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
