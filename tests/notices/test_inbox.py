"""The inbox: fed by the outbox, private, cheap to count."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from cstrain.core.pathway import by_hand, decisions
from cstrain.core.pathway.models import DecisionRow
from cstrain.core.people.access import Role
from cstrain.core.people.models import Person
from cstrain.kit import i18n
from cstrain.kit.db import db, transaction
from cstrain.kit.outbox import OutboxMessage, tell
from cstrain.notices import jobs, queries, service, words
from cstrain.notices.models import InboxMessage
from cstrain.notices.words import Facts, words_of
from tests.plugins.course import Course
from tests.plugins.shop import NOW, MakePerson, SignIn, Someone


def told(app: Flask, person: Someone, topic: str = "gate_pass", n: int = 1, **data: Any) -> None:
    with app.app_context(), transaction():
        for number in range(n):
            tell(
                person.id,
                topic,
                f"thing:{number}",
                team_id=person.team_id,
                data=data,
                now=NOW + timedelta(minutes=number),
            )


def delivered(app: Flask) -> None:
    with app.app_context():
        jobs.deliver_outbox(NOW)


def test_the_outbox_reaches_the_inbox_once(app: Flask, make_person: MakePerson) -> None:
    person = make_person()
    told(app, person, n=3)

    delivered(app)
    delivered(app)

    with app.app_context():
        assert queries.unread_count(person.id) == 3
        waiting = select(func.count()).where(OutboxMessage.delivered_at.is_(None))
        assert db.session.scalar(waiting) == 0


def test_a_message_that_two_processes_deliver_arrives_once(
    app: Flask, make_person: MakePerson
) -> None:
    person = make_person()
    told(app, person)
    delivered(app)
    with app.app_context(), transaction() as session:
        session.execute(update(OutboxMessage).values(delivered_at=None))

    delivered(app)

    with app.app_context():
        assert db.session.scalar(select(func.count(InboxMessage.id))) == 1


def test_more_than_one_batch_is_delivered(
    app: Flask, make_person: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 2)
    person = make_person()
    told(app, person, n=5)

    delivered(app)

    with app.app_context():
        assert queries.unread_count(person.id) == 5


def test_counting_takes_one_statement_and_stops_at_a_hundred(
    app: Flask, make_person: MakePerson
) -> None:
    person = make_person()
    told(app, person, n=120)
    delivered(app)

    with app.app_context():
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        assert queries.unread_count(person.id) == 100
        assert len(statements) == 1


def test_the_page_shows_what_was_told_newest_first(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    person = make_person()
    told(app, person, "notice_to_read", n=2, title="大促规则", notice_id=1)
    delivered(app)

    page = sign_in(person).get("/inbox")

    assert page.status_code == 200
    assert page.text.count("要读：大促规则") == 2
    assert '未读 <span class="filter-count">2</span>' in page.text
    assert "全部标成已读" in page.text
    assert '<span class="count">2</span>' in sign_in(person).get("/inbox").text


def test_nobody_sees_or_reads_anothers_messages(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    owner, other = make_person(), make_person(Role.TRAINER)
    told(app, owner, "notice_to_read", title="只给一个人")
    delivered(app)
    with app.app_context():
        message_id = db.session.scalar(select(InboxMessage.id))
    client = sign_in(other)

    assert "只给一个人" not in client.get("/inbox").text
    assert client.get(f"/inbox/{message_id}").status_code == 404
    assert client.post(f"/inbox/{message_id}/read").status_code == 404
    client.post("/inbox/read")

    with app.app_context():
        assert queries.unread_count(owner.id) == 1


def test_opening_a_message_reads_it_and_leads_on(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    person = make_person()
    told(app, person)
    delivered(app)
    client = sign_in(person)
    link = re.search(r'href="(/inbox/\d+)"', client.get("/inbox").text)
    assert link is not None

    answer = client.get(link[1])

    assert answer.status_code == 302
    assert answer.location == "/"
    assert 'class="count"' not in client.get("/inbox").text


def test_all_can_be_read_at_once(app: Flask, make_person: MakePerson, sign_in: SignIn) -> None:
    person = make_person()
    told(app, person, n=3)
    delivered(app)
    client = sign_in(person)

    answer = client.post("/inbox/read", data={"show": "unread"}, follow_redirects=True)

    assert "都读过了" in answer.text
    assert client.get("/inbox?show=unread&page=99").status_code == 200


def test_a_visitor_is_sent_to_the_log_in(app: Flask) -> None:
    assert app.test_client().get("/inbox").location.startswith("/login")


@pytest.mark.parametrize("topic", sorted(vars(words)["_TEMPLATES"]))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_topic_has_words_even_for_old_data(app: Flask, topic: str, language: str) -> None:
    with app.test_request_context():
        i18n.speak(language)
        facts = Facts({"number": 7, "title": {"zh": "甲", "en": "A"}, "days": "x"})

        assert words_of(topic, facts).title
        assert words_of(topic, Facts({})).title


def test_an_unknown_topic_still_says_something(app: Flask) -> None:
    with app.test_request_context():
        assert words_of("from_a_newer_version", Facts({})).title == "有一条新消息"


def test_names_are_looked_up_for_people_in_the_data(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer, trainee = make_person(Role.TRAINER), make_person(name="林晓")
    told(app, trainer, "gate_help_staff", person_id=trainee.id, stage="basic", enrolment_id=5)
    delivered(app)

    assert "林晓" in sign_in(trainer).get("/inbox").text


def test_staff_are_told_whose_certificate_ends(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    manager, holder = make_person(Role.MANAGER), make_person(name="林晓")
    for who in (manager, holder):
        told(app, who, "certificate_expiring", person_id=holder.id, days=7, number="X")
    delivered(app)

    assert "林晓 的证书还有 7 天到期" in sign_in(manager).get("/inbox").text
    assert "证书还有 7 天到期" in sign_in(holder).get("/inbox").text
    assert "林晓 的证书" not in sign_in(holder).get("/inbox").text


def bell(app: Flask, person: Someone) -> int:
    with app.app_context():
        count = db.session.scalar(select(Person.unread_count).where(Person.id == person.id))
    assert count is not None
    return count


def duties_done(app: Flask) -> None:
    with app.app_context():
        jobs.deliver_outbox(NOW)
        jobs.clear_settled(NOW)


def test_what_one_trainer_has_signed_does_not_wait_for_the_other(
    app: Flask, course: Course, make_person: MakePerson, sign_in: SignIn
) -> None:
    first, second = make_person(Role.TRAINER), make_person(Role.TRAINER)
    waiting = course.reach_live(make_person(name="等签字的"))
    course.reach_live(make_person(name="还在等的"))
    duties_done(app)
    assert bell(app, second) == 2

    course.sign(waiting, first)

    unread = sign_in(second).get("/inbox?show=unread").text
    assert "等签字的" not in unread
    assert "还在等的" in unread
    assert sign_in(second).get("/inbox").text.count("已处理") == 1
    duties_done(app)
    assert bell(app, first) == bell(app, second) == 1


def test_a_used_up_exam_and_a_proposal_are_settled_by_whoever_decides(
    app: Flask, course: Course, make_person: MakePerson
) -> None:
    first, second, third = (make_person(Role.TRAINER) for _each in range(3))
    enrolment_id = course.fail_out(make_person())
    course.override(enrolment_id, first)
    duties_done(app)
    assert (bell(app, second), bell(app, third)) == (2, 2)

    with app.app_context(), transaction():
        enrolment = decisions.locked_enrolment(enrolment_id)
        row = db.session.scalars(select(DecisionRow).where(DecisionRow.state == "proposed")).one()
        by_hand.second(row, enrolment, agrees=True, by=second.id, now=NOW)
    duties_done(app)

    assert (bell(app, second), bell(app, third)) == (0, 0)
