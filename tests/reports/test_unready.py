"""Who answered real customers without a certificate and before the first gate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import update

from cstrain.core.pathway.models import StageState
from cstrain.kit.db import db, transaction
from tests.desk.quality.conftest import ChatDesk, chat_desk
from tests.plugins.shop import NOW, SignIn

__all__ = ["chat_desk"]

LINE = "还不能上岗，却接了真实顾客"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def test_the_duty_list_names_who_served_too_early_with_the_chats(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    manager = sign_in(chat_desk.manager)
    before = manager.get("/duty").text
    for _n in range(3):
        chat_desk.chat()
    page = manager.get("/duty").text

    assert LINE not in before
    assert LINE in page
    assert f'href="/records/{chat_desk.trainee.id}"' in page
    assert "3 段</a>" in page
    assert f"account={chat_desk.account_id}" in page


def test_who_passed_the_first_gate_may_serve_beside_a_trainer(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat_desk.chat()
    with chat_desk.app.app_context(), transaction():
        db.session.execute(update(StageState).values(position=1))

    assert LINE not in sign_in(chat_desk.manager).get("/duty").text


def test_who_held_a_certificate_that_day_may_serve(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    chat_desk.draw(*(chat_desk.chat() for _n in range(5)))
    for review in chat_desk.reviews():
        chat_desk.mark(review)

    assert LINE not in sign_in(chat_desk.manager).get("/duty").text


def test_what_is_longer_ago_is_past(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    chat_desk.chat()
    with time_machine.travel(NOW.replace(day=NOW.day + 7), tick=True):
        page = sign_in(chat_desk.manager).get("/duty").text

    assert LINE not in page
