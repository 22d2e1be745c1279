"""What the set-up promises, beyond that it works."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, inspect, text

from tests.plugins.browser import OpenPage, accessibility_problems
from tests.plugins.databases import Databases

ROOT = Path(__file__).resolve().parent.parent


def test_locks_carry_hashes_and_no_addresses() -> None:
    for name in ("run", "test"):
        text_ = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        assert "://" not in text_
        assert len(re.findall(r"^[a-z]", text_, re.MULTILINE)) <= text_.count("--hash=")
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_the_test_list_holds_the_run_list_in_the_same_versions() -> None:
    pins = {
        name: set(
            re.findall(
                r"^(\S+==\S+)", (ROOT / f"requirements/{name}.txt").read_text(), re.MULTILINE
            )
        )
        for name in ("run", "test")
    }

    assert pins["run"] <= pins["test"]


def test_what_the_wheel_needs_is_what_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = set(
        re.findall(r"^([\w.-]+)==", (ROOT / "requirements/run.txt").read_text(), re.MULTILINE)
    )

    needed = {re.split(r"[\[><=]", one)[0].replace(".", "-") for one in project["dependencies"]}

    assert needed <= locked


def test_chinese_text_has_glyphs(page: Page) -> None:
    """A missing glyph is a box, and all boxes are the same picture."""
    page.set_content("<span id=a>客服</span> <span id=b>培训</span> <span id=c>\U0010fffd</span>")

    shown = [page.locator(selector).screenshot() for selector in ("#a", "#b", "#c")]

    assert len(set(shown)) == 3


@pytest.mark.parametrize("width", [360, 1440])
def test_pages_open_at_the_asked_width(open_page: OpenPage, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 700})

    assert page.evaluate("innerWidth") == width
    assert page.evaluate("navigator.language") == "zh-CN"


def test_accessibility_problems_are_found(page: Page) -> None:
    page.set_content('<html lang="zh"><title>x</title><main><h1>x</h1><img src="data:,"></main>')

    assert "image-alt" in "".join(accessibility_problems(page))


def test_each_database_is_migrated_and_empty(each_database: str) -> None:
    engine = create_engine(each_database)
    with engine.connect() as connection:
        assert "person" in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT count(*) FROM person")).scalar_one() == 0
    engine.dispose()


@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_databases_are_apart(databases: Databases, kind: str) -> None:
    one, other = (databases.fresh(kind, migrated=False) for _ in range(2))

    for url in (one, other):
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE only_once (id INTEGER)"))
        engine.dispose()
        databases.drop(url)


def test_a_database_of_an_unknown_kind_is_refused(databases: Databases) -> None:
    with pytest.raises(ValueError, match="oracle"):
        databases.fresh("oracle")


def test_every_icon_of_a_template_is_in_the_sprite() -> None:
    named = re.compile(r"(?:icon=|(?<!state_)icon\(|empty_state\()'([a-z0-9-]+)'")
    pages = (ROOT / "cstrain").rglob("templates/**/*.html")
    used = {name for page in pages for name in named.findall(page.read_text("utf-8"))}

    assert used
    assert used <= set((ROOT / "tools" / "icons.txt").read_text("utf-8").split())


def test_programs_of_the_checkout_are_executable() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
