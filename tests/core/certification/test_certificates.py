"""Certificates: who sees them, what strangers are told, what changes and who learns of it."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from PIL.Image import Image
from sqlalchemy import event, select, update

from cstrain.core.certification import duties, pdf, queries
from cstrain.core.certification.models import Certificate
from cstrain.core.certification.paper import paper_of
from cstrain.core.certification.status import Status, is_due, masked, status_on
from cstrain.core.certification.throttle import MISSES_ALLOWED, WINDOW, Brake
from cstrain.core.people.access import Role
from cstrain.core.people.models import Membership
from cstrain.kit import i18n, jobs
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import InvalidError
from cstrain.kit.outbox import OutboxMessage
from tests.plugins.course import Course
from tests.plugins.shop import NOW, MakePerson, MakeTeam, SignIn, Someone

TODAY = date(2026, 11, 2)
LAST = date(2027, 11, 1)  # 365 days from 2026-11-02, that day included


@pytest.mark.parametrize(
    ("day", "state", "status"),
    [
        (LAST, "valid", Status.VALID),
        (LAST + timedelta(days=1), "valid", Status.EXPIRED),
        (LAST, "suspended", Status.SUSPENDED),
        (LAST + timedelta(days=1), "revoked", Status.REVOKED),
    ],
)
def test_a_certificate_is_good_on_its_last_day(day: date, state: str, status: Status) -> None:
    found = status_on(day, state=state, valid_until_on=LAST)

    assert found is status


@pytest.mark.parametrize(("days_left", "due"), [(-1, False), (0, True), (6, True), (7, False)])
def test_due_is_what_ends_within_seven_days_with_today(days_left: int, *, due: bool) -> None:
    day = LAST - timedelta(days=days_left)

    assert is_due(day, LAST) is due


@pytest.mark.parametrize(
    ("name", "shown"), [("林晓雨", "林**"), ("林雨", "林**"), (" Anna Li", "A**"), ("", "**")]
)
def test_a_masked_name_does_not_tell_its_length(name: str, shown: str) -> None:
    assert masked(name) == shown


def test_the_brake_holds_after_many_misses_and_lets_go() -> None:
    brake = Brake()

    for _miss in range(MISSES_ALLOWED):
        brake.miss("192.0.2.1", NOW)

    assert brake.is_on("192.0.2.1", NOW)
    assert not brake.is_on("192.0.2.2", NOW)
    assert not brake.is_on("192.0.2.1", NOW + WINDOW + timedelta(seconds=1))


@pytest.fixture
def trainer(make_person: MakePerson) -> Someone:
    return make_person(Role.TRAINER, name="周带教")


@pytest.fixture
def holder(make_person: MakePerson) -> Someone:
    return make_person(name="林晓雨", batch="2026-11 班")


@pytest.fixture
def number(course: Course, holder: Someone, trainer: Someone) -> str:
    return course.certify(holder, trainer)


@pytest.fixture
def _today() -> Iterator[None]:
    with time_machine.travel(NOW + timedelta(hours=2), tick=True):
        yield


pytestmark = pytest.mark.usefixtures("_today")


@pytest.fixture
def stranger(make_person: MakePerson, make_team: MakeTeam) -> Someone:
    return make_person(Role.MANAGER, team=make_team("别家店"))


def test_holder_and_staff_see_it_and_nobody_else(
    number: str, stranger: Someone, make_person: MakePerson, sign_in: SignIn, holder: Someone
) -> None:
    people = (holder, make_person(Role.TRAINER), make_person(), stranger)

    pages = [sign_in(person).get(f"/certificates/{number}").status_code for person in people]

    assert pages == [200, 200, 404, 404]


def test_strangers_learn_only_what_they_must(
    number: str, client: FlaskClient, holder: Someone
) -> None:
    answer = client.get(f"/verify/{number.lower()}")

    assert answer.status_code == 200
    assert "林**" in answer.text
    assert "云朵家居旗舰店" in answer.text
    assert "证书有效" in answer.text
    assert holder.name not in answer.text
    assert holder.employee_no not in answer.text
    assert "2026-11 班" not in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_an_unknown_number_is_unknown(client: FlaskClient, number: str) -> None:
    del number

    answer = client.get("/verify/0000000000")

    assert answer.status_code == 404
    assert "没有这张证书" in answer.text


def test_a_number_is_found_however_it_is_typed(client: FlaskClient, number: str) -> None:
    typed = f" {number[:5].lower()}-{number[5:]} "

    answer = client.get("/verify", query_string={"number": typed})

    assert answer.status_code == 302
    assert answer.location == f"/verify/{number}"


def test_a_manager_suspends_gives_back_and_revokes(
    number: str, holder: Someone, make_person: MakePerson, sign_in: SignIn, app: Flask
) -> None:
    manager = sign_in(make_person(Role.MANAGER, name="陈主管"))
    address = f"/certificates/{number}/state"

    for action, reason in (("suspend", "私加微信"), ("restore", "查清了"), ("revoke", "再犯")):
        answer = manager.post(address, data={"action": action, "reason": reason})
        assert answer.status_code == 302
    page = sign_in(holder).get(f"/certificates/{number}").text
    assert '<a class="head-back" href="/records">' in page

    assert [page.index(text) for text in ("再犯", "查清了", "私加微信")] == sorted(
        page.index(text) for text in ("再犯", "查清了", "私加微信")
    )
    assert "陈主管" in page
    with app.app_context():
        told = set(
            db.session.scalars(
                select(OutboxMessage.topic).where(OutboxMessage.person_id == holder.id)
            )
        )
    assert {"certificate_suspended", "certificate_restored", "certificate_revoked"} <= told


def test_a_change_needs_a_reason_and_a_manager(
    number: str, trainer: Someone, stranger: Someone, make_person: MakePerson, sign_in: SignIn
) -> None:
    address = f"/certificates/{number}/state"
    manager = sign_in(make_person(Role.MANAGER))
    change = {"action": "suspend", "reason": "私加微信"}

    answers = [
        manager.post(address, data={"action": "suspend", "reason": "  "}).status_code,
        manager.post(address, data={"action": "restore", "reason": "好"}).status_code,
        sign_in(stranger).post(address, data=change).status_code,
        sign_in(trainer).post(address, data=change).status_code,
    ]

    assert answers == [422, 422, 404, 403]


def test_each_change_is_asked_for_with_its_consequences_and_a_reason(
    number: str, make_person: MakePerson, sign_in: SignIn
) -> None:
    manager = sign_in(make_person(Role.MANAGER))

    page = manager.get(f"/certificates/{number}").text
    assert '<a class="head-back" href="/board">' in page
    refused = manager.post(f"/certificates/{number}/state", data={"action": "revoke"}).text

    dialogs = re.findall(r"<dialog.*?</dialog>", page, re.DOTALL)
    revoking = next(each for each in dialogs if 'value="revoke"' in each)
    assert "不能恢复" in revoking
    assert "不能上岗" in revoking
    assert re.search(r"<textarea[^>]* required", revoking)
    assert 'value="suspend"' in "".join(dialogs)
    assert 'value="restore"' not in page
    assert "写一句原因" in refused


def test_a_suspended_certificate_is_not_good_and_says_no_reason_to_strangers(
    number: str, make_person: MakePerson, sign_in: SignIn, client: FlaskClient
) -> None:
    sign_in(make_person(Role.MANAGER)).post(
        f"/certificates/{number}/state", data={"action": "suspend", "reason": "私加微信"}
    )

    page = client.get(f"/verify/{number}").text

    assert "证书已暂停" in page
    assert "私加微信" not in page


def test_the_managers_of_all_who_are_reminded_are_read_at_once(
    course: Course, app: Flask, make_person: MakePerson, trainer: Someone
) -> None:
    holders = [make_person(), make_person()]
    manager = make_person(Role.MANAGER)
    for holder in holders:
        course.certify(holder, trainer)
    reads: list[str] = []

    def note(_conn: object, _cursor: object, text: str, *_rest: object) -> None:
        if "FROM membership" in text:
            reads.append(text)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        duties.remind(NOW + timedelta(days=357))
        event.remove(db.engine, "before_cursor_execute", note)
        told = db.session.execute(
            select(OutboxMessage.person_id, OutboxMessage.data).where(
                OutboxMessage.topic == "certificate_expiring"
            )
        ).all()

    assert sorted((to, data["person_id"]) for to, data in told) == sorted(
        (to.id, holder.id) for holder in holders for to in (holder, manager)
    )
    assert len(reads) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "valid"}, "证书到期前会提醒你"),
        ({"valid_until_on": TODAY}, "证书快到期了"),
        ({"valid_until_on": TODAY - timedelta(days=1)}, "证书过期了，现在不能上岗"),
        ({"state": "suspended"}, "证书暂停了，现在不能上岗"),
        ({"state": "revoked"}, "证书撤销了，现在不能上岗"),
    ],
)
def test_the_first_page_says_what_the_certificate_is_worth_today(
    number: str, holder: Someone, sign_in: SignIn, changes: dict[str, Any], said: str
) -> None:
    client = sign_in(holder)
    with client.application.app_context(), transaction() as session:
        session.execute(update(Certificate).where(Certificate.number == number).values(**changes))

    page = client.get("/").text

    assert said in page
    assert ("全部通过" in page) is ("不能上岗" not in said)
    assert ("”通过了" in page) is ("不能上岗" not in said)
    assert page.count(f"/certificates/{number}") == 1


def test_after_a_transfer_the_new_shops_staff_see_it_too(
    number: str, holder: Someone, stranger: Someone, sign_in: SignIn, app: Flask
) -> None:
    with app.app_context(), transaction() as session:
        session.add(
            Membership(
                person_id=holder.id, team_id=stranger.team_id, role=Role.TRAINEE, since_at=NOW
            )
        )

    page = sign_in(stranger).get(f"/certificates/{number}")

    assert page.status_code == 200


def test_the_code_is_a_drawing_of_the_public_address(
    number: str, holder: Someone, sign_in: SignIn
) -> None:
    client = sign_in(holder)

    answer = client.get(f"/certificates/{number}/code.svg")

    assert answer.mimetype == "image/svg+xml"
    assert answer.text.startswith("<svg")
    assert client.get("/certificates/nonsense/code.svg").status_code == 404


def test_a_job_makes_the_pdf_once(
    number: str, holder: Someone, sign_in: SignIn, app: Flask
) -> None:
    client = sign_in(holder)

    asked = client.post(f"/certificates/{number}/file")
    jobs.run_waiting(app)
    with client.get(f"/certificates/{number}/file.pdf") as fetched:
        kind, body = fetched.mimetype, fetched.data
    again = client.post(f"/certificates/{number}/file")

    assert "/jobs/" in asked.location
    assert kind == "application/pdf"
    assert again.location.endswith(f"/certificates/{number}/file.pdf")
    # pypdf 7.1 shows the first byte of each two-byte code of this font as a NUL.
    text = pypdf.PdfReader(io.BytesIO(body)).pages[0].extract_text().replace("\0", "")
    assert "林晓雨" in text
    assert "云朵家居旗舰店" in text
    assert f"{number[:5]} {number[5:]}" in text
    assert "2027年11月1日" in text


def test_no_pdf_of_a_certificate_that_is_not_good(
    number: str, holder: Someone, make_person: MakePerson, sign_in: SignIn
) -> None:
    sign_in(make_person(Role.MANAGER)).post(
        f"/certificates/{number}/state", data={"action": "suspend", "reason": "私加微信"}
    )

    answer = sign_in(holder).post(f"/certificates/{number}/file")

    assert answer.status_code == 409


def test_a_name_that_the_font_lacks_is_refused_with_words(
    course: Course, make_person: MakePerson, trainer: Someone, sign_in: SignIn
) -> None:
    person = make_person(name="林𠮷雨")
    number = course.certify(person, trainer)
    client = sign_in(person)

    answer = client.post(f"/certificates/{number}/file", follow_redirects=True)

    assert answer.status_code == 200
    assert "𠮷" in answer.text
    assert "直接打印" in answer.text


def test_the_sheet_fits_on_one_a4_page_whatever_the_name(
    number: str, app: Flask, holder: Someone
) -> None:
    del holder
    with app.app_context():
        found = queries.by_number(number, now=NOW)
    long = "阿卜杜热合曼·买买提吐尔逊江·阿不都克里木" * 2
    sheet = paper_of(found, f"https://train.example.com/verify/{number}")

    for paper in (sheet, replace(sheet, name=long)):
        document = pypdfium2.PdfDocument(pdf.render(paper))
        assert len(document) == 1
        width_mm, height_mm = (points / 72 * 25.4 for points in document[0].get_size())
        assert (round(width_mm), round(height_mm)) == (297, 210)
        picture = document[0].render(scale=1).to_pil().convert("L")
        assert _margin_is_empty(picture)


def _margin_is_empty(picture: Image) -> bool:
    inside = picture.point(lambda grey: 255 if grey < 250 else 0).getbbox()
    assert inside is not None
    left, top, right, bottom = inside
    return min(left, top, picture.width - right, picture.height - bottom) >= 25


def test_a_missing_character_stops_the_printing(number: str, app: Flask) -> None:
    with app.app_context():
        found = queries.by_number(number, now=NOW)
    sheet = replace(paper_of(found, "https://train.example.com/"), name="李👍")

    with pytest.raises(InvalidError, match="👍"):
        pdf.render(sheet)


def test_the_sheet_is_in_both_languages_whatever_is_spoken(number: str, app: Flask) -> None:
    with app.app_context():
        found = queries.by_number(number, now=NOW)
        i18n.speak("en")
        spoken_english = paper_of(found, "https://train.example.com/")
        i18n.speak("zh")
        spoken_chinese = paper_of(found, "https://train.example.com/")

    assert spoken_english == spoken_chinese
    assert spoken_chinese.title.en == "Certificate to serve customers"
    assert spoken_chinese.facts[2][1].en == "2 Nov 2026"
    assert i18n.language() == "zh"


def test_old_files_are_forgotten(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "files" / "certificates"
    folder.mkdir(parents=True)
    for name, age_days in (("old.pdf", 31), ("new.pdf", 29)):
        (folder / name).write_bytes(b"%PDF")
        at_s = (NOW - timedelta(days=age_days)).timestamp()
        os.utime(folder / name, (at_s, at_s))

    with app.app_context():
        pdf.forget_files(NOW)

    assert [path.name for path in folder.iterdir()] == ["new.pdf"]


def test_numbers_can_be_read_out(number: str) -> None:
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{10}", number)
