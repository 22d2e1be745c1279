"""The board by keyboard: arrow keys between the cells, and what a cell tells."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.plugins.browser import PHONE, OpenPage, accessibility_problems
from tests.plugins.course import Course
from tests.plugins.server import served
from tests.plugins.shop import MakePerson, MakeTeam, SignIn
from tests.reports.places import make_places

pytestmark = pytest.mark.browser


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def board(app: Flask, manager_cookie: str, open_page: OpenPage) -> Iterator[Page]:
    with served(app) as address:
        page = open_page()
        page.context.add_cookies([{"name": "session", "value": manager_cookie, "url": address}])
        page.goto(f"{address}/board")
        yield page


@pytest.fixture
def manager_cookie(
    course: Course, make_team: MakeTeam, make_person: MakePerson, sign_in: SignIn
) -> str:
    places = make_places(course, make_team, make_person)
    cookie = sign_in(places.manager).get_cookie("session")
    assert cookie is not None
    return cookie.value


def test_arrow_keys_go_from_cell_to_cell_and_each_tells_what_it_holds(board: Page) -> None:
    first = board.locator("tbody tr").first
    first.locator(".cell").first.focus()

    board.keyboard.press("ArrowRight")
    told = board.locator(".tip").inner_text()
    board.keyboard.press("ArrowDown")
    below = board.evaluate("document.activeElement.getAttribute('aria-label')")
    board.keyboard.press("Escape")

    assert told.startswith("岗位培训，已通过，")
    assert "成绩 85 %" in told
    assert "考了 1 次" in told
    assert below.startswith("岗位培训，已通过，")
    assert board.locator(".tip").is_hidden()
    assert first.locator(".cell[tabindex='0']").count() == 1


def test_the_board_is_for_everybody_and_fits_a_phone(board: Page) -> None:
    wide = accessibility_problems(board)
    board.set_viewport_size(PHONE)  # type: ignore[arg-type]

    assert not wide + accessibility_problems(board)
    assert board.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
