"""What an editor would mend in a lesson, rule by rule."""

from __future__ import annotations

import re

import pytest

from cstrain.activities.lesson import editing
from cstrain.activities.lesson.editing import reading_minutes, remarks
from cstrain.activities.lesson.spec import LessonSpec, load
from cstrain.core.catalogue.sources import File, digest_of, open_source
from tests.activities.lesson.lesson_course import FIRST, SECOND

LONG = "一二三四五六七八九十" * 3


def read(text: str, path: str = "course/1.1.md") -> LessonSpec:
    body = text.encode()
    return load(open_source(path, File(digest_of(body), body), {}))


def told(text: str, path: str = "course/1.1.md") -> list[tuple[int, str]]:
    return list(remarks(read(text, path)))


def test_a_good_lesson_has_no_remarks() -> None:
    assert told(FIRST) == told(SECOND) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("先问好,再查单。", "英文标点“,”"),
        ("先问好.", "英文标点“.”"),
        ("好不好?“好”", "英文标点“?”"),
        ("“好”,他说。", "英文标点“,”"),
        ("一样:两样", "英文标点“:”"),
        ("- 一样;两样", "英文标点“;”"),
        ("| 一样!两样 |", "英文标点“!”"),
        ("先問好。", "繁体字：問"),
        ("他們來了，這樣說。", "繁体字：們來這樣說"),
        (f"```对话\n买家：在吗\n10:00 小周：{LONG}字\n```", "31 字"),
        ("```对话\n买家：在吗\n小周：在,您说\n```", "英文标点"),
        ("```对话\n买家：請問\n```", "繁体字：請問"),
        ("```数据 一周,四人（教学编写）\n甲,乙\n一,1\n二,2\n```", "英文标点"),
    ],
)
def test_a_line_to_mend_is_told(line: str, words: str) -> None:
    text = FIRST.replace("先问好。", f"{line}\n\n")
    first = text[: text.index(line)].count("\n") + 1

    ((at, remark),) = told(text)

    assert words in remark
    assert first <= at <= first + line.count("\n")


@pytest.mark.parametrize(
    "line",
    [
        "16:00 前付 1,299.50 元，K01.2 版。",
        "写 `甲,乙` 两列。",
        "看 [说明](https://a.example/一,二.html) 再说。",
        "OK,好。",
        "1. 第一步",
        f"```对话\n买家：{LONG}{LONG}\n```",
        f"```对话\n19:42 小周：{LONG}\n```",
        f"```对话\n小周：{LONG[:-1]} [图]\n字\n```",
        "```对话\n买家：在吗,有货不.\n```",
        f"```对话\n系统：{LONG}字\n```",
        "```\n甲,乙\n```",
        "```数据 一周（教学编写）\n甲,乙\n一,1\n二,2\n```",
        "囧，后来干了，著名的里程，征求。",
    ],
)
def test_a_line_that_is_as_it_should_be(line: str) -> None:
    assert told(FIRST.replace("先问好。", f"{line}\n\n")) == []


def test_options_of_a_question_keep_their_colons() -> None:
    assert told(FIRST.replace("编号: 1.1-t1", "编号: 1.1-t1\n    难度: 2\n    用途:练习")) == []


@pytest.mark.parametrize(
    ("text", "minutes", "words"),
    [
        (FIRST, "4.5", "5 到 12"),
        (FIRST, "5", None),
        (FIRST, "12.5", "5 到 12"),
        (SECOND, "20", None),
        (SECOND, "21", "5 到 20"),
    ],
)
def test_a_lesson_takes_neither_too_long_nor_too_short(
    text: str, minutes: str, words: str | None
) -> None:
    found = told(re.sub(r"minutes: \d+", f"minutes: {minutes}", text))

    assert [line for line, remark in found if words and words in remark] == ([1] if words else [])
    assert bool(found) == bool(words)


def test_minutes_are_not_told_too_low() -> None:
    text = FIRST.replace("先问好。", "先问好。" * 1000)

    ((_line, remark),) = told(text)

    assert reading_minutes(read(text)) == pytest.approx(4000 / 450 + 3, abs=1.5)
    assert "写少了" in remark
    assert "13 分钟" in remark


@pytest.mark.parametrize(
    ("dated", "is_told"), [("2014-03-15", False), ("2014", True), ('"去年"', True)]
)
def test_a_law_has_the_day_from_which_it_holds(dated: str, is_told: bool) -> None:
    found = told(FIRST.replace("date: 2014-03-15", f"date: {dated}"))

    assert bool(found) == is_told


@pytest.mark.parametrize(
    ("path", "headings", "is_told"),
    [
        ("chapters/1-role/1.1-x.md", ["1.1.1", "1.1.2", "1.1.3"], False),
        ("chapters/1-role/1.1-x.md", ["1.1.1", "1.1.3", "1.1.2"], True),
        ("chapters/1-role/1.1-x.md", ["1.1.1", "1.1.2"], True),
        ("chapters/1-role/1.1-x.md", ["1.1.1", "1.1.2", "1.1.3", "1.1.4"], True),
        ("chapters/9-shop/1.1-x.md", ["1.1.1", "1.1.2"], False),
        ("course/1.1.md", ["1.1.1", "1.1.2"], False),
    ],
)
def test_the_course_keeps_to_the_syllabus(path: str, headings: list[str], is_told: bool) -> None:
    sections = "".join(f"## {number} 标题 | Title\n\n正文。\n\n" for number in headings)
    start, end = FIRST.index("## 1.1.1"), FIRST.index("## 案例分析")

    found = told(FIRST[:start] + sections + FIRST[end:], path)

    assert [line for line, _remark in found] == ([1] if is_told else [])


def test_the_syllabus_has_all_sections() -> None:
    counts = [count for sections in editing.SYLLABUS.values() for count in sections.values()]

    assert (len(editing.SYLLABUS), len(counts), sum(counts)) == (7, 36, 93)
