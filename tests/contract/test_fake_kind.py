"""The kind that tests use keeps the contract it stands in for."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from cstrain import testing
from cstrain.core.catalogue import active


class TestFakeKind(testing.AttemptContract):
    kind = testing.FakeKind()
    broken = "---\nkind: fake\nlimit_s: soon\n---\n"
    sample = "---\nkind: fake\nslug: sample\ntitle: {zh: 样例, en: Sample}\nexam: true\n---\n"


def test_the_small_course_can_be_published(app: Flask, tmp_path: Path) -> None:
    testing.install(app, testing.FakeKind())

    testing.publish(app, tmp_path / "course")

    with app.app_context():
        assert set(active.for_team(None).activities) == {"lesson", "first-exam", "second-exam"}
