"""A case document in a browser: the answer opens when it was in sight for long enough."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import update

from cstrain.core.people.access import Role
from cstrain.core.people.models import Team
from cstrain.desk.cases import documents
from cstrain.desk.cases.models import Notice, NoticeReading
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.desk.cases.test_documents import made
from tests.plugins.browser import OpenPage, accessibility_problems
from tests.plugins.server import served
from tests.plugins.shop import MakePerson, SignIn

pytestmark = pytest.mark.browser


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_the_answer_opens_once_the_document_was_read(
    app: Flask, make_person: MakePerson, sign_in: SignIn, open_page: OpenPage
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")
    with app.app_context(), transaction():
        team = db.session.get_one(Team, trainer.team_id)
        documents.send(team, read_days=2, by=trainer.id, now=utc_now())
        db.session.execute(update(Notice).values(least_s=3))
    cookie = sign_in(agent).get_cookie("session")
    assert cookie is not None

    with served(app) as address:
        page = open_page()
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page.goto(f"{address}/notices/1")
        send = page.get_by_role("button", name="提交")
        expect(send).to_be_disabled()
        assert accessibility_problems(page) == []
        expect(page.get_by_text("看够了，可以答题。")).to_be_visible(timeout=15_000)
        page.get_by_label("16:00 前付款今天发").check()
        send.click()
        expect(page.get_by_text("答对了，已经记下你读过。")).to_be_visible()

    with app.app_context():
        reading = db.session.get_one(NoticeReading, 1)
        assert reading.confirmed_at is not None
        assert 3 <= reading.read_s <= 15
