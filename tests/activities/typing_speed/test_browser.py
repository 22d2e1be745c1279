"""A run in a real browser, typed through an input method as Chromium's own protocol plays it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import CDPSession, Page
from pypinyin import lazy_pinyin

from cstrain.activities.typing_speed import queries
from cstrain.activities.typing_speed.eventlog import Event, EventKind, replay
from cstrain.activities.typing_speed.models import TypingRun
from cstrain.activities.typing_speed.normalise import is_han
from cstrain.kit.db import transaction
from tests.activities.typing_speed.typing_site import PRACTICE, Site
from tests.plugins.browser import OpenPage
from tests.plugins.server import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
FIELD = "[data-part=field]"
START = "[data-part=start]"
FINISH = "[data-part=finish]"
RESULT = ".typing-decision"


@dataclass
class Desk:
    """A trainee's open run, and the keyboard with an input method."""

    site: Site
    page: Page
    keys: CDPSession
    text: str

    def key(self, kind: str, code: str, number: int, name: str) -> None:
        event = {"type": kind, "code": code, "windowsVirtualKeyCode": number, "key": name}
        self.keys.send("Input.dispatchKeyEvent", event)

    def compose(self, letters: str) -> None:
        place = len(letters)
        preedit = {"text": letters, "selectionStart": place, "selectionEnd": place}
        self.keys.send("Input.imeSetComposition", preedit)

    def commit(self, word: str) -> None:
        """Type the pinyin of a word letter by letter and choose it by the space bar."""
        letters = "".join(lazy_pinyin(word))
        for place, letter in enumerate(letters, start=1):
            self.key("rawKeyDown", f"Key{letter.upper()}", 229, "Process")
            self.compose(letters[:place])
            self.key("keyUp", f"Key{letter.upper()}", ord(letter.upper()), letter)
            self.page.wait_for_timeout(15)
        self.key("rawKeyDown", "Space", 229, "Process")
        self.keys.send("Input.insertText", {"text": word})
        self.key("keyUp", "Space", 32, " ")

    def mark(self, char: str) -> None:
        """Full-width punctuation comes without a composition."""
        self.key("rawKeyDown", "Comma", 229, "Process")
        self.keys.send("Input.insertText", {"text": char})
        self.key("keyUp", "Comma", 0, char)

    def type(self, text: str) -> None:
        for char in text:
            if is_han(char):
                self.commit(char)
            elif char.isascii():
                self.page.keyboard.type(char)
            else:
                self.mark(char)

    def hand_in(self) -> None:
        self.page.click(FINISH)
        self.page.click(FINISH)
        self.page.wait_for_selector(RESULT)

    def run(self) -> TypingRun:
        with self.site.app.app_context():
            return self.site.run()

    def events(self) -> list[Event]:
        with self.site.app.app_context():
            chunks, _last = queries.chunks_of(self.site.attempt_id)
        return [event for chunk in chunks for event in chunk]

    def flags(self) -> set[str]:
        result = self.run().result
        assert result is not None
        return {flag["code"] for flag in result["flags"]}


@pytest.fixture
def desk(site: Site, open_page: OpenPage) -> Iterator[Desk]:
    with served(site.app) as address:
        site.begin(PRACTICE)
        cookie = site.client.get_cookie("session")
        assert cookie is not None
        page = open_page(permissions=["clipboard-read", "clipboard-write"])
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page.goto(address + site.url)
        keys = page.context.new_cdp_session(page)
        yield Desk(site, page, keys, site.passage().replace("\n", ""))


def test_typing_through_an_input_method(desk: Desk) -> None:
    desk.page.click(START)
    desk.type(desk.text[:8])
    desk.commit("错")
    desk.page.keyboard.press("Backspace")
    desk.type(desk.text[8:12])
    value = desk.page.input_value(FIELD)
    caret = desk.page.locator(".typing-passage .caret").inner_text()

    desk.hand_in()

    events = desk.events()
    commits = [event for event in events if event.kind is EventKind.COMMIT and event.text]
    by_ime = [event for event in events if event.kind is EventKind.EDIT and event.why == "ime"]
    field = replay(events)
    assert value == field.text == desk.text[:12]
    assert caret == desk.text[12]
    assert [event.text for event in commits] == [event.text for event in by_ime]
    assert (field.fixed_count, field.fixes_count) == (1, 1)
    assert [event.at_ms for event in events] == sorted(event.at_ms for event in events)
    assert "replay_differs" not in desk.flags()


def test_what_is_still_composed_is_never_wrong(desk: Desk) -> None:
    desk.page.click(START)
    desk.type(desk.text[:3])
    before = desk.page.locator(".typing-passage").inner_html()

    desk.compose("cuowu")

    assert desk.page.locator(".typing-passage").inner_html() == before
    assert desk.page.locator(".typing-passage .bad").count() == 0


def test_a_wrong_character_is_marked_once_committed(desk: Desk) -> None:
    desk.page.click(START)
    desk.type(desk.text[:2])

    desk.commit("错")

    assert desk.page.locator(".typing-passage .bad").inner_text() == desk.text[2]


def test_paste_and_undo_do_nothing_but_are_told(desk: Desk) -> None:
    desk.page.click(START)
    desk.type(desk.text[:2])
    desk.page.evaluate("navigator.clipboard.writeText('粘贴进来的一大段文字')")

    desk.page.keyboard.press("Control+V")
    desk.page.keyboard.press("Control+Z")
    value = desk.page.input_value(FIELD)
    desk.hand_in()

    assert value == desk.text[:2]
    blocked = {event.text for event in desk.events() if event.kind is EventKind.BLOCKED}
    assert blocked >= {"paste", "historyUndo"}
    assert "blocked_input" in desk.flags()


def test_a_script_that_writes_the_field_is_found_out(desk: Desk) -> None:
    desk.page.click(START)
    desk.type(desk.text[:2])

    desk.page.evaluate("document.querySelector('[data-part=field]').value = '写进来的字'")
    desk.hand_in()

    assert desk.run().verdict == "reject"
    assert "replay_differs" in desk.flags()


def test_a_script_that_inserts_text_is_found_out(desk: Desk) -> None:
    desk.page.click(START)
    desk.type(desk.text[:2])

    desk.page.evaluate(f"document.execCommand('insertText', false, {desk.text[2:60]!r})")
    desk.hand_in()

    assert "bulk_insert" in desk.flags()


def test_a_reload_goes_on_where_it_was(desk: Desk) -> None:
    desk.page.click(START)
    desk.type(desk.text[:4])

    desk.page.reload()
    desk.page.wait_for_selector("[data-stage=run]")
    desk.page.keyboard.type("a")
    value = desk.page.input_value(FIELD)
    desk.hand_in()

    assert value == f"{desk.text[:4]}a"
    assert replay(desk.events()).text == value
    assert "chunk_missing" not in desk.flags()


def test_another_tab_cannot_go_on(desk: Desk) -> None:
    desk.page.click(START)
    desk.type(desk.text[:2])

    other = desk.page.context.new_page()
    other.goto(desk.page.url)

    assert other.get_attribute("[data-typing]", "data-stage") == "lost"


def test_nothing_is_lost_while_the_network_is_away(desk: Desk) -> None:
    desk.page.click(START)
    desk.type(desk.text[:2])
    desk.page.context.set_offline(True)
    desk.type(desk.text[2:4])
    desk.page.wait_for_selector("[data-part=network]:not(:empty)")

    desk.page.context.set_offline(False)
    desk.hand_in()

    assert replay(desk.events()).text == desk.text[:4]


def test_time_out_drops_what_is_not_committed(desk: Desk) -> None:
    with desk.site.app.app_context(), transaction() as session:
        session.get_one(TypingRun, desk.site.attempt_id).limit_ms = 4_000
    desk.page.reload()
    desk.page.click(START)
    desk.type(desk.text[:2])

    desk.compose("ha")
    desk.page.wait_for_selector(RESULT)

    assert desk.run().typed == desk.text[:2]
    assert desk.run().elapsed_ms == 4_000
    assert "replay_differs" not in desk.flags()
