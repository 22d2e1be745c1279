"""What was said goes when its time is over, what must stay stays, and the log tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from cstrain.core.people.access import Role
from cstrain.desk.chats import retention, sealing
from cstrain.desk.chats.cli import chats
from cstrain.desk.chats.models import ChatConversation, ChatImport, ChatMessage, ChatRefused
from cstrain.kit.chain import State
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.desk.chats.test_chat_pages import CHAT, pasted
from tests.plugins.shop import MakePerson, MakeTeam, SignIn, Someone


@pytest.fixture
def boss(make_person: MakePerson) -> Someone:
    return make_person(Role.MANAGER)


@pytest.fixture
def manager(boss: Someone, sign_in: SignIn) -> FlaskClient:
    return sign_in(boss)


def texts(app: Flask) -> list[str | None]:
    with app.app_context():
        asked = select(ChatMessage.text).order_by(ChatMessage.conversation_id, ChatMessage.ordinal)
        return list(db.session.scalars(asked))


def days_later(app: Flask, days: int) -> None:
    with app.app_context():
        retention.erase_old(utc_now() + timedelta(days=days))


def rule(client: FlaskClient, boss: Someone, days: int) -> None:
    client.post("/chats/retention", data={"team": str(boss.team_id), "days": str(days)})


def chat_of_today(client: FlaskClient, buyer: str = "tb4433_22") -> str:
    today = utc_now().date().isoformat()
    return pasted(client, CHAT.replace("2026-10-20", today).replace("tb4433_22", buyer))


def test_nothing_goes_without_a_rule(app: Flask, manager: FlaskClient) -> None:
    chat_of_today(manager)

    days_later(app, 5_000)

    assert None not in texts(app)


def test_what_was_said_goes_when_its_time_is_over(
    app: Flask, manager: FlaskClient, boss: Someone
) -> None:
    where = chat_of_today(manager)
    rule(manager, boss, 90)

    days_later(app, 89)
    before = texts(app)
    days_later(app, 92)
    days_later(app, 93)

    assert None not in before
    assert set(texts(app)) == {None}
    page = manager.get(where).text
    assert "已按规定删除" in page
    assert "tb4433" not in page
    log = manager.get("/chats/retention").text
    assert log.count("到了 90 天的期限") == 1
    assert "没有找到" in manager.get("/chats?q=运费").text
    with app.app_context():
        states = [each.state for each in sealing.verify(boss.team_id).verdicts]
        assert states == [State.ERASED, State.INTACT]
        assert db.session.scalar(select(ChatConversation.buyer_count)) == 2
        told = CliRunner().invoke(chats, ["verify"])
    assert told.exit_code == 0
    assert "1 号记录（第 1 次导入）：3 条消息已按 2 号记录删除" in told.output
    assert "完好：2 号记录，0 条消息" in told.output


def test_what_was_erased_before_is_not_read_again(app: Flask, boss: Someone) -> None:
    with app.app_context(), transaction() as session:
        is_sqlite = db.engine.dialect.name == "sqlite"
        if not is_sqlite:  # so few rows are read whole
            session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        for over in retention.overdue(boss.team_id, "Asia/Shanghai", 90, now=utc_now()):
            asked = over.compile(db.engine, compile_kwargs={"literal_binds": True})
            plan = session.execute(text(f"{explain} {asked}")).all()
            assert "ix_chat_conversation_kept" in str(plan)
        lines = retention.old_refused(boss.team_id, "Asia/Shanghai", 90, now=utc_now())
        asked = lines.compile(db.engine, compile_kwargs={"literal_binds": True})
        plan = session.execute(text(f"{explain} {asked}")).all()
        assert "ix_chat_refused_kept" in str(plan)


def test_what_goes_the_next_night_is_said_with_the_rule(
    manager: FlaskClient, boss: Someone
) -> None:
    long_ago = CHAT.replace("2026-10-20", "2020-10-20")
    pasted(manager, long_ago)
    pasted(manager, long_ago.replace("tb4433_22", "tb另一位"))
    manager.post("/chats/1/hold", data={"reason": "投诉"})

    rule(manager, boss, 90)

    assert "下一个凌晨会删 1 段聊天的内容" in manager.get("/chats/retention").text


def test_what_must_stay_stays_until_it_is_released(
    app: Flask, manager: FlaskClient, boss: Someone
) -> None:
    where, other = chat_of_today(manager), chat_of_today(manager, "tb另一位")
    rule(manager, boss, 90)

    manager.post(f"{where}/hold", data={"reason": "12315 投诉，回电13812345678"})
    days_later(app, 100)

    assert [text is None for text in texts(app)] == [False] * 3 + [True] * 3
    listed = manager.get("/chats/retention").text
    assert "12315 投诉，回电〔电话〕" in listed
    manager.post(f"{other}/hold", data={"reason": "晚了"})
    assert "晚了" not in manager.get("/chats/retention").text

    manager.post(f"{where}/release")
    days_later(app, 101)

    assert set(texts(app)) == {None}


def test_lines_that_were_no_messages_go_with_the_rest(
    app: Flask, manager: FlaskClient, boss: Someone
) -> None:
    where = chat_of_today(manager)
    with app.app_context(), transaction() as session:
        import_id = session.scalars(select(ChatImport.id)).one()
        note = "内部备注：这位顾客脾气大"
        session.add(
            ChatRefused(
                import_id=import_id, line=7, reason="note", details={"value": "脾气"}, source=note
            )
        )
    rule(manager, boss, 90)
    manager.post(f"{where}/hold", data={"reason": "12315 投诉"})

    days_later(app, 89)
    before = manager.get(f"/chats/imports/{import_id}").text
    days_later(app, 92)
    after = manager.get(f"/chats/imports/{import_id}").text

    assert "脾气大" in before
    assert "脾气" not in after
    assert "内部备注，不是对顾客说的" in after
    with app.app_context():
        assert sealing.verify(boss.team_id).is_whole


def test_whoever_says_meanwhile_that_it_must_stay_is_heard(
    app: Flask, manager: FlaskClient, boss: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_of_today(manager)
    rule(manager, boss, 90)
    looked: list[Sequence[int]] = []
    due, teams = retention.due, [boss.team_id]

    def due_and_then_held(*args: Any, **more: Any) -> Sequence[int]:
        found = due(*args, **more)
        if not looked:
            retention.hold(found[0], "12315", team_ids=teams, by=boss.id, now=utc_now())
        looked.append(found)
        return found

    monkeypatch.setattr(retention, "due", due_and_then_held)
    days_later(app, 100)

    assert len(looked) > 1
    assert None not in texts(app)


def test_a_chat_without_a_day_counts_from_when_it_came(
    app: Flask, manager: FlaskClient, boss: Someone
) -> None:
    pasted(manager)
    with app.app_context(), transaction() as session:
        session.execute(update(ChatConversation).values(day=None))
    rule(manager, boss, 90)

    days_later(app, 89)
    before = texts(app)
    days_later(app, 92)

    assert None not in before
    assert set(texts(app)) == {None}


@pytest.mark.parametrize("days", ["", "0", "29", "3651", "-5", "vier"])
def test_a_senseless_rule_is_refused(
    app: Flask, manager: FlaskClient, boss: Someone, days: str
) -> None:
    manager.post("/chats/retention", data={"team": str(boss.team_id), "days": days})

    with app.app_context():
        assert retention.days_of([boss.team_id]) == {}


def test_only_a_manager_of_the_team_says_how_long(
    app: Flask, boss: Someone, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    trainer = sign_in(make_person(Role.TRAINER))
    stranger = sign_in(make_person(Role.MANAGER, team=make_team("别的店")))
    form = {"team": str(boss.team_id), "days": "90"}

    assert trainer.post("/chats/retention", data=form).status_code == 403
    assert stranger.post("/chats/retention", data=form).status_code == 404
    with app.app_context():
        assert retention.days_of([boss.team_id]) == {}


def test_a_strangers_chat_cannot_be_held(
    manager: FlaskClient, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    where = pasted(manager)
    stranger = sign_in(make_person(Role.MANAGER, team=make_team("别的店")))

    assert stranger.post(f"{where}/hold", data={"reason": "看看"}).status_code == 404
