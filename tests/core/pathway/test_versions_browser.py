"""Ticking everybody at once, and being asked before people are moved."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.core.pathway.conftest import Way
from tests.core.pathway.test_versions import HARDER, new_version
from tests.plugins.browser import OpenPage
from tests.plugins.server import served
from tests.plugins.shop import MakePerson, Shop, SignIn

pytestmark = pytest.mark.browser


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_one_box_ticks_and_clears_all_and_moving_is_asked_once(
    way: Way, make_person: MakePerson, sign_in: SignIn, open_page: OpenPage
) -> None:
    way.enrol()
    first = way.enrolment_id
    way.trainee = make_person(team=Shop(way.trainee.team_id, "team-1", "本店"))
    way.enrol()
    new = new_version(way, HARDER)
    cookie = sign_in(way.manager).get_cookie("session")
    assert cookie is not None
    with served(way.app) as address:
        page = open_page()
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page.goto(f"{address}/versions")
        everybody = page.get_by_label("全选")
        boxes = page.locator("[name=enrolment]")

        expect(everybody).to_be_checked()
        everybody.press("Space")
        cleared = page.locator("[name=enrolment]:checked").count()
        boxes.nth(1).press("Space")
        is_mixed = everybody.evaluate("box => box.indeterminate")
        everybody.press("Space")
        expect(boxes.nth(0)).to_be_checked()
        boxes.nth(0).press("Space")
        page.get_by_label("原因").fill("旺季前统一")
        page.get_by_role("button", name="把勾选的人换到新版").press("Enter")
        asked_first = way.enrolment().pathway_digest != new.digest
        page.get_by_role("dialog").get_by_role("button", name="换到新版").press("Enter")
        page.wait_for_load_state()
        expect(page.get_by_text("换好了，1 人")).to_be_visible()

    assert cleared == 0
    assert is_mixed
    assert asked_first
    moved = way.enrolment().pathway_digest == new.digest
    way.enrolment_id = first
    assert [moved, way.enrolment().pathway_digest == new.digest].count(True) == 1
