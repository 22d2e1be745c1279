"""A trainer plays the customer: lines of two people, asked for only while it is open."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cstrain.activities.live_practice import person, spec
from cstrain.activities.live_practice.models import PracticePlayer
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.core.pathway import enrolments
from cstrain.core.people.access import Role
from cstrain.core.review.models import Review
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ContentError
from cstrain.testing import FakeKind, install, publish
from tests.activities.live_practice.pair import PAIR_COURSE, PLAYED, Pair
from tests.activities.live_practice.practice_course import Reception
from tests.plugins.shop import MakePerson, MakeTeam, SignIn

RIGHT, WRONG = "抱歉让您等了，今天 16 点前发货。", "明天才发货"


@pytest.fixture
def pair(app: Flask, tmp_path: Path, make_person: MakePerson, sign_in: SignIn) -> Pair:
    install(app, FakeKind())
    publish(app, tmp_path / "content", PAIR_COURSE)
    trainee, trainer = make_person(), make_person(Role.TRAINER)
    with app.app_context(), transaction():
        enrolments.enrol(trainee.id, trainee.team_id, "short", now=utc_now())
    return Pair(Reception(app, trainee, trainer, sign_in(trainee), sign_in(trainer)))


def test_a_chat_of_two_people_from_the_first_word_to_the_review(pair: Pair) -> None:
    reception = pair.reception
    pair.open()
    reception.shift(20)
    assert pair.say("昨天拍的怎么还没发").status_code == 200
    reception.shift(12)
    told = pair.answer(RIGHT).get_json()["lines"]
    assert [line["text"] for line in told] == ["昨天拍的怎么还没发", RIGHT]
    assert [line["mark"] for line in told] == [None, None]
    reception.act("note", text="发顺丰", flag="红")
    pair.say("好吧，那我等着", mood="impatient")

    assert pair.end("solved").location == pair.url

    (customer,) = reception.customers()
    assert (customer.outcome, customer.is_good, customer.nick) == ("solved", True, "山茶")
    (row,) = reception.evidence()
    assert row.score is None
    assert row.measures["first_response_s"] == pytest.approx(12, abs=2)
    assert row.measures["facts_right_count"] == row.measures["good_count"] == 1
    assert row.measures["facts_missing_count"] == 0
    with reception.app.app_context():
        review = db.session.scalars(select(Review)).one()
        assert review.team_id == reception.trainee.team_id
        review_id = review.id
    page = reception.staff.get(f"/reviews/{review_id}")
    assert "顾客这时：着急" in page.text
    assert RIGHT in reception.client.get(pair.url).text
    marking = f'href="/reviews/{review_id}"'
    assert marking in reception.staff.get(pair.url).text
    assert marking not in reception.client.get(pair.url).text


def test_a_wrong_fact_is_seen_and_a_correction_counts(pair: Pair) -> None:
    pair.open()
    pair.say("什么时候发")
    pair.answer(WRONG)
    pair.say("啊？")
    pair.answer("说错了，是今天 16 点前发货。")
    pair.end("complaint")

    marks = [line.mark for line in pair.reception.lines() if line.role == "agent"]
    assert [mark["facts"]["今天发"] for mark in marks] == ["wrong", "right"]
    (row,) = pair.reception.evidence()
    assert (row.measures["facts_wrong_count"], row.measures["good_count"]) == (1, 0)


def test_without_a_script_only_what_is_there_is_judged(pair: Pair) -> None:
    pair.open("")
    pair.say("你们这儿有围巾吗")
    pair.answer("有的，两款，您送人还是自己戴？")
    pair.end("paid", "129")

    (customer,) = pair.reception.customers()
    assert (customer.ending, customer.outcome) == ("paid:129", "paid")
    (row,) = pair.reception.evidence()
    assert row.measures["value_per_customer_yuan"] == 129
    assert row.measures["facts_right_count"] == row.measures["facts_wrong_count"] == 0
    assert pair.reception.client.get(pair.url).status_code == 200


def test_nothing_new_costs_two_statements_and_no_body(pair: Pair) -> None:
    pair.open()
    pair.say("在吗")
    for staff in (False, True):
        first = pair.poll(staff=staff)
        assert [line["text"] for line in first.get_json()["lines"]] == ["在吗"]
        with pair.reception.statements() as noted:
            again = pair.poll(first.headers["ETag"], staff=staff)

        assert (again.status_code, again.data) == (304, b"")
        assert len(noted) <= 2, noted


def test_every_change_is_news_for_the_other_side(pair: Pair) -> None:
    pair.open(entered=False)
    tags = [pair.poll(staff=True).headers["ETag"]]
    assert pair.poll(staff=True).get_json()["has_entered"] is False
    pair.reception.client.get(pair.url)
    tags.append(pair.poll(staff=True).headers["ETag"])
    pair.say("在吗")
    tags.append(pair.poll(staff=True).headers["ETag"])
    pair.answer("在的")
    tags.append(pair.poll(staff=True).headers["ETag"])
    pair.reception.act("hand_over", to="主管", note="")
    tags.append(pair.poll(staff=True).headers["ETag"])

    assert len(set(tags)) == len(tags)
    assert pair.poll(tags[-1], staff=True).status_code == 304
    pair.end()
    assert pair.poll(tags[-1], staff=True).status_code == 409
    assert pair.poll(tags[-1]).status_code == 409


def test_a_line_that_is_sent_twice_is_there_once(pair: Pair) -> None:
    pair.open()
    first = pair.say("在吗", key="same")
    again = pair.say("在吗", key="same")

    assert (first.status_code, again.status_code) == (200, 200)
    assert [line.text for line in pair.reception.lines()] == ["在吗"]


def test_nothing_is_said_before_the_trainee_has_come_in_or_after_the_end(pair: Pair) -> None:
    pair.open(entered=False)
    assert pair.say("在吗").status_code == 409
    pair.reception.client.get(pair.url)
    assert pair.say("在吗").status_code == 200
    pair.end()
    assert pair.say("还在吗").status_code == 409
    assert pair.end("paid").status_code == 302  # again it only leads to the result

    assert [line.text for line in pair.reception.lines()] == ["在吗"]
    assert pair.reception.customers()[0].outcome is None


def test_the_trainee_finds_who_waits(pair: Pair) -> None:
    client, name = pair.reception.client, pair.reception.trainer.name
    assert "现在没有老师在等" in client.get("/practice/played").text
    pair.open(entered=False)

    for url in ("/", "/practice/played"):
        page = client.get(url).text
        assert f"{name}在等你练一单" in page
        assert f'href="{pair.url}"' in page


def test_a_trainee_cannot_begin_it_nor_play(pair: Pair) -> None:
    client = pair.reception.client
    assert client.post("/practice/played/start").status_code == 409
    assert client.get("/practice/played/play").status_code == 403
    form = {"person": pair.reception.trainee.id}
    assert client.post("/practice/played/play", data=form).status_code == 403
    pair.open()
    body = {"after": 0, "key": "x", "text": "我自己问自己"}
    assert client.post(f"{pair.url}/say", json=body).status_code == 404
    assert client.get(f"{pair.url}/play").status_code == 404
    assert client.post(f"{pair.url}/end", data={"outcome": "paid"}).status_code == 404
    assert pair.reception.lines() == []


def test_others_find_nothing(
    pair: Pair, make_person: MakePerson, sign_in: SignIn, make_team: MakeTeam
) -> None:
    pair.open()
    colleague = sign_in(make_person(Role.TRAINER))
    foreign = sign_in(make_person(Role.TRAINER, team=make_team("别的店")))
    other = sign_in(make_person())
    body = {"after": 0, "key": "x", "text": "混进来的"}

    for client in (colleague, foreign):
        assert client.get(f"{pair.url}/play").status_code == 404
        assert client.post(f"{pair.url}/say", json=body).status_code == 404
        assert client.post(f"{pair.url}/end", data={"outcome": "paid"}).status_code == 404
    for client in (colleague, foreign, other):
        assert client.get(f"{pair.url}/poll").status_code == 404
    form = {"person": pair.reception.trainee.id}
    assert colleague.post("/practice/played/play", data=form).status_code == 409
    assert foreign.post("/practice/played/play", data=form).status_code == 404
    assert pair.reception.lines() == []
    assert pair.reception.customers()[0].gone_ms is None


def test_opening_twice_goes_on_with_the_same(pair: Pair) -> None:
    first = pair.open().location
    assert pair.open(entered=False).location == first

    with pair.reception.app.app_context():
        assert len(db.session.scalars(select(PracticePlayer)).all()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"text": ""},
        {"text": "字" * 501},
        {"key": "a b"},
        {"key": None},
        {"mood": "furious"},
        {"mood": ["calm"]},
        {"picture": "没有的图"},
        {"picture": {"a": 1}},
        {"after": -1},
    ],
)
def test_nonsense_is_refused(pair: Pair, changes: dict[str, object]) -> None:
    pair.open()

    answer = pair.say("在吗", **{"key": "k", **changes}) if changes else pair.say("")

    assert answer.status_code == 422
    assert pair.reception.lines() == []


def test_a_picture_may_go_without_words(pair: Pair) -> None:
    pair.open()
    assert pair.say("", picture="破损包裹").status_code == 200

    (line,) = pair.reception.lines()
    assert (line.kind, line.picture, line.text) == ("picture", "破损包裹", "")


@pytest.mark.parametrize("outcome", ["won", "paid:x", "lost", "lost:mood", "complaint:x"])
def test_an_ending_that_does_not_exist_ends_nothing(pair: Pair, outcome: str) -> None:
    pair.open()

    assert pair.end(outcome).status_code == 422
    assert pair.end("paid", "很多").status_code == 422
    assert pair.reception.customers()[0].gone_ms is None


def test_every_ending_that_is_listed_exists() -> None:
    endings = person.Endings()

    assert len(list(endings)) == len(endings)
    assert all(endings[name].name == name for name in endings)
    assert endings["paid:279"].amount == 279
    assert endings.get("") is None


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("customer: person", "customer: machine", "customer 只能写 person"),
        ("customer: person", "customer: person\ncustomers: {count: 2}", "不写 customers"),
        ("customer: person", "customer: person\nhints: true", "不写 hints"),
        ("use: practice", "use: exam\nminutes: 5", "考核里的顾客不能由人扮"),
    ],
)
def test_a_file_says_nothing_of_the_machine(old: str, new: str, problem: str) -> None:
    body = PLAYED.replace(old, new).encode()

    with pytest.raises(ContentError, match=problem):
        spec.load(open_source("played.md", File(digest_of(body), body), {}))
