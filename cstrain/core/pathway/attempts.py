"""Attempts: begun once, closed once, whoever clicks how often."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import Table, bindparam, select, update

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.kinds import ActivityKind, AttemptView
from cstrain.core.evidence import ledger
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import Outcome
from cstrain.core.pathway import decisions, hooks, standing
from cstrain.core.pathway.locks import Lock
from cstrain.core.pathway.models import Attempt, DecisionRow, PlanStep, Tally
from cstrain.core.pathway.plans import set_tally
from cstrain.core.people.models import Person, Team
from cstrain.kit.db import db, insert_row, run
from cstrain.kit.errors import ConflictError, ForbiddenError, NotFoundError
from cstrain.kit.i18n import gettext as _

_SEED_BITS = 48


def get(attempt_id: int) -> AttemptView:
    """An attempt. Who may see it is the caller's question.

    Raises:
        NotFoundError: If there is none.
    """
    row = run(_BY_ID, {"attempt_id": attempt_id}).first()
    if row is None:
        raise NotFoundError(_("没有这次作答。"))
    return _view(dict(zip(AttemptView.__dataclass_fields__, row, strict=True)))


def _view(values: Mapping[str, Any]) -> AttemptView:
    return AttemptView(**{**values, "scope": tuple(values["scope"])})


_COLUMNS = tuple(getattr(Attempt, name) for name in AttemptView.__dataclass_fields__)
_BY_ID = select(*_COLUMNS).where(Attempt.id == bindparam("attempt_id"))


def start(person_id: int, activity_slug: str, *, now: datetime, rng: random.Random) -> AttemptView:
    """Begin an attempt, or give the one that is open.

    Raises:
        NotFoundError: If there is no such activity.
        LockedError: If it is not open to the person.
    """
    found = standing.of_person(person_id)
    if found is None:
        standing.refuse(Lock("no_enrolment"), None)
    enrolment = decisions.locked_enrolment(found.enrolment_id)
    if enrolment.state == "stopped":
        standing.refuse(Lock("no_enrolment"), None)
    found = standing.of_enrolment(enrolment.id)  # re-read: another click may have been first
    catalogue = found.catalogue()
    activity = catalogue.activity(activity_slug)
    tally = found.tally(activity_slug)
    if tally.open_attempt_id is not None:
        return get(tally.open_attempt_id)
    lock = found.lock(activity_slug, is_exam=activity.is_exam, now=now)
    if lock is not None:
        standing.refuse(lock, found.pathway)
    values = {
        "person_id": person_id,
        "team_id": found.team_id,
        "enrolment_id": enrolment.id,
        "cycle": enrolment.cycle,
        "activity": activity_slug,
        "kind": activity.kind.name,
        "number": tally.attempt_count + 1,
        "seed": rng.getrandbits(_SEED_BITS),
        "scope": open_scope(enrolment.id, activity_slug) or [],
        "revision_id": catalogue.revision_id,
        "content_digest": activity.digest,
        "started_at": now,
        "deadline_at": _deadline(activity.kind.time_limit_s(activity.spec), person_id, now=now),
    }
    attempt = _view({**values, "id": insert_row(Attempt, values), "closed_at": None})
    started = {"attempt_count": attempt.number, "open_attempt_id": attempt.id}
    set_tally(enrolment, activity_slug, started)
    enrolment.last_activity_at = now
    activity.kind.prepare(attempt, activity.spec, random.Random(attempt.seed), now=now)  # noqa: S311 - a draw, no secret
    standing.forget()
    return attempt


def _deadline(limit_s: int | None, person_id: int, *, now: datetime) -> datetime | None:
    if limit_s is None:
        return None
    ratio = run(_EXTRA_TIME, {"of_person": person_id}).scalar() or 1.0
    return now + timedelta(seconds=limit_s * ratio)


_EXTRA_TIME = select(Person.extra_time_ratio).where(Person.id == bindparam("of_person"))


_OPEN_SCOPES = select(PlanStep.scope).where(
    PlanStep.enrolment_id == bindparam("enrolment_id"),
    PlanStep.activity == bindparam("activity"),
    PlanStep.done_at.is_(None),
)


def open_scope(enrolment_id: int, activity_slug: str) -> list[str] | None:
    """The sections that open plan steps ask for.

    Returns:
        Empty for the whole activity; None when no open step asks for it.
    """
    rows = run(_OPEN_SCOPES, {"enrolment_id": enrolment_id, "activity": activity_slug})
    scopes = rows.scalars().all()
    if not scopes:
        return None
    if any(not scope for scope in scopes):
        return []
    return sorted({section for scope in scopes for section in scope})


def close(attempt_id: int, *, by: int | None, now: datetime) -> DecisionRow | None:
    """Close an attempt, judge it, keep the evidence and ask the gate.

    Returns:
        The decision it led to; None when the gate had nothing new to say.

    What it shows, it shows at the deadline at the latest, however late it is closed.

    Raises:
        NotFoundError: If there is none, or its kind is not installed any more.
        ConflictError: If it is closed already.
    """
    attempt = get(attempt_id)
    kind = kind_of(attempt)
    enrolment = decisions.locked_enrolment(attempt.enrolment_id)
    if run(_CLOSE, {"of_attempt": attempt_id, "at": now}).first() is None:
        raise ConflictError(_("这次作答已经交了。"))
    run(_FREE, {"of_enrolment": enrolment.id, "of_attempt": attempt_id})
    outcome, asked = kind.close(attempt, now=now), None
    if outcome.score is None:
        asked = hooks.asked(hooks.Unmarked(attempt, kind, outcome, now))
        outcome = asked.outcome if asked else outcome
    decision = decisions.record(
        enrolment,
        outcome,
        activity=attempt.activity,
        kind=attempt.kind,
        source_kind="attempt",
        source_id=attempt_id,
        content_digest=attempt.content_digest,
        begun_at=attempt.started_at,
        by=by,
        now=now,
        at=min(now, attempt.deadline_at) if attempt.deadline_at else now,
    )
    if asked:
        asked.keep(standing_evidence(attempt_id).id)
    return decision


_attempts, _tallies = cast("Table", Attempt.__table__), cast("Table", Tally.__table__)
_CLOSE = (
    update(_attempts)
    .where(_attempts.c.id == bindparam("of_attempt"), _attempts.c.closed_at.is_(None))
    .values(closed_at=bindparam("at"))
    .returning(_attempts.c.id)
)
_FREE = (
    update(_tallies)
    .where(
        _tallies.c.enrolment_id == bindparam("of_enrolment"),
        _tallies.c.open_attempt_id == bindparam("of_attempt"),
    )
    .values(open_attempt_id=None)
)


def kind_of(attempt: AttemptView) -> ActivityKind:
    """The kind of an attempt.

    Raises:
        NotFoundError: If it is not installed any more.
    """
    kind = active.active().registry.kinds.get(attempt.kind)
    if kind is None:
        raise NotFoundError(_("这种活动已经停用。"))
    return kind


def unsettled(evidence_id: int) -> AttemptView:
    """The attempt behind a row of evidence. Whose it is, is the caller's question.

    Raises:
        NotFoundError: If there is no such evidence of an attempt.
    """
    row = db.session.get(Evidence, evidence_id)
    if row is None or row.source_kind != "attempt" or row.source_id is None:
        raise NotFoundError
    return get(row.source_id)


def settle(evidence_id: int, *, accepted: bool, by: int, now: datetime) -> DecisionRow | None:
    """A trainer accepts or refuses an attempt that was left unmarked.

    Raises:
        NotFoundError: If there is no such evidence of an attempt, or its kind is gone.
        ForbiddenError: If it is the trainer's own.
        ConflictError: If somebody has settled it already.
    """
    attempt = unsettled(evidence_id)
    kind = kind_of(attempt)
    if not kind.is_accepted_or_refused:
        raise NotFoundError

    def settled(row: Evidence) -> Outcome:
        if row.id != evidence_id or row.score is not None:
            raise ConflictError(_("这次结果已经有人处理了。"))
        return kind.settle(attempt, accepted=accepted, now=now)

    return supersede(attempt, settled, by=by, now=now)


def supersede(
    attempt: AttemptView, judge: Callable[[Evidence], Outcome], *, by: int, now: datetime
) -> DecisionRow | None:
    """Put another outcome of a closed attempt in the place of the one that stands.

    Args:
        attempt: A closed attempt.
        judge: Gives the outcome, from the row that stands; nobody else changes it meanwhile.
        by: Who judged.
        now: The time.

    Returns:
        The decision it led to; None when the gate had nothing new to say.

    Raises:
        NotFoundError: If the attempt has left no evidence.
        ForbiddenError: If it is one's own.
    """
    if attempt.person_id == by:
        raise ForbiddenError(_("自己的成绩要由别人确认。"))
    enrolment = decisions.locked_enrolment(attempt.enrolment_id)
    row = standing_evidence(attempt.id)
    return decisions.record(
        enrolment,
        judge(row),
        activity=row.activity,
        kind=row.kind,
        source_kind="attempt",
        source_id=row.source_id,
        content_digest=row.content_digest,
        begun_at=attempt.started_at,
        by=by,
        now=now,
        at=row.at,
        supersedes_id=row.id,
    )


def standing_evidence(attempt_id: int) -> Evidence:
    """The row of an attempt's evidence that nothing supersedes.

    Raises:
        NotFoundError: If the attempt has left none.
    """
    row = db.session.scalars(_STANDING, {"of_attempt": attempt_id}).first()
    if row is None:
        raise NotFoundError(_("这次作答还没有结果。"))
    return row


_STANDING = ledger.standing_rows().where(
    Evidence.source_kind == "attempt", Evidence.source_id == bindparam("of_attempt")
)


def overdue(now: datetime, *, grace_s: int, limit: int = 100) -> list[int]:
    """Open attempts of installed kinds whose deadline and grace are over, the oldest first."""
    return list(
        db.session.scalars(
            select(Attempt.id)
            .where(
                Attempt.closed_at.is_(None),
                Attempt.deadline_at < now - timedelta(seconds=grace_s),
                Attempt.kind.in_(active.active().registry.kinds),
            )
            .order_by(Attempt.deadline_at)
            .limit(limit)
        )
    )


def is_timed(person_id: int, *, now: datetime) -> bool:
    """Whether a person is inside an attempt with a time limit, which no idleness may end."""
    return (
        db.session.scalar(
            select(Attempt.id)
            .where(
                Attempt.person_id == person_id,
                Attempt.closed_at.is_(None),
                Attempt.deadline_at >= now,
            )
            .limit(1)
        )
        is not None
    )


def spec_of(attempt: AttemptView) -> Any:
    """The spec the attempt began with, also after the content has changed.

    Raises:
        NotFoundError: If the content of that time is missing.
    """
    return active.active().spec(
        _team_slug(attempt.team_id), attempt.revision_id, attempt.activity, attempt.content_digest
    )


def material_of(attempt: AttemptView, digest: str) -> Any:
    """A file beside the activity, as the attempt's team had it when the attempt began.

    Raises:
        NotFoundError: If the content of that time is missing.
    """
    team_slug = _team_slug(attempt.team_id)
    return active.active().material(team_slug, attempt.revision_id, digest)


def catalogue_of(attempt: AttemptView) -> Catalogue:
    """The content of an attempt's team, as published now."""
    return active.for_team(_team_slug(attempt.team_id))


def _team_slug(team_id: int) -> str:
    """A team's slug, which never changes and is read once by each process."""
    slugs: dict[int, str] = current_app.extensions.setdefault("cstrain.team_slugs", {})
    if team_id not in slugs:
        slugs[team_id] = db.session.scalars(select(Team.slug).where(Team.id == team_id)).one()
    return slugs[team_id]
