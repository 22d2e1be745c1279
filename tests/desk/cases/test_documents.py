"""The case document: out by a rule, read for long enough, confirmed by one question."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from cstrain.core.people.access import Role
from cstrain.core.people.models import Team
from cstrain.desk.cases import case_service, documents, jobs, queries, service
from cstrain.desk.cases.case_service import CaseDraft
from cstrain.desk.cases.models import CaseRule, Notice, NoticeReading, TypicalCase
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import InvalidError
from tests.desk.quality.conftest import ChatDesk, chat_desk
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop, SignIn, Someone

__all__ = ["chat_desk"]

DAY = timedelta(days=1)


def draft(title: str = "没说几点", happened: str = "顾客问多久发货。") -> CaseDraft:
    return CaseDraft(
        title=title,
        is_good=False,
        step="help",
        reason="promise",
        product="",
        happened=happened,
        chat="顾客：多久发货\n客服：今天发",
        better="16:00 前付款今天发。",
        question="怎么回？",
        options=["16:00 前付款今天发", "今天发"],
    )


def made(app: Flask, by: Someone, *titles: str, happened: str = "顾客问多久发货。") -> None:
    with app.app_context(), transaction():
        for title in titles:
            case_service.add(
                by.team_id,
                draft(title, happened),
                source="none",
                source_id=None,
                by=by.id,
                now=NOW,
            )


def ruled(app: Flask, by: Someone, every_days: int = 3, read_days: int = 2) -> None:
    with app.app_context(), transaction():
        documents.set_rule(by.team_id, every_days, read_days, by=by.id, now=NOW)


def day_passes(app: Flask, now: datetime) -> None:
    with app.app_context():
        jobs.send_documents(now)


def titles(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Notice.title).order_by(Notice.id)))


def notice(app: Flask) -> Notice:
    with app.app_context():
        return db.session.scalars(select(Notice).order_by(Notice.id.desc())).one()


def beaten(app: Flask, notice_id: int, who: Someone, at: datetime) -> int:
    with app.app_context(), transaction():
        return service.beat(notice_id, by=who.id, now=at)


@pytest.mark.parametrize(
    ("last_on", "day"),
    [
        (None, date(2026, 11, 10)),
        (date(2026, 11, 9), date(2026, 11, 12)),
        (date(2026, 11, 7), date(2026, 11, 10)),
        (date(2026, 10, 1), date(2026, 11, 10)),
    ],
)
def test_missed_days_are_made_up_at_once_and_only_once(last_on: date | None, day: date) -> None:
    assert documents.next_on(last_on, 3, date(2026, 11, 10)) == day


def test_new_cases_go_out_every_so_many_days(app: Flask, make_person: MakePerson) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一", "二")
    ruled(app, trainer)

    day_passes(app, NOW)
    made(app, trainer, "三")
    day_passes(app, NOW + DAY)
    day_passes(app, NOW + 2 * DAY)
    assert titles(app) == ["案例 11 月 2 日：一 等 2 个"]
    day_passes(app, NOW + 3 * DAY)
    day_passes(app, NOW + 3 * DAY)
    day_passes(app, NOW + 9 * DAY)

    assert titles(app) == ["案例 11 月 2 日：一 等 2 个", "案例 11 月 5 日：三"]


def test_after_a_week_without_a_server_one_document_makes_up_for_all(
    app: Flask, make_person: MakePerson
) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")
    ruled(app, trainer)
    day_passes(app, NOW)
    made(app, trainer, "二", "三")

    day_passes(app, NOW + 8 * DAY)
    day_passes(app, NOW + 9 * DAY)

    assert titles(app)[1:] == ["案例 11 月 10 日：二 等 2 个"]


def test_a_document_is_not_too_long_to_be_read(app: Flask, make_person: MakePerson) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, *"一二三四五六")
    ruled(app, trainer, every_days=1)

    day_passes(app, NOW)
    assert "5 个" in titles(app)[0]
    day_passes(app, NOW + DAY)

    assert titles(app)[1] == "案例 11 月 3 日：六"


@pytest.mark.parametrize(("hour", "day"), [(7, date(2026, 11, 2)), (9, date(2026, 11, 3))])
def test_the_page_names_a_day_whose_hour_is_still_to_come(
    app: Flask, make_person: MakePerson, hour: int, day: date
) -> None:
    trainer = make_person(Role.TRAINER)
    ruled(app, trainer)
    now = datetime(2026, 11, 2, hour, tzinfo=ZoneInfo("Asia/Shanghai"))

    with app.app_context():
        team = db.session.get_one(Team, trainer.team_id)
        assert documents.outlook(team, now=now).next_on == day


def test_without_a_rule_or_without_cases_nothing_goes_out(
    app: Flask, make_person: MakePerson, make_team: MakeTeam
) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    alone = make_person(Role.TRAINER, team=make_team("没有学员的店"))
    made(app, trainer, "一")
    made(app, alone, "二")
    ruled(app, alone)

    day_passes(app, NOW)

    assert titles(app) == []
    ruled(app, trainer)
    with app.app_context(), transaction():
        db.session.execute(update(TypicalCase).values(withdrawn_at=NOW))
    day_passes(app, NOW)
    assert titles(app) == []


def test_the_document_shows_chat_and_words_and_asks_the_last_question(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一", "说 *几点*")
    ruled(app, trainer)
    day_passes(app, NOW)

    page = sign_in(agent).get(f"/notices/{notice(app).id}").text

    assert 'class="chat-line chat-customer"' in page
    assert "2. 说 *几点*（要改的）" in page
    assert notice(app).question == "说 *几点*：怎么回？"
    assert notice(app).due_at.isoformat() == "2026-11-03T15:59:00+00:00"


def test_an_answer_counts_only_after_the_page_was_in_sight_long_enough(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")
    ruled(app, trainer)
    day_passes(app, NOW)
    notice_id = notice(app).id
    client = sign_in(agent)

    early = client.post(f"/notices/{notice_id}/answer", data={"option": "0"})
    assert (early.status_code, "再看 20 秒" in early.text) == (422, True)
    for seconds in range(0, 25, 5):
        beaten(app, notice_id, agent, NOW + timedelta(seconds=seconds))
    assert client.post(f"/notices/{notice_id}/answer", data={"option": "0"}).status_code == 302

    with app.app_context():
        (reader,) = queries.readers(notice_id)
    assert (reader.read_s, reader.confirmed_at is not None) == (20, True)


def test_after_a_wrong_answer_the_page_must_be_in_sight_as_long_again(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")
    ruled(app, trainer)
    day_passes(app, NOW)
    notice_id, client = notice(app).id, sign_in(agent)
    for seconds in range(0, 65, 5):
        beaten(app, notice_id, agent, NOW + timedelta(seconds=seconds))

    wrong = client.post(f"/notices/{notice_id}/answer", data={"option": "1"})
    again = client.get(f"/notices/{notice_id}").text
    early = client.post(f"/notices/{notice_id}/answer", data={"option": "0"})
    for seconds in range(70, 95, 5):
        beaten(app, notice_id, agent, NOW + timedelta(seconds=seconds))
    right = client.post(f"/notices/{notice_id}/answer", data={"option": "0"})

    assert (wrong.status_code, wrong.location) == (302, f"/notices/{notice_id}")
    assert "没有答对，再读一遍" in again
    assert 'data-left="20"' in again
    assert (early.status_code, "再看 20 秒" in early.text) == (422, True)
    assert right.location == "/notices"


def test_silence_a_second_window_and_a_clock_that_goes_back_count_nothing(
    app: Flask, make_person: MakePerson
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一", happened="字" * 900)
    ruled(app, trainer)
    day_passes(app, NOW)
    notice_id, at = notice(app).id, NOW
    whole = beaten(app, notice_id, agent, at)

    assert beaten(app, notice_id, agent, at + timedelta(minutes=10)) == whole
    at += timedelta(minutes=10)
    assert beaten(app, notice_id, agent, at + timedelta(seconds=5)) == whole - 5
    assert beaten(app, notice_id, agent, at + timedelta(seconds=5, milliseconds=300)) == whole - 5
    assert beaten(app, notice_id, agent, at - timedelta(seconds=30)) == whole - 5
    assert beaten(app, notice_id, agent, at + timedelta(seconds=6)) == whole - 6


def test_who_does_not_read_it_is_on_the_trainers_list(
    app: Flask, make_person: MakePerson, team: Shop
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")
    ruled(app, trainer)
    day_passes(app, NOW)

    with app.app_context():
        late = queries.overdue([team.id], now=NOW + 2 * DAY)
    assert [each.person_id for each in late] == [agent.id]


def test_the_first_page_says_that_the_time_is_over(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    app, trainer, client = chat_desk.app, chat_desk.trainer, sign_in(chat_desk.trainee)
    made(app, trainer, "一")
    ruled(app, trainer)
    day_passes(app, utc_now())

    before = client.get("/").text
    with app.app_context(), transaction() as session:
        session.execute(update(NoticeReading).values(due_at=utc_now() - DAY))
    after = client.get("/").text

    assert ("前读完并确认" in before, "已经过了时间：" in before) == (True, False)
    assert ("前读完并确认" in after, "已经过了时间：" in after) == (False, True)


def test_the_rule_is_a_sentence_on_a_page(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")
    client, form = sign_in(trainer), {"team": str(trainer.team_id), "read_days": "2"}

    assert client.post("/cases/documents", data={**form, "every_days": "15"}).status_code == 422
    assert client.post("/cases/documents", data={**form, "every_days": "2"}).status_code == 302
    with app.app_context():
        assert db.session.get_one(CaseRule, trainer.team_id).every_days == 2
    sent = client.post(f"/cases/documents/{trainer.team_id}/send")
    assert sent.headers["Location"] == f"/notices/{notice(app).id}/readers"
    assert (
        client.post(f"/cases/documents/{trainer.team_id}/send")
        .headers["Location"]
        .endswith(f"?team={trainer.team_id}")
    )
    client.post(f"/cases/documents/{trainer.team_id}/end")
    with app.app_context():
        assert db.session.get(CaseRule, trainer.team_id) is None
    assert sign_in(agent).get("/cases/documents").status_code == 403


def test_a_case_goes_out_once_however_many_send_it(app: Flask, make_person: MakePerson) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")

    with app.app_context(), transaction():
        team = db.session.get_one(Team, trainer.team_id)
        documents.send(team, read_days=1, by=trainer.id, now=NOW)
        with pytest.raises(InvalidError):
            documents.send(team, read_days=1, by=trainer.id, now=NOW)
    with app.app_context():
        assert len(db.session.scalars(select(NoticeReading)).all()) == 1


def test_who_joins_reads_the_document_that_still_matters(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer, stranger = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")
    ruled(app, trainer)
    day_passes(app, NOW)

    assert beaten(app, notice(app).id, stranger, NOW) == 20
    assert sign_in(trainer).post(f"/notices/{notice(app).id}/beat").status_code == 404
