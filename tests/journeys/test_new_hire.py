"""The main job in a real browser: from an invitation to the list of those who may work today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cstrain.config import Settings
from cstrain.core.people.access import Role
from tests.journeys.walk import PASSWORD, Walker
from tests.plugins.browser import PHONE, OpenPage
from tests.plugins.school import SECRET_WORDS, School
from tests.plugins.server import Server
from tests.plugins.shop import MakePerson, MakeTeam

pytestmark = pytest.mark.browser
NEWCOMER = {"姓名": "林小满", "手机号": "13800138000"}
#: Numbers that the exam's questions on two sections ask about: 应答 and 不争.
FAILED = frozenset({*range(21, 41), *range(101, 121)})


@dataclass(frozen=True, slots=True)
class Shop:
    """The site as ``make run`` serves it, and browsers to open it in."""

    school: School
    address: str
    open_page: OpenPage

    def walker(self, **options: object) -> Walker:
        """Somebody with a browser of their own."""
        return Walker(self.open_page(**options), self.address)


@pytest.fixture
def address(
    school: School,
    settings: Settings,
    tmp_path: Path,
    make_team: MakeTeam,
    make_person: MakePerson,
) -> Iterator[str]:
    """The shop with a trainer and a manager, served as ``make run`` does."""
    assert school
    team = make_team("云朵家居旗舰店", pathway_slug="duty", needed_on_duty_count=2)
    for role, number, name in (
        (Role.TRAINER, "T0001", "何老师"),
        (Role.MANAGER, "M0001", "沈主管"),
    ):
        make_person(role, team=team, name=name, employee_no=number, password=PASSWORD)
    server = Server(settings, tmp_path / "course")
    server.start()
    yield f"http://127.0.0.1:{server.port}"
    server.kill()


@pytest.fixture
def shop(school: School, address: str, open_page: OpenPage) -> Shop:
    return Shop(school, address, open_page)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_new_hire_goes_from_the_invitation_to_the_duty_list(shop: Shop) -> None:
    trainer, phone, desktop = shop.walker(), phone_of(shop), shop.walker()
    trainer.log_in("T0001")

    join(phone, invite(trainer))
    read_everything(phone)
    fail_the_exam(phone)
    relearn(phone)
    pass_the_exam(shop, phone)
    type_the_test(shop, desktop, code_of(trainer))
    learn_the_products(phone)
    sign(trainer)
    take_the_certificate(desktop)
    look_at_board_and_duty_list(shop)


def phone_of(shop: Shop) -> Walker:
    return shop.walker(viewport=PHONE, is_mobile=True, has_touch=True)


def invite(trainer: Walker) -> str:
    """The trainer posts an invitation; gives its path."""
    trainer.go("/people/invitations")
    trainer.page.get_by_label("批次").fill("十一月班")
    trainer.press("生成链接和二维码")
    words = trainer.page.locator("#words").inner_text()
    assert "云朵家居旗舰店" in words
    expect(trainer.page.locator("img.qr")).to_be_visible()
    found = re.search(r"http://[^/]+(/join/[\w-]+)", words)
    assert found is not None
    return found[1]


def join(me: Walker, invitation: str) -> None:
    """A new hire joins with name, phone and password, and sees the first step."""
    me.go(invitation)
    for label, text in NEWCOMER.items():
        me.page.get_by_label(label).fill(text)
    me.page.get_by_label("设一个密码").fill(PASSWORD)
    me.page.get_by_label("再填一次密码").fill(PASSWORD)
    me.press("加入，开始学习")

    expect(me.page).to_have_url(f"{me.address}/")
    expect(me.page.get_by_role("heading", level=1)).to_contain_text("接待礼仪")
    assert is_as_wide_as_the_phone(me)


def is_as_wide_as_the_phone(me: Walker) -> bool:
    return bool(me.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def read_everything(me: Walker) -> None:
    """Both lessons, one question wrong at first."""
    me.page.locator(".next a.button-primary, .next button").first.click()
    me.think("1.1-q")
    me.judge("1.1.1-t", right=False)
    me.judge("1.1.1-t", right=True)
    me.judge("1.1.2-t", right=True)
    for ref in ("1.1.1", "1.1.2"):
        me.open_part(ref)
    expect(me.page.locator("#finish")).to_contain_text("这一课学完了")
    assert is_as_wide_as_the_phone(me)

    me.page.locator("#finish a.button").click()
    expect(me.page.locator(".lesson-head h1")).to_contain_text("行为规范")
    me.judge("1.2.1-t", right=True)
    me.judge("1.2.2-t", right=False)
    for ref in ("1.2.1", "1.2.2"):
        me.open_part(ref)
    expect(me.page.locator("#finish")).to_contain_text("这个阶段的课都学完了")


def fail_the_exam(me: Walker) -> None:
    """Two sections of four wrong: the plan names exactly these."""
    me.go("/")
    expect(me.page.get_by_role("heading", level=1)).to_contain_text("基础考试")
    me.page.locator(".next a.button-primary, .next button").first.click()
    me.sit(wrong=FAILED)

    expect(me.page.locator(".decision h1")).to_contain_text("这次没有通过")
    expect(me.page.locator(".big-figure")).to_contain_text("50 %")
    sections = me.page.locator("section[aria-labelledby=relearn] .list-main")
    expect(sections).to_have_count(2)
    assert {text.strip() for text in sections.all_inner_texts()} == {"应答", "不争"}
    assert is_as_wide_as_the_phone(me)
    me.go("/")
    steps = me.page.locator(".plan li")
    expect(steps).to_have_count(2)
    assert "应答" in steps.nth(0).inner_text() + steps.nth(1).inner_text()
    assert "不许诺" not in me.page.locator(".plan").inner_text()


def relearn(me: Walker) -> None:
    """What failed is read again, and answered right, with questions drawn from the bank."""
    for slug, ref in (("1.1", "1.1.2"), ("1.2", "1.2.1")):
        me.go("/quiz/basic-exam")
        expect(me.page.locator("main")).to_contain_text("补学还剩")
        me.go(f"/lesson/{slug}")
        expect(me.page.locator(".scope-mark")).to_have_count(1)
        me.judge(f"{ref}-t", right=True)
        drawn = me.page.locator("#drawn .ask")
        expect(drawn).to_have_count(2)
        me.count(drawn.nth(0), right=False)
        for place in (0, 1):
            me.count(drawn.nth(place))
        me.open_part(ref)
        expect(me.page.locator("#finish")).to_contain_text("这一课补完了")


def pass_the_exam(shop: Shop, me: Walker) -> None:
    """Not before the delay is over."""
    me.go("/quiz/basic-exam")
    expect(me.page.locator("main")).to_contain_text("之后可以再考")
    expect(me.page.get_by_role("button", name="开始考试")).to_have_count(0)
    shop.school.end_delay()

    me.page.reload()
    me.sit()

    expect(me.page.locator(".decision h1")).to_contain_text("基础考试 通过了")
    expect(me.page.locator(".big-figure")).to_contain_text("100 %")


def code_of(trainer: Walker) -> str:
    """The trainer opens a code for those who sit in front of her."""
    trainer.go("/typing/proctor")
    trainer.press("开一个口令")
    return trainer.page.locator("[data-code]").inner_text()


def type_the_test(shop: Shop, me: Walker, code: str) -> None:
    """The official test, at a desk; it passes the gate at once, and the next stage opens."""
    me.log_in(NEWCOMER["手机号"])
    me.go("/lesson/goods")
    assert SECRET_WORDS not in me.page.locator("main").inner_text()
    me.type_test(shop.school, "typing-basic", code=code)

    decision = me.page.locator(".typing-decision")
    expect(decision).to_have_attribute("data-state", "passed")
    expect(decision).to_contain_text("“培训考核”通过了")
    me.go("/")
    expect(me.page.locator("main")).to_contain_text("可以开始学商品")
    expect(me.page.locator(".next")).to_contain_text("商品课")


def learn_the_products(me: Walker) -> None:
    """The second stage, again on the phone."""
    me.go("/lesson/goods")
    me.judge("G.1-t", right=True)
    me.open_part("G.1")
    expect(me.page.locator("#finish")).to_contain_text("这个阶段的课都学完了")
    me.go("/quiz/product-exam")
    me.sit()
    expect(me.page.locator(".decision h1")).to_contain_text("“商品考核”通过了")


def sign(trainer: Walker) -> None:
    """The trainer signs for whoever waits, from the queue."""
    trainer.go("/queue")
    trainer.page.get_by_role("checkbox", name=NEWCOMER["姓名"]).check()
    trainer.page.get_by_label("可以通过").check()
    trainer.page.get_by_label("原因").fill("跟了一个晚班，八步走得全。")
    trainer.press("签字")
    expect(trainer.page.locator("body")).to_contain_text("签好了，1 人")


def take_the_certificate(me: Walker) -> None:
    """The certificate's page, its PDF, and the public check of its number."""
    me.go("/")
    expect(me.page.locator("main")).to_contain_text("第二天起可以单独接待")
    me.page.locator("main a[href^='/certificates/']").first.click()
    expect(me.page.locator(".paper-name")).to_have_text(NEWCOMER["姓名"])
    number = me.page.url.rpartition("/")[2]
    me.press("下载 PDF")
    link = me.page.locator("#job a.button-primary")
    link.wait_for(timeout=60_000)
    with me.page.expect_download() as download:
        link.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")

    me.page.context.clear_cookies()
    me.go(f"/verify/{number}")
    expect(me.page.locator("main")).to_contain_text("有效")
    expect(me.page.locator("main")).not_to_contain_text(NEWCOMER["姓名"])


def look_at_board_and_duty_list(shop: Shop) -> None:
    """The manager sees who may work, and follows the evidence."""
    manager = shop.walker()
    manager.log_in("M0001")
    expect(manager.page.get_by_role("heading", level=1)).to_contain_text("今天可上岗 1 人")
    expect(manager.page.get_by_role("heading", level=1)).to_contain_text("缺 1 人")
    manager.go("/duty")
    expect(manager.page.get_by_role("row", name=NEWCOMER["姓名"])).to_be_visible()
    manager.go("/board")
    row = manager.page.get_by_role("row", name=NEWCOMER["姓名"])
    expect(row.locator(".cell[data-state=passed]")).to_have_count(3)

    row.locator(".cell").first.click()
    expect(manager.page.get_by_role("heading", level=1)).to_have_text(NEWCOMER["姓名"])
    expect(manager.page.locator("main")).to_contain_text("何老师")
    manager.page.locator("main summary", has_text="基础").click()
    shown = manager.page.get_by_role("link", name=re.compile("查看 基础考试"))
    expect(shown).to_have_count(2)
    shown.last.click()
    expect(manager.page.locator(".decision")).to_contain_text("50 %")
