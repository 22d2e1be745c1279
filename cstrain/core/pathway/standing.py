"""Where a person stands: one reading of enrolment, stage and tallies, for pages and locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from flask import g
from sqlalchemy import Executable, bindparam, func, select

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.models import ContentBlob
from cstrain.core.catalogue.sources import File, open_source
from cstrain.core.evidence import ledger
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.core.pathway.definition import MATERIAL, Pathway, Stage, load
from cstrain.core.pathway.locks import NO_TALLY, Lock, Place, TallyView, lock_of
from cstrain.core.pathway.models import DecisionRow, Enrolment, StageState, Tally
from cstrain.core.people.access import teams_looked_into
from cstrain.core.people.models import Team
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, run
from cstrain.kit.errors import LockedError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext, pick, soon


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage the enrolment has reached.

    Attributes:
        missing: The activities that its gate still lacks, and the sign-off slot.
        is_held: Whether a person has said to stop here.
    """

    stage: str
    position: int
    state: str
    entered_at: datetime
    since_at: datetime
    score: float | None
    attempt_count: int
    learned_count: int
    decision_id: int | None
    missing: tuple[str, ...] = ()
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """An enrolment as pages need it.

    Attributes:
        stages: The reached stages by their place in the pinned pathway.
        tallies: Activity → how the enrolment stands with it, in the current cycle.
        newest_evidence_id: The newest row of the cycle; None before the first.
    """

    enrolment_id: int
    person_id: int
    team_id: int
    team_slug: str
    cycle: int
    state: str
    started_at: datetime
    pathway: Pathway
    position: int
    stages: Mapping[int, StageView]
    tallies: Mapping[str, TallyView] = field(default_factory=dict)
    newest_evidence_id: int | None = None

    @property
    def stage(self) -> Stage:
        """The current stage."""
        return self.pathway.stages[self.position]

    @property
    def is_completed(self) -> bool:
        """Whether the last gate is passed."""
        return self.state == "completed"

    def tally(self, activity: str) -> TallyView:
        """How it stands with one activity."""
        return self.tallies.get(activity, NO_TALLY)

    def lock(self, activity: str, *, is_exam: bool, now: datetime) -> Lock | None:
        """Why an activity is closed; None when it is open."""
        place = Place(
            pathway=self.pathway,
            position=self.position,
            is_completed=self.is_completed,
            tallies=self.tallies,
            lacking=self.stages[self.position].missing,
            is_held=self.stages[self.position].is_held,
        )
        return lock_of(place, activity, is_exam=is_exam, now=now)

    @property
    def has_open_plan(self) -> bool:
        """Whether a step of a retraining plan is still to do."""
        return any(tally.open_plan_count for tally in self.tallies.values())

    def evidence(self) -> tuple[EvidenceView, ...]:
        """What stands for the cycle, oldest first. One statement, or none where it is known.

        One more where a gate looks at days: then the person's work in the team counts, too.
        """
        own = ledger.as_of(self.enrolment_id, self.cycle, self.newest_evidence_id)
        if not self.pathway.looks_at_days:
            return own
        who = (self.team_id, self.person_id)
        return ledger.joined(own, ledger.at_work([who]).get(who, ()))

    def catalogue(self) -> Catalogue:
        """The content of the enrolment's team."""
        return active.for_team(self.team_slug)


_COLUMNS = (
    Enrolment.id,
    Enrolment.person_id,
    Enrolment.team_id,
    Team.slug.label("team_slug"),
    Enrolment.pathway_digest,
    Enrolment.stage.label("current"),
    Enrolment.cycle,
    Enrolment.state.label("enrolment_state"),
    Enrolment.started_at,
    StageState.stage,
    StageState.position,
    StageState.state,
    StageState.entered_at,
    StageState.since_at,
    StageState.score,
    StageState.attempt_count,
    StageState.learned_count,
    StageState.decision_id,
    StageState.missing,
    DecisionRow.by_person_id.label("decided_by"),
    select(func.max(Evidence.id))
    .where(Evidence.enrolment_id == Enrolment.id, Evidence.cycle == Enrolment.cycle)
    .correlate(Enrolment)
    .scalar_subquery()
    .label("newest_evidence_id"),
)
_newest = (
    select(Enrolment.id)
    .where(Enrolment.person_id == bindparam("person_id"), Enrolment.state != "stopped")
    .order_by((Enrolment.state == "active").desc(), Enrolment.id.desc())
    .limit(1)
)
_newest_there = _newest.where(Enrolment.team_id.in_(bindparam("team_ids", expanding=True)))
_BASE = (
    select(*_COLUMNS)
    .select_from(Enrolment)
    .join(Team, Team.id == Enrolment.team_id)
    .join(
        StageState,
        (StageState.enrolment_id == Enrolment.id) & (StageState.cycle == Enrolment.cycle),
    )
    .outerjoin(DecisionRow, DecisionRow.id == StageState.decision_id)
)
_OF_PERSON = _BASE.where(Enrolment.id == _newest.scalar_subquery())
_OF_PERSON_THERE = _BASE.where(Enrolment.id == _newest_there.scalar_subquery())
_BY_ID = _BASE.where(Enrolment.id == bindparam("enrolment_id"))
_TALLIES: Executable = select(
    Tally.activity,
    Tally.attempt_count,
    Tally.open_attempt_id,
    Tally.done_at,
    Tally.latest_score,
    Tally.best_score,
    Tally.latest_attempt_id,
    Tally.retry_at,
    Tally.open_plan_count,
    Tally.extra_attempt_count,
).where(Tally.enrolment_id == bindparam("enrolment_id"), Tally.cycle == bindparam("cycle"))


def of_person(person_id: int) -> Standing | None:
    """Where a person stands on the newest active pathway, else on the newest completed one.

    Two statements; within a request they are asked once. None without a pathway. Who looks
    through a trainee's eyes sees what is of their own teams.
    """
    cache: dict[int, Standing | None] = g.setdefault("cstrain_standings", {})
    if person_id not in cache:
        team_ids = teams_looked_into()
        statement = _OF_PERSON if team_ids is None else _OF_PERSON_THERE
        limits = {} if team_ids is None else {"team_ids": team_ids}
        cache[person_id] = _read(statement, {"person_id": person_id, **limits})
    return cache[person_id]


def of_enrolment(enrolment_id: int) -> Standing:
    """Where an enrolment stands, read afresh. Two statements.

    Raises:
        NotFoundError: If there is no such enrolment.
    """
    found = _read(_BY_ID, {"enrolment_id": enrolment_id})
    if found is None:
        raise NotFoundError
    return found


def forget() -> None:
    """Drop what this request has read, after a write."""
    g.pop("cstrain_standings", None)


def _read(statement: Executable, values: Mapping[str, object]) -> Standing | None:
    rows = run(statement, values).all()
    if not rows:
        return None
    first = rows[0]
    pathway = pinned(first.pathway_digest)
    # Another version may have moved or dropped stages since they were passed.
    places = {stage.slug: place for place, stage in enumerate(pathway.stages)}
    stages = {
        places[row.stage]: StageView(
            row.stage,
            places[row.stage],
            row.state,
            row.entered_at,
            row.since_at,
            row.score,
            row.attempt_count,
            row.learned_count,
            row.decision_id,
            tuple(row.missing),
            row.state == "help" and row.decided_by is not None,
        )
        for row in rows
        if row.stage in places
    }
    tallies = run(_TALLIES, {"enrolment_id": first.id, "cycle": first.cycle})
    return Standing(
        enrolment_id=first.id,
        person_id=first.person_id,
        team_id=first.team_id,
        team_slug=first.team_slug,
        cycle=first.cycle,
        state=first.enrolment_state,
        started_at=first.started_at,
        pathway=pathway,
        position=places[first.current],
        stages=stages,
        tallies={row[0]: TallyView(*row[1:]) for row in tallies},
        newest_evidence_id=first.newest_evidence_id,
    )


_pinned: dict[str, Pathway] = {}


def pinned(digest: str) -> Pathway:
    """The pathway of a digest, as it was when pinned; kept in memory after the first look.

    Raises:
        NotFoundError: If the blob is missing, which a restored database could cause.
    """
    found = pinned_all([digest]).get(digest)
    if found is None:
        raise NotFoundError(_("找不到这条路径当时的内容。"))
    return found


def pinned_all(digests: Iterable[str]) -> Mapping[str, Pathway]:
    """The pathways of several digests, in at most one statement; missing blobs are left out."""
    wanted = set(digests)
    unread = wanted - _pinned.keys()
    if unread:
        rows = db.session.execute(
            select(ContentBlob.digest, ContentBlob.body).where(ContentBlob.digest.in_(unread))
        )
        for digest, body in rows:
            _pinned[digest] = load(open_source("pathways/pinned.yaml", File(digest, body), {}))
    return {digest: _pinned[digest] for digest in wanted if digest in _pinned}


def is_published(catalogue: Catalogue, slug: str) -> bool:
    """Whether a pathway of this slug is published now."""
    pathways: Sequence[Pathway] = catalogue.materials.get(MATERIAL, ())
    return any(pathway.slug == slug for pathway in pathways)


def published(catalogue: Catalogue, slug: str) -> Pathway:
    """The pathway as published now.

    Raises:
        NotFoundError: If there is none of this slug.
    """
    pathways: Sequence[Pathway] = catalogue.materials.get(MATERIAL, ())
    for pathway in pathways:
        if pathway.slug == slug:
            return pathway
    raise NotFoundError(_("没有路径 %(slug)s。", slug=slug))


def lock_words(lock: Lock, pathway: Pathway | None) -> str:
    """A lock in words that say what to do."""
    if lock.code == "stage_locked" and pathway is not None and lock.stage is not None:
        before = pathway.stages[max(pathway.position(lock.stage) - 1, 0)]
        return _("先通过“%(gate)s”，这里就会打开。", gate=pick(before.gate.title))
    if lock.code == "learn_first":
        return ngettext("还有 %(count)s 课没学完，学完就能开始。", lock.count)
    if lock.code == "plan_open":
        return ngettext("补学还剩 %(count)s 步，做完就能再考。", lock.count)
    if lock.code == "too_early" and lock.until is not None:
        return _("%(time)s 之后可以再考。", time=soon(lock.until, utc_now()))
    words = {
        "no_enrolment": _("你还没有进入培训路径，请带教老师安排。"),
        "not_on_path": _("这项不在你的培训路径里。"),
        "stage_passed": _("这一关已经通过，不用再考。"),
        "held": _("带教老师让你先停一下，等老师处理。"),
        "met": _("这项已经达到要求，不用再考。"),
        "used_up": _("次数用完了，等带教老师决定。"),
    }
    return words.get(lock.code, _("现在还不能开始。"))


def refuse(lock: Lock, pathway: Pathway | None) -> NoReturn:
    """Say why something is locked.

    Raises:
        LockedError: Always.
    """
    raise LockedError(lock_words(lock, pathway))
