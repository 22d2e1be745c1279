"""Chats of days that were drawn from before they came in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from cstrain.config import shipped
from cstrain.desk.chats.models import ChatConversation, ChatImport
from cstrain.desk.quality import service
from cstrain.desk.quality.framing import late_count
from cstrain.desk.quality.models import SampleDraw
from cstrain.desk.quality.plan import Window
from cstrain.kit.db import db, insert_row, run, transaction
from tests.desk.quality.conftest import ChatDesk
from tests.plugins.shop import SignIn


@pytest.fixture
def desk(chat_desk: ChatDesk) -> ChatDesk:
    """Four chats of a day, drawn from."""
    for _each in range(4):
        chat_desk.chat()
    return chat_desk


@pytest.fixture
def draw_id(desk: ChatDesk) -> int:
    with desk.app.app_context(), transaction():
        first_on = desk.now.date()
        plan = service.keep((shipped("content") / "quality" / "every-agent.md").read_bytes())
        team_id = desk.trainee.team_id
        active = service.activate(team_id, plan, first_on=first_on, by=None, now=desk.now)
        window = Window(first_on, first_on + timedelta(days=2))
        return service.draw(active.id, window, by=None, now=desk.now + timedelta(minutes=1))


def bring_in(desk: ChatDesk, count: int, *, minutes: int, day: date | None = None) -> None:
    """Chats of a file that began to come in so many minutes after the first one."""
    with desk.app.app_context(), transaction():
        desk.import_id = insert_row(
            ChatImport,
            {
                "team_id": desk.trainee.team_id,
                "file_name": "b.csv",
                "digest": "e",
                "total_bytes": 1,
                "settings": {},
                "roll": b"",
                "created_at": desk.now + timedelta(minutes=minutes),
            },
        )
    for _each in range(count):
        desk.chat()
    if day is not None:
        with desk.app.app_context(), transaction():
            of_file = ChatConversation.import_id == desk.import_id
            run(update(ChatConversation).where(of_file).values(day=day))


def late(desk: ChatDesk, draw_id: int) -> int:
    with desk.app.app_context():
        draw = db.session.get_one(SampleDraw, draw_id)
        window = Window(draw.first_on, draw.last_on)
        return late_count(draw.team_id, "Asia/Shanghai", window, draw.at, draw.frame_count)


def test_nothing_has_come_in_since_a_draw(desk: ChatDesk, draw_id: int) -> None:
    bring_in(desk, 2, minutes=5, day=desk.now.date() + timedelta(days=3))  # not of its days

    assert late(desk, draw_id) == 0


def test_what_came_in_later_is_counted_whatever_was_erased(desk: ChatDesk, draw_id: int) -> None:
    bring_in(desk, 3, minutes=5)
    with desk.app.app_context(), transaction():
        first = select(ChatConversation.id).order_by(ChatConversation.id).limit(4)
        run(update(ChatConversation).where(ChatConversation.id.in_(first)).values(erased_by=1))

    assert late(desk, draw_id) == 3


def test_a_file_that_was_just_coming_in_is_counted(desk: ChatDesk, draw_id: int) -> None:
    bring_in(desk, 2, minutes=0)

    assert late(desk, draw_id) == 2


def test_the_page_tells_it_and_a_new_draw_settles_it(
    desk: ChatDesk, draw_id: int, sign_in: SignIn
) -> None:
    trainer = sign_in(desk.trainer)
    before = trainer.get(f"/quality/draws/{draw_id}").text
    bring_in(desk, 3, minutes=5)

    page = trainer.get(f"/quality/draws/{draw_id}").text
    again = trainer.post(f"/quality/draws/{draw_id}/again", data={"reason": "又导入了"})

    assert "抽完以后又来了聊天" not in before
    assert "后来又导入了 3 条" in page
    assert page.count("重抽这几天？") == before.count("重抽这几天？")
    assert "抽完以后又来了聊天" not in trainer.get(again.location).text
    assert "抽完以后又来了聊天" not in trainer.get(f"/quality/draws/{draw_id}").text
