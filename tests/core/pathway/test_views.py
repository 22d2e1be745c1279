"""The trainer's pages: signing a class, deciding by hand, settling; one's own team only."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from cstrain.core.people.access import Role
from cstrain.notices.jobs import deliver_outbox
from tests.core.pathway.conftest import PATHWAY, Way, lost
from tests.plugins.shop import MakePerson, MakeTeam, Shop, SignIn


@pytest.fixture
def page(way: Way, sign_in: SignIn) -> FlaskClient:
    """The trainer's browser."""
    return sign_in(way.trainer)


@pytest.fixture
def foreign(make_team: MakeTeam, make_person: MakePerson, sign_in: SignIn, way: Way) -> FlaskClient:
    """The browser of another shop's trainer."""
    assert way.trainer
    return sign_in(make_person(Role.TRAINER, team=make_team("别的店")))


SIGNED = {"accepted": "yes", "reason": "看了三段聊天"}


def test_the_queue_shows_who_waits_and_a_signature_takes_them_off(
    way: Way, page: FlaskClient
) -> None:
    way.reach_live()
    assert f"{way.enrolment_id}:live" in page.get("/queue").text
    assert 'data-ticks="enrolment"' in page.get("/queue").text

    answer = page.post("/queue/sign-off", data={**SIGNED, "enrolment": f"{way.enrolment_id}:live"})

    assert answer.status_code == 302
    assert way.enrolment().state == "completed"
    assert f"{way.enrolment_id}:live" not in page.get("/queue").text


def test_a_signature_that_nobody_has_given_waits_and_one_refused_is_missing(
    way: Way, page: FlaskClient, sign_in: SignIn
) -> None:
    way.reach_live()

    before = sign_in(way.trainee).get("/").text
    page.post(
        "/queue/sign-off",
        data={"accepted": "no", "reason": "还差一段", "enrolment": f"{way.enrolment_id}:live"},
    )
    after = sign_in(way.trainee).get("/").text

    assert '带教老师签字<span class="visually-hidden"> 等待中</span>' in before
    assert '带教老师签字<span class="visually-hidden"> 还差</span>' in after


def test_the_first_page_does_not_say_passed_beside_what_was_missed(
    way: Way, sign_in: SignIn
) -> None:
    client = sign_in(way.trainee)
    way.enrol()
    way.pass_basic()

    passed = client.get("/").text
    way.learn("2.1")
    waiting = client.get("/").text
    way.sign(accepted=False)
    missed = client.get("/").text

    assert "“培训考核”通过了" in passed
    assert "“商品考核”通过了" in waiting
    assert "等带教老师决定" in missed
    assert "”通过了" not in missed


def test_a_notice_names_the_gate_of_ones_own_pathway(way: Way, sign_in: SignIn) -> None:
    way.enrol()
    other = PATHWAY.replace("three-exams", "another").replace("培训考核", "别处的考核")
    way.publish(**{"pathways/another.yaml": other})
    way.pass_basic()
    with way.app.app_context():
        deliver_outbox(way.now)

    shown = sign_in(way.trainee).get("/inbox").text

    assert "“培训考核”通过了" in shown
    assert "别处的考核" not in shown


@pytest.mark.parametrize("ticked", ["1:basic", "1", "1:post"])
def test_signing_an_old_page_signs_nothing(way: Way, page: FlaskClient, ticked: str) -> None:
    way.reach_live()

    page.post("/queue/sign-off", data={**SIGNED, "enrolment": ticked})

    assert way.enrolment().state == "active"


def test_a_class_is_signed_at_once_and_whoever_was_signed_is_left_out(
    way: Way, page: FlaskClient, make_person: MakePerson
) -> None:
    way.reach_live()
    first = way.enrolment_id
    way.sign()
    way.trainee = make_person(team=Shop(way.trainer.team_id, "team-1", "本店"))
    way.reach_live()

    page.post(
        "/queue/sign-off",
        data={**SIGNED, "enrolment": [f"{first}:live", f"{way.enrolment_id}:live"]},
    )

    assert way.enrolment().state == "completed"
    assert [row.verdict for row in way.decisions()].count("pass") == 3


def test_a_signature_without_a_tick_keeps_the_words(way: Way, page: FlaskClient) -> None:
    way.reach_live()

    answer = page.post("/queue/sign-off", data=SIGNED)

    assert answer.status_code == 422
    assert SIGNED["reason"] in answer.text
    assert way.enrolment().state == "active"


def test_a_signature_without_words_keeps_the_tick(way: Way, page: FlaskClient) -> None:
    way.reach_live()

    answer = page.post(
        "/queue/sign-off",
        data={"accepted": "yes", "reason": "", "enrolment": f"{way.enrolment_id}:live"},
    )

    assert answer.status_code == 422
    assert f'value="{way.enrolment_id}:live" checked' in answer.text


def test_a_trainer_gives_one_more_attempt(way: Way, page: FlaskClient) -> None:
    way.enrol()
    way.use_up_exam()
    url = f"/enrolments/{way.enrolment_id}"
    assert "再给一次" in page.get(url).text

    given = page.post(f"{url}/grant", data={"activity": "exam", "reason": "当天停电"})
    again = page.post(f"{url}/grant", data={"activity": "exam", "reason": "当天停电"})

    assert (given.status_code, again.status_code) == (302, 409)
    assert way.stand().tally("exam").extra_attempt_count == 1


def test_an_override_is_agreed_by_another(way: Way, page: FlaskClient, sign_in: SignIn) -> None:
    way.enrol()
    data = {"verdict": "pass", "reason": "系统故障", "stage": "basic"}
    page.post(f"/enrolments/{way.enrolment_id}/override", data=data)
    (row,) = way.decisions()

    own = page.post(f"/decisions/{row.id}/second", data={"agrees": "yes"})
    other = sign_in(way.manager).post(f"/decisions/{row.id}/second", data={"agrees": "yes"})

    assert (own.status_code, other.status_code) == (409, 302)
    assert way.stand().stage.slug == "post"


def test_a_trainer_settles_what_is_unmarked(way: Way, page: FlaskClient) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.9)
    way.type(50, score=None)

    first = page.post("/queue/settle/4", data={"accepted": "yes"})
    second = page.post("/queue/settle/4", data={"accepted": "yes"})

    assert (first.status_code, second.status_code) == (302, 409)
    assert way.stand().stage.slug == "post"


def test_the_enrolment_page_tells_the_plan(way: Way, page: FlaskClient) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2")])

    text = page.get(f"/enrolments/{way.enrolment_id}").text

    assert "小节1.1.2" in text
    assert "还差 30 %" in text


def test_another_shops_trainer_finds_nothing(way: Way, foreign: FlaskClient) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", None)
    url = f"/enrolments/{way.enrolment_id}"

    answers = [
        foreign.get(url),
        foreign.post(f"{url}/grant", data={"activity": "exam", "reason": "好"}),
        foreign.post(f"{url}/override", data={"verdict": "pass", "reason": "好", "stage": "basic"}),
        foreign.post("/queue/settle/3", data={"accepted": "yes"}),
        foreign.post("/queue/sign-off", data={**SIGNED, "enrolment": f"{way.enrolment_id}:basic"}),
        foreign.get("/fake/attempts/3"),
    ]

    assert [each.status_code for each in answers] == [404] * 6
    assert way.decisions()[-1].verdict == "wait"


def test_a_trainee_has_no_queue(way: Way, sign_in: SignIn) -> None:
    way.enrol()
    client = sign_in(way.trainee)

    assert client.get("/queue").status_code == 403
    assert client.get(f"/enrolments/{way.enrolment_id}").status_code == 403


def test_a_locked_thing_is_locked_by_every_way_in(way: Way, sign_in: SignIn) -> None:
    way.enrol()
    client = sign_in(way.trainee)

    shown = client.get("/fake/2.1").get_json()
    posted = client.post("/fake/2.1")

    assert shown["lock"] == "先通过“培训考核”，这里就会打开。"
    assert posted.status_code == 409
    assert "先通过" in posted.text


def test_the_board_names_the_exam_that_fell_short_beside_a_good_score(
    way: Way, page: FlaskClient
) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.9)
    way.type(20)

    text = page.get("/board").text

    assert "<span>标题typing没过</span>" in text
    assert "<span>90 %</span>" not in text


def test_who_proposed_a_decision_withdraws_it(way: Way, page: FlaskClient, sign_in: SignIn) -> None:
    way.enrol()
    url = f"/enrolments/{way.enrolment_id}"
    data = {"verdict": "pass", "reason": "看错了人", "stage": "basic"}
    page.post(f"{url}/override", data=data)
    (row,) = way.decisions()
    mine, theirs = page.get("/queue").text, sign_in(way.manager).get("/queue").text

    answer = page.post(f"/decisions/{row.id}/second", data={"agrees": "no"})
    late = sign_in(way.manager).post(f"/decisions/{row.id}/second", data={"agrees": "yes"})
    again = page.post(f"{url}/override", data=data)

    assert ("撤回" in mine, "撤回" in theirs) == (True, False)
    assert (answer.status_code, late.status_code, again.status_code) == (302, 409, 302)
    assert [each.state for each in way.decisions()] == ["declined", "proposed"]
    assert way.stand().stage.slug == "basic"
    assert "提的人撤回了" in page.get(url).text
    assert "提的人自己撤回了" in sign_in(way.trainee).get("/records").text
    assert "没有被同意" not in page.get("/inbox").text


def test_a_result_is_settled_after_its_name_is_read(way: Way, page: FlaskClient) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", None)

    dialogs = re.findall(r"<dialog.*?</dialog>", page.get("/queue").text, re.DOTALL)
    settling = [each for each in dialogs if "/queue/settle/" in each]

    name = way.trainee.name
    assert [f"确认 {name} 这次成绩？" in each for each in settling] == [True, False]
    assert all("标题exam" in each and "结果" in each for each in settling)
