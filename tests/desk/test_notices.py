"""Notices to read: written in a minute, confirmed by one question, overdue for the trainer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update
from werkzeug.test import TestResponse

from cstrain.core.people.access import Role
from cstrain.core.people.hooks import Arrival
from cstrain.core.people.models import Membership
from cstrain.desk.cases import queries, service
from cstrain.desk.cases.models import Notice, NoticeAnswer, NoticeReading
from cstrain.desk.cases.service import Draft
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import InvalidError
from cstrain.kit.outbox import OutboxMessage
from tests.plugins.course import Course
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop, SignIn, Someone

ZONE = "Asia/Shanghai"
DRAFT = Draft(
    title="大促满减规则",
    body="满 199 减 20。\n\n- 一单减一档\n\n<script>alert(1)</script>",
    question="一单 420 元减多少？",
    options=["20 元", "50 元", "70 元"],
    right_index=1,
    due_on=date(2026, 11, 3),
    explanation="满 399 减 50，一单只减一档。",
)
FORM = {
    "title": "今晚改价",
    "body": "20:00 起短袖 79 元。",
    "question": "几点起改价？",
    "option_1": "18:00",
    "option_2": "20:00",
    "right": "2",
    "batch": "",
}


def sent(app: Flask, by: Someone, draft: Draft = DRAFT, now: datetime = NOW) -> int:
    with app.app_context(), transaction():
        return service.publish(by.team_id, ZONE, draft, by=by.id, now=now).id


def answered(app: Flask, notice_id: int, who: Someone, option: int, now: datetime = NOW) -> bool:
    with app.app_context(), transaction():
        return service.answer(notice_id, option, by=who.id, now=now)


def open_titles(app: Flask, who: Someone) -> list[str]:
    with app.app_context():
        return [each.title for each in queries.to_read(who.id)]


def late_names(app: Flask, team: Shop, now: datetime) -> list[str]:
    with app.app_context():
        return [each.name for each in queries.overdue([team.id], now=now)]


def write(client: FlaskClient, shop: Shop, **changes: str) -> TestResponse:
    due = (utc_now() + timedelta(days=2)).date().isoformat()
    return client.post(
        "/notices/new", data={**FORM, "team": str(shop.id), "due_on": due, **changes}
    )


def test_the_agents_of_the_team_get_it_and_are_told(
    app: Flask, make_person: MakePerson, make_team: MakeTeam
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    stranger = make_person(team=make_team("别的店"))

    sent(app, trainer)

    assert open_titles(app, agent) == ["大促满减规则"]
    assert open_titles(app, stranger) == []
    assert open_titles(app, trainer) == []
    with app.app_context():
        told = db.session.scalars(select(OutboxMessage.person_id)).all()
    assert told == [agent.id]


def test_a_batch_gets_its_own(app: Flask, make_person: MakePerson) -> None:
    trainer = make_person(Role.TRAINER)
    new, old = make_person(batch="2026-11 班"), make_person(batch="2026-06 班")

    sent(app, trainer, replace(DRAFT, batch="2026-11 班"))

    assert open_titles(app, new) == ["大促满减规则"]
    assert open_titles(app, old) == []


@pytest.mark.parametrize(
    "change",
    [
        {"options": ["一个"]},
        {"options": ["同", "同"]},
        {"options": ["1", "2", "3", "4", "5"]},
        {"right_index": 3},
        {"right_index": -1},
        {"due_on": date(2026, 11, 1)},
        {"batch": "没有的班"},
    ],
)
def test_what_cannot_be_confirmed_is_not_sent(
    app: Flask, make_person: MakePerson, change: dict[str, Any]
) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()

    with pytest.raises(InvalidError):
        sent(app, trainer, replace(DRAFT, **change))


def test_only_the_right_answer_confirms_and_every_try_is_kept(
    app: Flask, make_person: MakePerson
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    notice_id = sent(app, trainer)

    assert answered(app, notice_id, agent, 0) is False
    assert open_titles(app, agent) == ["大促满减规则"]
    assert answered(app, notice_id, agent, 1) is True
    assert answered(app, notice_id, agent, 0) is True  # an old tab changes nothing

    assert open_titles(app, agent) == []
    with app.app_context():
        tries = db.session.execute(
            select(NoticeAnswer.chosen_index, NoticeAnswer.is_right).order_by(NoticeAnswer.id)
        ).all()
        assert [tuple(each) for each in tries] == [(0, False), (1, True)]


def test_the_due_day_ends_with_the_teams_day(app: Flask, make_person: MakePerson) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    notice_id = sent(app, trainer)

    with app.app_context():
        notice = db.session.get(Notice, notice_id)
        assert notice is not None
        assert notice.due_at.isoformat() == "2026-11-03T15:59:00+00:00"


def test_late_people_are_listed_until_they_confirm_or_leave(
    app: Flask, make_person: MakePerson, team: Shop
) -> None:
    trainer = make_person(Role.TRAINER)
    slow, gone, done = make_person(name="慢慢"), make_person(name="走了"), make_person(name="读了")
    notice_id = sent(app, trainer)
    answered(app, notice_id, done, 1)
    after = NOW + timedelta(days=3)

    assert late_names(app, team, NOW) == []
    assert sorted(late_names(app, team, after)) == ["慢慢", "走了"]
    with app.app_context(), transaction() as session:
        session.execute(
            update(Membership).where(Membership.person_id == gone.id).values(until_at=after)
        )

    assert late_names(app, team, after) == ["慢慢"]
    assert open_titles(app, gone) == []
    answered(app, notice_id, slow, 1, after)
    assert late_names(app, team, after) == []


def test_late_people_are_told_once(app: Flask, make_person: MakePerson) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    sent(app, trainer)

    for day in (3, 4):
        with app.app_context(), transaction():
            service.tell_overdue(now=NOW + timedelta(days=day))

    with app.app_context():
        told = select(func.count()).where(OutboxMessage.topic == "notice_overdue")
        assert db.session.scalar(told) == 1


def test_who_joins_later_gets_what_still_matters(app: Flask, make_person: MakePerson) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    sent(app, trainer)
    sent(app, trainer, replace(DRAFT, title="别班的", batch=None))
    batched = sent_to_other_batch(app, trainer, make_person)
    newcomer = make_person()
    joined = NOW + timedelta(days=1, hours=14)  # one hour before it is due

    with app.app_context(), transaction():
        arrival = Arrival(newcomer.id, newcomer.team_id, Role.TRAINEE, None, joined)
        service.welcome(arrival)
        service.welcome(arrival)

    with app.app_context():
        given = queries.to_read(newcomer.id)
        assert sorted(each.title for each in given) == ["别班的", "大促满减规则"]
        assert batched not in [each.notice_id for each in given]
        assert all(each.due_at == joined + timedelta(days=1) for each in given)


def test_who_has_not_confirmed_stands_first_the_latest_first_of_all(
    app: Flask, make_person: MakePerson
) -> None:
    trainer = make_person(Role.TRAINER)
    confirmed, open_, _late = (make_person(name=name) for name in ("甲", "乙", "丙"))
    notice_id = sent(app, trainer)
    answered(app, notice_id, confirmed, 1)
    with app.app_context(), transaction() as session:
        session.execute(
            update(NoticeReading)
            .where(NoticeReading.person_id == open_.id)
            .values(due_at=NOW + timedelta(days=30))
        )

    with app.app_context():
        listed = queries.readers(notice_id)

    assert [each.name for each in listed] == ["丙", "乙", "甲"]


def test_what_always_has_a_choice_is_not_called_optional(
    make_person: MakePerson, sign_in: SignIn
) -> None:
    page = sign_in(make_person(Role.TRAINER)).get("/notices/new").text

    assert '<label class="field-label" for="batch">发给谁</label>' in page
    assert '<label class="field-label" for="explanation">答错时给的提示 <span' in page


def sent_to_other_batch(app: Flask, trainer: Someone, make_person: MakePerson) -> int:
    make_person(batch="六月班")
    return sent(app, trainer, replace(DRAFT, batch="六月班"))


def test_a_withdrawal_can_be_undone(app: Flask, make_person: MakePerson, team: Shop) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    notice_id = sent(app, trainer)
    after = NOW + timedelta(days=3)

    with app.app_context(), transaction():
        assert service.withdraw(notice_id, by=trainer.id, now=NOW) is True
        assert service.withdraw(notice_id, by=trainer.id, now=NOW) is False
    assert open_titles(app, agent) == []
    assert late_names(app, team, after) == []

    with app.app_context(), transaction():
        assert service.restore(notice_id, now=NOW) is True
        assert service.restore(notice_id, now=NOW) is False
    assert open_titles(app, agent) == ["大促满减规则"]
    with app.app_context():
        assert db.session.scalar(select(func.count(NoticeReading.id))) == 1


# -- pages -------------------------------------------------------------------------------------


def test_a_trainer_writes_and_an_agent_confirms(
    app: Flask, make_person: MakePerson, sign_in: SignIn, team: Shop
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person(name="小周")
    client, reader = sign_in(trainer), sign_in(agent)

    assert client.get("/notices/new").status_code == 200
    answer = write(client, team)
    assert answer.status_code == 302, answer.text
    notice_id = int(answer.location.split("/")[2])
    page = reader.get(f"/notices/{notice_id}").text
    assert "几点起改价？" in page
    wrong = reader.post(f"/notices/{notice_id}/answer", data={"option": "0"})
    assert wrong.location == f"/notices/{notice_id}"
    again = reader.get(f"/notices/{notice_id}").text
    assert "没有答对，再读一遍" in again
    assert "20:00 起短袖 79\u00a0元。" in again
    right = reader.post(f"/notices/{notice_id}/answer", data={"option": "1"}, follow_redirects=True)
    assert "已经记下你读过" in right.text
    assert "你读过了" in reader.get(f"/notices/{notice_id}").text
    assert "1 人都读过了" in client.get(f"/notices/{notice_id}/readers").text
    assert "1 / 1 人读过" in client.get("/notices/sent").text
    assert app


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"body": ""},
        {"option_2": ""},
        {"option_2": "18:00"},
        {"right": "4"},
        {"right": "9"},
        {"due_on": "2020-01-01"},
        {"due_on": "soon"},
        {"batch": "没有的班"},
        {"title": "长" * 81},
        {"team": "999"},
        {"team": "x"},
    ],
)
def test_a_notice_that_makes_no_sense_comes_back_with_what_was_written(
    make_person: MakePerson, sign_in: SignIn, team: Shop, change: dict[str, str]
) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()

    answer = write(sign_in(trainer), team, **change)

    assert answer.status_code == 422
    assert "几点起改价？" in answer.text


def test_a_link_that_leads_nowhere_is_refused_by_its_words(
    course: Course, make_person: MakePerson, sign_in: SignIn, team: Shop
) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    client = sign_in(trainer)
    good = "[课](activity:lesson)、[节](section:lesson.1)、[网页](https://example.com/a)"

    refused = write(
        client, team, body=f"{good}、[没有的**节**](section:9.9)、[旧课](activity:old)、[x](1.2)"
    )

    assert refused.status_code == 422
    assert "这些链接打不开：没有的节、旧课、x。" in refused.text
    assert write(client, team, body=good).status_code == 302
    assert course


def test_the_body_is_safe_html(app: Flask, make_person: MakePerson, sign_in: SignIn) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    notice_id = sent(app, trainer, now=utc_now() - timedelta(days=1), draft=today(DRAFT))

    page = sign_in(agent).get(f"/notices/{notice_id}").text

    assert "<li>一单减一档</li>" in page
    assert "<script>alert" not in page


def today(draft: Draft) -> Draft:
    return replace(draft, due_on=(utc_now() + timedelta(days=1)).date())


def test_an_answer_must_be_chosen(app: Flask, make_person: MakePerson, sign_in: SignIn) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    notice_id = sent(app, trainer)
    client = sign_in(agent)

    for data in ({}, {"option": "9"}, {"option": "x"}):
        answer = client.post(f"/notices/{notice_id}/answer", data=data)
        assert answer.status_code == 422
        assert "选一个答案再提交" in answer.text


def test_the_key_is_not_in_the_page_of_who_must_answer(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    notice_id = sent(app, trainer)

    page = sign_in(agent).get(f"/notices/{notice_id}").text

    assert "满 399 减 50，一单只减一档" not in page
    assert 'data-state="passed"' not in page


def test_strangers_find_nothing(
    app: Flask, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    other = make_team("别的店")
    foreign_trainer, foreign_agent = make_person(Role.TRAINER, team=other), make_person(team=other)
    notice_id = sent(app, trainer)

    for who in (foreign_trainer, foreign_agent):
        client = sign_in(who)
        assert client.get(f"/notices/{notice_id}").status_code == 404
        assert client.post(f"/notices/{notice_id}/answer", data={"option": 1}).status_code == 404
    client = sign_in(foreign_trainer)
    for path in ("readers", "withdraw", "restore"):
        method = client.get if path == "readers" else client.post
        assert method(f"/notices/{notice_id}/{path}").status_code == 404
    assert client.get(f"/notices/sent?team={trainer.team_id}").status_code == 404
    assert client.get("/notices/sent?team=abc").status_code == 200
    assert "大促满减规则" not in client.get("/notices/sent").text


@pytest.mark.parametrize("path", ["/notices/sent", "/notices/new", "/notices/1/readers"])
def test_agents_do_not_reach_the_writers_pages(
    make_person: MakePerson, sign_in: SignIn, path: str
) -> None:
    assert sign_in(make_person()).get(path).status_code == 403


def test_a_withdrawn_notice_is_gone_for_agents_and_marked_for_staff(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    notice_id = sent(app, trainer)
    client = sign_in(trainer)

    client.post(f"/notices/{notice_id}/withdraw")

    assert sign_in(agent).get(f"/notices/{notice_id}").status_code == 404
    answer = sign_in(agent).post(f"/notices/{notice_id}/answer", data={"option": "1"})
    assert answer.status_code == 409
    assert "已经撤回" in client.get(f"/notices/{notice_id}/readers").text
    page = client.post(f"/notices/{notice_id}/restore", follow_redirects=True)
    assert "还有 1 人要读" in page.text


def test_the_reminder_can_be_copied_for_a_chat_group(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer = make_person(Role.TRAINER)
    make_person(name="阿敏")
    make_person(name="小周")
    sent(app, trainer)  # due on 3 November 2026
    with app.app_context(), transaction() as session:
        session.execute(update(NoticeReading).values(due_at=utc_now() - timedelta(hours=1)))

    page = sign_in(trainer).get("/notices/sent").text

    assert "还没读（2 人）：" in page
    assert "http://localhost/notices/" in page


def test_pages_take_few_statements_however_many_people(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer = make_person(Role.TRAINER)
    for _each in range(30):
        make_person()
    notice_id = sent(app, trainer)
    client = sign_in(trainer)
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    for path in ("/notices/sent", f"/notices/{notice_id}/readers", "/notices", "/inbox"):
        statements.clear()
        assert client.get(path).status_code == 200
        assert len(statements) <= 8, (path, statements)
