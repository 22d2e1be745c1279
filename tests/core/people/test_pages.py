"""Pages about people: who sees whom, and what the buttons do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, func, select

from cstrain.core.people import memberships, service, sessions
from cstrain.core.people.access import Role
from cstrain.core.people.models import Identity, Membership, Person, PersonEvent
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop, SignIn

STAFF_PAGES = [
    "/people",
    "/people/add",
    "/people/import",
    "/people/import/template.xlsx",
    "/people/invitations",
]


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collects the SQL statements that are executed meanwhile."""
    statements: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", STAFF_PAGES)
@pytest.mark.parametrize("role", [Role.TRAINER, Role.MANAGER, Role.ADMINISTRATOR])
def test_staff_reach_their_pages(
    path: str, role: Role, make_person: MakePerson, sign_in: SignIn
) -> None:
    answer = sign_in(make_person(role)).get(path)

    assert answer.status_code == 200


@pytest.mark.parametrize("path", [*STAFF_PAGES, "/teams", "/teams/new"])
def test_trainees_do_not(path: str, make_person: MakePerson, sign_in: SignIn) -> None:
    answer = sign_in(make_person()).get(path)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "method_path",
    [
        "GET /people/{id}",
        "GET /people/{id}/edit",
        "POST /people/{id}/edit",
        "POST /people/{id}/password",
        "POST /people/{id}/leave",
        "POST /people/{id}/undo-leave",
        "POST /people/{id}/rehire",
        "POST /people/{id}/roles",
        "POST /people/{id}/roles/end",
        "POST /people/{id}/transfer",
        "POST /people/{id}/batch/{team}",
        "POST /people/{id}/extra-time",
        "POST /people/{id}/erase",
    ],
)
def test_people_of_another_team_are_not_found(
    method_path: str, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    other = make_team("别家店")
    foreign = make_person(team=other)
    mine = make_person(Role.ADMINISTRATOR)
    method, path = method_path.split()

    answer = sign_in(mine).open(path.format(id=foreign.id, team=other.id), method=method)

    assert answer.status_code == 404


def test_a_list_shows_ones_own_teams_only(
    make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    other = make_team("别家店")
    make_person(name="自己人")
    make_person(name="别家人", team=other)

    page = sign_in(make_person(Role.TRAINER)).get("/people?state=all").text

    assert "自己人" in page
    assert "别家人" not in page
    assert sign_in(make_person(Role.TRAINER)).get(f"/people?team={other.id}").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"林小满", "周予安"}),
        ("?q=小满", {"林小满"}),
        ("?q=%25", set()),
        ("?q=%00", {"林小满", "周予安"}),
        ("?q=yd2", {"周予安"}),
        ("?q=138 0013", {"林小满"}),
        ("?batch=一班", {"林小满"}),
        ("?role=trainer", {"周予安"}),
        ("?role=nobody&state=odd&page=-3", {"林小满", "周予安"}),
        ("?page=999999999999999999999", {"林小满", "周予安"}),
        ("?state=left", {"陈一诺"}),
        ("?state=all&q=诺", {"陈一诺"}),
    ],
)
def test_filters_stand_in_the_address(
    query: str, names: set[str], make_person: MakePerson, sign_in: SignIn, app: Flask
) -> None:
    manager = make_person(Role.MANAGER, name="何静")
    make_person(name="林小满", employee_no="YD1", phone="13800138000", batch="一班")
    make_person(Role.TRAINER, name="周予安", employee_no="YD2")
    left = make_person(name="陈一诺", employee_no="YD3")
    with app.app_context(), transaction():
        memberships.leave(left.id, by=None, now=NOW)

    page = sign_in(manager).get(f"/people{query}").text

    assert {name for name in ("林小满", "周予安", "陈一诺") if name in page} == names


@pytest.mark.parametrize("count", [3, 130])
def test_a_list_takes_the_same_few_statements(
    count: int, make_person: MakePerson, sign_in: SignIn, app: Flask, team: Shop
) -> None:
    client = sign_in(make_person(Role.TRAINER))
    with app.app_context(), transaction() as session:
        rows = [Person(employee_no=f"P{n:04}", created_at=NOW) for n in range(count)]
        session.add_all(rows)
        session.flush()
        for row in rows:
            session.add(Identity(person_id=row.id, name=f"人{row.id}"))
            session.add(Membership(person_id=row.id, team_id=team.id, role="trainee", since_at=NOW))

    with counted(app) as statements:
        page = client.get("/people")

    assert page.status_code == 200
    assert len(statements) <= 5
    assert page.text.count("person-link") == min(count + 1, 50)


def test_a_person_page_takes_few_statements(
    make_person: MakePerson, sign_in: SignIn, app: Flask
) -> None:
    person = make_person()
    client = sign_in(make_person(Role.ADMINISTRATOR))

    with counted(app) as statements:
        client.get(f"/people/{person.id}")

    assert len(statements) <= 8, statements


def test_adding_shows_the_first_password(
    make_person: MakePerson, sign_in: SignIn, app: Flask, team: Shop
) -> None:
    client = sign_in(make_person(Role.TRAINER))
    form = {"team": team.id, "role": "trainee", "name": "林小满", "employee_no": "YD1"}

    page = client.post("/people/add", data=form, follow_redirects=True)
    again = client.post("/people/add", data=form)

    password = re.search(r'id="password">([\w-]+)<', page.text)
    assert page.status_code == 200
    assert password
    assert again.status_code == 422
    assert "登记过" in again.text
    newcomer = app.test_client()
    newcomer.post("/login", data={"login": "yd1", "password": password[1]})
    assert newcomer.get("/").headers["Location"] == "/account"


@pytest.mark.parametrize("role", ["trainer", "manager", "administrator", "king"])
def test_a_forged_role_is_refused(
    role: str, make_person: MakePerson, sign_in: SignIn, team: Shop
) -> None:
    client = sign_in(make_person(Role.TRAINER))

    answer = client.post("/people/add", data={"team": team.id, "role": role, "name": "甲"})

    assert answer.status_code == 422


def test_the_buttons_of_a_person_work_in_turn(
    make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn, app: Flask, team: Shop
) -> None:
    administrator = make_person(Role.ADMINISTRATOR)
    other = make_team("新店")
    with app.app_context(), transaction():
        memberships.give_role(
            administrator.id,
            service.Post(other.id, Role.ADMINISTRATOR),
            by=None,
            now=NOW,
        )
    person = make_person(name="林小满")
    client = sign_in(administrator)
    at = f"/people/{person.id}"

    for path, data, words in [
        ("password", {}, "一小时内可以再打开"),
        ("edit", {"name": "林大满", "employee_no": "", "phone": "13800138000"}, "林大满"),
        (f"batch/{team.id}", {f"batch{team.id}-batch": "九班"}, "九班"),
        ("extra-time", {"time-ratio": "1.5"}, "1.5 倍"),
        ("roles", {"give-post": f"{team.id}:trainer"}, "新增角色：带教老师"),
        ("roles/end", {"team": team.id, "role": "trainer"}, "取消角色：带教老师"),
        ("transfer", {"move-move": f"{team.id}:{other.id}"}, "转去 新店"),
        ("leave", {}, "撤销离职"),
        ("undo-leave", {}, "办离职"),
        ("leave", {}, "重新入职"),
        ("rehire", {"rehire-post": f"{other.id}:trainee", "rehire-batch": ""}, "重新入职，角色"),
        ("leave", {}, "清除个人信息"),
        ("erase", {}, f"已离职 #{person.id}"),
    ]:
        answer = client.post(f"{at}/{path}", data=data, follow_redirects=True)

        assert answer.status_code == 200, path
        assert words in answer.text, path


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("rehire", {"rehire-post": "99:administrator"}),
        ("roles", {"give-post": "1:administrator"}),
        ("roles", {"give-post": "x"}),
        ("transfer", {"move-move": "1:2"}),
        ("extra-time", {"time-ratio": "99"}),
    ],
)
def test_a_forged_choice_changes_nothing(
    path: str, data: dict[str, str], make_person: MakePerson, sign_in: SignIn, app: Flask
) -> None:
    person = make_person()
    client = sign_in(make_person(Role.MANAGER))

    client.post(f"/people/{person.id}/{path}", data=data)

    with app.app_context():
        assert db.session.scalar(select(func.count(PersonEvent.id))) == 0


def shown_password(page: str) -> str:
    found = re.search(r'id="password">([\w-]+)<', page)
    assert found
    return found[1]


def test_a_new_password_survives_a_reload_and_no_reset_is_repeated(
    make_person: MakePerson, sign_in: SignIn, app: Flask
) -> None:
    person, client = make_person(), sign_in(make_person(Role.TRAINER))

    answer = client.post(f"/people/{person.id}/password")
    pages = [client.get(answer.location).text for _reload in range(2)]

    passwords = {shown_password(page) for page in pages}
    assert len(passwords) == 1
    with app.app_context():
        assert sessions.verify(person.employee_no, passwords.pop()) == person.id


def test_a_first_password_is_for_who_gave_it_for_an_hour_and_until_it_is_changed(
    make_person: MakePerson, sign_in: SignIn, app: Flask
) -> None:
    person, trainer = make_person(), make_person(Role.TRAINER)
    page = sign_in(trainer).post(f"/people/{person.id}/password").location
    by_another = sign_in(make_person(Role.MANAGER)).get(page)

    with time_machine.travel(utc_now() + timedelta(minutes=61)):
        too_late = sign_in(trainer).get(page)
    with app.app_context(), transaction():
        sessions.set_password(person.id, "own-words-7", by=person.id, must_change=False, now=NOW)
    changed = sign_in(trainer).get(page)

    assert [each.status_code for each in (by_another, too_late, changed)] == [302, 302, 302]


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.TRAINEE, ("带教老师发的那个", "保存，开始学习")),
        (Role.ADMINISTRATOR, ("发给你的那个初始密码", "保存，开始使用")),
    ],
)
def test_who_logs_in_first_is_spoken_to_by_role(
    make_person: MakePerson, sign_in: SignIn, app: Flask, role: Role, said: tuple[str, ...]
) -> None:
    person = make_person(role)
    client = sign_in(person)
    with app.app_context(), transaction():
        db.session.get_one(Person, person.id).must_change_password = True

    page = client.get("/account").text

    assert [words in page for words in said] == [True, True]


def test_an_administrator_opens_and_changes_teams(
    make_person: MakePerson, sign_in: SignIn, team: Shop
) -> None:
    client = sign_in(make_person(Role.ADMINISTRATOR))
    facts = {
        "name": "童装店",
        "timezone": "Asia/Shanghai",
        "pathway_slug": "three-exams",
        "needed_on_duty_count": "4",
    }

    opened = client.post("/teams/new", data={**facts, "slug": "kids"})
    taken = client.post("/teams/new", data={**facts, "slug": "kids"})
    wrong = client.post("/teams/new", data={**facts, "slug": "../etc"})
    changed = client.post(f"/teams/{team.id}", data={**facts, "name": "改名店"})
    page = client.get("/teams").text

    codes = [answer.status_code for answer in (opened, taken, wrong, changed)]
    assert codes == [302, 422, 422, 302]
    assert "童装店" in page
    assert "改名店" in page


def test_time_zones_are_named_in_the_readers_language(
    make_person: MakePerson, sign_in: SignIn
) -> None:
    chinese = sign_in(make_person(Role.ADMINISTRATOR)).get("/teams/new").text
    english = sign_in(make_person(Role.ADMINISTRATOR, language="en")).get("/teams/new").text

    assert 'value="Asia/Shanghai">上海 · 中国时间<' in chinese
    assert 'value="UTC">协调世界时<' in chinese
    assert 'value="Asia/Kolkata">印度时间<' in chinese
    assert 'value="Asia/Shanghai">Shanghai · China Time<' in english


def test_a_new_team_is_offered_the_first_pathway_as_its_own(
    make_person: MakePerson, sign_in: SignIn
) -> None:
    page = sign_in(make_person(Role.ADMINISTRATOR)).get("/teams/new").text

    assert 'selected value="three-exams"' in page


def test_teams_of_others_are_not_found(
    make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    client = sign_in(make_person(Role.ADMINISTRATOR))

    assert client.get(f"/teams/{make_team().id}").status_code == 404


def test_ones_own_history_stands_in_the_account(
    make_person: MakePerson, sign_in: SignIn, app: Flask, team: Shop
) -> None:
    person = make_person()
    with app.app_context(), transaction():
        memberships.set_batch(person.id, team_id=team.id, batch="九班", by=None, now=NOW)

    assert "批次改为：九班" in sign_in(person).get("/account").text


def test_through_a_trainees_eyes_the_menu_offers_nothing_that_is_refused(
    make_person: MakePerson, sign_in: SignIn
) -> None:
    trainee = make_person()
    page = sign_in(make_person(Role.TRAINER))
    private = {"/inbox", "/account"}

    def offered() -> set[str]:
        return set(re.findall(r'(?:href|action)="([^"?#]+)', page.get("/practice").text))

    assert private <= offered()
    page.post(f"/people/{trainee.id}/see")

    seen = offered()
    assert not private & seen
    assert "/see/stop" in seen
    linked = sorted(path for path in seen if "static" not in path)
    assert [path for path in linked if page.get(path).status_code == 403] == []
