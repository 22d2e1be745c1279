"""First passwords to hand out: shown for a while to who gave them, and stored nowhere.

A first password follows from the site's secret and from what it was given by, so that its page
can be opened again without keeping the password. Whoever has one must change it at log-in.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from cstrain.core.people import fields
from cstrain.core.people.models import Identity, Membership, Person, PersonEvent
from cstrain.kit.db import db

#: How long the password of one person can be looked at, and the list of a table.
SHOWN_FOR = timedelta(hours=1)
LIST_SHOWN_FOR = timedelta(days=1)
_PASSWORD_ACTIONS = ("added", "imported", "accepted", "password_reset", "password_changed")


@dataclass(frozen=True, slots=True)
class Handout:
    """A first password and whose it is."""

    name: str
    employee_no: str
    password: str


def password_given(by: int, at: datetime) -> str:
    """The first password that somebody gives at a time."""
    return _password(f"{by}|{at.isoformat()}")


def password_imported(token: str, employee_no: str) -> str:
    """The first password of somebody new in a table, by the number that stands there.

    The table's token is random, so the secret alone does not give the password away.
    """
    return _password(f"table {token}|{employee_no}")


def _password(key: str) -> str:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    dice = hmac.new(secret, f"first password|{key}".encode(), hashlib.sha256).digest()
    return fields.first_password(dice)


def given(person_id: int, *, by: int, now: datetime) -> tuple[str, bool] | None:
    """The first password that ``by`` gave a person lately, and whether the person is new.

    None once its time is over, or another password has taken its place. One statement.
    """
    last = db.session.execute(
        select(PersonEvent.action, PersonEvent.by_person_id, PersonEvent.at)
        .join(Person, Person.id == PersonEvent.person_id)
        .where(
            PersonEvent.person_id == person_id,
            PersonEvent.action.in_(_PASSWORD_ACTIONS),
            Person.must_change_password,
        )
        .order_by(PersonEvent.id.desc())
        .limit(1)
    ).first()
    if last is None or last.by_person_id != by or last.action not in {"added", "password_reset"}:
        return None
    if now - last.at > SHOWN_FOR:
        return None
    return password_given(by, last.at), last.action == "added"


def imported(
    token: str, people: Sequence[tuple[int, str]], *, team_ids: Sequence[int], since: datetime
) -> list[Handout]:
    """The first passwords of a table's new people who have not logged in yet, by their number.

    Args:
        token: The table's.
        people: Person and employee number as imported.
        team_ids: Who is in none of these teams by now is left out.
        since: When the job was asked for; a password given after that is another one.
    """
    numbers = dict(people)
    again = select(PersonEvent.person_id).where(
        PersonEvent.person_id.in_(numbers),
        PersonEvent.action == "password_reset",
        PersonEvent.at > since,
    )
    rows = db.session.execute(
        select(Person.id, Person.employee_no, Identity.name)
        .join(Identity, Identity.person_id == Person.id)
        .where(
            Person.id.in_(numbers),
            Person.must_change_password,
            Person.password_hash.is_not(None),
            Person.left_at.is_(None),
            Person.id.not_in(again),
            Person.id.in_(
                select(Membership.person_id).where(
                    Membership.team_id.in_(team_ids), Membership.until_at.is_(None)
                )
            ),
        )
        .order_by(Person.employee_no)
    )
    return [
        Handout(row.name, row.employee_no, password_imported(token, numbers[row.id]))
        for row in rows
    ]
