"""Logging in and out: password hashing, log-in sessions, the throttle."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, func, or_, select, update

from cstrain.core.people import fields
from cstrain.core.people.access import Role, TeamRef, Viewer
from cstrain.core.people.models import (
    Identity,
    LoginFailure,
    LoginSession,
    Membership,
    Person,
    PersonEvent,
    Team,
)
from cstrain.kit.db import db, run
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _

TOUCH_EVERY = timedelta(minutes=5)
FAILURES_ALLOWED = 8
FAILURE_WINDOW = timedelta(minutes=15)
PASSWORD_MIN_LENGTH = 8
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Argon2id hash of a password (19 MiB, two passes)."""
    return _hasher.hash(password)


def check_new_password(password: str, *, employee_no: str, phone: str | None) -> None:
    """Refuse a password that is easily guessed.

    Raises:
        InvalidError: If it is too short, of few characters, or what its owner logs in with.
    """
    if len(password) < PASSWORD_MIN_LENGTH:
        raise InvalidError(_("密码至少 %(n)s 位。", n=PASSWORD_MIN_LENGTH))
    plain = password.strip().casefold()
    own = {employee_no.casefold(), phone} if phone else {employee_no.casefold()}
    if len(set(password)) < 4 or plain in own or plain in _TOO_COMMON:  # noqa: PLR2004
        raise InvalidError(_("这个密码太容易被猜到，换一个。"))


_TOO_COMMON = frozenset(
    {"12345678", "123456789", "1234567890", "87654321", "password", "qwertyui", "a1234567"}
)


@cache
def _nobody_hash() -> str:
    """A hash to check against when there is no account, so that both answers take as long."""
    return hash_password(secrets.token_hex(8))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def throttle_keys(login: str, address: str) -> tuple[str, str]:
    """The two keys a failure counts under: the account as typed, and the address."""
    as_number, as_phone = fields.login(login)
    return _digest(f"login|{as_phone or as_number}"), _digest(f"address|{address}")


def is_throttled(login: str, address: str, *, now: datetime) -> bool:
    """Whether too many log-ins for this account or from this address failed lately.

    An address counts ten times as many, because a whole shop shares one.
    """
    account, place = throttle_keys(login, address)
    rows = db.session.execute(
        select(LoginFailure.key, func.count().label("failures"))
        .where(LoginFailure.key.in_((account, place)), LoginFailure.at > now - FAILURE_WINDOW)
        .group_by(LoginFailure.key)
    ).all()
    counts: dict[str, int] = {row.key: row.failures for row in rows}
    return counts.get(account, 0) >= FAILURES_ALLOWED or (
        counts.get(place, 0) >= 10 * FAILURES_ALLOWED
    )


def verify(login: str, password: str) -> int | None:
    """The person whose employee number or phone and password these are; None if they are not.

    Takes as long for an unknown account as for a wrong password. Needs no transaction.
    """
    as_number, as_phone = fields.login(login)
    row = db.session.execute(
        select(Person.id, Person.password_hash, Person.left_at)
        .join(Identity, Identity.person_id == Person.id)
        .where(or_(Person.employee_no == as_number, Identity.phone == as_phone))
    ).first()
    stored = row.password_hash if row and row.password_hash else _nobody_hash()
    try:
        _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return None
    if row is None or row.password_hash is None or row.left_at is not None:
        return None
    return int(row.id)


def note_failure(login: str, address: str, *, now: datetime) -> None:
    """Count a failed log-in; drops what is older than a day."""
    session = db.session
    session.execute(delete(LoginFailure).where(LoginFailure.at < now - timedelta(days=1)))
    session.add_all(LoginFailure(key=key, at=now) for key in throttle_keys(login, address))
    session.flush()


def forgive(person_id: int) -> None:
    """Forget the failed log-ins to a person's account, because it has a new password."""
    row = db.session.execute(
        select(Person.employee_no, Identity.phone)
        .join(Identity, Identity.person_id == Person.id)
        .where(Person.id == person_id)
    ).one()
    keys = [throttle_keys(login, "")[0] for login in row if login]
    db.session.execute(delete(LoginFailure).where(LoginFailure.key.in_(keys)))


def start(person_id: int, *, now: datetime) -> str:
    """Open a log-in session; the token goes into the cookie and is stored as a hash."""
    token = secrets.token_urlsafe(24)
    db.session.add(
        LoginSession(token_hash=_digest(token), person_id=person_id, created_at=now, touched_at=now)
    )
    db.session.flush()
    return token


def end(session_id: int, *, now: datetime) -> None:
    """Log out on one device."""
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all(person_id: int, *, now: datetime, but: int | None = None) -> None:
    """Log a person out everywhere, except on the device that asks for it."""
    ended = update(LoginSession).where(
        LoginSession.person_id == person_id, LoginSession.ended_at.is_(None)
    )
    if but is not None:
        ended = ended.where(LoginSession.id != but)
    db.session.execute(ended.values(ended_at=now))


def touch(session_id: int, *, now: datetime) -> None:
    """Note that the session is in use."""
    db.session.execute(
        update(LoginSession).where(LoginSession.id == session_id).values(touched_at=now)
    )


def set_password(
    person_id: int, password: str, *, by: int | None, must_change: bool, now: datetime
) -> None:
    """Store a new password and end the person's log-ins (the caller keeps its own alive)."""
    db.session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(password_hash=hash_password(password), must_change_password=must_change)
    )
    action = "password_changed" if by == person_id else "password_reset"
    db.session.add(PersonEvent(person_id=person_id, action=action, by_person_id=by, at=now))
    db.session.flush()


_LOAD = (
    select(
        LoginSession.id.label("session_id"),
        LoginSession.touched_at,
        Person.id,
        Person.employee_no,
        Person.language,
        Person.theme,
        Person.must_change_password,
        Person.extra_time_ratio,
        Person.unread_count,
        Identity.name,
        Membership.team_id,
        Membership.role,
        Team.slug,
        Team.name.label("team_name"),
        Team.timezone,
    )
    .select_from(LoginSession)
    .join(Person, Person.id == LoginSession.person_id)
    .join(Identity, Identity.person_id == Person.id)
    .outerjoin(Membership, (Membership.person_id == Person.id) & Membership.until_at.is_(None))
    .outerjoin(Team, Team.id == Membership.team_id)
    .where(
        LoginSession.token_hash == bindparam("token_hash"),
        LoginSession.ended_at.is_(None),
        Person.left_at.is_(None),
    )
)


def load(token: str) -> Viewer | None:
    """The signed-in person of a cookie's token, in one statement; None when it has ended."""
    rows = run(_LOAD, {"token_hash": _digest(token)}).all()
    if not rows:
        return None
    first = rows[0]
    roles: defaultdict[int, set[Role]] = defaultdict(set)
    teams: dict[int, TeamRef] = {}
    # The same first one everywhere, whatever database.
    for row in sorted(rows, key=lambda row: (row.team_name or "", row.team_id or 0)):
        if row.team_id is not None:
            roles[row.team_id].add(Role(row.role))
            teams[row.team_id] = TeamRef(row.team_id, row.slug, row.team_name, row.timezone)
    return Viewer(
        id=first.id,
        employee_no=first.employee_no,
        name=first.name,
        language=first.language,
        theme=first.theme,
        must_change_password=first.must_change_password,
        extra_time_ratio=first.extra_time_ratio,
        unread_count=first.unread_count,
        session_token=token,
        session_id=first.session_id,
        touched_at=first.touched_at,
        roles={team: frozenset(held) for team, held in roles.items()},
        teams=teams,
    )
