"""Terms of the glossary in a lesson: marked once a part, explained by pointer, key and touch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cstrain import testing
from cstrain.core.catalogue import active
from tests.activities.lesson.lesson_course import COURSE, FIRST, GLOSSARY, Class
from tests.activities.lesson.test_lesson_browser import signed_in
from tests.plugins.browser import PHONE, accessibility_problems
from tests.plugins.server import served

_TERM = re.compile(r'<button class="term"[^>]*>([^<]*)</button>')


def test_the_first_use_in_running_text_is_marked_and_no_other(lessons: Class) -> None:
    page = lessons.client.get("/lesson/1.1").text

    assert _TERM.findall(page) == ["买家", "问好"]
    assert '<span class="term-line"><button class="term"' in page


def test_what_a_term_means_stands_once_on_the_page_and_is_escaped(lessons: Class) -> None:
    page = lessons.client.get("/lesson/1.1").text

    assert page.count('id="term-terms-1" popover') == 1
    assert "来买东西的人，&lt;b&gt;付没付款&lt;/b&gt;都算。" in page
    assert 'href="/glossary#terms-1"' in page
    assert "卖出以后再问一句" not in page


def republish(lessons: Class, folder: Path, files: dict[str, str]) -> None:
    testing.publish(lessons.app, folder / "new", {**COURSE, **files})
    with lessons.app.app_context():
        active.active().reload()


def test_each_part_marks_a_term_again(lessons: Class, tmp_path: Path) -> None:
    text = FIRST.replace("## 1.1.2 报价 | Quoting\n", "## 1.1.2 报价 | Quoting\n\n买家，买家。\n")
    republish(lessons, tmp_path, {"course/1.1.md": text})

    assert _TERM.findall(lessons.client.get("/lesson/1.1").text) == ["买家", "问好", "买家"]


def test_a_new_glossary_is_marked_at_once(lessons: Class, tmp_path: Path) -> None:
    lessons.client.get("/lesson/1.1")
    text = GLOSSARY.replace("## 买家 | Buyer", "## 付款 | Payment")
    republish(lessons, tmp_path, {"glossary/terms.md": text})

    assert _TERM.findall(lessons.client.get("/lesson/1.1").text) == ["付款", "问好"]


@pytest.fixture
def read(lessons: Class, page: Page) -> Iterator[Page]:
    """The lesson in a browser."""
    with served(lessons.app) as address:
        signed_in(lessons, address, page).goto(f"{address}/lesson/1.1")
        yield page


def in_browser(test: Callable[..., None]) -> Callable[..., None]:
    """Marks a test as one in a browser, on one database."""
    one: Callable[..., None] = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)(
        pytest.mark.browser(test)
    )
    return one


@in_browser
def test_the_pointer_opens_the_meaning_beside_the_word_and_lets_it_be_read(read: Page) -> None:
    word, meaning = read.locator("button.term").first, read.locator("#term-terms-1")
    expect(meaning).to_be_hidden()

    word.hover()
    expect(meaning).to_be_visible()
    at, under = word.bounding_box(), meaning.bounding_box()
    meaning.hover()
    read.wait_for_timeout(400)

    expect(meaning).to_be_visible()
    assert at
    assert under
    assert abs(under["x"] - at["x"]) < 2
    assert 0 <= under["y"] - at["y"] - at["height"] < 20
    read.mouse.move(0, 0)
    expect(meaning).to_be_hidden()


@in_browser
def test_the_keyboard_opens_it_and_escape_closes_it(read: Page) -> None:
    word, meaning = read.locator("button.term").nth(1), read.locator("#term-terms-2")

    read.locator("button.term").first.focus()
    while not word.evaluate("word => word === document.activeElement"):
        read.keyboard.press("Tab")
    expect(meaning).to_be_visible()
    read.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    read.keyboard.press("Enter")

    expect(meaning).to_be_visible()
    expect(word).to_have_accessible_description("第一句话。")
    assert accessibility_problems(read) == []


@in_browser
def test_on_a_phone_a_tap_opens_it_inside_the_window(read: Page) -> None:
    read.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})

    read.locator("button.term").nth(1).click()
    box = read.locator("#term-terms-2").bounding_box()
    read.locator("h1").click()

    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    expect(read.locator("#term-terms-2")).to_be_hidden()


@in_browser
def test_paper_shows_neither_mark_nor_meaning(read: Page) -> None:
    read.emulate_media(media="print")

    line = read.locator("button.term").first.evaluate("e => getComputedStyle(e).textDecorationLine")

    assert line == "none"
    expect(read.locator("#term-terms-1")).to_be_hidden()
