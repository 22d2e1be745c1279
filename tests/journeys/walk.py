"""What somebody does in a browser: join, read, sit an exam, type through an input method."""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass
from itertools import pairwise

from playwright.sync_api import CDPSession, Locator, Page, expect
from pypinyin import lazy_pinyin

from cstrain.activities.typing_speed.models import TypingRun
from cstrain.activities.typing_speed.normalise import is_han
from cstrain.kit.db import transaction
from tests.plugins.school import School, right_number

PASSWORD = "cloud-seven-42"
#: A run long enough to count, short enough to wait for: characters, and seconds for each.
TYPED_CHARS, CHAR_S = 54, 0.33


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody in front of a browser."""

    page: Page
    address: str

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.address + path)

    def log_in(self, login: str, password: str = PASSWORD) -> None:
        """Sign in."""
        self.go("/login")
        self.page.get_by_label("工号或手机号").fill(login)
        self.page.get_by_label("密码").fill(password)
        self.press("登录")
        expect(self.page).to_have_url(f"{self.address}/")

    def press(self, name: str) -> None:
        """Press the button of this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def _arrive(self, selector: str) -> None:
        """Wait until the next page, known by what is in it, is there whole with its scripts."""
        self.page.locator(selector).wait_for(state="attached")
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        """Follow the first link of this name in the page."""
        self.page.locator("main").get_by_role("link", name=name).first.click()

    # -- a lesson ------------------------------------------------------------------------------

    def ask(self, item_id: str) -> Locator:
        """The box of a question in a lesson."""
        return self.page.locator(f"[id='ask-{item_id}']")

    def think(self, item_id: str) -> None:
        """Answer what is asked before the lesson begins; it is not graded."""
        self.ask(item_id).locator("button.choice").first.click()
        expect(self.ask(item_id)).to_contain_text("我们的答案")

    def judge(self, item_id: str, *, right: bool) -> None:
        """Answer one of the lessons' questions, all of which are true."""
        box = self.ask(item_id)
        box.get_by_role("radio", name="对" if right else "错", exact=True).check()
        self._check(box, right=right)

    def count(self, box: Locator, *, right: bool = True) -> None:
        """Answer a question of the bank by adding up."""
        number = summand(box.inner_text())
        box.get_by_role("textbox").fill(right_number(f"-{number}") if right else "1")
        self._check(box, right=right)

    def _check(self, box: Locator, *, right: bool) -> None:
        box.locator(".ask-foot button").click()
        expect(box.locator(".verdict-word")).to_have_text("答对了" if right else "还不对")

    def open_part(self, ref: str) -> None:
        """Let a part of the lesson stand in view until it counts as opened."""
        self.page.evaluate("ref => document.getElementById(ref).scrollIntoView()", ref)
        done = self.page.locator(f"#left a[href='#{ref}'].is-done")
        done.or_(self.page.locator("#finish .finish")).first.wait_for(state="attached")

    # -- an exam -------------------------------------------------------------------------------

    def sit(self, *, wrong: frozenset[int] = frozenset()) -> None:
        """Begin the exam on whose page one is, answer it all and hand in.

        Args:
            wrong: Questions to get wrong, by the number that is asked about.
        """
        self.press("开始考试")
        self._arrive("#paper")
        items = self.page.locator(".paper-item")
        for place in range(items.count()):
            item = items.nth(place)
            number = summand(item.inner_text())
            text = "7" if number in wrong else right_number(f"-{number}")
            item.get_by_role("textbox").fill(text)
            item.get_by_role("textbox").blur()
            expect(item.locator("[data-save]")).to_have_attribute("data-state", "saved")
            if place + 1 < items.count():
                self.page.locator("[data-go='1']").click()
        self.page.locator("#hand-in").click()
        self.page.locator("#really").click()
        self.page.locator(".decision").wait_for()

    # -- typing --------------------------------------------------------------------------------

    def type_test(self, school: School, slug: str, *, code: str = "") -> None:
        """Take a typing test of which only the beginning is left to type, through pinyin."""
        self.go(f"/typing/{slug}")
        if code:
            self.page.get_by_label("带教老师的口令").fill(code)
        self.press("开始测试")
        self._arrive(".typing-passage")
        attempt_id = int(self.page.url.rpartition("/")[2])
        text = shorten(school, attempt_id)
        self.page.reload()
        self.press("开始")
        Keyboard(self.page, self.page.context.new_cdp_session(self.page)).type(text)
        self.page.locator(".typing-decision").wait_for()


def summand(text: str) -> int:
    """The number a question asks about."""
    found = re.search(r"(\d+) 加 100", text)
    assert found is not None, text
    return int(found[1])


def shorten(school: School, attempt_id: int) -> str:
    """Leave only the beginning of a run's text, so that nobody waits for minutes."""
    with school.app.app_context(), transaction() as session:
        run = session.get_one(TypingRun, attempt_id)
        run.passage = run.passage.replace("\n", "")[:TYPED_CHARS]
        return run.passage


@dataclass(frozen=True, slots=True)
class Keyboard:
    """A keyboard with a pinyin input method, as Chromium's protocol plays it."""

    page: Page
    keys: CDPSession

    def type(self, text: str) -> None:
        """Type a text evenly enough for a person and unevenly enough for one."""
        rng = random.Random(text)
        began = time.monotonic()
        for place, char in enumerate(text, start=1):
            if is_han(char):
                self._compose(char, rng)
            elif char.isascii():
                self.page.keyboard.type(char)
            else:
                self._mark(char)
            left_s = began + place * CHAR_S - time.monotonic()
            self.page.wait_for_timeout(max(left_s, 0) * 1000)

    def _compose(self, char: str, rng: random.Random) -> None:
        letters = lazy_pinyin(char)[0]
        for letter, preedit in zip(letters, _growing(letters), strict=True):
            self._press(f"Key{letter.upper()}")
            self.keys.send("Input.imeSetComposition", preedit)
            self._release(f"Key{letter.upper()}", ord(letter.upper()), letter)
            self.page.wait_for_timeout(rng.uniform(25, 75))
        self._press("Space")
        self.keys.send("Input.insertText", {"text": char})
        self._release("Space", 32, " ")

    def _mark(self, char: str) -> None:
        """Full-width punctuation comes without a composition."""
        self._press("Comma")
        self.keys.send("Input.insertText", {"text": char})
        self._release("Comma", 0, char)

    def _press(self, code: str) -> None:
        event = {"type": "rawKeyDown", "code": code, "windowsVirtualKeyCode": 229}
        self.keys.send("Input.dispatchKeyEvent", {**event, "key": "Process"})

    def _release(self, code: str, number: int, key: str) -> None:
        event = {"type": "keyUp", "code": code, "windowsVirtualKeyCode": number, "key": key}
        self.keys.send("Input.dispatchKeyEvent", event)


def _growing(letters: str) -> list[dict[str, object]]:
    """What is composed after each letter."""
    ends = [end for _start, end in pairwise(range(len(letters) + 1))]
    return [{"text": letters[:end], "selectionStart": end, "selectionEnd": end} for end in ends]
