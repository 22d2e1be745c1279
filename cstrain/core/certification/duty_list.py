"""Who may work today: how many in each team, and the list of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from cstrain.core.certification.models import Certificate
from cstrain.core.certification.status import DUE_DAYS, is_due
from cstrain.core.people.models import Identity, Membership, Person, Team
from cstrain.kit.clock import local_day, week_start
from cstrain.kit.db import db
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext

#: People on a page of the duty list; on paper all stand.
DUTY_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class DutyCount:
    """How a team stands today.

    Attributes:
        on_duty_count: Who works there now and holds a certificate that is good today.
        needed_count: How many a day needs; 0 where nobody has said so.
        this_week_count: Of those on duty, whose last certificate ends by Sunday.
        due_count: Of those on duty, whose last certificate ends within seven days.
    """

    team_id: int
    on_duty_count: int
    needed_count: int
    this_week_count: int
    due_count: int

    @property
    def missing_count(self) -> int:
        """How many are missing today."""
        return max(self.needed_count - self.on_duty_count, 0)


def duty_counts(team_ids: Sequence[int], now: datetime) -> list[DutyCount]:
    """How the teams stand today, each in its own time zone. One statement."""
    # Nowhere on earth is it more than a day earlier or later than in UTC; days beyond what is
    # asked for are counted as one, so that the answer stays short whatever the team's size.
    day = now.astimezone(UTC).date()
    far = day + timedelta(days=DUE_DAYS + 2)
    held = (
        select(
            Membership.team_id,
            Membership.person_id,
            func.max(Certificate.valid_until_on).label("until_on"),
        )
        .join(Person, Person.id == Membership.person_id)
        .join(Certificate, Certificate.person_id == Membership.person_id)
        .where(
            Membership.team_id.in_(team_ids),
            Membership.until_at.is_(None),
            Person.left_at.is_(None),
            Certificate.state == "valid",
            Certificate.valid_until_on >= day - timedelta(days=1),
        )
        .group_by(Membership.team_id, Membership.person_id)
        .subquery()
    )
    until_on = case((held.c.until_on > far, far), else_=held.c.until_on).label("until_on")
    rows = db.session.execute(
        select(
            Team.id,
            Team.timezone,
            Team.needed_on_duty_count,
            until_on,
            func.count(held.c.person_id).label("people_count"),
        )
        .outerjoin(held, held.c.team_id == Team.id)
        .where(Team.id.in_(team_ids))
        .group_by(Team.id, Team.timezone, Team.needed_on_duty_count, until_on)
        .order_by(Team.id)
    ).all()
    by_team: defaultdict[tuple[int, str, int], list[tuple[date, int]]] = defaultdict(list)
    for row in rows:
        ends = by_team[row.id, row.timezone, row.needed_on_duty_count]
        if row.until_on is not None:
            ends.append((row.until_on, row.people_count))
    return [_counted(*team, ends, now) for team, ends in by_team.items()]


def _counted(
    team_id: int, timezone: str, needed: int, ends: Sequence[tuple[date, int]], now: datetime
) -> DutyCount:
    today = local_day(now, timezone)
    sunday = week_start(today) + timedelta(days=6)
    good = [(until_on, count) for until_on, count in ends if until_on >= today]
    due = today + timedelta(days=DUE_DAYS)
    return DutyCount(
        team_id=team_id,
        on_duty_count=sum(count for _until, count in good),
        needed_count=needed,
        this_week_count=sum(count for until_on, count in good if until_on <= sunday),
        due_count=sum(count for until_on, count in good if until_on < due),
    )


def duty_sentence(team_ids: Sequence[int], now: datetime) -> str:
    """Monday's answer: 今天可上岗 23 人，缺 2 人，3 人本周到期. One statement."""
    return sentence_of(duty_counts(team_ids, now))


def sentence_of(counts: Sequence[DutyCount]) -> str:
    """The counts of some teams as one sentence; what is nought is left out."""
    missing = sum(each.missing_count for each in counts)
    this_week = sum(each.this_week_count for each in counts)
    parts = [ngettext("今天可上岗 %(count)s 人", sum(each.on_duty_count for each in counts))]
    if missing:
        parts.append(ngettext("缺 %(count)s 人", missing))
    elif any(each.needed_count for each in counts):
        parts.append(_("人手够"))
    if this_week:
        parts.append(ngettext("%(count)s 人本周到期", this_week))
    return _("%(text)s。", text=_("，").join(parts))


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody who may work today.

    Attributes:
        queues: What the valid certificates are good for, each once; empty means everything.
        number: The certificate that ends last.
        is_due: Whether that one ends within seven days.
    """

    person_id: int
    name: str
    employee_no: str
    queues: Sequence[Mapping[str, str]]
    number: str
    valid_until_on: date
    is_due: bool


@dataclass(frozen=True, slots=True)
class DutyPage:
    """A page of who may work today, as ``ui.pagination`` wants it.

    Attributes:
        first: The place of the first one in the whole list, from 1.
    """

    people: Sequence[OnDuty]
    number: int
    total: int
    first: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(-(-self.total // DUTY_PAGE_SIZE), 1)


def on_duty(team_id: int, *, today: date) -> list[OnDuty]:
    """Everybody who may work in a team today, by employee number. One statement."""
    people, _total = _read_duty(_on_duty(team_id, today), today)
    return people


def duty_page(
    team_id: int, *, today: date, q: str = "", is_due: bool = False, number: int = 1
) -> DutyPage:
    """A page of them; one statement, one more for a page too far.

    Args:
        team_id: The team.
        today: The team's day.
        q: Part of a name or an employee number.
        is_due: Only those whose last certificate ends within seven days.
        number: The page, from 1.
    """
    chosen = _on_duty(team_id, today, q=q, is_due=is_due).limit(DUTY_PAGE_SIZE)
    first = (number - 1) * DUTY_PAGE_SIZE
    people, total = _read_duty(chosen.offset(first), today)
    if not people and number > 1:
        number, first = 1, 0
        people, total = _read_duty(chosen, today)
    return DutyPage(people, number, total, first + 1)


def _on_duty(
    team_id: int, today: date, *, q: str = "", is_due: bool = False
) -> Select[*tuple[Any, ...]]:
    """Who may work in a team today, by employee number, and how many they are."""
    chosen = (
        select(
            Person.id,
            Person.employee_no,
            Identity.name,
            func.count().over().label("total"),
        )
        .join(Identity, Identity.person_id == Person.id)
        .where(
            Person.left_at.is_(None),
            exists().where(
                Membership.person_id == Person.id,
                Membership.team_id == team_id,
                Membership.until_at.is_(None),
            ),
            exists().where(Certificate.person_id == Person.id, *_is_good(today)),
        )
        .order_by(Person.employee_no)
    )
    if q:
        chosen = chosen.where(
            or_(
                Identity.name.icontains(q, autoescape=True),
                Person.employee_no.icontains(q, autoescape=True),
            )
        )
    if is_due:
        later = Certificate.valid_until_on >= today + timedelta(days=DUE_DAYS)
        chosen = chosen.where(
            ~exists().where(Certificate.person_id == Person.id, *_is_good(today), later)
        )
    return chosen


def _is_good(today: date) -> Sequence[ColumnElement[bool]]:
    return (
        Certificate.state == "valid",
        Certificate.valid_from_on <= today,
        Certificate.valid_until_on >= today,
    )


def _read_duty(chosen: Select[*tuple[Any, ...]], today: date) -> tuple[list[OnDuty], int]:
    """The chosen with their certificates, and how many there are before any limit."""
    them = chosen.subquery()
    rows = db.session.execute(
        select(them, Certificate.queues, Certificate.number, Certificate.valid_until_on)
        .join(Certificate, (Certificate.person_id == them.c.id) & and_(*_is_good(today)))
        .order_by(them.c.employee_no, Certificate.valid_until_on.desc(), Certificate.id)
    ).all()
    people: dict[int, OnDuty] = {}
    for row in rows:
        there = people.get(row.id)
        if there is None:
            people[row.id] = OnDuty(
                person_id=row.id,
                name=row.name,
                employee_no=row.employee_no,
                queues=row.queues,
                number=row.number,
                valid_until_on=row.valid_until_on,
                is_due=is_due(today, row.valid_until_on),
            )
        else:
            is_all = not there.queues or not row.queues
            more = [queue for queue in row.queues if queue not in there.queues]
            people[row.id] = replace(there, queues=[] if is_all else [*there.queues, *more])
    return list(people.values()), rows[0].total if rows else 0
