"""Pages about people: who sees whom, and what the buttons do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from itertools import count
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update
from werkzeug.test import TestResponse

from cstrain.config import Settings
from cstrain.core.people import importing, service, sessions
from cstrain.core.people.access import Role
from cstrain.core.people.import_table import RowProblem
from cstrain.core.people.models import Identity, Membership, Person, PersonEvent
from cstrain.kit import jobs, uploads
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop, SignIn, Someone

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
        service.leave(left.id, by=None, now=NOW)

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
        service.give_role(
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


class Importer:
    """Somebody at the pages of the import."""

    def __init__(self, app: Flask, person: Someone, client: FlaskClient, team: Shop) -> None:
        self.app, self.person, self.client, self.team = app, person, client, team

    def upload(self, table: str) -> TestResponse:
        file = (BytesIO(table.encode("gb18030")), "人员.csv")
        return self.client.post("/people/import", data={"team": self.team.id, "file": file})

    def confirm(self, table: str) -> TestResponse:
        return self.client.post(self.upload(table).location, data={"passwords": "y"})

    def work(self, answer: TestResponse) -> TestResponse:
        """Let the job of an answer work; gives what its page tells a script that waits."""
        jobs.run_waiting(self.app)
        return self.client.get(answer.location, headers={"HX-Request": "true"})

    def people_count(self) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count(Person.id))) or 0


@pytest.fixture
def importer(app: Flask, make_person: MakePerson, sign_in: SignIn, team: Shop) -> Importer:
    trainer = make_person(Role.TRAINER)
    return Importer(app, trainer, sign_in(trainer), team)


def test_an_import_goes_from_upload_to_passwords(importer: Importer, app: Flask) -> None:
    report = importer.upload("工号,姓名\nYD1,林小满\nYD2,周予安\n").location
    page = importer.client.get(report).text
    confirmed = importer.client.post(report, data={"passwords": "y"})
    again = importer.client.post(report)
    waiting = importer.client.get(confirmed.location).text
    count_before = importer.people_count()
    done = importer.work(confirmed)
    lists = [importer.client.get(done.headers["HX-Redirect"]).text for _reload in range(2)]

    assert "确认导入" in page
    assert again.status_code == 404
    assert "排队中" in waiting
    assert count_before == 1
    assert "新增 2 人" in done.text
    assert lists[0] == lists[1]
    passwords = re.findall(r'class="password">([\w-]+)<', lists[0])
    assert len(set(passwords)) == 2
    login = app.test_client().post("/login", data={"login": "YD1", "password": passwords[0]})
    assert login.status_code == 302


def test_passwords_of_an_import_are_stored_nowhere_and_go_after_a_day(
    importer: Importer, app: Flask, settings: Settings, make_person: MakePerson, sign_in: SignIn
) -> None:
    done = importer.work(importer.confirm("工号,姓名\nYD1,林小满\n"))
    url = done.headers["HX-Redirect"]
    (password,) = re.findall(r'class="password">([\w-]+)<', importer.client.get(url).text)

    with app.app_context():
        rows = [repr(row) for row in db.session.execute(select(jobs.Job.data, jobs.Job.result))]
    files = [path.read_bytes() for path in (settings.var_dir / "imports").iterdir()]
    by_another = sign_in(make_person(Role.MANAGER)).get(url)
    with time_machine.travel(utc_now() + timedelta(hours=25)):
        too_late = sign_in(importer.person).get(url)

    assert not any(password in row for row in rows)
    assert files == []
    assert [by_another.status_code, too_late.status_code] == [404, 404]


def test_who_has_logged_in_or_was_reset_is_no_longer_on_the_list(
    importer: Importer, app: Flask
) -> None:
    done = importer.work(importer.confirm("工号,姓名\nYD1,林小满\nYD2,周予安\nYD3,陈一诺\n"))
    with app.app_context():
        first, second, _third = db.session.scalars(
            select(Person.id).where(Person.employee_no.like("YD%")).order_by(Person.employee_no)
        )
        with transaction():
            sessions.set_password(first, "own-words-7", by=first, must_change=False, now=NOW)
    importer.client.post(f"/people/{second}/password")

    page = importer.client.get(done.headers["HX-Redirect"]).text

    assert [name in page for name in ("林小满", "周予安", "陈一诺")] == [False, False, True]


def long_table(count: int) -> str:
    return "工号,姓名,批次\n" + "".join(f"YD{n:05},新人{n},大促班\n" for n in range(count))


def test_a_large_table_is_looked_at_by_a_job(importer: Importer) -> None:
    uploaded = importer.upload(long_table(1200))
    waiting = importer.client.get(uploaded.location).text
    looked_at = importer.work(uploaded)
    report = importer.client.get(looked_at.headers["HX-Redirect"]).text

    assert "/jobs/" in uploaded.location
    assert "排队中" in waiting
    assert "1200" in report
    assert importer.people_count() == 1


def test_bad_rows_of_a_large_table_are_listed_by_number(importer: Importer) -> None:
    uploaded = importer.upload(long_table(1200) + "YD00007,又是他,\n")
    report = importer.client.get(importer.work(uploaded).headers["HX-Redirect"])

    assert report.status_code == 422
    assert "第 1202 行" in report.text
    assert "和第 9 行重复" in report.text


class KilledError(BaseException):
    """What no job catches, as nothing catches SIGKILL."""


def test_a_killed_import_is_finished_and_doubles_nobody(
    importer: Importer, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = importer.confirm(long_table(50))
    pieces = iter([importing.apply, importing.apply, killed])

    def apply(*arguments: Any, **named: Any) -> list[int]:
        return next(pieces)(*arguments, **named)

    monkeypatch.setattr(importing, "apply", apply)
    with pytest.raises(KilledError):
        jobs.run_waiting(app)
    monkeypatch.undo()
    half = importer.people_count()

    with app.app_context():
        jobs.sweep(now=utc_now())
    done = importer.work(asked)
    passwords = importer.client.get(done.headers["HX-Redirect"]).text

    assert half == 41
    assert importer.people_count() == 51
    assert "新增 50 人" in done.text
    assert passwords.count('class="password"') == 50
    with app.app_context():
        imported = select(func.count(PersonEvent.id)).where(PersonEvent.action == "imported")
        assert db.session.scalar(imported) == 50


def test_an_import_killed_at_its_end_says_what_it_did(
    importer: Importer, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = importer.confirm(long_table(3))
    monkeypatch.setattr(jobs, "_end", killed)
    with pytest.raises(KilledError):
        jobs.run_waiting(app)
    monkeypatch.undo()

    with app.app_context():
        jobs.sweep(now=utc_now())
    done = importer.work(asked)

    assert "新增 3 人" in done.text
    assert importer.people_count() == 4


def test_an_import_killed_half_way_whose_table_is_gone_does_not_say_that_all_is_in(
    importer: Importer, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = importer.confirm(long_table(30))
    pieces = iter([importing.apply, killed])

    def apply(*arguments: Any, **named: Any) -> list[int]:
        return next(pieces)(*arguments, **named)

    monkeypatch.setattr(importing, "apply", apply)
    with pytest.raises(KilledError):
        jobs.run_waiting(app)
    monkeypatch.undo()

    with app.app_context():
        uploads.clear_old(utc_now() + timedelta(hours=25))
        jobs.sweep(now=utc_now())
    done = importer.work(asked).text

    assert list((settings.var_dir / "imports").iterdir()) == []
    assert "导入好了" not in done
    assert "没做完" in done
    assert "/people/import/passwords/" in done


def test_what_vanishes_while_old_tables_are_cleared_away_is_no_matter(
    app: Flask, settings: Settings
) -> None:
    folder = settings.var_dir / "imports"
    folder.mkdir()
    (folder / "people-1-vanished").symlink_to(folder / "away")
    with app.app_context():
        kept = uploads.keep("people", b"1", owner_id=1, team_id=1)
        uploads.clear_old(utc_now())
        assert kept.table.is_file()


def killed(*_arguments: object, **_named: object) -> list[int]:
    raise KilledError


def test_what_went_wrong_since_the_dry_run_is_told_and_nothing_imported(
    importer: Importer, make_person: MakePerson
) -> None:
    asked = importer.confirm("工号,姓名,手机号\nYD1,林小满,13800138000\nYD2,周予安,\n")
    make_person(phone="13800138000")

    done = importer.work(asked)

    assert "一行也没有导入" in done.text
    assert "第 2 行 手机号" in done.text
    assert "HX-Redirect" not in done.headers
    assert importer.people_count() == 2


def test_who_was_imported_before_the_rest_went_wrong_has_a_password_to_hand_out(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = importer.confirm(long_table(30))
    plan, calls = importing.plan, count()

    def wrong_at_the_second_piece(*rows: Any, **named: Any) -> importing.ImportPlan:
        made = plan(*rows, **named)
        if next(calls) == 2:
            made.problems = [RowProblem(22, "工号", "刚刚被占了")]
        return made

    monkeypatch.setattr(importing, "plan", wrong_at_the_second_piece)
    done = importer.work(asked).text
    (url,) = re.findall(r'href="(/people/import/passwords/\d+)"', done)

    assert "20 人已经导入" in done
    assert "刚刚被占了" in done
    assert 'href="/people/import"' in done
    assert importer.client.get(url).text.count('class="password"') == 20


def test_who_was_imported_before_the_job_failed_has_a_password_to_hand_out(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = importer.confirm(long_table(30))
    pieces = iter([importing.apply])

    def once(*arguments: Any, **named: Any) -> list[int]:
        return next(pieces)(*arguments, **named)

    monkeypatch.setattr(importing, "apply", once)

    done = importer.work(asked).text
    (url,) = re.findall(r'href="(/people/import/passwords/\d+)"', done)

    assert "没做完" in done
    assert importer.client.get(url).text.count('class="password"') == 20


def test_only_who_asked_is_taken_along_to_what_a_job_has_made(
    importer: Importer, make_person: MakePerson, sign_in: SignIn
) -> None:
    asked = importer.confirm("工号,姓名\nYD1,林小满\n")
    importer.work(asked)

    seen = sign_in(make_person(Role.MANAGER)).get(asked.location, headers={"HX-Request": "true"})

    assert "新增 1 人" in seen.text
    assert "HX-Redirect" not in seen.headers


def test_a_table_of_two_shops_is_for_who_asked_and_for_staff_of_both(
    app: Flask, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn, team: Shop
) -> None:
    other = make_team("二店")
    both, here, colleague = (make_person(Role.TRAINER, name=name) for name in "甲乙丙")
    give_post(app, both, other, Role.TRAINER)
    give_post(app, colleague, other, Role.TRAINER)
    importer = Importer(app, both, sign_in(both), team)
    table = f"工号,姓名,店铺\nYD1,林小满,{team.name}\nYD2,周予安,二店\n"
    asked = importer.confirm(table)
    done = importer.work(asked)
    passwords = done.headers["HX-Redirect"]

    own, in_both = (sign_in(one).get(asked.location).text for one in (both, colleague))
    in_one = sign_in(here).get(asked.location)
    before = importer.client.get(passwords).text
    with app.app_context(), transaction() as session:
        session.execute(
            update(Membership)
            .where(Membership.person_id == both.id, Membership.team_id == other.id)
            .values(until_at=NOW)
        )
    after = sign_in(both).get(passwords).text

    assert in_one.status_code == 404
    assert ("看初始密码" in own, "看初始密码" in in_both) == (True, False)
    assert ("YD1" in before, "YD2" in before) == (True, True)
    assert ("YD1" in after, "YD2" in after) == (True, False)


def give_post(app: Flask, person: Someone, team: Shop, role: Role) -> None:
    with app.app_context(), transaction() as session:
        session.add(Membership(person_id=person.id, team_id=team.id, role=role, since_at=NOW))


def test_the_dry_run_shows_first_what_changes_with_what_was_there(
    importer: Importer, make_person: MakePerson
) -> None:
    known = make_person(name="高远")

    sent = importer.upload(f"工号,姓名\nYD1,林小满\n{known.employee_no},高远远\n")
    report = importer.client.get(sent.location).text

    assert "改姓名：高远 → 高远远" in report
    assert report.index("高远远") < report.index("林小满")


def test_a_bad_table_is_reported_row_by_row_and_not_imported(
    make_person: MakePerson, sign_in: SignIn, app: Flask, team: Shop
) -> None:
    client = sign_in(make_person(Role.TRAINER))
    table = "工号,姓名\nYD1,林小满\n,无号\n".encode()

    sent = client.post("/people/import", data={"team": team.id, "file": (BytesIO(table), "a.csv")})
    report = client.get(sent.headers["Location"])
    done = client.post(sent.headers["Location"])

    assert (report.status_code, done.status_code) == (422, 422)
    assert "第 3 行" in report.text
    with app.app_context():
        assert db.session.scalar(select(func.count(Person.id))) == 1


@pytest.mark.parametrize(
    ("content", "words"), [(b"\x89PNG\0", "不是表格"), (b"a,b\n1,2\n", "表头"), (b"", "空的")]
)
def test_a_file_that_is_no_table_is_refused(
    content: bytes, words: str, make_person: MakePerson, sign_in: SignIn, team: Shop
) -> None:
    client = sign_in(make_person(Role.TRAINER))

    answer = client.post(
        "/people/import", data={"team": team.id, "file": (BytesIO(content), "a.xlsx")}
    )

    assert answer.status_code == 422
    assert words in answer.text


def test_an_upload_is_ones_own(make_person: MakePerson, sign_in: SignIn, team: Shop) -> None:
    first, second = make_person(Role.TRAINER), make_person(Role.TRAINER)
    table = "工号,姓名\nYD1,林小满\n".encode()
    sent = sign_in(first).post(
        "/people/import", data={"team": team.id, "file": (BytesIO(table), "a.csv")}
    )

    answer = sign_in(second).get(sent.headers["Location"])

    assert answer.status_code == 404
    assert sign_in(first).get("/people/import/..%2f..%2fsecret").status_code == 404


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
        service.set_batch(person.id, team_id=team.id, batch="九班", by=None, now=NOW)

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
