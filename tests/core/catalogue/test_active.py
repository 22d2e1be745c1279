"""A process keeps up with published content, without making anybody wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, session

from cstrain import testing
from cstrain.core.catalogue import active
from cstrain.core.catalogue.active import Active
from cstrain.core.catalogue.sources import Source
from tests.core.catalogue.conftest import COURSE, LESSON

NEW = {**COURSE, "c/1.1.md": LESSON.replace("催发货, en", "新标题, en")}


class SlowKind(testing.FakeKind):
    """Loads only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.may_load = threading.Event()
        self.may_load.set()

    def load(self, source: Source) -> testing.FakeSpec:
        assert self.may_load.wait(10)
        return super().load(source)


@pytest.fixture
def kind(app: Flask) -> SlowKind:
    made = SlowKind()
    testing.install(app, made)
    return made


def title(app: Flask) -> str:
    with app.app_context():
        return active.for_team(None).activity("1.1").title["zh"]


def until(condition: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_new_content_is_taken_up_in_the_background(
    app: Flask, kind: SlowKind, tmp_path: Path
) -> None:
    testing.publish(app, tmp_path / "c", COURSE)
    assert title(app) == "催发货"
    testing.publish(app, tmp_path / "c", NEW)
    content: Active = app.extensions["cstrain.content"]
    content.builder.forget({})
    kind.may_load.clear()

    # Within a second of the last look the process does not even ask; after it, a thread builds.
    assert until(lambda: title(app) == "催发货" and content.is_building)
    assert title(app) == "催发货"
    kind.may_load.set()

    assert until(lambda: title(app) == "新标题")


def test_a_running_request_keeps_the_catalogue_it_began_with(
    app: Flask, kind: SlowKind, tmp_path: Path
) -> None:
    testing.publish(app, tmp_path / "c", COURSE)
    with app.app_context():
        before = active.for_team(None)
        testing.publish(app, tmp_path / "c", NEW)
        active.active().reload()

        assert before.activity("1.1").title["zh"] == "催发货"
        assert active.for_team(None).activity("1.1").title["zh"] == "新标题"
    assert kind.name == "fake"


def test_a_team_without_files_of_its_own_sees_the_shared_course(
    app: Flask, kind: SlowKind, tmp_path: Path
) -> None:
    own = {"teams/cloud/c/1.1.md": NEW["c/1.1.md"]}
    testing.publish(app, tmp_path / "c", {**COURSE, **own})

    with app.app_context():
        titles = [
            active.for_team(slug).activity("1.1").title["zh"] for slug in (None, "other", "cloud")
        ]

    assert titles == ["催发货", "催发货", "新标题"]
    assert kind.api_version == 1


def test_a_mark_of_another_database_is_forgotten(
    app: Flask, kind: SlowKind, tmp_path: Path
) -> None:
    testing.publish(app, tmp_path / "c", COURSE)
    with app.test_request_context():
        session["revision"] = 99
        active.for_team(None)

        assert "revision" not in session
    assert kind.name == "fake"


def test_who_is_told_of_a_publication_sees_it_at_once(
    app: Flask, kind: SlowKind, tmp_path: Path
) -> None:
    testing.publish(app, tmp_path / "c", COURSE)
    with app.test_request_context():
        active.for_team(None)
        testing.publish(app, tmp_path / "c", NEW)
        before = active.for_team(None).activity("1.1").title["zh"]
        active.show_newest()
        after = active.for_team(None).activity("1.1").title["zh"]

    assert (before, after) == ("催发货", "新标题")
    assert kind.name == "fake"
