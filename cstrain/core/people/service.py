"""Writes about people: who joins, how they log in, and what is known of them.

``by`` is the person who does it; None is the command line, which may do everything. A person
whom ``by`` may not even see is not found; one that may be seen but not changed is forbidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import IntegrityError

from cstrain.core.people import fields, hooks, sessions
from cstrain.core.people.access import Role
from cstrain.core.people.models import Identity, Membership, Person, PersonEvent, Team
from cstrain.core.people.rights import Roles, may_give, may_manage
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

EXTRA_TIME = (1.0, 1.25, 1.5, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Post:
    """A role in a team to give; batch and pathway (see ``hooks.Arrival``) are a trainee's."""

    team_id: int
    role: Role
    batch: str | None = None
    pathway: str | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What a person is known by; an empty employee number keeps the old one."""

    name: str
    employee_no: str = ""
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to add.

    Attributes:
        name: As the person is called.
        employee_no: Empty to have one made.
        phone: The second way to log in, or None.
        role: The first role.
        batch: The group a trainee comes in with.
        password_hash: By ``sessions.hash_password``; None: no log-in before a password is set.
        must_change_password: Whether the password was handed out.
        language: ``zh`` or ``en``.
    """

    name: str
    employee_no: str = ""
    phone: str | None = None
    role: Role = Role.TRAINEE
    batch: str | None = None
    password_hash: str | None = None
    must_change_password: bool = True
    language: str = "zh"


def roles_of(person_id: int) -> Roles:
    """Team id → the roles a person holds there now."""
    return _grouped(Membership.person_id == person_id, Membership.until_at.is_(None))


def last_roles_of(person: Person) -> Roles:
    """The roles a person holds now or, for somebody who has left, held until then."""
    if person.left_at is None:
        return roles_of(person.id)
    return _grouped(Membership.person_id == person.id, Membership.until_at == person.left_at)


def _grouped(*conditions: ColumnElement[bool]) -> Roles:
    held: defaultdict[int, set[Role]] = defaultdict(set)
    rows = db.session.execute(select(Membership.team_id, Membership.role).where(*conditions))
    for team_id, role in rows:
        held[team_id].add(Role(role))
    return {team_id: frozenset(roles) for team_id, roles in held.items()}


def require_give(by: int | None, team_id: int, role: Role, *, floor: Role = Role.TRAINER) -> None:
    """Stop unless ``by`` may bring people into the team in this role.

    Raises:
        NotFoundError: If ``by`` has nothing to say in the team, or there is none.
        ForbiddenError: If the role is too high.
    """
    if db.session.get(Team, team_id) is None:
        raise NotFoundError
    if by is None:
        return
    actor = roles_of(by)
    if not may_give(actor, team_id, Role.TRAINEE):
        raise NotFoundError
    if not may_give(actor, team_id, role, floor=floor):
        raise ForbiddenError(_("这要由更高一级的人来做：主管管带教老师，管理员管主管。"))


def changing(person_id: int, by: int | None, *, floor: Role = Role.TRAINER) -> Person:
    """The person, locked, if ``by`` may change the account.

    Raises:
        NotFoundError: If there is no such person where ``by`` looks after people.
        ForbiddenError: If ``by`` may see but not change the person.
    """
    query = select(Person).where(Person.id == person_id).with_for_update()
    person = db.session.scalar(query.execution_options(populate_existing=True))
    if person is None:
        raise NotFoundError
    if by is None:
        return person
    actor = roles_of(by)
    ever = set(
        db.session.scalars(select(Membership.team_id).where(Membership.person_id == person_id))
    )
    if not any(may_give(actor, team_id, Role.TRAINEE) for team_id in ever):
        raise NotFoundError
    if not may_manage(actor, last_roles_of(person), floor=floor):
        raise ForbiddenError(_("这要由更高一级的人来做：主管管带教老师，管理员管主管。"))
    return person


def note(  # noqa: PLR0913 - the columns of one row
    person_id: int,
    action: str,
    *,
    by: int | None,
    now: datetime,
    team_id: int | None = None,
    detail: str = "",
) -> None:
    """Write down what was done to an account."""
    db.session.add(
        PersonEvent(
            person_id=person_id,
            team_id=team_id,
            action=action,
            detail=detail,
            by_person_id=by,
            at=now,
        )
    )


class TakenError(fields.FieldError):
    """Somebody already logs in with this number."""


def check_free(employee_no: str, phone: str | None, *, but: int | None = None) -> None:
    """Refuse a number that somebody already logs in with.

    Raises:
        TakenError: If it is; tells which field.
    """
    taken = [value for value in (employee_no, phone) if value]
    if not taken:
        return
    rows = db.session.execute(
        select(Person.id, Person.employee_no, Identity.phone, Person.left_at)
        .join(Identity, Identity.person_id == Person.id)
        .where(or_(Person.employee_no.in_(taken), Identity.phone.in_(taken)))
    ).all()
    for row in rows:
        if row.id == but:
            continue
        if employee_no in (row.employee_no, row.phone):
            raise TakenError(
                "employee_no",
                _("这个工号登记过了。离职的同事回来，请在“人员”的“已离开”里找到他，办重新入职。"),
            )
        raise TakenError("phone", _("这个手机号登记过了。"))


@contextmanager
def numbers_free() -> Iterator[None]:
    """Turn a number taken by somebody else in this very moment into words.

    Raises:
        ConflictError: If it was.
    """
    try:
        yield
        db.session.flush()
    except IntegrityError as error:
        raise ConflictError(_("工号或手机号刚刚被别人登记了，请再看一看。")) from error


def add_person(new: NewPerson, *, team_id: int, by: int | None, now: datetime) -> int:
    """Add somebody to a team; gives the person's id.

    Raises:
        FieldError: If a field is not allowed or its number is taken.
    """
    require_give(by, team_id, new.role)
    return admit(new, team_id=team_id, by=by, now=now, action="added")


def admit(new: NewPerson, *, team_id: int, by: int | None, now: datetime, action: str) -> int:
    """Make the record of somebody who may join; asks no rights, see ``add_person``."""
    name = fields.checked("name", fields.name, new.name)
    number = fields.checked("employee_no", fields.employee_no, new.employee_no)
    phone = fields.checked("phone", fields.phone, new.phone or "")
    check_free(number, phone)
    person = Person(
        employee_no=number or uuid4().hex,
        password_hash=new.password_hash,
        must_change_password=new.must_change_password,
        language=new.language,
        created_at=now,
    )
    with numbers_free():
        db.session.add(person)
        db.session.flush()
        if not number:
            person.employee_no = _own_number(person.id)
        db.session.add(Identity(person_id=person.id, name=name, phone=phone))
    own = person.id if by is None and action == "accepted" else by
    post = Post(team_id, new.role, new.batch)
    join(person.id, post, by=own, now=now, action=action)
    return person.id


def _own_number(person_id: int) -> str:
    """A number for somebody whose employer gives none."""
    number = f"N{person_id:05}"
    taken = select(Person.id).where(Person.employee_no == number)
    return number if db.session.scalar(taken) is None else f"N{person_id:05}-{uuid4().hex[:4]}"


def join(person_id: int, post: Post, *, by: int | None, now: datetime, action: str) -> None:
    """Begin a membership, write it down and tell the other slices."""
    db.session.add(
        Membership(
            person_id=person_id,
            team_id=post.team_id,
            role=post.role,
            batch=fields.checked("batch", fields.batch, post.batch or ""),
            since_at=now,
        )
    )
    note(person_id, action, by=by, now=now, team_id=post.team_id, detail=post.role)
    db.session.flush()
    for told in hooks.on_join:
        told(
            hooks.Arrival(
                person_id=person_id,
                team_id=post.team_id,
                role=post.role,
                by=by,
                at=now,
                pathway=post.pathway,
                is_transfer=action == "moved_here",
            )
        )


def reset_password(person_id: int, password: str, *, by: int | None, now: datetime) -> None:
    """Give a person a first password, which is handed out, and end the log-ins.

    Raises:
        ConflictError: If the person has left.
    """
    person = changing(person_id, by)
    if person.left_at is not None:
        raise ConflictError(_("已离职的人不能登录。先办重新入职。"))
    sessions.set_password(person_id, password, by=by, must_change=True, now=now)
    sessions.end_all(person_id, now=now)
    sessions.forgive(person_id)


def change_identity(person_id: int, names: Names, *, by: int | None, now: datetime) -> None:
    """Correct name, employee number or phone.

    Raises:
        FieldError: If a field is not allowed or its number is taken.
    """
    person = changing(person_id, by)
    new_name = fields.checked("name", fields.name, names.name)
    number = fields.checked("employee_no", fields.employee_no, names.employee_no)
    number = number or person.employee_no
    new_phone = fields.checked("phone", fields.phone, names.phone or "")
    check_free(number, new_phone, but=person_id)
    identity = db.session.get_one(Identity, person_id)
    if (identity.name, identity.phone, person.employee_no) == (new_name, new_phone, number):
        return
    with numbers_free():
        detail = number if number != person.employee_no else ""
        identity.name, identity.phone, person.employee_no = new_name, new_phone, number
        note(person_id, "identity_changed", by=by, now=now, detail=detail)


def set_extra_time(person_id: int, ratio: float, *, by: int | None, now: datetime) -> None:
    """Give a person more time on every limit.

    Raises:
        InvalidError: If the factor is none of ``EXTRA_TIME``.
    """
    if ratio not in EXTRA_TIME:
        raise InvalidError(_("请从列表里选一项。"))
    person = changing(person_id, by)
    if person.extra_time_ratio != ratio:
        person.extra_time_ratio = ratio
        note(person_id, "extra_time", by=by, now=now, detail=f"{ratio:g}")
        db.session.flush()


def erase_identity(person_id: int, *, by: int | None, now: datetime) -> None:
    """Erase name, phone and employee number of somebody who has left. It cannot be undone.

    Raises:
        ConflictError: If the person still works here.
    """
    person = changing(person_id, by, floor=Role.ADMINISTRATOR)
    if person.left_at is None:
        raise ConflictError(_("在职的人不能清除个人信息。先办离职。"))
    identity = db.session.get_one(Identity, person_id)
    identity.name, identity.phone = f"{_ERASED} #{person_id}", None
    person.employee_no, person.password_hash = f"#{person_id}", None
    db.session.execute(
        update(PersonEvent)
        .where(PersonEvent.person_id == person_id, PersonEvent.action == "identity_changed")
        .values(detail="")
    )
    note(person_id, "erased", by=by, now=now)
    db.session.flush()


#: Stored, so it is the same in every language.
_ERASED = "已离职"
