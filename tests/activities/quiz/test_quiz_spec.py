from __future__ import annotations

import pytest

from cstrain.activities.quiz.kind import KIND
from cstrain.activities.quiz.spec import QuizSpec
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.kit.errors import ContentError
from cstrain.plugin import Kind, Use
from cstrain.testing import KindContract

HEAD = "---\nkind: quiz\nslug: exam\ntitle: {zh: 考试, en: Exam}\n"
SAMPLE = (
    HEAD
    + """\
use: exam
minutes: 30
pass_ratio: 0.8
attempts: 3
delay_minutes: 30
always: [1.2-05]
draw:
  - {sections: ["1.1"], count: 4}
  - {sections: ["1.2", "2.2"], levels: [2, 3], kinds: [单选, 找错], count: 3}
---
考前看到的说明。
"""
)


class TestContract(KindContract):
    kind = KIND
    sample = SAMPLE


def load(text: str) -> QuizSpec:
    body = text.encode()
    return KIND.load(open_source("exams/a.md", File(digest_of(body), body), {}))


def problems(lines: str) -> list[tuple[int, str]]:
    with pytest.raises(ContentError) as refused:
        load(f"{HEAD}{lines}\n---\n")
    assert {each.path for each in refused.value.problems} == {"exams/a.md"}
    return [(each.line, each.problem) for each in refused.value.problems]


def test_a_blueprint_is_read_whole() -> None:
    spec = load(SAMPLE)

    assert (spec.use, spec.minutes, spec.pass_ratio) == (Use.EXAM, 30, 0.8)
    assert spec.question_count == 8
    assert spec.always == ("1.2-05",)
    assert spec.draws[1].sections == ("1.2", "2.2")
    assert spec.draws[1].levels == {2, 3}
    assert spec.draws[1].kinds == {Kind.SINGLE, Kind.SPOT}
    assert spec.draws[1].line == 13
    assert spec.intro_md == "考前看到的说明。"


@pytest.mark.parametrize(("use", "reveal"), [("exam", "after_pass"), ("practice", "always")])
def test_what_is_revealed_by_default(use: str, reveal: str) -> None:
    text = f'{HEAD}use: {use}\ndraw:\n  - {{sections: ["1.1"], count: 1}}\n---\n'

    assert load(text).reveal == reveal


def test_every_problem_comes_out_with_its_line() -> None:
    found = problems(
        "use: test\nminutes: 0\npass_ratio: 80\nattempts: yes\nreveal: later\nalways: 3\n"
        "colour: red\ndraw:\n  - {sections: [1.1], count: 0, levels: [4], kinds: [论述], n: 1}"
    )

    assert sorted({line for line, _text in found}) == [5, 6, 7, 8, 9, 10, 11, 13]
    texts = " ".join(text for _line, text in found)
    for word in ("use", "minutes", "pass_ratio", "attempts", "reveal", "always", "colour"):
        assert word in texts
    for word in ("sections", "count", "levels", "论述", "不认识 n"):
        assert word in texts


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ("use: exam", "1 到"),
        ("use: exam\ndraw: 3", "draw"),
        ("use: exam\ndraw: [3]", "sections"),
        ('use: practice\nminutes: 3\ndraw:\n  - {sections: ["1.1"], count: 1}', "不限时"),
        ('use: exam\ndraw:\n  - {sections: ["1.1"], count: 1, fewer: true}', "只有练习"),
        ('use: practice\ndraw:\n  - {sections: ["1.1"], count: 1, fewer: 3}', "fewer"),
        ("use: exam\nalways: [a, a]", "两次"),
        ("use: exam\nalways: [1]", "always"),
    ],
)
def test_what_cannot_be_a_paper_is_refused(lines: str, word: str) -> None:
    assert any(word in text for _line, text in problems(lines))


def test_a_slug_of_digits_would_be_an_attempt() -> None:
    text = SAMPLE.replace("slug: exam", 'slug: "12"')

    with pytest.raises(ContentError, match="数字"):
        load(text)
