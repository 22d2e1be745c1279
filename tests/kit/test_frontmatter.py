from datetime import date

import pytest

from cstrain.kit import frontmatter
from cstrain.kit.errors import ContentError


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("---\na: 1\n---\n正文\n", ("a: 1", "正文\n", 4)),
        ("\ufeff---\r\na: 1\r\n---\r\n正文", ("a: 1", "正文", 4)),
        ("---\n---\n正文", ("", "正文", 3)),
        ("正文\n---\n", ("", "正文\n---\n", 1)),
        ("---\n没有第二行", ("", "---\n没有第二行", 1)),
        ("", ("", "", 1)),
    ],
)
def test_front_matter_stands_between_the_first_two_rules(
    text: str, parts: tuple[str, str, int]
) -> None:
    assert frontmatter.split(text) == parts


def test_yaml_is_read_as_version_1_2() -> None:
    document = frontmatter.read("a.md", "at: 10:30\nanswer: no\non: 2026-11-22\nname: '1.1'")

    assert document.data == {
        "at": "10:30",
        "answer": "no",
        "on": date(2026, 11, 22),
        "name": "1.1",
    }


def test_every_part_knows_its_line() -> None:
    document = frontmatter.read("a.md", "title: {zh: 题}\ndraw:\n  - {count: 1}\n  - {count: 2}")

    assert document.line_of("title", "zh") == 2
    assert document.line_of("draw", 1, "count") == 5
    assert document.line_of("draw", 1, "missing", "deeper") == 5
    assert document.line_of("missing") == 2
    assert frontmatter.Document({}).line_of("missing") == 1


def test_an_empty_text_is_an_empty_mapping() -> None:
    assert frontmatter.read("a.yaml", "# 只有注释\n", first_line=1).data == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1", 2),
        ("a: 1\na: 2", 3),
        ("a: 1\n b: 2", 3),
        ("- 1", 2),
        ("1: 甲", 2),
        ("? [1, 2]\n: 3", 2),
        ("a: !!python/name:os.system", 2),
        ("a: 2024-99-01", 2),
        ("\x00", 2),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ContentError) as caught:
        frontmatter.read("a.md", text)

    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("a.md", line)
    assert problem.problem
    assert "\n" not in problem.problem


def test_an_alias_of_itself_does_not_hang() -> None:
    assert frontmatter.read("a.md", "a: &x [*x]").line_of("a", 0) == 2
