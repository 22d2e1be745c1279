"""Importing people: every bad row by number and reason, all or nothing, and twice is once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cstrain.core.people import hooks, import_table, importing, memberships
from cstrain.core.people.access import Role, TeamRef
from cstrain.core.people.importing import ImportPlan, RowState
from cstrain.core.people.models import Identity, Membership, Person
from cstrain.kit import tables
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, InvalidError
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop

pytestmark = pytest.mark.usefixtures("app_context")
LATER = NOW + timedelta(days=3)
HEAD = "工号,姓名,手机号,角色,店铺,批次\n"


@pytest.fixture(autouse=True)
def arrivals() -> Iterator[list[hooks.Arrival]]:
    """What the join hooks were told."""
    told: list[hooks.Arrival] = []
    kept = hooks.on_join._registered  # noqa: SLF001 - put back below
    hooks.on_join._registered = [told.append]  # noqa: SLF001
    yield told
    hooks.on_join._registered = kept  # noqa: SLF001


def ref(shop: Shop) -> TeamRef:
    return TeamRef(shop.id, shop.slug, shop.name, "Asia/Shanghai")


def planned(text: str, team: Shop, *others: Shop, by: int | None = None) -> ImportPlan:
    teams = [ref(shop) for shop in (team, *others)]
    rows, problems = import_table.read((HEAD + text).encode(), teams=teams, default_team_id=team.id)
    made = importing.plan(rows, by=by)
    made.problems = sorted([*problems, *made.problems], key=lambda problem: problem.number)
    return made


def run(text: str, team: Shop, *others: Shop, by: int | None = None) -> ImportPlan:
    with transaction():
        made = planned(text, team, *others, by=by)
        importing.apply(made, password_hashes={}, by=by, now=LATER)
    return made


def states(made: ImportPlan) -> list[RowState]:
    return [row.state for row in made.planned]


def test_new_people_come_with_everything_the_row_says(
    team: Shop, make_team: MakeTeam, arrivals: list[hooks.Arrival]
) -> None:
    other = make_team("童装店")

    made = run("yd1,林小满,138 0013 8000,,,一班\nYD2,周予安,,带教老师,童装店,\n", team, other)

    assert states(made) == [RowState.NEW, RowState.NEW]
    rows = db.session.execute(
        select(Person.employee_no, Identity.name, Identity.phone, Membership)
        .join(Identity, Identity.person_id == Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .order_by(Person.id)
    ).all()
    assert [
        (row[0], row[1], row[2], row[3].role, row[3].team_id, row[3].batch) for row in rows
    ] == [
        ("YD1", "林小满", "13800138000", "trainee", team.id, "一班"),
        ("YD2", "周予安", None, "trainer", other.id, None),
    ]
    assert [arrival.role for arrival in arrivals] == [Role.TRAINEE, Role.TRAINER]


def test_the_same_table_again_changes_nothing(team: Shop) -> None:
    text = "YD1,林小满,13800138000,,,一班\nYD2,周予安,,带教老师,,一班\n"
    run(text, team)

    again = run(text, team)

    assert states(again) == [RowState.UNCHANGED, RowState.UNCHANGED]
    assert again.is_empty
    assert db.session.scalar(select(func.count(Membership.id))) == 2


def test_a_changed_row_says_what_changes(team: Shop) -> None:
    run("YD1,林小满,13800138000,,,一班\n", team)

    made = run("YD1,林晓满,13800138001,,,二班\n", team)

    assert made.planned[0].changes == {
        "姓名": ("林小满", "林晓满"),
        "手机号": ("13800138000", "13800138001"),
        "批次": ("一班", "二班"),
    }
    assert planned("YD1,林晓满,13800138001,,,二班\n", team).is_empty


def test_an_empty_cell_keeps_what_is_known(team: Shop) -> None:
    run("YD1,林小满,13800138000,,,一班\n", team)

    made = run("YD1,林小满,,,,\n", team)

    assert states(made) == [RowState.UNCHANGED]


def test_a_new_role_is_added(team: Shop) -> None:
    run("YD1,林小满,,,,\n", team)

    made = run("YD1,林小满,,带教老师,,\n", team)

    assert states(made) == [RowState.CHANGED]
    roles = db.session.scalars(select(Membership.role).order_by(Membership.role)).all()
    assert roles == ["trainee", "trainer"]


def test_somebody_who_left_is_rehired(team: Shop, make_person: MakePerson) -> None:
    person = make_person(employee_no="YD1", name="林小满")
    with transaction():
        memberships.leave(person.id, by=None, now=NOW)

    made = run("YD1,林小满,,,,二班\n", team)

    assert states(made) == [RowState.REHIRED]
    assert db.session.get_one(Person, person.id).left_at is None
    assert states(run("YD1,林小满,,,,二班\n", team)) == [RowState.UNCHANGED]


def test_every_bad_row_is_named_with_its_reasons(team: Shop, make_person: MakePerson) -> None:
    make_person(phone="13800138009")

    made = planned(
        ",无号,,,,\n"
        "YD2,,123,总裁,火星店,\n"
        "\n"
        "YD3,甲,13800138000,,,\n"
        "yd3,乙,,,,\n"
        "YD4,丙,13800138000,,,\n"
        "YD5,丁,13800138009,,,\n"
        f"YD6,{'戊' * 61},,,,{'班' * 41}\n"
        "YD#,己,,,,\n"
        "13800138009,庚,,,,\n",
        team,
    )

    assert [(problem.number, problem.column) for problem in made.problems] == [
        (2, "工号"),
        (3, "姓名"),
        (3, "手机号"),
        (3, "角色"),
        (3, "店铺"),
        (6, "工号"),
        (7, "手机号"),
        (8, "手机号"),
        (9, "姓名"),
        (9, "批次"),
        (10, "工号"),
        (11, "工号"),
    ]
    assert made.bad_row_count == 8


def test_nothing_is_imported_while_one_row_is_wrong(team: Shop) -> None:
    made = planned("YD1,甲,,,,\n,乙,,,,\n", team)

    with pytest.raises(ConflictError), transaction():
        importing.apply(made, password_hashes={}, by=None, now=NOW)

    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_a_trainer_imports_trainees_only(team: Shop, make_person: MakePerson) -> None:
    trainer = make_person(Role.TRAINER)

    made = planned("YD1,甲,,,,\nYD2,乙,,带教老师,,\n", team, by=trainer.id)

    assert states(made) == [RowState.NEW]
    assert [(problem.number, problem.column) for problem in made.problems] == [(3, "角色")]


@pytest.mark.parametrize("role", [Role.TRAINER, Role.MANAGER])
def test_a_table_does_not_reach_people_above_or_elsewhere(
    role: Role, team: Shop, make_team: MakeTeam, make_person: MakePerson
) -> None:
    by = make_person(role)
    make_person(Role.MANAGER, employee_no="BOSS", name="老板")
    make_person(employee_no="FAR", name="远", team=make_team())

    made = planned("BOSS,改名,,,,\nFAR,改名,,,,\n", team, by=by.id)

    assert [problem.number for problem in made.problems] == [2, 3]


def test_a_trainer_does_not_rehire(team: Shop, make_person: MakePerson) -> None:
    trainer, manager = make_person(Role.TRAINER), make_person(Role.MANAGER)
    person = make_person(employee_no="YD1", name="甲")
    with transaction():
        memberships.leave(person.id, by=None, now=NOW)

    assert planned("YD1,甲,,,,\n", team, by=trainer.id).problems
    assert states(planned("YD1,甲,,,,\n", team, by=manager.id)) == [RowState.REHIRED]


def test_a_manager_rehires_nobody_above(team: Shop, make_person: MakePerson) -> None:
    manager = make_person(Role.MANAGER)
    boss = make_person(Role.MANAGER, employee_no="BOSS", name="老板")
    with transaction():
        memberships.leave(boss.id, by=None, now=NOW)

    assert planned("BOSS,老板,,,,\n", team, by=manager.id).problems


def test_the_template_can_be_read_and_says_what_columns_are(team: Shop) -> None:
    data = import_table.template([ref(team)], [Role.TRAINEE, Role.TRAINER])

    rows = tables.read_rows(data)

    assert rows[0].cells == ("工号", "姓名", "手机号", "角色", "店铺", "批次")


@pytest.mark.parametrize("text", ["姓名\n甲\n", "a,b\n1,2\n", ""])
def test_a_table_without_its_headings_is_refused(text: str, team: Shop) -> None:
    with pytest.raises(InvalidError):
        import_table.read(text.encode(), teams=[ref(team)], default_team_id=team.id)


def test_a_thousand_rows_take_few_statements(team: Shop) -> None:
    text = "".join(f"YD{number:05},学员{number},,,,一班\n" for number in range(1, 1001))

    made = run(text, team)

    assert made.count("new") == 1000
    assert run(text, team).is_empty
