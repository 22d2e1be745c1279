"""A file on its way up in a real browser: progress, a lost network, a closed page, giving up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from cstrain.core.people.access import Role
from cstrain.desk.chats import chunks
from cstrain.desk.chats.models import ChatImport
from cstrain.kit import jobs, uploads
from cstrain.kit.db import db
from tests.desk.chats.test_importing import table
from tests.plugins.browser import accessibility_problems, intercepting
from tests.plugins.server import served
from tests.plugins.shop import MakePerson, SignIn

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
PIECES = "**/import/files/*?offset=*"


@pytest.fixture
def importing(
    app: Flask,
    make_person: MakePerson,
    sign_in: SignIn,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Page]:
    """The page where a trainer chooses a file; what goes up goes in small pieces."""
    monkeypatch.setattr(chunks, "PIECE_BYTES", 4_000)
    cookie = sign_in(make_person(Role.TRAINER)).get_cookie("session")
    assert cookie is not None
    with served(app) as address:
        intercepting(page).context.add_cookies(
            [{"name": "session", "value": cookie.value, "url": address}]
        )
        page.goto(f"{address}/chats/import")
        yield page


def chosen(page: Page, path: Path) -> None:
    page.get_by_label("聊天记录文件").set_input_files(path)
    page.get_by_role("button", name="传上来看看").click()


def waiting(app: Flask) -> list[str]:
    """The ends of the names of files that wait."""
    with app.app_context():
        return [each.suffix for each in (uploads.data_folder() / "imports").glob("chats-*")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Some pieces long."""
    path = tmp_path / "十一月.csv"
    path.write_bytes(table(60))
    return path


def cut_after(page: Page, count: int) -> None:
    """Let so many pieces through, then lose the network."""
    through: list[Route] = []

    def handle(route: Route) -> None:
        through.append(route)
        if len(through) <= count:
            route.continue_()
        else:
            route.abort()

    page.route(PIECES, handle)


def test_a_file_goes_up_and_is_looked_at(app: Flask, importing: Page, file: Path) -> None:
    chosen(importing, file)

    importing.wait_for_url("**/jobs/*")
    jobs.run_waiting(app)
    importing.reload()
    importing.get_by_role("link", name="看会发生什么").first.click()
    expect(importing.locator("main")).to_contain_text("360")


def test_an_import_is_stopped_though_its_page_renews_itself(
    app: Flask, importing: Page, file: Path
) -> None:
    chosen(importing, file)
    importing.wait_for_url("**/jobs/*")
    jobs.run_waiting(app)
    importing.reload()
    importing.get_by_role("link", name="看会发生什么").first.click()
    importing.get_by_role("button", name="确认导入").click()  # nobody works on it
    importing.get_by_role("button", name="停下").click()
    sure = importing.get_by_role("dialog", name="停下这次导入？")
    importing.wait_for_timeout(2_500)  # the page asks every second

    sure.get_by_role("button", name="停下").click()

    expect(importing.locator("#import")).to_contain_text("停下")
    with app.app_context():
        assert db.session.scalars(select(ChatImport.is_cancelled)).one()


def test_a_closed_page_goes_on_where_it_stood(app: Flask, importing: Page, file: Path) -> None:
    cut_after(importing, 2)
    chosen(importing, file)
    expect(importing.locator(".upload-state")).to_contain_text("正在重试")
    importing.unroute(PIECES)
    importing.reload()
    expect(importing.locator("#halves")).to_contain_text("十一月.csv")
    expect(importing.locator("#halves")).to_contain_text("接着传")
    assert accessibility_problems(importing) == []

    with importing.expect_request(PIECES) as first:
        chosen(importing, file)

    assert first.value.url.endswith("offset=8000")
    importing.wait_for_url("**/jobs/*")
    assert waiting(app) == [""]


def test_what_was_half_up_can_be_thrown_away(app: Flask, importing: Page, file: Path) -> None:
    cut_after(importing, 1)
    chosen(importing, file)
    expect(importing.locator(".upload-state")).to_contain_text("正在重试")
    importing.reload()
    assert waiting(app) == [".part"]

    importing.locator("#halves").get_by_role("button", name="删掉").click()

    expect(importing.locator("#halves")).to_be_hidden()
    assert waiting(app) == []
    importing.reload()
    expect(importing.locator("#halves")).to_be_hidden()


def test_an_upload_is_cancelled_on_its_way(app: Flask, importing: Page, file: Path) -> None:
    cut_after(importing, 1)
    chosen(importing, file)
    expect(importing.locator(".upload-state")).to_contain_text("正在重试")
    assert accessibility_problems(importing) == []

    importing.get_by_role("button", name="取消").click()

    expect(importing.locator(".upload-state")).to_be_hidden()
    expect(importing.get_by_role("button", name="传上来看看")).to_be_enabled()
    assert waiting(app) == []


def test_what_was_cancelled_stays_so_when_another_file_follows(
    app: Flask, importing: Page, file: Path
) -> None:
    other = file.with_name("十二月.csv")
    other.write_bytes(table(20))
    cut_after(importing, 1)
    chosen(importing, file)
    expect(importing.locator(".upload-state")).to_contain_text("正在重试")
    importing.get_by_role("button", name="取消").click()
    expect(importing.locator(".upload-state")).to_be_hidden()
    importing.unroute(PIECES)
    asked: list[str] = []
    importing.on("request", lambda each: asked.append(f"{each.method} {each.url}"))

    chosen(importing, other)

    importing.wait_for_url("**/jobs/*")
    begun = [each for each in asked if each.endswith("/import/files")]
    assert len(begun) == 1
    assert waiting(app) == [""]


def test_the_next_person_at_the_computer_neither_sees_nor_loses_it(
    app: Flask, importing: Page, file: Path, make_person: MakePerson, sign_in: SignIn
) -> None:
    address = importing.url.removesuffix("/chats/import")
    mine = importing.context.cookies(address)
    cut_after(importing, 1)
    chosen(importing, file)
    expect(importing.locator(".upload-state")).to_contain_text("正在重试")
    cookie = sign_in(make_person(Role.TRAINER)).get_cookie("session")
    assert cookie is not None
    importing.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])

    importing.goto(f"{address}/chats/import")
    importing.wait_for_load_state("networkidle")
    expect(importing.locator("#halves")).to_be_hidden()
    importing.context.add_cookies(mine)  # type: ignore[arg-type]
    importing.reload()

    expect(importing.locator("#halves")).to_contain_text("十一月.csv")
    assert waiting(app) == [".part"]
