from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from cstrain import testing
from tests.activities.lesson.lesson_course import COURSE, Class, enrol
from tests.plugins.shop import MakePerson, SignIn


@pytest.fixture
def published(app: Flask, tmp_path: Path) -> testing.FakeKind:
    """The small course in force; gives the kind of its exam."""
    kind = testing.FakeKind()
    testing.install(app, kind)
    testing.publish(app, tmp_path / "course", COURSE)
    return kind


@pytest.fixture
def lessons(
    app: Flask, published: testing.FakeKind, make_person: MakePerson, sign_in: SignIn
) -> Class:
    """The course with somebody who reads it."""
    reader = make_person()
    enrol(app, reader)
    return Class(app, published, reader, sign_in(reader))
