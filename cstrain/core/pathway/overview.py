"""Reads over many trainees: how many are on their way, and who is stuck on what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.pathway.models import Enrolment, StageState
from cstrain.core.pathway.standing import pinned_all
from cstrain.core.pathway.stuck import IDLE_PATIENCE, REPEAT_PATIENCE, Stuck, Turn, stuck
from cstrain.core.pathway.words import title_of
from cstrain.core.people.models import Identity, Person, Team
from cstrain.kit.db import run
from cstrain.kit.i18n import duration, pick
from cstrain.kit.i18n import gettext as _

_TITLES_SHOWN = 3


def current_stage() -> ColumnElement[bool]:
    """Joins an enrolment to the row of its current stage."""
    return and_(
        StageState.enrolment_id == Enrolment.id,
        StageState.cycle == Enrolment.cycle,
        StageState.stage == Enrolment.stage,
    )


def is_stuck(now: datetime | None = None) -> ColumnElement[bool]:
    """``stuck.stuck`` as a condition on an active enrolment and its current stage.

    Without a time the condition belongs to a prepared statement, run with ``_since(now)``.
    """
    slow: Any = bindparam("slow_since") if now is None else now - REPEAT_PATIENCE
    idle: Any = bindparam("idle_since") if now is None else now - IDLE_PATIENCE
    return or_(
        StageState.state.in_(("help", "wait")),
        and_(StageState.state == "repeat", StageState.since_at < slow),
        and_(
            StageState.state == "open",
            Enrolment.last_activity_at < idle,
            StageState.since_at < idle,
        ),
    )


def _since(now: datetime) -> dict[str, datetime]:
    return {"slow_since": now - REPEAT_PATIENCE, "idle_since": now - IDLE_PATIENCE}


def stuck_since() -> ColumnElement[datetime]:
    """Since when nothing has moved, for those who are stuck."""
    was_idle = and_(StageState.state == "open", Enrolment.last_activity_at > StageState.since_at)
    return case((was_idle, Enrolment.last_activity_at), else_=StageState.since_at)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many are on their way, how many of them are stuck, and wait for a trainer."""

    active_count: int
    stuck_count: int
    waiting_count: int


_team_ids: Any = bindparam("team_ids", expanding=True)
_PROGRESS = (
    select(
        func.count(),
        func.coalesce(func.sum(case((is_stuck(), 1), else_=0)), 0),
        func.coalesce(func.sum(case((StageState.state.in_(("help", "wait")), 1), else_=0)), 0),
    )
    .select_from(Enrolment)
    .join(StageState, current_stage())
    .where(Enrolment.team_id.in_(_team_ids), Enrolment.state == "active")
)


def progress(team_ids: Sequence[int], now: datetime) -> Progress:
    """The counts of some teams. One statement."""
    return Progress(*run(_PROGRESS, {"team_ids": team_ids, **_since(now)}).one())


@dataclass(frozen=True, slots=True)
class StuckRow:
    """Somebody who is stuck.

    Attributes:
        stage: The stage's title.
        text: On what and since when, in words.
        turn: Whose turn it is, in words.
    """

    enrolment_id: int
    person_id: int
    name: str
    employee_no: str
    team_id: int
    stage: str
    stuck: Stuck
    text: str
    turn: str


_STUCK = (
    select(
        Enrolment.id,
        Enrolment.person_id,
        Identity.name,
        Person.employee_no,
        Enrolment.team_id,
        Team.slug,
        Enrolment.pathway_digest,
        StageState.stage,
        StageState.state,
        StageState.missing,
        StageState.since_at,
        Enrolment.last_activity_at,
    )
    .select_from(Enrolment)
    .join(StageState, current_stage())
    .join(Person, Person.id == Enrolment.person_id)
    .join(Identity, Identity.person_id == Enrolment.person_id)
    .join(Team, Team.id == Enrolment.team_id)
    .where(Enrolment.team_id.in_(_team_ids), Enrolment.state == "active", is_stuck())
    .order_by(stuck_since(), Enrolment.id)
    .limit(bindparam("most"))
)


def stuck_people(team_ids: Sequence[int], now: datetime, limit: int = 20) -> list[StuckRow]:
    """Who is stuck, the longest first. One statement, and one for pathways not yet in memory."""
    rows = run(_STUCK, {"team_ids": team_ids, "most": limit, **_since(now)}).all()
    titles = StageTitles({row.pathway_digest for row in rows})
    found = []
    for row in rows:
        why = stuck(
            row.state, since_at=row.since_at, last_activity_at=row.last_activity_at, now=now
        )
        if why is None:
            continue
        stage = titles.of(row.pathway_digest, row.stage)
        missing = missing_titles(row.missing, active.for_team(row.slug))
        found.append(
            StuckRow(
                row.id,
                row.person_id,
                row.name,
                row.employee_no,
                row.team_id,
                stage,
                why,
                stuck_words(why, stage, missing, now),
                turn_words(why.turn),
            )
        )
    return found


class StageTitles:
    """The titles of stages of several pinned pathways, read in at most one statement."""

    def __init__(self, digests: set[str]) -> None:
        self.pathways = pinned_all(digests)

    def of(self, digest: str, stage: str) -> str:
        """A stage's title in the reader's language; its slug when the pathway is gone."""
        pathway = self.pathways.get(digest)
        found = [each for each in pathway.stages if each.slug == stage] if pathway else []
        return pick(found[0].title) if found else stage


def missing_titles(missing: Sequence[str], catalogue: Catalogue) -> str:
    """What a gate lacks, by title, as one text; signatures and lessons are left out."""
    names = [title_of(slug, catalogue) for slug in missing if not slug.startswith("sign-off:")]
    shown = _("、").join(names[:_TITLES_SHOWN])
    return shown if len(names) <= _TITLES_SHOWN else _("%(titles)s等", titles=shown)


def stuck_words(why: Stuck, stage: str, missing: str, now: datetime) -> str:
    """On what somebody is stuck and since when, in words."""
    time = duration((now - why.since_at).total_seconds())
    values: Mapping[str, Any] = {"stage": stage, "time": time, "missing": missing}
    if why.code == "help":
        return _("%(stage)s：没有通过，要带教老师决定，已经等了 %(time)s", **values)
    if why.code == "wait":
        return _("%(stage)s：自己的都做完了，等带教老师确认，已经等了 %(time)s", **values)
    if why.code == "slow_repeat":
        return (
            _("%(stage)s：补学 %(time)s还没过，差%(missing)s", **values)
            if missing
            else _("%(stage)s：补学 %(time)s还没做完", **values)
        )
    return (
        _("%(stage)s：%(time)s没有动静，还差%(missing)s", **values)
        if missing
        else _("%(stage)s：%(time)s没有动静", **values)
    )


def turn_words(turn: Turn) -> str:
    """Whose turn it is, in words."""
    return _("轮到带教老师") if turn is Turn.TRAINER else _("轮到学员自己")
