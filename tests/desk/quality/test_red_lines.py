"""A red line of a marked chat: managers are told once, and pages show it until it is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from cstrain.core.people.access import Role
from cstrain.core.review import correcting
from cstrain.core.review.models import Review
from cstrain.kit.db import db, transaction
from cstrain.kit.outbox import OutboxMessage
from cstrain.notices import jobs as inbox
from tests.desk.quality.conftest import ChatDesk
from tests.plugins.shop import NOW, MakePerson, Shop, SignIn

CHIP = "最近 30 天有红线"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def flagged(chat_desk: ChatDesk) -> Review:
    """Five good chats bring the certificate, and then a red line is touched."""
    chat_desk.draw(*(chat_desk.chat() for _n in range(6)))
    *good, last = chat_desk.reviews()
    for review in good:
        chat_desk.mark(review)
    chat_desk.mark(last, privacy=0)
    return last


def told(desk: ChatDesk) -> list[int]:
    with desk.app.app_context():
        wanted = select(OutboxMessage.person_id).where(OutboxMessage.topic == "chat_red_line")
        return list(db.session.scalars(wanted))


def corrected(desk: ChatDesk, review: Review, **values: Any) -> None:
    with desk.app.app_context(), transaction():
        correcting.correct(review.id, reason="再看", by=desk.trainer.id, now=desk.now)
    desk.mark(desk.review(), **values)


def test_managers_are_told_once_and_led_to_the_chat(
    chat_desk: ChatDesk, flagged: Review, sign_in: SignIn
) -> None:
    corrected(chat_desk, flagged, privacy=0, warmth=1)
    with chat_desk.app.app_context():
        inbox.deliver_outbox(chat_desk.now)

    assert told(chat_desk) == [chat_desk.manager.id]
    manager = sign_in(chat_desk.manager)
    page = manager.get("/inbox").text
    assert f"{chat_desk.trainee.name} 的一条聊天碰了红线" in page
    assert manager.get(f"/quality/chats/{flagged.subject_id}").status_code == 200


def test_who_has_marked_it_is_not_told_of_it(chat_desk: ChatDesk) -> None:
    chat_desk.draw(chat_desk.chat())
    chat_desk.mark(chat_desk.review(), by=chat_desk.manager, privacy=0)

    assert told(chat_desk) == []


def test_who_marks_it_blind_learns_nothing_before(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    chat_desk.draw(chat_desk.chat(), second_ratio=1.0)
    chat_desk.mark(chat_desk.review(), privacy=0)

    assert told(chat_desk) == []
    assert CHIP not in sign_in(chat_desk.manager).get("/").text


@pytest.mark.parametrize("path", ["/", "/duty", "/people/{person_id}"])
def test_the_managers_pages_show_it_until_it_is_taken_back(
    chat_desk: ChatDesk, flagged: Review, sign_in: SignIn, path: str
) -> None:
    manager, url = sign_in(chat_desk.manager), path.format(person_id=chat_desk.trainee.id)
    before = manager.get(url).text
    corrected(chat_desk, flagged)
    after = manager.get(url).text

    assert CHIP in before
    assert f'href="/quality/chats/{flagged.subject_id}"' in before
    assert CHIP not in after


def test_the_agents_own_page_says_it_beside_may_serve(
    chat_desk: ChatDesk, flagged: Review, sign_in: SignIn
) -> None:
    agent = sign_in(chat_desk.trainee)
    before = agent.get("/").text
    corrected(chat_desk, flagged)
    after = agent.get("/").text

    assert "全部通过，可以上岗了。" in before
    assert "最近有一条聊天碰了红线" in before
    assert f'href="/quality/chats/{flagged.subject_id}"' in before
    assert "碰了红线" not in after.split("最近的结果")[0]


def test_a_message_about_what_was_taken_back_asks_for_nothing(
    chat_desk: ChatDesk, flagged: Review, sign_in: SignIn
) -> None:
    with chat_desk.app.app_context():
        inbox.deliver_outbox(chat_desk.now)
    manager = sign_in(chat_desk.manager)
    before = manager.get("/inbox?show=unread").text
    corrected(chat_desk, flagged)
    after = manager.get("/inbox?show=unread").text

    assert ("碰了红线" in before, "碰了红线" in after) == (True, False)


@pytest.mark.parametrize(("days", "is_shown"), [(30, True), (31, False)])
@pytest.mark.usefixtures("flagged")
def test_it_is_shown_for_thirty_days(
    chat_desk: ChatDesk, sign_in: SignIn, days: int, is_shown: bool
) -> None:
    with time_machine.travel(NOW + timedelta(days=days), tick=False):
        page = sign_in(chat_desk.manager).get("/duty").text

    assert (CHIP in page) is is_shown


def test_an_administrator_sees_the_chip_without_the_chat(
    chat_desk: ChatDesk, flagged: Review, make_person: MakePerson, sign_in: SignIn
) -> None:
    shop = Shop(chat_desk.trainee.team_id, "", "")
    page = sign_in(make_person(Role.ADMINISTRATOR, team=shop)).get("/duty").text

    assert CHIP in page
    assert f"/quality/chats/{flagged.subject_id}" not in page
