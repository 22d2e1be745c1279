"""Everything that was shown and decided about one person: five statements, however much it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select
from sqlalchemy.orm import aliased

from cstrain.core.catalogue import active
from cstrain.core.certification.models import Certificate
from cstrain.core.certification.status import Status, status_on
from cstrain.core.pathway.definition import Pathway
from cstrain.core.pathway.models import DecisionRow, Enrolment, Grant, StageState, VersionMove
from cstrain.core.pathway.standing import pinned_all
from cstrain.core.pathway.verdicts import finding_from_json
from cstrain.core.pathway.words import Line, lines, title_of
from cstrain.core.people.models import Identity, Membership, Person, Team
from cstrain.kit.clock import local_day
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick
from cstrain.reports.evidence import EvidencePage, evidence_page

DECISIONS_SHOWN = 300


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage that was reached."""

    slug: str
    title: str
    cycle: int
    state: str
    entered_at: datetime
    since_at: datetime
    score: float | None
    attempt_count: int


@dataclass(frozen=True, slots=True)
class Decided:
    """Something decided: by the gate, by hand, an attempt given, or a move to another version.

    Attributes:
        what: ``gate``, ``hand``, ``grant`` or ``move``.
        title: The stage's gate, the activity of a grant, or the two versions of a move.
        by_name: Who decided by hand; empty for the gate.
        state: in_force, proposed or declined.
        lines: The findings in words.
    """

    what: str
    title: str
    reason: str
    by_name: str
    at: datetime
    verdict: str = ""
    second_name: str = ""
    state: str = "in_force"
    is_single_handed: bool = False
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """A certificate of this pathway."""

    number: str
    title: str
    status: Status
    valid_until_on: date


@dataclass(slots=True)
class Path:
    """One enrolment with what belongs to it, the newest decision first.

    Attributes:
        learn: What any stage of the pathway asks to be learned.
        exams: What any gate of it judges besides.
    """

    enrolment_id: int
    title: str
    team_name: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    stages: list[StageLine] = field(default_factory=list)
    ahead: list[str] = field(default_factory=list)
    certificates: list[CertificateLine] = field(default_factory=list)
    decisions: list[Decided] = field(default_factory=list)
    learn: frozenset[str] = frozenset()
    exams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """One person's record."""

    person_id: int
    name: str
    employee_no: str
    paths: Sequence[Path]
    evidence: EvidencePage


def record(
    person_id: int, team_ids: Sequence[int] | None, *, page: int, me: int, now: datetime
) -> Record:
    """What a viewer may see of a person.

    Args:
        person_id: Whose record.
        team_ids: The teams whose part is shown; None for all, which is one's own view.
        page: The page of the evidence, from 1.
        me: Who looks.
        now: The time of the question.

    Raises:
        NotFoundError: If the person has, or had, nothing to do with these teams.
    """
    rows = _paths(person_id, team_ids)
    if not rows:
        raise NotFoundError(_("没有这个人，或者不在你的店里。"))
    first = rows[0]
    paths: dict[int, Path] = {}
    digests = {row.pathway_digest for row in rows if row.id is not None}
    pathways = pinned_all(digests)
    slugs: dict[int, str] = {}
    for row in rows:
        if row.id is None:
            continue
        pathway = pathways.get(row.pathway_digest)
        slugs[row.id] = row.slug
        path = paths.setdefault(
            row.id,
            Path(
                row.id,
                pick(pathway.title) if pathway else row.pathway,
                row.team_name,
                row.enrolment_state,
                row.started_at,
                row.ended_at,
            ),
        )
        _add_stage(path, row, pathway)
        _add_certificate(path, row, now)
        if pathway:
            path.learn = frozenset(slug for stage in pathway.stages for slug in stage.learn)
            judged = frozenset(slug for stage in pathway.stages for slug in stage.exams)
            path.exams = judged - path.learn
        if pathway and path.state == "active":
            reached = {stage.slug for stage in path.stages}
            path.ahead = [pick(each.title) for each in pathway.stages if each.slug not in reached]
    _add_decisions(paths, slugs)
    return Record(
        first.person_id,
        first.name,
        first.employee_no,
        tuple(paths.values()),
        evidence_page(person_id, team_ids, page, me=me),
    )


def _paths(person_id: int, team_ids: Sequence[int] | None) -> Sequence[Row[*tuple[Any, ...]]]:
    """The person, joined with enrolments, stages and certificates, the newest first."""
    joins: ColumnElement[bool] = Enrolment.person_id == Person.id
    known: ColumnElement[bool] = Person.id == person_id
    if team_ids is not None:
        joins = and_(joins, Enrolment.team_id.in_(team_ids))
        member = exists().where(Membership.person_id == Person.id, Membership.team_id.in_(team_ids))
        known = and_(known, or_(member, Enrolment.id.is_not(None)))
    return db.session.execute(
        select(
            Person.id.label("person_id"),
            Identity.name,
            Person.employee_no,
            Enrolment.id,
            Enrolment.pathway,
            Enrolment.pathway_digest,
            Enrolment.state.label("enrolment_state"),
            Enrolment.started_at,
            Enrolment.ended_at,
            Team.name.label("team_name"),
            Team.slug,
            Team.timezone,
            StageState.cycle,
            StageState.stage,
            StageState.position,
            StageState.state,
            StageState.entered_at,
            StageState.since_at,
            StageState.score,
            StageState.attempt_count,
            Certificate.number,
            Certificate.title,
            Certificate.state.label("certificate_state"),
            Certificate.valid_until_on,
        )
        .select_from(Person)
        .join(Identity, Identity.person_id == Person.id)
        .outerjoin(Enrolment, joins)
        .outerjoin(Team, Team.id == Enrolment.team_id)
        .outerjoin(StageState, StageState.enrolment_id == Enrolment.id)
        .outerjoin(
            Certificate,
            and_(Certificate.person_id == Person.id, Certificate.enrolment_id == Enrolment.id),
        )
        .where(known)
        .order_by(Enrolment.id.desc(), StageState.cycle, StageState.position, Certificate.id)
    ).all()


def _add_stage(path: Path, row: Row[*tuple[Any, ...]], pathway: Pathway | None) -> None:
    if row.stage is None or any(
        (each.cycle, each.slug) == (row.cycle, row.stage) for each in path.stages
    ):
        return
    known = [stage for stage in pathway.stages if stage.slug == row.stage] if pathway else []
    path.stages.append(
        StageLine(
            row.stage,
            pick(known[0].title) if known else row.stage,
            row.cycle,
            row.state,
            row.entered_at,
            row.since_at,
            row.score,
            row.attempt_count,
        )
    )


def _add_certificate(path: Path, row: Row[*tuple[Any, ...]], now: datetime) -> None:
    if row.number is None or any(each.number == row.number for each in path.certificates):
        return
    today = local_day(now, row.timezone)
    status = status_on(today, state=row.certificate_state, valid_until_on=row.valid_until_on)
    path.certificates.append(
        CertificateLine(row.number, pick(row.title), status, row.valid_until_on)
    )


def _add_decisions(paths: Mapping[int, Path], slugs: Mapping[int, str]) -> None:
    """Decisions of the gates and of people, attempts given, and moves: three statements.

    One more where they were decided under versions that this process has not read yet.
    """
    author, second = aliased(Identity), aliased(Identity)
    decisions = db.session.execute(
        select(DecisionRow, author.name, second.name)
        .outerjoin(author, author.person_id == DecisionRow.by_person_id)
        .outerjoin(second, second.person_id == DecisionRow.second_person_id)
        .where(DecisionRow.enrolment_id.in_(list(paths)))
        .order_by(DecisionRow.id.desc())
        .limit(DECISIONS_SHOWN)
    ).all()
    gates = {
        (digest, stage.slug): pick(stage.gate.title)
        for digest, pathway in pinned_all(row[0].pathway_digest for row in decisions).items()
        for stage in pathway.stages
    }
    found: defaultdict[int, list[Decided]] = defaultdict(list)
    for row, by_name, second_name in decisions:
        catalogue = active.for_team(slugs[row.enrolment_id])
        found[row.enrolment_id].append(
            Decided(
                "gate" if row.by_person_id is None else "hand",
                gates.get((row.pathway_digest, row.stage), row.stage),
                row.reason,
                by_name or "",
                row.at,
                verdict=row.verdict,
                second_name=second_name or "",
                state=row.state,
                is_single_handed=row.is_single_handed,
                lines=[
                    replace(line, url=None)  # what could be done about it then is past
                    for line in lines(finding_from_json(row.findings), catalogue)
                ],
            )
        )
    grants = db.session.execute(
        select(Grant.enrolment_id, Grant.activity, Grant.reason, Identity.name, Grant.at)
        .join(Identity, Identity.person_id == Grant.by_person_id)
        .where(Grant.enrolment_id.in_(list(paths)))
        .order_by(Grant.id.desc())
        .limit(DECISIONS_SHOWN)
    ).all()
    for enrolment_id, activity, reason, by_name, at in grants:
        title = title_of(activity, active.for_team(slugs[enrolment_id]))
        found[enrolment_id].append(Decided("grant", title, reason, by_name, at))
    moves = db.session.execute(
        select(VersionMove, Identity.name)
        .join(Identity, Identity.person_id == VersionMove.by_person_id)
        .where(VersionMove.enrolment_id.in_(list(paths)))
        .order_by(VersionMove.id.desc())
        .limit(DECISIONS_SHOWN)
    ).all()
    for move, by_name in moves:
        # As many characters as tell two versions apart for people.
        title = f"{move.from_digest[:8]} → {move.to_digest[:8]}"
        found[move.enrolment_id].append(Decided("move", title, move.reason, by_name, move.at))
    for enrolment_id, path in paths.items():
        path.decisions = sorted(found[enrolment_id], key=lambda each: each.at, reverse=True)
