"""Which people the board shows, a page at a time: one statement finds their enrolments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from cstrain.core.catalogue import active
from cstrain.core.certification.models import Certificate
from cstrain.core.certification.status import DUE_DAYS
from cstrain.core.pathway.definition import MATERIAL, Pathway
from cstrain.core.pathway.models import Enrolment, StageState
from cstrain.core.pathway.overview import current_stage, is_stuck, stuck_since
from cstrain.core.people.access import TeamRef
from cstrain.core.people.models import Identity, Membership, Person
from cstrain.kit.clock import local_day
from cstrain.kit.db import db
from cstrain.kit.i18n import pick
from cstrain.reports.board_rows import BoardRow, as_trainee, columns, read_rows
from cstrain.reports.filters import BoardFilter

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class BoardPage:
    """A page of the board, as ``ui.pagination`` wants it.

    Attributes:
        columns: The headings of the stages.
    """

    rows: Sequence[BoardRow]
    columns: Sequence[str]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(-(-self.total // PAGE_SIZE), 1)


def board_page(wanted: BoardFilter, teams: Sequence[TeamRef], now: datetime) -> BoardPage:
    """A page of the board; two statements, one more for a page too far or pathways unknown yet."""
    query = _chosen(wanted, teams, now).add_columns(func.count().over().label("total"))
    number = wanted.page
    rows = db.session.execute(query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    if not rows and number > 1:
        number = 1
        rows = db.session.execute(query.limit(PAGE_SIZE)).all()
    details = read_rows([row.id for row in rows], teams, now)
    used = {row.pathway_digest for row in rows}
    return BoardPage(details, columns(used), number, rows[0].total if rows else 0)


def board_ids(wanted: BoardFilter, teams: Sequence[TeamRef], now: datetime) -> list[int]:
    """Every enrolment that a board would show, in its order. One statement."""
    return [row.id for row in db.session.execute(_chosen(wanted, teams, now))]


def board_count(wanted: BoardFilter, teams: Sequence[TeamRef], now: datetime) -> int:
    """How many rows a board would show. One statement."""
    chosen = _chosen(wanted, teams, now).order_by(None).subquery()
    return db.session.scalar(select(func.count()).select_from(chosen)) or 0


def digests_of(teams: Sequence[TeamRef]) -> set[str]:
    """The pathways on which people of the teams are. One statement."""
    return set(
        db.session.scalars(
            select(Enrolment.pathway_digest)
            .where(Enrolment.team_id.in_([team.id for team in teams]))
            .distinct()
        )
    )


def batches(teams: Sequence[TeamRef]) -> list[str]:
    """The batches of the teams' trainees, the newest name first. One statement."""
    return list(
        db.session.scalars(
            select(Membership.batch)
            .where(
                Membership.team_id.in_([team.id for team in teams]),
                Membership.batch.is_not(None),
                Membership.until_at.is_(None),
            )
            .distinct()
            .order_by(Membership.batch.desc())
        )
    )


def stage_choices(teams: Sequence[TeamRef]) -> list[tuple[str, str]]:
    """Slug and title of every stage the teams' published pathways have, each once, in order."""
    titles: dict[str, dict[str, None]] = {}
    for team in teams:
        pathways: Sequence[Pathway] = active.for_team(team.slug).materials.get(MATERIAL, ())
        for pathway in pathways:
            for stage in pathway.stages:
                titles.setdefault(stage.slug, {})[pick(stage.title)] = None
    return [(slug, " / ".join(names)) for slug, names in titles.items()]


def _chosen(
    wanted: BoardFilter, teams: Sequence[TeamRef], now: datetime
) -> Select[*tuple[Any, ...]]:
    """The enrolments of a filter in its order: of each person in a team the newest."""
    later = aliased(Enrolment)
    query = (
        select(Enrolment.id, Enrolment.pathway_digest)
        .join(Membership, as_trainee())
        .where(
            Enrolment.team_id.in_([team.id for team in teams]),
            Enrolment.state != "stopped",
            ~exists().where(
                later.person_id == Enrolment.person_id,
                later.team_id == Enrolment.team_id,
                later.state != "stopped",
                later.id > Enrolment.id,
            ),
        )
    )
    if wanted.batch:
        query = query.where(Membership.batch == wanted.batch)
    if wanted.stage:
        query = query.where(Enrolment.stage == wanted.stage, Enrolment.state == "active")
    if wanted.q or wanted.sort == "number":
        query = query.join(Person, Person.id == Enrolment.person_id)
    if wanted.q:
        query = query.join(Identity, Identity.person_id == Enrolment.person_id).where(
            or_(
                Identity.name.icontains(wanted.q, autoescape=True),
                Person.employee_no.icontains(wanted.q, autoescape=True),
            )
        )
    if wanted.stuck or wanted.state in _STAGE_STATES or wanted.sort in {"since", "stage"}:
        query = query.join(StageState, current_stage())
    if wanted.stuck:
        query = query.where(Enrolment.state == "active", is_stuck(now))
    if wanted.state in _STAGE_STATES:
        states = _STAGE_STATES[wanted.state]
        query = query.where(Enrolment.state == "active", StageState.state.in_(states))
    elif wanted.state == "completed":
        query = query.where(Enrolment.state == "completed")
    elif wanted.state == "due":
        query = query.where(_is_due(teams, now))
    return query.order_by(*_order(wanted.sort), Enrolment.id)


_STAGE_STATES = {"open": ("open",), "repeat": ("repeat",), "waiting": ("help", "wait")}


def _last_day() -> ScalarSelect[date]:
    """The last day on which a person holds a valid certificate."""
    return (
        select(func.max(Certificate.valid_until_on))
        .where(Certificate.person_id == Enrolment.person_id, Certificate.state == "valid")
        .correlate(Enrolment)
        .scalar_subquery()
    )


def _is_due(teams: Sequence[TeamRef], now: datetime) -> ColumnElement[bool]:
    """Whether that day lies within the next seven, as each team counts days."""
    by_day: defaultdict[date, list[int]] = defaultdict(list)
    for team in teams:
        by_day[local_day(now, team.timezone)].append(team.id)
    last = _last_day()
    return or_(
        *(
            and_(Enrolment.team_id.in_(ids), last >= day, last < day + timedelta(days=DUE_DAYS))
            for day, ids in by_day.items()
        )
    )


def _order(sort: str) -> Sequence[Any]:
    if sort == "since":
        return (Enrolment.state, stuck_since())  # active before completed
    if sort == "stage":
        return (Enrolment.state.desc(), StageState.position.desc(), StageState.since_at)
    if sort == "expiry":
        return (_last_day().asc().nulls_last(),)
    return (Person.employee_no.asc(),)


def chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """The ids in pieces that one statement can take."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
