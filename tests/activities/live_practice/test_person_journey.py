"""A trainer and a trainee at two computers; one browser and the server are restarted in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from cstrain.config import Settings
from cstrain.core.pathway import enrolments
from cstrain.core.people.access import Role
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.testing import publish
from tests.activities.live_practice.pair import PAIR_COURSE
from tests.activities.live_practice.practice_course import Reception
from tests.plugins.browser import OpenPage
from tests.plugins.server import Server
from tests.plugins.shop import MakePerson, SignIn

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
BUBBLES = ".desk-lines:not(.desk-waiting) .desk-bubble"
#: The lesson is of a kind that the server does not know, so nothing may refer to its sections.
FILES = {
    path: text.replace('sections: ["3.5"]\n', "").replace(', 节: "3.4"', "")
    for path, text in PAIR_COURSE.items()
    if not path.startswith("course/") and "vest" not in path
}


@pytest.fixture
def server(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "course"
    publish(app, folder, FILES)
    made = Server(settings, folder)
    made.start()
    yield made
    made.kill()


def _seated(open_page: OpenPage, client: FlaskClient, address: str) -> Page:
    """Somebody's browser at the server."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    page = open_page()
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    return page


def _say(page: Page, field: str, text: str) -> None:
    page.focus(field)
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_people_talk_through_a_closed_browser_and_a_dead_server(
    app: Flask, server: Server, make_person: MakePerson, sign_in: SignIn, open_page: OpenPage
) -> None:
    trainee, trainer = make_person(), make_person(Role.TRAINER)
    with app.app_context(), transaction():
        enrolments.enrol(trainee.id, trainee.team_id, "short", now=utc_now())
    address = f"http://127.0.0.1:{server.port}"
    reception = Reception(app, trainee, trainer, sign_in(trainee), sign_in(trainer))
    theirs = _seated(open_page, reception.staff, address)
    ours = _seated(open_page, reception.client, address)

    theirs.goto(f"{address}/practice/played/play")
    theirs.select_option("#play-person", label=trainee.name)
    theirs.select_option("#play-scenario", value="parcel-late")
    theirs.click("main form .button-primary")
    expect(theirs.locator("#play-send")).to_be_disabled()
    reception.attempt_id = int(theirs.url.split("/")[-2])
    ours.goto(address)
    ours.click("text=进去接待")
    expect(theirs.locator("#play-send")).to_be_enabled()

    theirs.click(".play-part button >> nth=0")
    theirs.keyboard.press("Enter")
    expect(ours.locator(BUBBLES)).to_have_text(["在吗"])
    _say(ours, "#desk-field", "在的，您说")
    expect(theirs.locator(BUBBLES)).to_have_text(["在吗", "在的，您说"])

    theirs.context.close()
    _say(ours, "#desk-field", "您还在吗")
    theirs = _seated(open_page, reception.staff, address)
    theirs.goto(f"{address}/practice/{reception.attempt_id}/play")
    expect(theirs.locator(BUBBLES)).to_have_text(["在吗", "在的，您说", "您还在吗"])

    server.kill()
    _say(theirs, "#play-field", "我昨天拍的，怎么还没发")
    _say(ours, "#desk-field", "掉线了？")
    expect(theirs.locator(".is-unsent .desk-bubble")).to_have_text("我昨天拍的，怎么还没发")
    server.start()
    for page in (theirs, ours):
        expect(page.locator(".is-unsent")).to_have_count(0, timeout=30_000)
        expect(page.locator(BUBBLES)).to_have_count(5)
    texts = [line.text for line in reception.lines()]
    assert sorted(texts[3:]) == ["我昨天拍的，怎么还没发", "掉线了？"]
    assert len(texts) == 5

    theirs.click("[data-dialog=play-end]")
    theirs.check("input[value=solved]")
    theirs.click("#play-end-form .button-primary")
    expect(theirs.locator("main")).to_contain_text("问题解决了")
    expect(ours.locator("main")).to_contain_text("一位一位看")
    asked: list[str] = []
    ours.on("request", lambda request: asked.append(request.url))
    ours.wait_for_timeout(3500)
    assert not [url for url in asked if "/poll" in url]  # nobody asks once it is over
