"""Reading certificates: one by its number, and those of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from cstrain.core.certification.models import Certificate, CertificateEvent
from cstrain.core.certification.service import clean_number
from cstrain.core.certification.status import Status, is_due, status_on
from cstrain.core.people.models import Identity, Membership, Person, Team
from cstrain.kit.clock import local_day
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate with its holder and shop.

    Attributes:
        team_ids: The shop that issued it, then those the holder works in now: whose staff
            may see it.
        status: What it is worth today, in the issuing shop's time zone.
    """

    id: int
    number: str
    person_id: int
    name: str
    employee_no: str
    team_id: int
    team_name: str
    team_ids: tuple[int, ...]
    title: Mapping[str, str]
    pathway_title: Mapping[str, str]
    queues: Sequence[Mapping[str, str]]
    issued_at: datetime
    issued_on: date
    valid_from_on: date
    valid_until_on: date
    state: str
    status: Status


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to a certificate."""

    action: str
    reason: str
    by_name: str | None
    at: datetime


def by_number(number: str, *, now: datetime) -> CertificateView:
    """The certificate of a number as typed. One statement.

    Raises:
        NotFoundError: If there is none.
    """
    rows = db.session.execute(
        select(
            Certificate,
            Identity.name,
            Person.employee_no,
            Team.name.label("team_name"),
            Team.timezone,
            Membership.team_id.label("current_team_id"),
        )
        .join(Person, Person.id == Certificate.person_id)
        .join(Identity, Identity.person_id == Certificate.person_id)
        .join(Team, Team.id == Certificate.team_id)
        .outerjoin(
            Membership,
            (Membership.person_id == Certificate.person_id) & Membership.until_at.is_(None),
        )
        .where(Certificate.number == clean_number(number))
    ).all()
    if not rows:
        raise NotFoundError(_("没有这个编号的证书。"))
    first = rows[0]
    found = first.Certificate
    current = {row.current_team_id for row in rows if row.current_team_id is not None}
    return CertificateView(
        id=found.id,
        number=found.number,
        person_id=found.person_id,
        name=first.name,
        employee_no=first.employee_no,
        team_id=found.team_id,
        team_name=first.team_name,
        team_ids=(found.team_id, *sorted(current - {found.team_id})),
        title=found.title,
        pathway_title=found.pathway_title,
        queues=found.queues,
        issued_at=found.issued_at,
        issued_on=local_day(found.issued_at, first.timezone),
        valid_from_on=found.valid_from_on,
        valid_until_on=found.valid_until_on,
        state=found.state,
        status=status_on(
            local_day(now, first.timezone),
            state=found.state,
            valid_until_on=found.valid_until_on,
        ),
    )


def events(certificate_id: int) -> list[EventView]:
    """What happened to a certificate, newest first."""
    rows = db.session.execute(
        select(
            CertificateEvent.action,
            CertificateEvent.reason,
            Identity.name.label("by_name"),
            CertificateEvent.at,
        )
        .outerjoin(Identity, Identity.person_id == CertificateEvent.by_person_id)
        .where(CertificateEvent.certificate_id == certificate_id)
        .order_by(CertificateEvent.id.desc())
    )
    return [EventView(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate that is good today."""

    number: str
    title: Mapping[str, str]
    team_name: str
    valid_until_on: date


def held(person_id: int, *, now: datetime) -> list[Held]:
    """A person's certificates that are good today, the longest first. One statement."""
    rows = db.session.execute(
        select(Certificate, Team.name.label("team_name"), Team.timezone)
        .join(Team, Team.id == Certificate.team_id)
        .where(Certificate.person_id == person_id, Certificate.state == "valid")
        .order_by(Certificate.valid_until_on.desc(), Certificate.id.desc())
    )
    return [
        Held(found.number, found.title, team_name, found.valid_until_on)
        for found, team_name, timezone in rows
        if found.valid_until_on >= local_day(now, timezone)
    ]


@dataclass(frozen=True, slots=True)
class Newest:
    """Somebody's newest certificate, and what it is worth today."""

    number: str
    status: Status
    valid_until_on: date
    is_due: bool


def newest(person_id: int, *, now: datetime) -> Newest | None:
    """A person's newest certificate; None without one. One statement."""
    row = db.session.execute(
        select(Certificate.number, Certificate.state, Certificate.valid_until_on, Team.timezone)
        .join(Team, Team.id == Certificate.team_id)
        .where(Certificate.person_id == person_id)
        .order_by(Certificate.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    today, until_on = local_day(now, row.timezone), row.valid_until_on
    status = status_on(today, state=row.state, valid_until_on=until_on)
    return Newest(row.number, status, until_on, is_due(today, until_on))
