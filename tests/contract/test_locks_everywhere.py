"""A locked thing is locked by every way in, and opens by the one way that leads there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from cstrain.core.pathway import by_hand, decisions
from cstrain.core.pathway.gates import Verdict
from cstrain.core.pathway.models import Attempt, Enrolment, Tally
from cstrain.core.people.access import Role
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.plugins.school import SECRET_WORDS, School
from tests.plugins.shop import MakePerson, SignIn, Someone

JSON = {"Accept": "application/json"}
#: Of a later stage, and of this one before its lessons are read: the address, and how to begin.
LATER = {
    "lesson": ("/lesson/goods", "/lesson/goods/opened"),
    "exam": ("/quiz/product-exam", "/quiz/product-exam/start"),
    "practice quiz": ("/quiz/goods-drill", "/quiz/goods-drill/start"),
    "typing test": ("/typing/typing-product", "/typing/typing-product"),
    "typing practice": ("/typing/typing-goods", "/typing/typing-goods"),
}
UNREAD = {
    "exam": ("/quiz/basic-exam", "/quiz/basic-exam/start"),
    "typing test": ("/typing/typing-basic", "/typing/typing-basic"),
}
LOCKED = [*LATER.values(), *UNREAD.values()]
#: Links of content and pages that show what there is.
DETOURS = (
    *("/go/activity/goods", "/go/section/G.1", "/go/section/goods", "/go/activity/product-exam"),
    *("/go/activity/typing-product", "/go/activity/goods-drill", "/go/activity/basic-exam"),
    *("/search?q=海岛棉", "/search?q=海岛", "/search?q=G.1", "/course", "/practice", "/", "/faq"),
)


@pytest.fixture
def trainee(school: School, make_person: MakePerson) -> Someone:
    person = make_person()
    school.enrol(person)
    return person


@pytest.fixture
def client(trainee: Someone, sign_in: SignIn) -> FlaskClient:
    return sign_in(trainee)


def attempts(school: School) -> list[str]:
    with school.app.app_context():
        return list(db.session.scalars(select(Attempt.activity).order_by(Attempt.id)))


def offers_to_begin(answer: TestResponse, begin: str) -> bool:
    """Whether a page has a form that begins the thing."""
    return re.search(rf'<form[^>]*action="{re.escape(begin)}"', answer.text) is not None


def script(begin: str) -> dict[str, object]:
    """What a page's script would post there."""
    return {"number": 1, "parts": ["G.1"]} if begin.endswith("opened") else {}


def test_its_page_offers_nothing_and_says_what_opens_it(client: FlaskClient) -> None:
    answers = {begin: client.get(page) for page, begin in LOCKED}

    assert not [begin for begin, answer in answers.items() if offers_to_begin(answer, begin)]
    assert not [begin for begin, answer in answers.items() if SECRET_WORDS in answer.text]
    words = re.compile("先通过“培训考核”|还有 2 课没学完")
    assert all(words.search(answer.text) for answer in answers.values())


def test_a_script_cannot_begin_it(school: School, client: FlaskClient) -> None:
    forms = [client.post(begin, data={"code": "", "sure": "1"}) for _page, begin in LOCKED]
    scripts = [client.post(begin, json=script(begin), headers=JSON) for _page, begin in LOCKED]

    assert {answer.status_code for answer in forms} <= {409, 422}
    assert {answer.status_code for answer in scripts} == {409}
    assert not [answer for answer in (*forms, *scripts) if SECRET_WORDS in answer.text]
    assert attempts(school) == []


def test_answers_to_a_locked_lesson_are_not_judged(school: School, client: FlaskClient) -> None:
    answers = [
        client.post("/lesson/goods/answer/G.1-t", json={"choice": "a"}, headers=JSON),
        client.post("/lesson/goods/answer/goods-q", data={"goods-q": "b"}),
        client.post("/lesson/goods/answer/G.1-t?practice=1", data={"G.1-t": "a"}),
    ]

    assert {answer.status_code for answer in answers} == {409}
    assert not any("解析" in answer.text or "先回人" in answer.text for answer in answers)
    assert attempts(school) == []


def test_no_detour_leads_in(school: School, client: FlaskClient) -> None:
    answers = {way: client.get(way, follow_redirects=True) for way in DETOURS}

    assert {answer.status_code for answer in answers.values()} <= {200, 409}
    assert not [way for way, answer in answers.items() if SECRET_WORDS in without_title(answer)]
    assert not [
        (way, begin)
        for way, answer in answers.items()
        for _page, begin in LOCKED
        if offers_to_begin(answer, begin)
    ]
    assert attempts(school) == []


def without_title(answer: TestResponse) -> str:
    """The words of a page but the section's title, which a table of contents may show."""
    return re.sub("<[^>]+>", "", answer.text).replace(f"G.1 {SECRET_WORDS}", "")


def test_a_trainee_gets_no_paper_by_preview_or_print(client: FlaskClient) -> None:
    answers = [
        client.get(f"/quiz/{slug}/{way}")
        for slug in ("product-exam", "basic-exam", "goods-drill")
        for way in ("preview", "print", "print?seed=1&key=1")
    ]

    assert {answer.status_code for answer in answers} == {403}


def test_a_trainer_who_looks_through_a_trainees_eyes_finds_it_locked_too(
    school: School, make_person: MakePerson, sign_in: SignIn, trainee: Someone
) -> None:
    trainer = sign_in(make_person(Role.TRAINER))
    assert trainer.get("/lesson/goods").status_code == 200
    trainer.post(f"/people/{trainee.id}/see")

    answers = [trainer.get("/lesson/goods"), *(trainer.get(page) for page, _begin in LOCKED)]
    posts = [trainer.post(begin, json=script(begin), headers=JSON) for _page, begin in LOCKED]

    assert not any(SECRET_WORDS in answer.text for answer in answers)
    assert {answer.status_code for answer in posts} == {403}
    assert attempts(school) == []


def test_a_trainer_sees_the_course_as_the_trainee_does(
    client: FlaskClient, make_person: MakePerson, sign_in: SignIn, trainee: Someone
) -> None:
    trainer = sign_in(make_person(Role.TRAINER))
    trainer.post(f"/people/{trainee.id}/see")

    assert main_of(trainer.get("/course")) == main_of(client.get("/course"))
    assert main_of(trainer.get("/practice")) == main_of(client.get("/practice"))


def main_of(answer: TestResponse) -> str:
    """What a page says between its menu and its foot."""
    return answer.text.split('<header class="head">')[1].split("</main>")[0]


# -- a page opened while it was open, and used after it was locked ------------------------------


def pass_stage(school: School, person: Someone, by: Someone) -> None:
    """A trainer lets somebody through the current gate."""
    with school.app.app_context(), transaction():
        enrolment_id = db.session.scalars(
            select(Enrolment.id).where(Enrolment.person_id == person.id)
        ).one()
        row = decisions.locked_enrolment(enrolment_id)
        by_hand.override(row, Verdict.PASS, reason="以前做过", by=by.id, now=utc_now())


@pytest.fixture
def later(
    school: School, trainee: Someone, make_person: MakePerson, client: FlaskClient
) -> FlaskClient:
    """The trainee in the second stage, where the lesson and the practice are open."""
    pass_stage(school, trainee, make_person(Role.TRAINER))
    assert client.get("/lesson/goods").status_code == 200
    return client


def test_the_stage_that_is_reached_opens_what_was_locked(later: FlaskClient) -> None:
    found = later.get("/search?q=海岛棉")
    begun = later.post("/quiz/goods-drill/start")
    read = later.post("/lesson/goods/opened", json=script("opened"), headers=JSON)

    assert SECRET_WORDS in found.text
    assert begun.status_code == 302
    assert read.get_json()["recorded"] is True


def test_an_old_tab_of_a_lesson_records_nothing_once_it_is_locked(
    school: School, trainee: Someone, later: FlaskClient
) -> None:
    school.enrol(trainee, "exam-first")  # another path, on which this comes later

    answers = [
        later.post("/lesson/goods/opened", json=script("opened"), headers=JSON),
        later.post("/lesson/goods/answer/G.1-t", data={"G.1-t": "a"}, headers=JSON),
        later.post("/quiz/goods-drill/start"),
        later.post("/typing/typing-goods", data={}),
    ]

    assert {answer.status_code for answer in answers} == {409}
    assert attempts(school) == []


def test_an_old_tab_cannot_begin_an_exam_before_its_time(
    school: School, make_person: MakePerson, sign_in: SignIn
) -> None:
    person = make_person()
    school.enrol(person, "exam-first")
    client = sign_in(person)
    begin = "/quiz/basic-exam/start"
    assert offers_to_begin(client.get("/quiz/basic-exam"), begin)
    paper = client.post(begin).location
    client.get(paper)
    client.post(f"{paper}/hand-in", data={"epoch": 1, "seq": 1, "sure": 1})

    with_plan = client.post(begin, headers=JSON)
    with school.app.app_context(), transaction() as session:
        session.execute(update(Tally).values(open_plan_count=0))
    too_early = client.post(begin, headers=JSON)
    with school.app.app_context(), transaction() as session:
        session.execute(update(Tally).values(retry_at=utc_now() - timedelta(seconds=1)))
    in_time = client.post(begin)

    assert (with_plan.status_code, too_early.status_code, in_time.status_code) == (409, 409, 302)
    assert "补学还剩" in with_plan.get_json()["error"]
    assert "之后可以再考" in too_early.get_json()["error"]
    assert attempts(school) == ["basic-exam", "basic-exam"]


def test_an_old_tab_cannot_begin_what_has_been_used_up(
    school: School, make_person: MakePerson, sign_in: SignIn
) -> None:
    person = make_person()
    school.enrol(person, "exam-first")
    client = sign_in(person)
    assert offers_to_begin(client.get("/typing/typing-basic"), "/typing/typing-basic")
    with school.app.app_context(), transaction() as session:
        session.add(
            Tally(
                enrolment_id=session.scalars(select(Enrolment.id)).one(),
                cycle=1,
                activity="typing-basic",
                attempt_count=3,
            )
        )

    answer = client.post("/typing/typing-basic", data={}, headers=JSON)

    assert answer.status_code == 409
    assert "次数用完了" in answer.get_json()["error"]
    assert attempts(school) == []
