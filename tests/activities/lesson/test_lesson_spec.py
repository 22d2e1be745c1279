from __future__ import annotations

import pytest
from flask import Flask

from cstrain import testing
from cstrain.activities.lesson.kind import KIND
from cstrain.activities.lesson.spec import LessonSpec, PartKind, load
from cstrain.core.catalogue import active
from cstrain.core.catalogue.publish import check_files
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.kit.errors import ContentError
from cstrain.plugin import Item
from tests.activities.lesson.lesson_course import COURSE, FIRST, SECOND


class TestLessonKind(testing.KindContract):
    kind = KIND
    sample = FIRST


def read(text: str, **media: str) -> LessonSpec:
    body = text.encode()
    return load(open_source("course/1.1.md", File(digest_of(body), body), media))


def problems(text: str) -> list[tuple[int, str]]:
    with pytest.raises(ContentError) as caught:
        read(text)
    return [(problem.line, problem.problem) for problem in caught.value.problems]


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def test_a_lesson_falls_into_its_parts() -> None:
    spec = read(FIRST)

    assert [(part.ref, part.kind) for part in spec.parts] == [
        ("intro", PartKind.INTRO),
        ("think", PartKind.THINK),
        ("1.1.1", PartKind.SECTION),
        ("1.1.2", PartKind.SECTION),
        ("case-1", PartKind.CASE),
        ("practice", PartKind.PRACTICE),
    ]
    assert spec.sections == ("1.1.1", "1.1.2")
    assert spec.questions == tuple(f"1.1-t{number}" for number in range(1, 9))


def test_a_beat_has_its_name_apart() -> None:
    case = read(FIRST).part("case-1")

    assert case is not None
    assert case.name == {"zh": "一句“在”", "en": "One word"}


def test_a_question_tests_the_section_it_stands_in() -> None:
    items = read(FIRST).items

    assert items["1.1-t1"].section == "1.1.1"
    assert items["1.1-t7"].section == "1.1"


def test_a_practice_lesson_needs_no_beats_and_teaches_as_a_whole() -> None:
    spec = read(SECOND)

    assert spec.is_practice
    assert spec.sections == ("exercise-1",)
    assert list(KIND.sections(spec)) == ["1.2"]


def test_prose_is_html_and_questions_keep_their_place() -> None:
    section = read(FIRST).part("1.1.1")

    assert section is not None
    prose, question = section.pieces
    assert isinstance(prose, str)
    assert '<a href="/go/section/1.2"' in prose
    assert isinstance(question, Item)


def test_a_heading_in_a_code_fence_is_none() -> None:
    text = FIRST.replace("先问好。", "```\n## 9.9 不是标题 | No heading\n```\n\n")

    assert "9.9" not in [part.ref for part in read(text).parts]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("## 1.1.1 问好 | Greeting", "## 1.1.1 问好", "标题少了英文"),
        ("## 1.1.2 报价", "## 1.1.1 报价", "已经有了"),
        ("minutes: 12", "minutes: many", "minutes"),
        ("minutes: 12", "minutes: 12\nlevel: 3", "level"),
        ("en: [Answer the person first]", "en: []", "goals"),
        ("checked: 2026-11-01", 'checked: "soon"', "日期"),
        ("issuer: 全国人大常委会, ", "", "issuer"),
        ("编号: 1.1-t2", "编号: 1.1-t1", "1.1-t1"),
        ("先问好。", "![图](media/none.png)", "media/none.png"),
    ],
)
def test_a_problem_names_its_line(old: str, new: str, words: str) -> None:
    text = FIRST.replace(old, new)

    found = problems(text)

    assert any(words in problem for _line, problem in found)
    assert all(line > 0 for line, _problem in found)


def test_a_missing_picture_is_a_problem_where_it_is_shown() -> None:
    text = FIRST.replace("先问好。", "先问好。\n\n![图](media/none.png)")

    assert (line_of(text, "![图]"), "没有文件 media/none.png") in problems(text)


def test_a_broken_table_of_figures_is_a_problem_in_its_line() -> None:
    text = SECOND.replace("阿敏,晚,100,50", "阿敏,晚,100").replace("小周,2", "小周,2,3")

    assert [line for line, _problem in problems(text)] == [
        line_of(text, "阿敏,晚"),
        line_of(text, "小周,2,3"),
    ]


@pytest.mark.parametrize("beat", ["启发思考", "案例分析", "实际训练"])
def test_a_lesson_with_sections_has_the_three_beats(beat: str) -> None:
    text = FIRST.replace(f"## {beat}", "## 别的")

    assert any(beat in problem for _line, problem in problems(text))


def test_a_lesson_teaches_something() -> None:
    text = SECOND.replace("## 练习一：回话 | Exercise 1: answering", "")

    assert any("一个小节也没有" in problem for _line, problem in problems(text))


@pytest.mark.parametrize(
    ("path", "change", "words"),
    [
        ("course/1.1.md", ("section:1.2", "section:9.9"), "9.9"),
        ("course/1.1.md", ("(section:1.2)", "(activity:nothing)"), "nothing"),
        ("course/1.2.md", ("figure:dispatch_limit", "figure:rent"), "rent"),
        ("course/1.1.md", ("3 件 69 元", "3 件 [69](figure:unpaid_close) 元"), "题里不能用"),
        ("course/1.1.questions.md", ("句是对的", "句[对](figure:unpaid_close)"), "题里不能用"),
        ("course/1.2.md", ("1.2-t1", "1.1-t1"), "1.1-t1"),
        ("course/1.2.md", ("1.2-t1", "1.1-01"), "1.1-01"),
        ("course/later.md", ("## A.1 ", "## 1.1.1 "), "1.1.1"),
        ("course/1.1.md", ("编号: 1.1-t1", "编号: 1.1-t1\n    小节: 7.7"), "7.7"),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_shows_only_in_the_whole_course_is_found_too(
    app: Flask, published: testing.FakeKind, path: str, change: tuple[str, str], words: str
) -> None:
    del published
    course = {**COURSE, path: COURSE[path].replace(*change)}
    files = {name: File(digest_of(text.encode()), text.encode()) for name, text in course.items()}

    with app.app_context():
        found = check_files(active.active().builder, files).problems

    assert any(words in problem.problem and problem.line for problem in found)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_search_finds_every_part(app: Flask, published: testing.FakeKind) -> None:
    del published
    with app.app_context():
        hits = active.for_team(None).search("报价", lambda _slug: True)

    assert [hit.entry.url for hit in hits] == ["/lesson/1.1#1.1.2"]
