"""What the board shows of each enrolment: one statement reads all of a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select

from cstrain.core.catalogue import active
from cstrain.core.certification.models import Certificate
from cstrain.core.certification.status import Status, is_due, status_on
from cstrain.core.pathway.definition import Pathway, Stage
from cstrain.core.pathway.models import Enrolment, StageState
from cstrain.core.pathway.overview import missing_titles, stuck_words, turn_words
from cstrain.core.pathway.standing import pinned_all
from cstrain.core.pathway.stuck import Stuck, stuck
from cstrain.core.people.access import Role, TeamRef
from cstrain.core.people.models import Identity, Membership, Person
from cstrain.kit.clock import local_day
from cstrain.kit.db import db
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick


@dataclass(frozen=True, slots=True)
class Cell:
    """How somebody stands in one stage.

    Attributes:
        state: open, repeat, wait, help or passed.
        on: The day it has been in this state since.
        score: The latest score of the stage's first exam; None without one.
        lacks: What another part of the gate did not reach, in words; empty where the score says it.
        learned_count: Lessons done, of ``learn_count``.
    """

    stage: str
    title: str
    state: str
    on: date
    entered_on: date
    score: float | None
    attempt_count: int
    learned_count: int
    learn_count: int
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """The certificate somebody holds."""

    number: str
    valid_until_on: date
    status: Status
    is_due: bool


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One person on a pathway.

    Attributes:
        cells: By place in the pathway; None where it is not reached.
        stage: The title of the current stage.
        stuck: Why the person does not get on; None when it goes on.
        stuck_text: The same in words.
        turn_text: Whose turn it is, in words.
    """

    enrolment_id: int
    person_id: int
    name: str
    employee_no: str
    team: TeamRef
    batch: str
    pathway: str
    is_completed: bool
    stage: str
    cells: tuple[Cell | None, ...]
    certificate: Held | None
    stuck: Stuck | None
    stuck_text: str
    turn_text: str


def as_trainee() -> ColumnElement[bool]:
    """Joins an enrolment to its person's role as a trainee of the same team now."""
    return and_(
        Membership.team_id == Enrolment.team_id,
        Membership.person_id == Enrolment.person_id,
        Membership.role == Role.TRAINEE,
        Membership.until_at.is_(None),
    )


def read_rows(ids: Sequence[int], teams: Sequence[TeamRef], now: datetime) -> list[BoardRow]:
    """Rows of the board in the order of ``ids``; one statement for all of them."""
    if not ids:
        return []
    newest = (
        select(Certificate.id)
        .where(Certificate.person_id == Enrolment.person_id, Certificate.state != "revoked")
        .order_by(Certificate.valid_until_on.desc(), Certificate.id.desc())
        .limit(1)
        .correlate(Enrolment)
        .scalar_subquery()
    )
    found = db.session.execute(
        select(
            Enrolment.id,
            Enrolment.person_id,
            Enrolment.team_id,
            Enrolment.pathway_digest,
            Enrolment.stage.label("current"),
            Enrolment.state.label("enrolment_state"),
            Enrolment.last_activity_at,
            Identity.name,
            Person.employee_no,
            Membership.batch,
            StageState.stage,
            StageState.position,
            StageState.state,
            StageState.entered_at,
            StageState.since_at,
            StageState.score,
            StageState.attempt_count,
            StageState.learned_count,
            StageState.missing,
            Certificate.number,
            Certificate.state.label("certificate_state"),
            Certificate.valid_until_on,
        )
        .select_from(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Identity, Identity.person_id == Enrolment.person_id)
        .join(
            StageState,
            and_(StageState.enrolment_id == Enrolment.id, StageState.cycle == Enrolment.cycle),
        )
        .outerjoin(Membership, as_trainee())
        .outerjoin(Certificate, Certificate.id == newest)
        .where(Enrolment.id.in_(ids))
    ).all()
    by_id: defaultdict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in found:
        by_id[row.id].append(row)
    pathways = pinned_all(row.pathway_digest for row in found)
    refs = {team.id: team for team in teams}
    return [_row(by_id[each], pathways, refs, now) for each in ids if each in by_id]


def _row(
    stages: Sequence[Row[*tuple[Any, ...]]],
    pathways: Mapping[str, Pathway],
    teams: Mapping[int, TeamRef],
    now: datetime,
) -> BoardRow:
    first = stages[0]
    team, pathway = teams[first.team_id], pathways.get(first.pathway_digest)
    count = max(len(pathway.stages) if pathway else 0, *(row.position + 1 for row in stages))
    cells: list[Cell | None] = [None] * count
    why, why_text, current = None, "", first.current
    for row in stages:
        cell = cells[row.position] = _cell(row, pathway, team)
        if row.stage != first.current:
            continue
        current = cell.title
        if first.enrolment_state == "active":
            why = stuck(
                row.state, since_at=row.since_at, last_activity_at=row.last_activity_at, now=now
            )
        if why is not None:
            lacks = missing_titles(row.missing, active.for_team(team.slug))
            why_text = stuck_words(why, cell.title, lacks, now)
    return BoardRow(
        enrolment_id=first.id,
        person_id=first.person_id,
        name=first.name,
        employee_no=first.employee_no,
        team=team,
        batch=first.batch or "",
        pathway=pick(pathway.title) if pathway else "",
        is_completed=first.enrolment_state == "completed",
        stage=current,
        cells=tuple(cells),
        certificate=_held(first, local_day(now, team.timezone)),
        stuck=why,
        stuck_text=why_text,
        turn_text=turn_words(why.turn) if why else "",
    )


def _cell(row: Row[*tuple[Any, ...]], pathway: Pathway | None, team: TeamRef) -> Cell:
    stage = None
    if pathway is not None:
        stage = next((each for each in pathway.stages if each.slug == row.stage), None)
    return Cell(
        stage=row.stage,
        title=pick(stage.title) if stage else row.stage,
        state=row.state,
        on=local_day(row.since_at, team.timezone),
        entered_on=local_day(row.entered_at, team.timezone),
        score=row.score,
        attempt_count=row.attempt_count,
        learned_count=row.learned_count,
        learn_count=len(stage.learn) if stage else 0,
        lacks=_lacks(row, stage, team) if stage else "",
    )


def _lacks(row: Row[*tuple[Any, ...]], stage: Stage, team: TeamRef) -> str:
    """Which other exam fell short, where the score shown is one that is good enough."""
    if row.state != "repeat" or not stage.exams or stage.exams[0] in row.missing:
        return ""
    short = [slug for slug in row.missing if slug in stage.exams]
    titles = missing_titles(short, active.for_team(team.slug))
    if len(short) == 1:
        return _("%(title)s没过", title=titles)
    return _("还差%(titles)s", titles=titles)  # some of them may not be tried yet


def _held(row: Row[*tuple[Any, ...]], today: date) -> Held | None:
    if row.number is None:
        return None
    until_on: date = row.valid_until_on
    status = status_on(today, state=row.certificate_state, valid_until_on=until_on)
    return Held(row.number, until_on, status, status is Status.VALID and is_due(today, until_on))


def columns(digests: set[str]) -> list[str]:
    """Headings of the stages: their title where all pathways agree, else their place."""
    titles: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for pathway in pinned_all(digests).values():
        for position, stage in enumerate(pathway.stages):
            titles[position][pick(stage.title)] = None
    return [
        next(iter(names)) if len(names) == 1 else _("第 %(n)s 关", n=position + 1)
        for position, names in sorted(titles.items())
    ]
