"""What people decide themselves: overrides, attempts on top, signatures, moves to a version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from cstrain.core.catalogue import active
from cstrain.core.evidence.outcome import Outcome
from cstrain.core.pathway.decisions import evaluate, evaluate_anew, facts_of, record
from cstrain.core.pathway.definition import Pathway, Stage, signers
from cstrain.core.pathway.gates import Decision, Verdict, decide
from cstrain.core.pathway.models import DecisionRow, Enrolment, Grant, VersionMove
from cstrain.core.pathway.plans import set_tally
from cstrain.core.pathway.rules import SIGNERS, may_sign
from cstrain.core.pathway.stages import STATES, advance, state_row
from cstrain.core.pathway.standing import forget, of_enrolment, pinned, published
from cstrain.core.pathway.verdicts import announce, extra_attempts_of, store, tell_of
from cstrain.core.people.access import STAFF
from cstrain.core.people.models import Membership, Team
from cstrain.core.people.queries import people_with
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.outbox import tell


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
    extra = extra_attempts_of(enrolment)
    current = decide(stage.gate, facts_of(enrolment, team), now=now, extra_attempts=extra)
    row = store(
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
            tell_of(row, person_id, "override_proposed", now=now)
    else:
        _take_force(enrolment, row, pathway, team, now=now)
    forget()
    return row


def second(row: DecisionRow, enrolment: Enrolment, *, agrees: bool, by: int, now: datetime) -> None:
    """A second person agrees with a proposed decision, or declines it; its author withdraws it.

    One withdrawn is kept as declined, by no second person.

    Raises:
        ForbiddenError: If somebody decides about themselves.
        ConflictError: If it waits no longer, or who proposed it agrees.
    """
    _refuse_own(enrolment, by)
    is_withdrawn = row.by_person_id == by and not agrees
    if row.by_person_id == by and agrees:
        raise ConflictError(_("自己提的决定要由另一个人确认。"))
    if agrees and (enrolment.state != "active" or enrolment.stage != row.stage):
        raise ConflictError(_("这条路径已经不在那一关，只能否决。"))
    changed = db.session.scalar(
        update(DecisionRow)
        .where(DecisionRow.id == row.id, DecisionRow.state == "proposed")
        .values(
            state="in_force" if agrees else "declined",
            second_person_id=None if is_withdrawn else by,
            second_at=now,
        )
        .returning(DecisionRow.id)
    )
    if changed is None:
        raise ConflictError(_("这个决定已经有人处理了。"))
    db.session.refresh(row)
    if agrees:
        team = db.session.get_one(Team, enrolment.team_id)
        _take_force(enrolment, row, pinned(enrolment.pathway_digest), team, now=now)
    elif row.by_person_id is not None and not is_withdrawn:
        tell_of(row, row.by_person_id, "override_declined", now=now)
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


def move(  # noqa: PLR0913 - who, what, why, when
    enrolment: Enrolment,
    *,
    stage_slug: str,
    from_digest: str,
    to_digest: str,
    reason: str,
    by: int,
    now: datetime,
) -> VersionMove:
    """Move somebody within a stage to the version of the pathway that is published now.

    Evidence, attempts given and passed stages stay; the gate of the new version is asked at once.

    Args:
        enrolment: Held by ``locked_enrolment``.
        stage_slug: The stage that was looked at.
        from_digest: The version that was looked at, which they are on.
        to_digest: The version that was looked at, which they go to.
        reason: Why; the people concerned read it.
        by: Who moves them.
        now: The time.

    Raises:
        InvalidError: Without a reason, or if the new version has no such stage.
        ForbiddenError: If somebody moves themselves.
        ConflictError: If the enrolment, or what is published, is not what was looked at.
    """
    reason = _needed_reason(reason)
    _refuse_own(enrolment, by)
    _current(enrolment, stage_slug)
    team = db.session.get_one(Team, enrolment.team_id)
    pathway = published(active.for_team(team.slug), enrolment.pathway)
    is_same = enrolment.pathway_digest == pathway.digest
    if is_same or (enrolment.pathway_digest, pathway.digest) != (from_digest, to_digest):
        raise ConflictError(_("版本刚刚又变了，请刷新再看。"))
    if all(stage.slug != stage_slug for stage in pathway.stages):
        raise InvalidError(_("新版里没有这个阶段，换不了。"))
    row = VersionMove(
        enrolment_id=enrolment.id,
        team_id=enrolment.team_id,
        cycle=enrolment.cycle,
        stage=stage_slug,
        from_digest=from_digest,
        to_digest=to_digest,
        reason=reason,
        by_person_id=by,
        at=now,
    )
    db.session.add(row)
    enrolment.pathway_digest = to_digest
    db.session.flush()
    tell(
        enrolment.person_id,
        "version_moved",
        f"version_move:{row.id}",
        team_id=enrolment.team_id,
        data={"pathway": pathway.slug, "stage": stage_slug, "reason": reason},
        now=now,
    )
    evaluate_anew(enrolment, team, now=now)
    if enrolment.stage == stage_slug:
        _fit_delays(enrolment, pathway.stage(stage_slug), team, now=now)
    forget()
    return row


def _fit_delays(enrolment: Enrolment, stage: Stage, team: Team, *, now: datetime) -> None:
    """Let what fell short wait as long as this gate says, also where the plan stays as it is."""
    extra = extra_attempts_of(enrolment)
    decision = decide(stage.gate, facts_of(enrolment, team), now=now, extra_attempts=extra)
    for activity, retry_at in decision.retry_at.items():
        set_tally(enrolment, activity, {"retry_at": retry_at})


def _take_force(
    enrolment: Enrolment, row: DecisionRow, pathway: Pathway, team: Team, *, now: datetime
) -> None:
    """Let a decision by hand do what the gate's own would do."""
    verdict = Verdict(row.verdict)
    if verdict is Verdict.PASS:
        advance(enrolment, pathway, team, row, now=now)
        evaluate(enrolment, team, now=now)
        return
    state = state_row(enrolment, row.stage)
    state.state, state.since_at, state.decision_id = STATES[verdict], now, row.id
    if verdict is Verdict.REPEAT:
        _open_attempts(enrolment, row, pathway.stage(row.stage), team, now=now)
    announce(enrolment, row, now=now)


def _open_attempts(
    enrolment: Enrolment, row: DecisionRow, stage: Stage, team: Team, *, now: datetime
) -> None:
    """Give one more attempt where the one who sends back to relearning would find none left."""
    extra = extra_attempts_of(enrolment)
    facts = facts_of(enrolment, team)
    failed = decide(stage.gate, facts, now=now, extra_attempts=extra).relearn
    for activity in failed:
        allowed = stage.gate.attempts.get(activity)
        tried = sum(each.source_kind == "attempt" for each in facts.rows(activity))
        if allowed is not None and tried >= allowed + extra.get(activity, 0):
            _give_attempt(enrolment, activity, reason=row.reason, by=row.by_person_id, now=now)


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
    extra = extra_attempts_of(enrolment)[activity]
    set_tally(enrolment, activity, {"extra_attempt_count": extra})
    tell(
        enrolment.person_id,
        "attempt_granted",
        f"grant:{grant.id}",
        team_id=enrolment.team_id,
        data={"activity": activity, "reason": reason},
        now=now,
    )


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


def _refuse_own(enrolment: Enrolment, by: int) -> None:
    if enrolment.person_id == by:
        raise ForbiddenError(_("自己的关卡要由别人决定。"))


def _needed_reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidError(_("写一句原因，本人和主管都会看到。"))
    return reason.strip()
