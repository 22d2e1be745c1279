"""Import of people from a table: a dry run that names every bad row, then all rows or none.

The employee number decides who a row is about. Importing the same table again changes nothing;
an empty cell leaves what is known as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select

from cstrain.core.people import hooks
from cstrain.core.people.access import Role
from cstrain.core.people.history import ROLE_WORDS
from cstrain.core.people.import_table import HEADINGS, ImportRow, RowProblem
from cstrain.core.people.models import Identity, Membership, Person
from cstrain.core.people.rights import RANKS, Roles, may_give, may_manage
from cstrain.core.people.service import note, numbers_free, roles_of
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError
from cstrain.kit.i18n import gettext as _

#: Rows looked up by one statement.
_CHUNK = 500


class RowState(StrEnum):
    """What a row does."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REHIRED = "rehired"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What a row will do, to whom (None: somebody new); ``changes``: heading → before and after."""

    row: ImportRow
    state: RowState
    person_id: int | None = None
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class ImportPlan:
    """The dry run's report.

    Attributes:
        planned: Rows that can be imported.
        problems: Everything that is wrong, by row; nothing is imported while there is any.
    """

    planned: list[PlannedRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def count(self, state: str) -> int:
        """How many rows are in a state."""
        return sum(planned.state == state for planned in self.planned)

    @property
    def bad_row_count(self) -> int:
        """How many rows have a problem."""
        return len({problem.number for problem in self.problems})

    @property
    def is_empty(self) -> bool:
        """Whether importing would change nothing."""
        return all(planned.state is RowState.UNCHANGED for planned in self.planned)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known about somebody before the import."""

    id: int
    employee_no: str
    name: str
    phone: str | None
    left_at: datetime | None


def plan(
    rows: Iterable[ImportRow],
    *,
    by: int | None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> ImportPlan:
    """Compare rows with what is known: new, changed, unchanged, rehired, or why not.

    Inside a transaction the plan is what ``apply`` will do; outside it is a dry run.
    """
    made = ImportPlan()
    actor = roles_of(by) if by is not None else None
    todo = list(rows)
    for start in range(0, len(todo), _CHUNK):
        chunk = todo[start : start + _CHUNK]
        progress(start, len(todo))
        known, phones, posts = _look_up(chunk)
        for row in chunk:
            planned = _plan_row(row, known.get(row.employee_no), posts, actor)
            if isinstance(planned, RowProblem):
                made.problems.append(planned)
                continue
            taken = [
                column
                for column, value in (("phone", row.phone), ("employee_no", row.employee_no))
                if value and phones.get(value, planned.person_id) != planned.person_id
            ]
            if taken:
                reason = _("这个号码登记在别人名下。")
                made.problems.append(RowProblem(row.number, HEADINGS[taken[0]][0], reason))
            else:
                made.planned.append(planned)
    return made


@dataclass(frozen=True, slots=True)
class _Posts:
    """Memberships of the people of a chunk: person → current or last ones."""

    current: Mapping[int, list[Membership]]
    last: Mapping[int, list[Membership]]


def _look_up(
    rows: Sequence[ImportRow],
) -> tuple[dict[str, _Known], dict[str, int], _Posts]:
    numbers = [row.employee_no for row in rows]
    phones = [row.phone for row in rows if row.phone]
    taken = [*numbers, *phones]
    found = [
        _Known(*row)
        for row in db.session.execute(
            select(Person.id, Person.employee_no, Identity.name, Identity.phone, Person.left_at)
            .join(Identity, Identity.person_id == Person.id)
            .where(or_(Person.employee_no.in_(taken), Identity.phone.in_(taken)))
        )
    ]
    known = {person.employee_no: person for person in found}
    holders = {person.phone: person.id for person in found if person.phone}
    holders |= {person.employee_no: person.id for person in found if person.employee_no in phones}
    left = {person.id: person.left_at for person in found}
    current: dict[int, list[Membership]] = {}
    last: dict[int, list[Membership]] = {}
    for membership in db.session.scalars(
        select(Membership).where(Membership.person_id.in_(list(left)))
    ):
        person_id = membership.person_id
        if membership.until_at is None:
            current.setdefault(person_id, []).append(membership)
        elif membership.until_at == left[person_id]:
            last.setdefault(person_id, []).append(membership)
    return known, holders, _Posts(current, last)


def _plan_row(
    row: ImportRow, known: _Known | None, posts: _Posts, actor: Roles | None
) -> PlannedRow | RowProblem:
    if known is None:
        held, state = None, RowState.NEW
        refusal = _refuse_new(row, actor)
    elif known.left_at is not None:
        held, state = None, RowState.REHIRED
        refusal = _refuse_rehire(row, actor, posts.last.get(known.id, []))
    else:
        own = posts.current.get(known.id, [])
        held, state = _held(row, own), RowState.CHANGED
        refusal = _refuse_change(row, actor, own, held)
    if refusal:
        return refusal
    if known is None:
        return PlannedRow(row, state)
    changes = _changes(row, known, held)
    return PlannedRow(row, state if changes else RowState.UNCHANGED, known.id, changes)


def _refuse_new(row: ImportRow, actor: Roles | None) -> RowProblem | None:
    if actor is None or may_give(actor, row.team_id, row.role or Role.TRAINEE):
        return None
    return _no_right(row)


def _refuse_rehire(
    row: ImportRow, actor: Roles | None, last: Iterable[Membership]
) -> RowProblem | None:
    """Why the actor may not take back somebody who left, maybe from another shop."""
    if actor is None:
        return None
    role = row.role or Role.TRAINEE
    may = may_give(actor, row.team_id, role, floor=Role.MANAGER) and all(
        membership.role == Role.TRAINEE
        or may_give(actor, membership.team_id, Role(membership.role), floor=Role.MANAGER)
        for membership in last
    )
    if may:
        return None
    return RowProblem(row.number, HEADINGS["employee_no"][0], _("他已离职，重新入职要主管来办。"))


def _refuse_change(
    row: ImportRow, actor: Roles | None, own: Iterable[Membership], held: Membership | None
) -> RowProblem | None:
    if actor is None:
        return None
    if not may_manage(actor, _roles(own)):
        reason = _("这个工号是别的人或别的店铺的，你不能改。")
        return RowProblem(row.number, HEADINGS["employee_no"][0], reason)
    role = row.role or Role.TRAINEE
    if held is None and not may_give(actor, row.team_id, role, floor=Role.MANAGER):
        return _no_right(row)
    return None


def _held(row: ImportRow, own: Iterable[Membership]) -> Membership | None:
    """The membership a row speaks of; without a role any in the team, a trainee's first."""
    wanted = [
        m for m in own if m.team_id == row.team_id and (row.role is None or m.role == row.role)
    ]
    return min(wanted, key=lambda m: RANKS.index(Role(m.role)), default=None)


def _changes(
    row: ImportRow, known: _Known, held: Membership | None
) -> Mapping[str, tuple[str, str]]:
    """The headings whose content changes, with what was there and what will be."""
    changed = {}
    if row.name != known.name:
        changed["name"] = (known.name, row.name)
    if row.phone and row.phone != known.phone:
        changed["phone"] = (known.phone or "", row.phone)
    if held is None:
        changed["role"] = ("", str(ROLE_WORDS[row.role or Role.TRAINEE]))
    elif row.batch and row.batch != held.batch and held.role == Role.TRAINEE:
        changed["batch"] = (held.batch or "", row.batch)
    return {HEADINGS[column][0]: values for column, values in changed.items()}


def _roles(memberships: Iterable[Membership]) -> Roles:
    held: dict[int, set[Role]] = {}
    for membership in memberships:
        held.setdefault(membership.team_id, set()).add(Role(membership.role))
    return held


def _no_right(row: ImportRow) -> RowProblem:
    return RowProblem(
        row.number, HEADINGS["role"][0], _("你不能在这家店铺加这个角色，请找主管或管理员。")
    )


def apply(
    made: ImportPlan, *, password_hashes: Mapping[str, str], by: int | None, now: datetime
) -> list[int]:
    """Do what a plan says, all of it; gives the ids of the new people in the plan's order.

    Args:
        made: A plan made inside the same transaction.
        password_hashes: Employee number → hash of a first password to hand out; people
            without one cannot log in before theirs is reset.
        by: Who imports.
        now: The current time.

    Raises:
        ConflictError: If the plan has problems.
    """
    if made.problems:
        raise ConflictError(_("表格里还有问题，一行也没有导入。"))
    with numbers_free():
        new_ids = _write(made, password_hashes, by=by, now=now)
    for planned, person_id in _arrivals(made, new_ids):
        arrival = hooks.Arrival(
            person_id, planned.row.team_id, planned.row.role or Role.TRAINEE, by, now
        )
        for told in hooks.on_join:
            told(arrival)
    return new_ids


def _write(
    made: ImportPlan, password_hashes: Mapping[str, str], *, by: int | None, now: datetime
) -> list[int]:
    new = [planned.row for planned in made.planned if planned.state is RowState.NEW]
    people = [
        Person(
            employee_no=row.employee_no,
            password_hash=password_hashes.get(row.employee_no),
            must_change_password=True,
            created_at=now,
        )
        for row in new
    ]
    db.session.add_all(people)
    db.session.flush()
    for row, person in zip(new, people, strict=True):
        db.session.add(Identity(person_id=person.id, name=row.name, phone=row.phone))
        _begin(row, person.id, "imported", by=by, now=now)
    for planned in made.planned:
        if planned.person_id is not None and planned.state is not RowState.UNCHANGED:
            _change(planned, planned.person_id, by=by, now=now)
    return [person.id for person in people]


def _arrivals(made: ImportPlan, new_ids: Sequence[int]) -> Iterable[tuple[PlannedRow, int]]:
    """Rows that begin a membership, with their people."""
    ids = iter(new_ids)
    for planned in made.planned:
        if planned.state is RowState.NEW:
            yield planned, next(ids)
        elif planned.person_id is not None and HEADINGS["role"][0] in planned.changes:
            yield planned, planned.person_id


def _begin(row: ImportRow, person_id: int, action: str, *, by: int | None, now: datetime) -> None:
    role = row.role or Role.TRAINEE
    batch = row.batch if role is Role.TRAINEE else None
    db.session.add(
        Membership(person_id=person_id, team_id=row.team_id, role=role, batch=batch, since_at=now)
    )
    note(person_id, action, by=by, now=now, team_id=row.team_id, detail=role)


def _change(planned: PlannedRow, person_id: int, *, by: int | None, now: datetime) -> None:
    row = planned.row
    identity = db.session.get_one(Identity, person_id)
    if identity.name != row.name or (row.phone and identity.phone != row.phone):
        identity.name, identity.phone = row.name, row.phone or identity.phone
        note(person_id, "identity_changed", by=by, now=now)
    if planned.state is RowState.REHIRED:
        db.session.get_one(Person, person_id).left_at = None
        _begin(row, person_id, "rehired", by=by, now=now)
        return
    if HEADINGS["role"][0] in planned.changes:
        _begin(row, person_id, "role_given", by=by, now=now)
    elif HEADINGS["batch"][0] in planned.changes:
        here = select(Membership).where(
            Membership.person_id == person_id,
            Membership.team_id == row.team_id,
            Membership.until_at.is_(None),
        )
        held = _held(row, db.session.scalars(here).all())
        if held is not None:
            held.batch = row.batch
            note(
                person_id, "batch_set", by=by, now=now, team_id=row.team_id, detail=row.batch or ""
            )
