"""A reflection is never lost while it is written, handed in once, and marked by a trainer."""

from __future__ import annotations

import pytest

from cstrain.activities.reflection import service
from cstrain.kit.i18n import percent
from tests.activities.reflection.reflection_course import TEXT, Desk


def test_the_page_before_it_says_what_is_asked_and_by_what_it_is_marked(desk: Desk) -> None:
    page = desk.page.get("/reflections/look-back").text

    assert "挑一句你答应过的话" in page
    assert "20–200" in page
    assert "找到了原因" in page
    assert "lesson.1" in page


def test_a_draft_stays_until_it_is_handed_in(desk: Desk) -> None:
    url = desk.begin()
    first = desk.save(url, "写了一半")
    desk.save(url, "写了一半，再写", first.json["version"] if first.json else 0)

    page = desk.page.get(desk.begin()).text

    assert "写了一半，再写</textarea>" in page
    assert "有一篇还没交" in desk.page.get("/reflections/look-back").text


def test_a_page_whose_answer_was_lost_goes_on(desk: Desk) -> None:
    url = desk.begin()
    desk.save(url, "一")  # its answer never came, so the page still has version 0

    again = desk.save(url, "一二")

    assert again.status_code == 200
    assert desk.kept(url) == "一二"


def test_an_older_window_does_not_write_over_a_newer_one(desk: Desk) -> None:
    url = desk.begin()
    desk.save(url, "这边的", writer="new")

    refused = desk.save(url, "那边的", writer="old")

    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["text"] == "这边的"
    assert desk.kept(url) == "这边的"
    assert desk.save(url, "那边的", refused.json["version"], "old").status_code == 200
    assert desk.kept(url) == "那边的"


def test_a_form_of_an_older_window_shows_both_texts_and_takes_the_second_click(desk: Desk) -> None:
    url = desk.begin()
    desk.save(url, "这边写的，别丢")

    shown = desk.hand_in(url)

    assert shown.status_code == 409
    assert "这边写的，别丢" in shown.text
    assert TEXT.splitlines()[0] in shown.text.replace("&#34;", '"')
    assert 'name="version" value="1"' in shown.text
    assert desk.hand_in(url, version=1).status_code == 302
    assert desk.kept(url) == TEXT


def test_without_scripts_a_text_is_kept_by_the_plain_form(desk: Desk) -> None:
    url = desk.begin()

    answer = desk.page.post(
        url, data={"text": "存一下\r\n第二段", "version": "0", "action": "save"}
    )

    assert answer.status_code == 302
    assert desk.kept(url) == "存一下\n第二段"
    assert desk.review() is None


def test_handing_in_less_than_the_least_asks_once(desk: Desk) -> None:
    url = desk.begin()

    asked = desk.hand_in(url, "太短了")

    assert asked.status_code == 422
    assert "才写了 3 字，这一篇要 20 字。" in asked.text
    assert 'name="sure" value="yes"' in asked.text
    assert desk.kept(url) == "太短了"
    assert desk.review() is None
    assert desk.hand_in(url, "太短了", 1, sure="yes").status_code == 302
    assert desk.review() is not None


@pytest.mark.parametrize(
    ("text", "words"), [(" \n\t　", "还一个字都没写。"), ("字" * 201, "多了 1 个字")]
)
def test_nothing_and_too_much_are_not_taken(desk: Desk, text: str, words: str) -> None:
    url = desk.begin()

    answer = desk.hand_in(url, text, sure="yes")

    assert answer.status_code == 422
    assert words in answer.text
    assert desk.review() is None


def test_what_is_longer_than_anything_kept_is_shown_again(desk: Desk) -> None:
    url, text = desk.begin(), "长" * (service.MAX_DRAFT_CHARS + 1)

    answer = desk.hand_in(url, text)

    assert answer.status_code == 422
    assert text in answer.text


def test_after_handing_in_nothing_changes(desk: Desk) -> None:
    url = desk.begin()
    desk.hand_in(url)

    late = desk.save(url, "再改改")
    again = desk.hand_in(url, "再改改", 1)

    assert late.status_code == 409
    assert again.status_code == 302
    assert desk.kept(url) == TEXT


def test_what_waits_is_told_in_words_and_comes_into_the_queue(desk: Desk) -> None:
    url = desk.begin()
    desk.hand_in(url)

    page = desk.page.get(url).text

    assert desk.evidence(url).outcome.score is None
    assert desk.evidence(url).outcome.measures == {"char_count": 41}
    assert "等带教批改" in page
    review = desk.review()
    assert review is not None
    marking = desk.staff.get(f"/reviews/{review.id}").text
    assert 'data-line="2" id="line-2">下次先看钟' in marking
    assert "挑一句你答应过的话" in marking


def test_the_trainers_marks_supersede_the_evidence_and_are_shown(desk: Desk) -> None:
    url = desk.begin()
    desk.hand_in(url)
    waiting, review = desk.evidence(url), desk.review()
    assert review is not None

    desk.staff.post(f"/reviews/{review.id}/claim")
    form = {
        "value-cause": "1",
        "note-cause": "原因停在“忘了”",
        "lines-cause": "1",
        "comment": "第二句能直接发。",
        "action": "complete",
    }
    assert desk.staff.post(f"/reviews/{review.id}", data=form).status_code == 302

    marked, page = desk.evidence(url), desk.page.get(url).text
    assert marked.id != waiting.id
    assert marked.outcome.score == pytest.approx(0.25)
    assert marked.outcome.measures == {"char_count": 41}
    assert [each.target for each in marked.outcome.shortfalls] == ["section:lesson.1"]
    assert marked.outcome.summary["zh"] == f"写了 41 字，得分 {percent(0.25)}"
    assert "带教批完了" in page
    assert "原因停在“忘了”" in page
    assert "第二句能直接发。" in page
    assert 'href="#line-1"' in page


def test_handing_in_again_is_another_attempt(desk: Desk) -> None:
    first = desk.begin()
    desk.hand_in(first)

    second = desk.begin()
    desk.hand_in(second, TEXT + "\n第二篇。")

    assert second != first
    assert desk.kept(first) == TEXT
    assert desk.page.get("/reflections/look-back").text.count("写了") >= 2


def test_staff_read_it_only_when_it_is_handed_in(desk: Desk) -> None:
    url = desk.begin()
    desk.save(url, "还没写完")

    before = desk.staff.get(url)
    desk.hand_in(url, version=1)
    after = desk.staff.get(url)

    assert before.status_code == 409
    assert "还没写完" not in before.text
    assert after.status_code == 200
    assert desk.trainee.name in after.text


def test_control_characters_never_reach_the_database(desk: Desk) -> None:
    url = desk.begin()

    assert desk.save(url, "a\x00b\x1b\ud800\r\nc\td").status_code == 200
    assert desk.kept(url) == "ab\nc\td"


@pytest.mark.parametrize("version", [-1, 2**60, True, "0", None, 1.5])
def test_a_version_that_is_none_is_refused(desk: Desk, version: object) -> None:
    assert desk.save(desk.begin(), "字", version).status_code == 422
