"""The reception desk in a real browser, with input methods, lost networks and keys alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from playwright.sync_api import CDPSession, Page, Route, expect
from pypinyin import lazy_pinyin

from tests.activities.live_practice.fake_desk import FakeDesk, Guest, install
from tests.plugins.browser import PHONE, OpenPage, accessibility_problems, intercepting
from tests.plugins.server import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
FIELD = "#desk-field"
OURS = ".desk-log:not([hidden]) .desk-lines:not(.desk-waiting) .is-ours .desk-bubble"
UNSENT = ".desk-log:not([hidden]) .desk-waiting .is-ours"
QUIET_MS = 1200
HINT = {"wants": "他刚来：先应一声。", "how": "要说清：尺码"}


@dataclass
class Seat:
    """An agent at the desk, with keyboard and input method."""

    desk: FakeDesk
    page: Page
    address: str
    keys: CDPSession = field(init=False)

    def __post_init__(self) -> None:
        self.keys = self.page.context.new_cdp_session(self.page)

    def open(self) -> None:
        self.page.goto(f"{self.address}/fake")
        self.page.wait_for_selector(FIELD)

    def key(self, kind: str, code: str, number: int, name: str) -> None:
        event = {"type": kind, "code": code, "windowsVirtualKeyCode": number, "key": name}
        self.keys.send("Input.dispatchKeyEvent", event)

    def compose(self, letters: str) -> None:
        """Type letters that the input method has not turned into characters yet."""
        for place, letter in enumerate(letters, start=1):
            self.key("rawKeyDown", f"Key{letter.upper()}", 229, "Process")
            preedit = {"text": letters[:place], "selectionStart": place, "selectionEnd": place}
            self.keys.send("Input.imeSetComposition", preedit)
            self.key("keyUp", f"Key{letter.upper()}", ord(letter.upper()), letter)

    def commit(self, word: str) -> None:
        """Type a word by its pinyin and choose it by the space bar."""
        self.compose("".join(lazy_pinyin(word)))
        self.key("rawKeyDown", "Space", 229, "Process")
        self.keys.send("Input.insertText", {"text": word})
        self.key("keyUp", "Space", 32, " ")

    def press(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)

    def say(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.press("Enter")

    def texts(self) -> list[str]:
        return [body["text"] for body in self.desk.sent]

    def value(self) -> str:
        return self.page.input_value(FIELD)


OpenSeat = Callable[..., Seat]


@pytest.fixture
def open_seat(app: Flask, open_page: OpenPage) -> Iterator[OpenSeat]:
    """Gives ``open_seat(desk, **options of the browser)``."""
    seats: list[Seat] = []
    with served(app) as address:

        def opened(desk: FakeDesk, **options: object) -> Seat:
            install(app, desk)
            page = open_page(permissions=["clipboard-read", "clipboard-write"], **options)
            seats.append(Seat(desk, page, address))
            return seats[-1]

        yield opened
        for seat in seats:  # so that nothing is asked any more when the server stops
            seat.page.context.close()


def one(*bursts: list[str], **more: object) -> FakeDesk:
    """A desk with one customer, who stays."""
    return FakeDesk([Guest("半糖去冰", bursts or (["在吗"],))], **more)  # type: ignore[arg-type]


def three() -> list[Guest]:
    """Three customers, who leave after what they came for."""
    return [
        Guest("半糖去冰", (["在吗"], ["好的拍了"]), leaves="付款了"),
        Guest("暖冬", (["发货没"], ["谢谢"]), leaves="解决了"),
        Guest("小满", (["能改地址吗"], ["好"]), leaves="解决了"),
    ]


@pytest.mark.parametrize("name", ["Process", "Enter"], ids=["windows", "mac"])
def test_enter_inside_a_composition_never_sends(open_seat: OpenSeat, name: str) -> None:
    seat = open_seat(one())
    seat.open()

    seat.compose("zaide")
    seat.key("rawKeyDown", "Enter", 229, name)
    seat.key("keyUp", "Enter", 13, "Enter")
    seat.keys.send("Input.insertText", {"text": "在的"})
    seat.page.wait_for_timeout(100)
    before = seat.texts()
    seat.press("Enter")
    expect(seat.page.locator(OURS)).to_have_text(["在的"])

    assert before == []
    assert seat.texts() == ["在的"]


def test_the_enter_that_ends_a_composition_in_safari_does_not_send(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()
    seat.page.keyboard.type("hao")

    # Safari ends the composition first and then reports the key, as an ordinary one.
    seat.page.evaluate(
        """() => {
          const field = document.getElementById("desk-field");
          const enter = { key: "Enter", code: "Enter", bubbles: true, cancelable: true };
          field.dispatchEvent(new CompositionEvent("compositionstart"));
          field.dispatchEvent(new CompositionEvent("compositionend", { data: "hao" }));
          field.dispatchEvent(new KeyboardEvent("keydown", enter));
          field.dispatchEvent(new KeyboardEvent("keyup", enter));
        }"""
    )
    seat.page.wait_for_timeout(100)
    before = seat.texts()
    seat.press("Enter")
    expect(seat.page.locator(OURS)).to_have_text(["hao"])

    assert before == []


def test_shift_enter_is_a_new_line(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()

    seat.page.keyboard.type("在的")
    seat.press("Shift+Enter")
    seat.say("您说")
    expect(seat.page.locator(OURS)).to_have_count(1)

    assert seat.texts() == ["在的\n您说"]


@pytest.mark.parametrize("wanted", ["/szupok", "/bsym", "/上衣码", "、bsym"])
def test_a_quick_reply_is_found_by_code_words_and_initials(
    open_seat: OpenSeat, wanted: str
) -> None:
    seat = open_seat(one())
    seat.open()

    seat.page.keyboard.insert_text(wanted)
    expect(seat.page.locator("#desk-quick [aria-selected=true]")).to_contain_text("报上衣码")
    seat.press("Enter")

    assert seat.value() == "照尺码表您拿{尺码}，{颜色}有货。\n想再宽些就大一码。"


def test_letters_still_in_the_input_method_find_quick_replies(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()

    seat.page.keyboard.type("/")
    seat.compose("bsym")

    expect(seat.page.locator("#desk-quick [role=option]:visible")).to_have_count(1)
    seat.key("rawKeyDown", "Enter", 229, "Enter")
    assert seat.value() == "/bsym"


def test_tab_goes_through_the_gaps_and_an_open_gap_is_not_sent(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()
    seat.page.keyboard.type("/szupok")
    seat.press("Enter")

    seat.page.keyboard.type("L")
    seat.press("Enter")
    expect(seat.page.locator("#desk-notice")).to_contain_text("颜色")
    before = seat.texts()
    seat.press("Tab")
    seat.page.keyboard.type("黑色")
    seat.press("Enter")
    expect(seat.page.locator(OURS)).to_have_count(1)

    assert before == []
    assert seat.texts() == ["照尺码表您拿L，黑色有货。\n想再宽些就大一码。"]
    assert seat.desk.sent[0]["quick"] == "szupok"
    assert seat.desk.sent[0]["typed_chars"] == 3


def test_escape_leaves_the_quick_replies_and_arrows_choose(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()
    chosen = seat.page.locator("#desk-quick [aria-selected=true]")

    seat.page.keyboard.type("/")
    seat.press("ArrowDown")
    expect(chosen).to_contain_text("报上衣码")
    seat.press("Escape")
    seat.say("路上")
    expect(seat.page.locator(OURS)).to_have_count(1)

    assert seat.texts() == ["/路上"]


def test_what_was_typed_is_told_from_what_was_pasted(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()
    seat.page.evaluate("navigator.clipboard.writeText('粘贴的话')")

    seat.commit("在的")
    seat.press("Control+V")
    seat.page.keyboard.type("abc")
    seat.press("Backspace")
    seat.press("Enter")
    expect(seat.page.locator(OURS)).to_have_count(1)

    (body,) = seat.desk.sent
    assert body["text"] == "在的粘贴的话ab"
    assert (body["typed_chars"], body["pasted_chars"]) == (4, 4)
    assert 0 < body["typed_ms"] < 10_000


def test_three_customers_by_keyboard_alone(open_seat: OpenSeat) -> None:
    seat = open_seat(FakeDesk(three()))
    seat.open()
    current = seat.page.locator(".desk-customer[aria-current]")
    log = seat.page.locator(".desk-log:not([hidden])")

    seat.say("在的，今天发")
    expect(log).to_contain_text("好的拍了")
    expect(seat.page.locator("#desk-gone .desk-key")).to_have_text(["1"])
    seat.press("Alt+3")  # the number stays, although the first has gone
    expect(current).to_contain_text("小满")
    seat.press("Alt+o")
    expect(seat.page.locator("#desk-panels [data-open]:visible").first).to_be_focused()
    seat.press("Enter")
    expect(seat.page.locator(".panel-form:visible textarea")).to_be_focused()
    seat.page.keyboard.type("改成：")
    seat.press("Tab", "Tab", "Enter")
    expect(log).to_contain_text("change_address：")
    seat.press("Escape")
    expect(seat.page.locator(FIELD)).to_be_focused()
    seat.say("改好了")
    expect(log).to_contain_text("好")
    seat.press("Control+ArrowDown")
    expect(current).to_contain_text("暖冬")
    seat.press("F2")
    seat.page.keyboard.type("ymyldx")
    seat.press("Enter")
    expect(log.locator(".desk-card")).to_contain_text("云棉圆领短袖")
    expect(seat.page.locator("#desk-result")).to_be_visible()
    seat.page.focus("#desk-result")
    seat.press("Enter")
    seat.page.wait_for_url("**/result")

    kinds = [(body["customer"], body["kind"]) for body in seat.desk.sent]
    assert kinds == [(1, "line"), (3, "action"), (3, "line"), (2, "card")]
    assert seat.desk.sent[3]["card"] == "SC-T01"
    assert seat.desk.is_finished


def test_lines_written_offline_go_out_in_order_and_once(open_seat: OpenSeat) -> None:
    seat = open_seat(one(["在吗"], ["好"]))
    seat.open()

    seat.page.context.set_offline(offline=True)
    seat.say("第一句")
    seat.say("第二句")
    expect(seat.page.locator(UNSENT)).to_have_count(2)
    expect(seat.page.locator(f"{UNSENT}.is-stuck")).to_have_count(2)
    expect(seat.page.locator(UNSENT).first).to_contain_text("未发出")
    before = seat.texts()
    seat.page.context.set_offline(offline=False)
    expect(seat.page.locator(OURS)).to_have_text(["第一句", "第二句"])

    assert before == []
    assert seat.texts() == ["第一句", "第二句"]
    expect(seat.page.locator(UNSENT)).to_have_count(0)


def test_a_line_whose_answer_was_lost_is_not_said_twice(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    intercepting(seat.page)
    seat.open()
    seat.page.route("**/fake/send", lambda route: (route.fetch(), route.abort()), times=1)

    seat.say("今天发")
    expect(seat.page.locator(OURS)).to_have_text(["今天发"])

    assert seat.desk.posts.count("send") == 2
    assert seat.texts() == ["今天发"]


@pytest.mark.parametrize(("status", "help_"), [(401, "去登录"), (400, "刷新")])
def test_a_line_survives_a_log_in_that_ended_and_a_page_that_is_stale(
    open_seat: OpenSeat, status: int, help_: str
) -> None:
    seat = open_seat(one())
    intercepting(seat.page)
    seat.open()
    seat.page.route("**/fake/send", lambda route: route.fulfill(status=status, json={}))

    seat.say("今天发")
    expect(seat.page.locator("#desk-network")).to_contain_text(help_)
    expect(seat.page.locator(UNSENT)).to_contain_text("今天发")
    seat.page.unroute("**/fake/send")  # until then every try is refused, however slow we are
    seat.page.reload()
    expect(seat.page.locator(OURS)).to_have_text(["今天发"])

    assert seat.texts() == ["今天发"]


def test_a_reload_keeps_drafts_and_unsent_lines(open_seat: OpenSeat) -> None:
    seat = open_seat(FakeDesk(three()))
    intercepting(seat.page)
    seat.open()
    seat.page.keyboard.type("写了一半")
    seat.press("Control+ArrowDown")
    seat.page.keyboard.type("另一半")
    expect(seat.page.locator(".desk-last.is-draft")).to_contain_text("写了一半")
    seat.press("Control+ArrowDown")
    seat.page.route("**/fake/send", lambda route: route.abort())
    seat.say("没发出的")
    expect(seat.page.locator(f"{UNSENT}.is-stuck")).to_have_count(1)

    seat.page.unroute("**/fake/send")
    seat.page.reload()
    expect(seat.page.locator(OURS)).to_have_text(["没发出的"])
    seat.press("Alt+1")

    assert seat.value() == "写了一半"
    seat.press("Alt+2")
    assert seat.value() == "另一半"


def test_two_tabs_show_the_same(open_seat: OpenSeat) -> None:
    seat = open_seat(one(["在吗"], ["好的"]))
    seat.open()
    other = seat.page.context.new_page()
    other.goto(seat.page.url)

    seat.page.bring_to_front()
    seat.page.focus(FIELD)
    seat.say("在的")

    expect(other.locator(OURS)).to_have_text(["在的"])
    expect(other.locator(".is-theirs .desk-bubble")).to_have_text(["在吗", "好的"])


def test_nothing_is_asked_between_events(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()
    seat.say("在的")
    expect(seat.page.locator(OURS)).to_have_count(1)
    before = list(seat.desk.posts)

    seat.page.wait_for_timeout(QUIET_MS)

    assert seat.desk.posts == before


def test_a_forbidden_word_is_told_and_sent_only_when_insisted_on(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()
    notice = seat.page.locator("#desk-notice")

    seat.say("这件最好了")
    expect(notice).to_contain_text("最好")
    before = seat.texts()
    seat.press("Enter")
    expect(seat.page.locator(OURS)).to_have_count(1)

    assert before == []
    assert seat.texts() == ["这件最好了"]
    assert seat.desk.sent[0]["sure"] is True


def test_a_blocked_word_is_replaced_by_its_better_one(open_seat: OpenSeat) -> None:
    seat = open_seat(one(forbidden="block"))
    seat.open()

    seat.say("这件最好了")
    expect(seat.page.locator("#desk-notice")).to_contain_text("改掉才能发出")
    seat.press("Enter", "Enter", "Shift+Tab", "Enter")
    expect(seat.page.locator(FIELD)).to_have_value("这件很合身了")
    seat.press("Enter")
    expect(seat.page.locator(OURS)).to_have_count(1)

    assert seat.texts() == ["这件很合身了"]
    assert seat.desk.posts.count("send") == 2


def test_a_better_sentence_is_advice_and_breaks_no_sentence(open_seat: OpenSeat) -> None:
    seat = open_seat(one(forbidden="block"))
    seat.open()
    notice = seat.page.locator("#desk-notice")

    seat.say("这件绝对显瘦")
    expect(notice).to_contain_text("可以这样说：我看到的是这样，介意就看另一款")
    buttons = notice.locator("button").count()
    seat.page.fill(FIELD, "😊亲，绝对")
    seat.press("Enter")
    notice.locator("button").click()

    assert buttons == 0
    assert seat.value() == "😊亲，我看到的是这样，介意就看另一款"
    assert seat.texts() == []


def test_a_hint_comes_in_two_steps(open_seat: OpenSeat) -> None:
    seat = open_seat(FakeDesk([Guest("半糖去冰", (["在吗"],), hint=HINT), *three()]))
    seat.open()
    hint = seat.page.locator("#desk-hint")

    expect(hint).to_contain_text(HINT["wants"])
    before = hint.inner_text()
    seat.press("Alt+h")
    expect(hint).to_contain_text(HINT["how"])

    assert HINT["how"] not in before
    expect(seat.page.locator("#desk-how")).to_be_hidden()
    expect(seat.page.locator(FIELD)).to_be_focused()


def test_a_desk_opened_after_all_have_gone_leads_to_the_result(open_seat: OpenSeat) -> None:
    desk = FakeDesk(three())
    desk.advance()
    for guest in desk.guests:
        guest.gone_ms = 1
    seat = open_seat(desk)
    seat.page.goto(f"{seat.address}/fake")

    expect(seat.page.locator("#desk-empty")).to_contain_text("顾客都走了")
    expect(seat.page.locator("#desk-empty-result")).to_be_focused()
    seat.press("Enter")
    seat.page.wait_for_url("**/result")

    assert seat.desk.is_finished


def test_money_is_asked_about_and_a_refusal_stays_in_the_form(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()
    form = seat.page.locator(".panel-form:visible")

    seat.page.click("[data-open=change_price]")
    seat.page.keyboard.type("2000")
    seat.press("Enter")
    expect(form).to_contain_text("这一步动钱")
    asked = list(seat.desk.posts)
    seat.press("Enter")
    expect(form.locator(".panel-wrong")).to_have_text("改不了这么多。")
    seat.page.fill(".panel-form:visible input", "260")
    seat.press("Enter", "Enter")
    expect(seat.page.locator(".desk-note[data-action]")).to_contain_text("260")

    expect(seat.page.locator(".panel-done")).to_contain_text("260")
    assert "send" not in asked
    assert [body["params"] for body in seat.desk.sent] == [{"amount": "260"}]


def test_a_fresh_panel_keeps_what_is_being_filled_in(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    intercepting(seat.page)
    seat.open()
    expect(seat.page.locator("[data-open=note]")).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    seat.page.route("**/fake/customer/*", hold)

    seat.page.click("[data-open=remind_payment]")
    seat.press("Enter")
    expect(seat.page.locator(".desk-note[data-action]")).to_have_count(1)
    seat.page.click("[data-open=note]")
    seat.page.keyboard.type("发顺")
    held[0].continue_()
    expect(seat.page.locator(".panel-done")).to_have_count(1)
    seat.page.keyboard.type("丰")

    expect(seat.page.locator(".panel-form:visible textarea")).to_have_value("发顺丰")


@pytest.mark.parametrize("comes", [True, False])
def test_who_goes_to_a_panel_before_it_is_there_waits_in_it(
    open_seat: OpenSeat, comes: bool
) -> None:
    seat = open_seat(FakeDesk(three()))
    intercepting(seat.page)
    seat.open()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    seat.page.route("**/fake/customer/3", hold)
    with seat.page.expect_request("**/fake/customer/3"):
        seat.press("Alt+3")
    seat.press("Alt+o")
    seat.page.keyboard.type("ab")
    held[0].continue_() if comes else held[0].abort()

    there = "[data-open]" if comes else "[data-again]"
    expect(seat.page.locator(f"#desk-panels {there}:visible").first).to_be_focused()
    expect(seat.page.locator(FIELD)).to_have_value("")
    if not comes:
        seat.page.unroute("**/fake/customer/3")
        seat.press("Enter")
        expect(seat.page.locator("#desk-panels [data-open]:visible").first).to_be_focused()


def test_an_action_without_a_network_is_not_done_later(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()

    seat.page.context.set_offline(offline=True)
    seat.say("先说一句")
    seat.page.click("[data-open=remind_payment]")
    seat.press("Enter")
    expect(seat.page.locator(".panel-wrong:visible")).to_contain_text("没有做成")
    seat.page.context.set_offline(offline=False)
    expect(seat.page.locator(OURS)).to_have_count(1)
    seat.page.wait_for_timeout(QUIET_MS)

    assert seat.texts() == ["先说一句"]


def test_an_action_whose_answer_was_lost_is_not_done_twice(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    intercepting(seat.page)
    seat.open()
    seat.page.route("**/fake/send", lambda route: (route.fetch(), route.abort()), times=1)

    seat.page.click("[data-open=note]")
    seat.page.keyboard.type("发顺丰")
    seat.page.click(".panel-form:visible [data-do]")
    expect(seat.page.locator(".panel-wrong:visible")).to_contain_text("没有做成")
    seat.page.focus(FIELD)
    seat.say("今天发")  # its answer brings the action too, and a fresh panel
    expect(seat.page.locator(".panel-done")).to_have_count(1)
    seat.page.click(".panel-form:visible [data-do]")
    expect(seat.page.locator(".panel-form:visible")).to_have_count(0)

    assert [body["kind"] for body in seat.desk.sent] == ["action", "line"]


def test_a_line_to_somebody_who_has_gone_comes_back(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()
    seat.desk.guests[0].gone_ms = 1

    seat.say("我查到了")
    expect(seat.page.locator("#desk-gone-bar")).to_contain_text("离开")

    expect(seat.page.locator(".desk-customer")).to_have_class(re.compile("is-gone"))
    assert seat.value() == "我查到了"
    assert seat.texts() == []


def test_a_pause_covers_the_chats(open_seat: OpenSeat) -> None:
    seat = open_seat(one())
    seat.open()

    seat.page.click("#desk-pause")
    expect(seat.page.locator("#desk-resume")).to_be_focused()
    covered = seat.page.evaluate(
        "document.elementFromPoint(innerWidth / 2, 300).closest('#desk-paused') !== null"
    )
    seat.page.evaluate("document.getElementById('desk-field').focus()")
    is_reached = seat.page.evaluate("document.activeElement.id === 'desk-field'")
    seat.press("Enter")

    expect(seat.page.locator("#desk-paused")).to_be_hidden()
    expect(seat.page.locator(FIELD)).to_be_focused()
    assert covered
    assert not is_reached


def test_a_desk_without_customers_says_that_the_first_is_coming(open_seat: OpenSeat) -> None:
    seat = open_seat(FakeDesk([Guest("半糖去冰", (["在吗"],), arrives_ms=600_000)]))
    seat.page.goto(f"{seat.address}/fake")

    expect(seat.page.locator("#desk-empty")).to_contain_text("第一位顾客马上就到")
    expect(seat.page.locator("#desk-empty-result")).to_be_hidden()


def test_a_new_customer_is_told_without_taking_the_focus(open_seat: OpenSeat) -> None:
    desk = FakeDesk([Guest("半糖去冰", (["在吗"],)), Guest("暖冬", (["发货没"],), arrives_ms=2500)])
    seat = open_seat(desk)
    seat.open()
    seat.page.keyboard.type("写着")

    expect(seat.page.locator(".desk-customer")).to_have_count(2)

    expect(seat.page.locator("#desk-said")).to_contain_text("暖冬")
    expect(seat.page.locator(".desk-customer.is-unread")).to_contain_text("暖冬")
    assert seat.page.title().startswith("(2) ")
    assert seat.value() == "写着"


def test_waiting_grows_warmer_and_keeps_its_number(open_seat: OpenSeat) -> None:
    guests = [Guest(f"顾客{n}", (["在吗"],), arrives_ms=n) for n in range(4)]
    desk = FakeDesk(guests, extra_ms=200_000)
    desk.advance()
    for guest, waited_s in zip(guests, (5, 31, 61, 181), strict=True):
        guest.waiting_since_ms = desk.now_ms() - waited_s * 1000
    seat = open_seat(desk)
    seat.open()

    waits = seat.page.locator(".desk-customer .desk-wait")

    warm = [waits.nth(n).get_attribute("data-warm") for n in range(4)]
    assert warm == ["0", "1", "2", "3"]
    assert re.fullmatch(r"3:0[1-9]", waits.nth(3).inner_text())


def test_a_customer_is_seen_typing_in_time_without_asking(open_seat: OpenSeat) -> None:
    seat = open_seat(FakeDesk([Guest("半糖去冰", (["在吗"], ["好的"]), reply_ms=2500)]))
    seat.open()
    doing = seat.page.locator("#desk-doing")

    seat.say("在的")
    expect(seat.page.locator(OURS)).to_have_count(1)
    before = doing.inner_text()
    expect(doing).to_have_text("对方正在输入…")
    asked = seat.desk.posts.count("news")
    expect(seat.page.locator(".is-theirs .desk-bubble")).to_have_count(2)

    assert before == ""
    assert asked == 0
    expect(doing).to_have_text("")


def test_the_list_shows_what_the_customer_said_not_the_auto_reply(open_seat: OpenSeat) -> None:
    desk = one()
    desk.advance()
    desk.add(1, 1, "auto", "在的，您说")
    seat = open_seat(desk)
    seat.open()

    expect(seat.page.locator(".desk-last")).to_have_text("在吗")


def test_when_time_is_up_the_result_comes(open_seat: OpenSeat) -> None:
    seat = open_seat(one(is_exam=True, left_ms=3000))
    seat.open()
    expect(seat.page.locator("#desk-clock")).to_have_text(re.compile("0:0[123]"))

    seat.page.wait_for_url("**/result")

    assert seat.desk.is_finished


def test_time_that_is_up_without_a_network_waits_for_it(open_seat: OpenSeat) -> None:
    seat = open_seat(one(is_exam=True, left_ms=2500))
    seat.open()
    seat.page.context.set_offline(offline=True)
    seat.say("今天发")
    expect(seat.page.locator("#desk-clock")).to_have_text("0:00")
    seat.page.wait_for_timeout(2 * QUIET_MS)
    still = seat.page.locator(FIELD).count()
    seat.page.context.set_offline(offline=False)
    seat.page.wait_for_url("**/result")

    assert still == 1
    assert seat.texts() == ["今天发"]


def test_a_phone_has_three_panes(open_seat: OpenSeat) -> None:
    seat = open_seat(FakeDesk(three()), viewport=PHONE, has_touch=True)
    seat.page.goto(f"{seat.address}/fake")

    expect(seat.page.get_by_role("button", name="结束接待")).to_have_text("结束接待")
    finish = seat.page.locator("[data-dialog=desk-finish] span").bounding_box()
    seat.page.tap(".desk-customer >> nth=1")
    expect(seat.page.locator(FIELD)).to_be_visible()
    expect(seat.page.locator(".desk-list")).to_be_hidden()
    seat.page.tap("[data-to=side]")

    expect(seat.page.locator(".panel:visible")).to_contain_text("暖冬")
    assert finish is not None
    assert finish["width"] > 30  # a word, not only a sign
    assert seat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("is_exam", [False, True], ids=["practice", "exam"])
@pytest.mark.parametrize(
    ("theme", "language", "size"),
    [("light", "zh", None), ("dark", "en", None), ("light", "en", PHONE), ("dark", "zh", PHONE)],
)
def test_everybody_can_use_it(
    open_seat: OpenSeat, theme: str, language: str, size: dict[str, int] | None, *, is_exam: bool
) -> None:
    desk = FakeDesk(
        [Guest("半糖去冰", (["在吗", "[图:破损包裹]"],), hint=HINT), *three()],
        theme=theme,
        language=language,
        is_exam=is_exam,
        left_ms=900_000 if is_exam else None,
    )
    seat = open_seat(desk, **({"viewport": size} if size else {}))
    seat.page.goto(f"{seat.address}/fake")
    seat.page.wait_for_selector(".desk-customer")
    problems = accessibility_problems(seat.page)
    seat.page.click(".desk-customer >> nth=0")
    seat.page.click("#desk-quick-open")

    problems += accessibility_problems(seat.page)

    assert problems == []
    assert seat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
