"""The pages of the import: upload, dry run, the job that imports, and passwords to hand out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from itertools import count
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from cstrain.config import Settings
from cstrain.core.people import importing, sessions
from cstrain.core.people.access import Role
from cstrain.core.people.import_table import RowProblem
from cstrain.core.people.models import Membership, Person, PersonEvent
from cstrain.kit import jobs, uploads
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import NotFoundError
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop, SignIn, Someone


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


def killed(*_arguments: object, **_named: object) -> list[int]:
    raise KilledError


def apply_by(monkeypatch: pytest.MonkeyPatch, *calls: Callable[..., list[int]]) -> None:
    """Let the next of these write each piece; a piece too many fails the job."""
    left = iter(calls)

    def apply(*arguments: Any, **named: Any) -> list[int]:
        return next(left)(*arguments, **named)

    monkeypatch.setattr(importing, "apply", apply)


def die(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work until the job process is killed; the next one is as ever."""
    with pytest.raises(KilledError):
        jobs.run_waiting(app)
    monkeypatch.undo()


def test_a_killed_import_is_finished_and_doubles_nobody(
    importer: Importer, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = importer.confirm(long_table(50))
    apply_by(monkeypatch, importing.apply, importing.apply, killed)
    die(app, monkeypatch)
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
    die(app, monkeypatch)

    with app.app_context():
        jobs.sweep(now=utc_now())
    done = importer.work(asked)

    assert "新增 3 人" in done.text
    assert importer.people_count() == 4


def test_an_import_killed_half_way_whose_table_is_gone_does_not_say_that_all_is_in(
    importer: Importer, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = importer.confirm(long_table(30))
    apply_by(monkeypatch, importing.apply, killed)
    die(app, monkeypatch)

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
    apply_by(monkeypatch, importing.apply)

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


@pytest.mark.parametrize("token", ["", "1", "1-../../secret", f"1-{'0' * 32}.json", f"-{'0' * 32}"])
def test_what_can_be_no_uploads_name_is_no_way_into_the_folder(app: Flask, token: str) -> None:
    with app.app_context(), pytest.raises(NotFoundError):
        uploads.find("people", token, owner_id=1)
