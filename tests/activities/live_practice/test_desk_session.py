"""The reception desk on the real server: a customer from the first word to the result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Page, expect

from cstrain.activities.live_practice import views
from cstrain.kit.clock import utc_now
from tests.activities.live_practice.practice_course import Reception
from tests.kit.model_server import ModelServer, serving
from tests.plugins.browser import OpenPage
from tests.plugins.server import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
OURS = ".desk-log:not([hidden]) .desk-lines:not(.desk-waiting) .is-ours .desk-bubble"
THEIRS = ".desk-log:not([hidden]) .is-theirs .desk-bubble"


@dataclass
class Sitting:
    """A trainee's open session in a browser."""

    reception: Reception
    page: Page

    def wait(self, seconds: float) -> None:
        """Let time pass on the server; the page comes to the front and asks."""
        self.reception.shift(seconds)
        self.page.evaluate("window.dispatchEvent(new Event('focus'))")

    def say(self, text: str) -> None:
        self.page.focus("#desk-field")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")


@pytest.fixture
def sitting(
    reception: Reception, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sitting]:
    """Forged posts are refused here, as they are outside of tests.

    The clock stands still, so that customers wait only as long as a test says.
    """
    reception.begin("desk", "parcel-late")
    begun_at = utc_now()
    monkeypatch.setattr(views, "utc_now", lambda: begun_at)
    reception.app.config["WTF_CSRF_ENABLED"] = True
    with served(reception.app) as address:
        cookie = reception.client.get_cookie("session")
        assert cookie is not None
        page = open_page()
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page.goto(address + reception.url)
        yield Sitting(reception, page)
        page.context.close()  # so that nothing is asked any more when the server stops


def test_a_customer_from_the_first_word_to_the_result(sitting: Sitting) -> None:
    page = sitting.page
    sitting.wait(15)
    expect(page.locator(THEIRS)).to_have_text(["在吗", "昨天拍的怎么还没发"])
    sitting.say("抱歉让您等了，今天 16 点前发货。")
    expect(page.locator(OURS).last).to_contain_text("16 点前")
    sitting.wait(30)
    expect(page.locator(THEIRS).last).to_have_text("那给我备注一下要顺丰")
    page.click("[data-open=note]")
    page.keyboard.type("发顺丰")
    page.locator(".panel-form:visible select").select_option("红")
    page.click(".panel-form:visible [data-do]")
    expect(page.locator(".panel-flag")).to_contain_text("红")
    sitting.say("给您备注上了")
    expect(page.locator(OURS).last).to_have_text("给您备注上了")
    sitting.wait(40)
    expect(page.locator("#desk-result")).to_be_visible()
    page.click("#desk-result")
    expect(page.locator("main")).to_contain_text("山茶")

    assert "/practice/" in page.url
    assert sitting.reception.customers()[0].ending == "好了"
    line = next(row for row in sitting.reception.lines() if row.role == "agent")
    assert line.origin["typed_chars"] == len("抱歉让您等了，今天 16 点前发货。")


def test_a_reload_shows_the_same_chat(sitting: Sitting) -> None:
    page = sitting.page
    sitting.wait(15)
    expect(page.locator(THEIRS)).to_have_count(2)
    sitting.say("稍等，我查一下")
    expect(page.locator(".desk-waiting > *")).to_have_count(0)
    before = page.locator(".desk-line").all_inner_texts()

    page.reload()
    expect(page.locator(THEIRS)).to_have_count(2)

    assert page.locator(".desk-line").all_inner_texts() == before


def test_a_session_that_was_closed_elsewhere_leads_to_its_result(sitting: Sitting) -> None:
    page = sitting.page
    sitting.wait(15)
    expect(page.locator(THEIRS)).to_have_count(2)
    sitting.reception.app.config["WTF_CSRF_ENABLED"] = False
    sitting.reception.finish()

    sitting.say("在的")

    expect(page.locator("#desk")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("山茶")


def test_a_pause_stops_the_servers_clock(sitting: Sitting) -> None:
    page = sitting.page
    sitting.wait(15)
    expect(page.locator(THEIRS)).to_have_count(2)

    page.click("#desk-pause")
    expect(page.locator("#desk-paused")).to_be_visible()
    page.click("#desk-resume")
    expect(page.locator("#desk-field")).to_be_visible()

    assert len(sitting.reception.pauses()) == 1


@pytest.fixture
def model(reception: Reception) -> Iterator[ModelServer]:
    """A model, named by the installation."""
    with serving() as server:
        extensions = reception.app.extensions
        extensions["cstrain.settings"] = replace(
            extensions["cstrain.settings"], model_url=server.url, model_name="small"
        )
        yield server


def test_a_model_gives_a_hint_when_it_is_asked(model: ModelServer, sitting: Sitting) -> None:
    page = sitting.page
    sitting.wait(15)
    expect(page.locator(THEIRS)).to_have_text(["在吗", "昨天拍的怎么还没发"])
    assert not model.asked

    page.click("#desk-ask")

    expect(page.locator(".desk-note")).to_have_text("模型写的先说几点发货")
    expect(page.locator("#desk-open")).to_contain_text("昨天拍的怎么还没发")
    model.status = 500
    page.click("#desk-ask")
    expect(page.locator(".toast-line")).to_contain_text("先看规则的提示")
    expect(page.locator("#desk-hint-wants")).to_contain_text("一个办法")
    assert len(model.asked) == 2
