"""The page on which a scenario is tried, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from cstrain.config import Settings
from cstrain.core.people.access import Role
from cstrain.testing import publish
from tests.activities.live_practice.practice_course import PARCEL
from tests.activities.live_practice.test_person_journey import FILES
from tests.plugins.browser import OpenPage
from tests.plugins.server import Server
from tests.plugins.shop import MakePerson, SignIn

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
MADE = PARCEL.replace("slug: parcel-late", "slug: made-here").replace('sections: ["3.5"]\n', "")


@pytest.fixture
def server(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "course"
    publish(app, folder, FILES)
    made = Server(settings, folder)
    made.start()
    yield made
    made.kill()


def test_a_pasted_file_is_tried_without_a_reload(
    server: Server, make_person: MakePerson, sign_in: SignIn, open_page: OpenPage
) -> None:
    cookie = sign_in(make_person(Role.TRAINER)).get_cookie("session")
    assert cookie is not None
    address = f"http://127.0.0.1:{server.port}"
    page = open_page()
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page.goto(f"{address}/practice/try")
    page.fill("#try-text", MADE.replace("level: 1", "level: 9"))
    page.click("button[value=read]")
    page.click(".try-line-number >> nth=0")
    marked = page.evaluate(
        "() => { const b = document.getElementById('try-text');"
        " return b.value.slice(b.selectionStart, b.selectionEnd); }"
    )
    assert marked == "level: 9"

    page.reload()
    expect(page.locator("#try-text")).to_have_value(MADE.replace("level: 1", "level: 9"))
    page.fill("#try-text", MADE)
    page.click("button[value=read]")
    expect(page.locator(".replay-bubble")).to_have_text(["在吗", "昨天拍的怎么还没发"])
    expect(page.locator(".try-box[data-now] title")).to_have_text("催发")

    page.focus("#try-line")
    page.keyboard.type("抱歉让您等了，今天 16 点前发货。")
    page.keyboard.press("Enter")
    expect(page.locator(".try-box[data-now] title")).to_have_text("要备注")
    expect(page.locator("#try-line")).to_be_focused()
    page.click(".try-actions summary")
    page.fill("input[name=note-text]", "发顺丰")
    page.press("input[name=note-text]", "Enter")
    expect(page.locator(".try-where strong")).to_have_text("好了")

    page.click("button[value=restart]")
    expect(page.locator(".replay-bubble")).to_have_count(2)
    page.click("button[value=wait-30]")
    expect(page.locator(".replay-bubble")).to_have_count(3)
    page.fill("#try-line", "没发出去的话")
    page.context.set_offline(True)
    page.click("button[value=say]")
    expect(page.locator("#try-error")).to_contain_text("什么也没有丢")
    expect(page.locator("#try-line")).to_have_value("没发出去的话")
    page.context.set_offline(False)
