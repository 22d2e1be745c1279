"""The line above the course: what is wrong with its file."""

from __future__ import annotations

import pytest

from cstrain.core.catalogue import course_notes
from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.publish import Checked, check_files
from cstrain.core.catalogue.sources import File, digest_of

TITLE = "title: {zh: 示例, en: An example}\n"


def checked(head: str) -> Checked:
    registry = Registry()
    course_notes.register(registry)
    body = f"---\nkind: course_note\n{head}---\n".encode()
    return check_files(Builder(registry), {"note.md": File(digest_of(body), body)})


def test_it_stands_over_the_course_and_the_lessons_it_names() -> None:
    catalogue = checked(f'{TITLE}lessons: ["1.1"]\n').catalogues[""]

    places = [course_notes.of(catalogue, lesson) is not None for lesson in ("", "1.1", "1.2")]
    assert places == [True, True, False]


@pytest.mark.parametrize(
    ("head", "words"),
    [("", "title"), (f"{TITLE}lessons: 1.1\n", "lessons"), (f"{TITLE}slug: a\n", "slug")],
)
def test_a_bad_one_is_refused(head: str, words: str) -> None:
    (problem,) = checked(head).problems

    assert words in problem.problem
