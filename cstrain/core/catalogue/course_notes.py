"""A line above the course, for the shops that read it as it is. Pure.

---
kind: course_note
lessons: ["1.1"]
title: {zh: 课里的店是示例。, en: The shop in these lessons is an example.}
---

It stands on the page of the course and above the lessons it names. A shop that is the one in the
lessons leaves it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cstrain.core.catalogue.build import is_bilingual
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.sources import Source
from cstrain.kit.errors import ContentError
from cstrain.kit.i18n import gettext as _

MATERIAL = "course_note"
_KEYS = frozenset({"kind", "title", "lessons"})


@dataclass(frozen=True, slots=True)
class CourseNote:
    """The line.

    Attributes:
        lessons: Slugs of the lessons above which it stands too.
    """

    text: Mapping[str, str]
    lessons: tuple[str, ...]
    path: str


def register(registry: Registry) -> None:
    """Let content hold one. Called while the application is wired."""
    registry.add_material(MATERIAL, load)


def load(source: Source) -> CourseNote:
    """Read a file of the kind ``course_note``.

    Raises:
        ContentError: With every problem of the file.
    """
    data = source.meta.data
    title, lessons = data.get("title"), data.get("lessons", [])
    problems = [
        source.problem(_("不认识 %(key)s", key=key), key) for key in data if key not in _KEYS
    ]
    if not is_bilingual(title):
        problems.append(source.problem(_("title 要写成 {zh: 中文, en: English}"), "title"))
    if not isinstance(lessons, list) or not all(isinstance(slug, str) for slug in lessons):
        problems.append(source.problem(_('lessons 写成 ["1.1"]'), "lessons"))
    if problems:
        raise ContentError(problems)
    titles = title if is_bilingual(title) else {}
    return CourseNote(dict(titles), tuple(lessons), source.path)


def of(catalogue: Catalogue, lesson: str = "") -> CourseNote | None:
    """The line of the course, or above a lesson; None where there is none."""
    found = catalogue.materials.get(MATERIAL, ())
    notes = (each for each in found if isinstance(each, CourseNote))
    return next((each for each in notes if not lesson or lesson in each.lessons), None)
