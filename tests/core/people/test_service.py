"""Joining, leaving, coming back, moving: what stays, what ends, and who may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask.ctx import AppContext
from sqlalchemy import func, select

from cstrain.core.people import fields, hooks, memberships, service, sessions
from cstrain.core.people.access import Role
from cstrain.core.people.models import Identity, LoginFailure, Membership, Person, PersonEvent
from cstrain.core.people.queries import events_of
from cstrain.core.people.service import Names, NewPerson, Post
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop

pytestmark = pytest.mark.usefixtures("app_context")
LATER = NOW + timedelta(days=3)
PASSWORD = "cloud-seven-42"
NEXT = "bafa-doga-234"


@pytest.fixture
def departures() -> Iterator[list[hooks.Departure]]:
    """What the leave hooks were told; the other slices' hooks are silent meanwhile."""
    told: list[hooks.Departure] = []
    kept = hooks.on_leave._registered  # noqa: SLF001 - put back below
    hooks.on_leave._registered = [told.append]  # noqa: SLF001
    yield told
    hooks.on_leave._registered = kept  # noqa: SLF001


@pytest.fixture(autouse=True)
def arrivals() -> Iterator[list[hooks.Arrival]]:
    """What the join hooks were told."""
    told: list[hooks.Arrival] = []
    kept = hooks.on_join._registered  # noqa: SLF001 - put back below
    hooks.on_join._registered = [told.append]  # noqa: SLF001
    yield told
    hooks.on_join._registered = kept  # noqa: SLF001


def current(person_id: int) -> list[tuple[int, str, str | None]]:
    rows = db.session.execute(
        select(Membership.team_id, Membership.role, Membership.batch)
        .where(Membership.person_id == person_id, Membership.until_at.is_(None))
        .order_by(Membership.team_id, Membership.role)
    )
    return [(row.team_id, row.role, row.batch) for row in rows]


def test_a_trainer_adds_a_trainee(
    team: Shop, make_person: MakePerson, arrivals: list[hooks.Arrival]
) -> None:
    trainer = make_person(Role.TRAINER)

    with transaction():
        added = service.add_person(
            NewPerson("林小满", "yd 1", "138 0013 8000", batch=" 十一月班 "),
            team_id=team.id,
            by=trainer.id,
            now=NOW,
        )

    person = db.session.get_one(Person, added)
    assert person.employee_no == "YD1"
    assert db.session.get_one(Identity, added).phone == "13800138000"
    assert current(added) == [(team.id, "trainee", "十一月班")]
    assert arrivals == [hooks.Arrival(added, team.id, Role.TRAINEE, trainer.id, NOW)]


def test_somebody_without_a_number_gets_one(team: Shop) -> None:
    with transaction():
        added = service.add_person(NewPerson("甲"), team_id=team.id, by=None, now=NOW)

    assert db.session.get_one(Person, added).employee_no == f"N{added:05}"


@pytest.mark.parametrize(
    ("role", "new", "error"),
    [
        (Role.TRAINEE, Role.TRAINEE, NotFoundError),
        (Role.TRAINER, Role.TRAINER, ForbiddenError),
        (Role.MANAGER, Role.MANAGER, ForbiddenError),
        (Role.MANAGER, Role.ADMINISTRATOR, ForbiddenError),
    ],
)
def test_nobody_adds_their_equals_but_administrators(
    role: Role, new: Role, error: type[Exception], team: Shop, make_person: MakePerson
) -> None:
    by = make_person(role)

    with pytest.raises(error), transaction():
        service.add_person(NewPerson("甲", role=new), team_id=team.id, by=by.id, now=NOW)


def test_nobody_adds_to_a_foreign_team(make_team: MakeTeam, make_person: MakePerson) -> None:
    by = make_person(Role.ADMINISTRATOR)
    other = make_team()

    with pytest.raises(NotFoundError), transaction():
        service.add_person(NewPerson("甲"), team_id=other.id, by=by.id, now=NOW)


@pytest.mark.parametrize(
    ("number", "phone", "field"),
    [
        ("T0001", "", "employee_no"),
        ("", "13800138000", "phone"),
        ("13800138000", "", "employee_no"),
    ],
)
def test_a_number_belongs_to_one_person(
    number: str, phone: str, field: str, team: Shop, make_person: MakePerson
) -> None:
    make_person(employee_no="T0001", phone="13800138000")

    with pytest.raises(fields.FieldError) as caught, transaction():
        service.add_person(NewPerson("乙", number, phone), team_id=team.id, by=None, now=NOW)

    assert caught.value.field == field


def test_teams_come_by_their_names(make_person: MakePerson, make_team: MakeTeam) -> None:
    teams = [make_team(name) for name in ("丙店", "甲店", "乙店")]
    person = make_person(Role.TRAINER, team=teams[0])
    with transaction():
        for team in teams[1:]:
            db.session.add(
                Membership(person_id=person.id, team_id=team.id, role=Role.TRAINER, since_at=NOW)
            )
        db.session.flush()
        token = sessions.start(person.id, now=NOW)

    viewer = sessions.load(token)

    assert viewer is not None
    names = [each.name for each in viewer.teams_as(Role.TRAINER)]
    assert names == sorted(names)
    assert [each.name for each in viewer.teams.values()] == names


def test_a_reset_gives_a_password_that_must_be_changed(make_person: MakePerson) -> None:
    person, trainer = make_person(password=PASSWORD), make_person(Role.TRAINER)
    with transaction():
        token = sessions.start(person.id, now=NOW)
        for _time in range(sessions.FAILURES_ALLOWED):
            sessions.note_failure(person.employee_no, "10.0.0.1", now=NOW)

    with transaction():
        service.reset_password(person.id, NEXT, by=trainer.id, now=NOW)

    assert sessions.verify(person.employee_no, PASSWORD) is None
    assert sessions.verify(person.employee_no, NEXT) == person.id
    assert db.session.get_one(Person, person.id).must_change_password
    assert sessions.load(token) is None
    assert not sessions.is_throttled(person.employee_no, "10.0.0.2", now=NOW)
    assert events_of(person.id)[0].by_name == trainer.name


@pytest.mark.parametrize("target", [Role.TRAINER, Role.MANAGER, Role.ADMINISTRATOR])
def test_a_trainer_resets_only_trainees(target: Role, make_person: MakePerson) -> None:
    person, trainer = make_person(target), make_person(Role.TRAINER)

    with pytest.raises(ForbiddenError), transaction():
        service.reset_password(person.id, NEXT, by=trainer.id, now=NOW)


def test_an_account_worth_more_elsewhere_is_safe(
    make_team: MakeTeam, make_person: MakePerson
) -> None:
    person, trainer, other = make_person(), make_person(Role.TRAINER), make_team()
    with transaction():
        memberships.give_role(person.id, Post(other.id, Role.ADMINISTRATOR), by=None, now=NOW)

    with pytest.raises(ForbiddenError), transaction():
        service.reset_password(person.id, NEXT, by=trainer.id, now=NOW)


def test_leaving_ends_access_and_keeps_history(
    team: Shop, make_person: MakePerson, departures: list[hooks.Departure]
) -> None:
    person, manager = make_person(password=PASSWORD, batch="一班"), make_person(Role.MANAGER)
    with transaction():
        token = sessions.start(person.id, now=NOW)

    with transaction():
        memberships.leave(person.id, by=manager.id, now=LATER)

    assert sessions.load(token) is None
    assert sessions.verify(person.employee_no, PASSWORD) is None
    assert current(person.id) == []
    rows = db.session.scalars(select(Membership).where(Membership.person_id == person.id)).all()
    assert [(row.batch, row.until_at) for row in rows] == [("一班", LATER)]
    assert departures == [
        hooks.Departure(person.id, (team.id,), is_transfer=False, by=manager.id, at=LATER)
    ]


def test_a_leaving_can_be_taken_back(team: Shop, make_person: MakePerson) -> None:
    person, manager = make_person(password=PASSWORD, batch="一班"), make_person(Role.MANAGER)
    with transaction():
        memberships.leave(person.id, by=manager.id, now=LATER)

    with transaction():
        memberships.undo_leave(person.id, by=manager.id, now=LATER)

    assert current(person.id) == [(team.id, "trainee", "一班")]
    assert sessions.verify(person.employee_no, PASSWORD) == person.id


def test_a_rehire_continues_the_record(team: Shop, make_person: MakePerson) -> None:
    person, manager = make_person(password=PASSWORD), make_person(Role.MANAGER)
    with transaction():
        memberships.leave(person.id, by=manager.id, now=NOW)

    with transaction():
        memberships.rehire(person.id, Post(team.id, Role.TRAINEE, "二班"), by=manager.id, now=LATER)

    assert current(person.id) == [(team.id, "trainee", "二班")]
    assert sessions.verify(person.employee_no, PASSWORD) == person.id
    count = select(func.count()).where(Membership.person_id == person.id)
    assert db.session.scalar(count) == 2


@pytest.mark.parametrize(
    "write",
    [
        lambda person, by: memberships.leave(person, by=by, now=NOW),
        lambda person, by: memberships.undo_leave(person, by=by, now=NOW),
        lambda person, by: service.erase_identity(person, by=by, now=NOW),
    ],
)
def test_trainers_do_not_end_or_begin_employment(
    write: Callable[[int, int], None], make_person: MakePerson
) -> None:
    person, trainer = make_person(), make_person(Role.TRAINER)

    with pytest.raises(ForbiddenError), transaction():
        write(person.id, trainer.id)


def test_a_team_keeps_an_administrator(make_person: MakePerson) -> None:
    only = make_person(Role.ADMINISTRATOR)

    with pytest.raises(ConflictError), transaction():
        memberships.leave(only.id, by=None, now=NOW)


def test_nobody_lets_oneself_leave(make_person: MakePerson) -> None:
    me, _other = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)

    with pytest.raises(ConflictError), transaction():
        memberships.leave(me.id, by=me.id, now=NOW)


def test_leaving_twice_is_refused(make_person: MakePerson) -> None:
    person = make_person()
    with transaction():
        memberships.leave(person.id, by=None, now=NOW)

    with pytest.raises(ConflictError), transaction():
        memberships.leave(person.id, by=None, now=LATER)


def test_a_transfer_moves_roles_and_batch(
    team: Shop,
    make_team: MakeTeam,
    make_person: MakePerson,
    departures: list[hooks.Departure],
    arrivals: list[hooks.Arrival],
) -> None:
    person = make_person(Role.TRAINEE, Role.TRAINER, batch="一班")
    target = make_team("新店")

    with transaction():
        memberships.transfer(
            person.id, from_team_id=team.id, to_team_id=target.id, by=None, now=LATER
        )

    assert [(row[0], row[1]) for row in current(person.id)] == [
        (target.id, "trainee"),
        (target.id, "trainer"),
    ]
    assert departures == [
        hooks.Departure(person.id, (team.id,), is_transfer=True, by=None, at=LATER)
    ]
    assert {arrival.role for arrival in arrivals} == {Role.TRAINEE, Role.TRAINER}
    assert db.session.get_one(Person, person.id).left_at is None


def test_a_transfer_needs_rights_in_both_teams(
    team: Shop, make_team: MakeTeam, make_person: MakePerson
) -> None:
    person, manager = make_person(), make_person(Role.MANAGER)
    target = make_team("新店")

    with pytest.raises(NotFoundError), transaction():
        memberships.transfer(
            person.id, from_team_id=team.id, to_team_id=target.id, by=manager.id, now=NOW
        )


def test_roles_are_given_and_ended(team: Shop, make_person: MakePerson) -> None:
    person, manager = make_person(), make_person(Role.MANAGER)

    with transaction():
        memberships.give_role(person.id, Post(team.id, Role.TRAINER), by=manager.id, now=NOW)
    with transaction():
        memberships.end_role(
            person.id, team_id=team.id, role=Role.TRAINEE, by=manager.id, now=LATER
        )

    assert [row[1] for row in current(person.id)] == ["trainer"]


def test_the_last_role_is_ended_by_leaving_only(team: Shop, make_person: MakePerson) -> None:
    person = make_person()

    with pytest.raises(ConflictError), transaction():
        memberships.end_role(person.id, team_id=team.id, role=Role.TRAINEE, by=None, now=NOW)


def test_a_role_is_held_once(team: Shop, make_person: MakePerson) -> None:
    person = make_person()

    with pytest.raises(ConflictError), transaction():
        memberships.give_role(person.id, Post(team.id, Role.TRAINEE), by=None, now=NOW)


def test_a_batch_is_set_and_written_down_once(team: Shop, make_person: MakePerson) -> None:
    person, trainer = make_person(), make_person(Role.TRAINER)

    for _time in range(2):
        with transaction():
            memberships.set_batch(person.id, team_id=team.id, batch="三班", by=trainer.id, now=NOW)

    assert current(person.id) == [(team.id, "trainee", "三班")]
    assert [event.words for event in events_of(person.id)] == ["批次改为：三班"]


def test_names_are_corrected(make_person: MakePerson) -> None:
    person, trainer = make_person(phone="13800138000"), make_person(Role.TRAINER)

    with transaction():
        service.change_identity(
            person.id, Names("新名字", "", "13800138001"), by=trainer.id, now=NOW
        )

    identity = db.session.get_one(Identity, person.id)
    assert (identity.name, identity.phone) == ("新名字", "13800138001")
    assert db.session.get_one(Person, person.id).employee_no == person.employee_no


def test_extra_time_is_one_of_a_list(make_person: MakePerson) -> None:
    person = make_person()
    with transaction():
        service.set_extra_time(person.id, 1.5, by=None, now=NOW)

    with pytest.raises(InvalidError), transaction():
        service.set_extra_time(person.id, 99.0, by=None, now=NOW)

    assert db.session.get_one(Person, person.id).extra_time_ratio == 1.5


def test_erasing_takes_every_name_and_keeps_the_record(make_person: MakePerson) -> None:
    person = make_person(name="林小满", phone="13800138000", employee_no="YD7")
    administrator = make_person(Role.ADMINISTRATOR)
    with transaction():
        service.change_identity(person.id, Names("林大满", "YD8"), by=None, now=NOW)
        memberships.leave(person.id, by=administrator.id, now=NOW)

    with transaction():
        service.erase_identity(person.id, by=administrator.id, now=LATER)

    identity = db.session.get_one(Identity, person.id)
    assert (identity.name, identity.phone) == (f"已离职 #{person.id}", None)
    assert db.session.get_one(Person, person.id).employee_no == f"#{person.id}"
    details = db.session.scalars(
        select(PersonEvent.detail).where(PersonEvent.person_id == person.id)
    )
    assert not {"YD7", "YD8", "林小满", "林大满"} & set(details)


def test_people_at_work_are_not_erased(make_person: MakePerson) -> None:
    person = make_person()

    with pytest.raises(ConflictError), transaction():
        service.erase_identity(person.id, by=None, now=NOW)


def test_the_throttle_sees_one_account_in_all_its_spellings(app_context: AppContext) -> None:
    del app_context
    with transaction():
        for login in ["t1", "T1", "Ｔ１", " t 1 "] * 2:
            sessions.note_failure(login, "10.0.0.1", now=NOW)

    assert sessions.is_throttled("T1", "10.9.9.9", now=NOW)
    assert not sessions.is_throttled("T1", "10.9.9.9", now=NOW + sessions.FAILURE_WINDOW)
    assert db.session.scalar(select(func.count(LoginFailure.id))) == 16
