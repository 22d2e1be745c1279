"""``cstrain content check``: what it prints."""

from __future__ import annotations

from dataclasses import replace

from click.testing import CliRunner
from flask import Flask

from cstrain import testing
from cstrain.config import Settings
from cstrain.core.catalogue.cli import content
from tests.core.catalogue.conftest import LESSON, Folder


def test_a_problem_names_its_folder_where_several_lie_over_each_other(
    app: Flask, settings: Settings, folder: Folder
) -> None:
    testing.install(app, testing.FakeKind())
    below = folder("below", {"c/1.1.md": "Hello", "c/1.2.md": "Hello"})
    over = folder("over", {"c/1.1.md": LESSON.replace("zh: 催发货, en", "zh: 催发货, de")})

    app.extensions["cstrain.settings"] = replace(settings, content_dirs=(below, over))
    with app.app_context():
        several = CliRunner().invoke(content, ["check"]).output
    app.extensions["cstrain.settings"] = replace(settings, content_dirs=(over,))
    with app.app_context():
        one = CliRunner().invoke(content, ["check"]).output

    assert [line.split(": ")[0] for line in several.splitlines()[:2]] == [
        f"{over}/c/1.1.md:4",
        f"{below}/c/1.2.md:1",
    ]
    assert one.startswith("c/1.1.md:4: ")
