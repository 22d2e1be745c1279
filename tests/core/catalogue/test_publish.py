"""Publishing: whole or not at all, once, and what was shown can be shown again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from cstrain import testing
from cstrain.core.catalogue import active
from cstrain.core.catalogue.active import Active
from cstrain.core.catalogue.models import ContentBlob, ContentRevision
from cstrain.core.catalogue.publish import Checked, publish, publish_edit, publish_folders
from cstrain.core.catalogue.sources import digest_of
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import NotFoundError
from tests.core.catalogue.conftest import BANK, COURSE, LESSON, Folder
from tests.plugins.shop import NOW, MakePerson, Someone

BANK_PATH = "c/1.1.questions.md"
EDITED = BANK.replace("先查单再安抚。", "先安抚再查单。").replace("答案：错", "答案：对")


@dataclass(slots=True)
class Desk:
    """Publishes; each step in a context and a transaction of its own."""

    app: Flask
    root: Path
    by: Someone

    @property
    def content(self) -> Active:
        found: Active = self.app.extensions["cstrain.content"]
        return found

    def reload(self, *folders: Path) -> tuple[int | None, Checked]:
        with self.app.app_context(), transaction():
            return publish_folders(self.content.builder, folders or (self.root,), by=None, now=NOW)

    def edit(self, **changes: str | None) -> tuple[int | None, Checked]:
        bodies = {path: text.encode() if text else None for path, text in changes.items()}
        with self.app.app_context(), transaction():
            return publish_edit(self.content.builder, bodies, by=self.by.id, note="题", now=NOW)

    def count(self, table: type[ContentBlob | ContentRevision]) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(table)) or 0

    def text_of(self, item_id: str) -> str:
        """The stem of a question in force."""
        with self.app.app_context():
            self.content.reload()
            return active.for_team(None).bank[item_id].item.stem_md.strip()


@pytest.fixture
def desk(app: Flask, folder: Folder, make_person: MakePerson) -> Desk:
    testing.install(app, testing.FakeKind())
    return Desk(app, folder(), make_person())


def test_before_anything_is_published_there_is_no_content(desk: Desk) -> None:
    with desk.app.app_context(), pytest.raises(NotFoundError, match="content reload"):
        active.for_team(None)


def test_publishing_the_same_again_changes_nothing(desk: Desk) -> None:
    first, _checked = desk.reload()
    blobs = desk.count(ContentBlob)

    second, _checked = desk.reload()

    assert first == second
    assert (desk.count(ContentRevision), desk.count(ContentBlob)) == (1, blobs)
    assert blobs == len(COURSE) + 1  # and one question by itself


def test_with_any_problem_nothing_is_published(desk: Desk) -> None:
    desk.reload()
    before = desk.count(ContentBlob)
    (desk.root / "c/1.1.md").write_text(LESSON.replace("催发货", "改过"), encoding="utf-8")
    (desk.root / "c/bad.md").write_text("Hello", encoding="utf-8")

    revision_id, checked = desk.reload()

    assert revision_id is None
    assert [str(each) for each in checked.problems] == [
        "c/bad.md:1: 开头缺 kind，例如 kind: lesson"
    ]
    assert (desk.count(ContentRevision), desk.count(ContentBlob)) == (1, before)
    assert desk.text_of("t-1") == "先查单再安抚。"


def test_content_with_problems_cannot_be_forced(desk: Desk) -> None:
    (desk.root / "c/bad.md").write_text("Hello", encoding="utf-8")
    _revision, checked = desk.reload()

    with desk.app.app_context(), transaction(), pytest.raises(ValueError, match="problems"):
        publish(checked, origins={}, by=None, note="", now=NOW)


def test_edits_survive_a_reload_until_they_are_taken_back(desk: Desk) -> None:
    desk.reload()
    edited, _checked = desk.edit(**{BANK_PATH: EDITED})
    assert desk.text_of("t-1") == "先安抚再查单。"

    (desk.root / "c/1.1.md").write_text(LESSON.replace("催发货, en", "改过, en"), encoding="utf-8")
    reloaded, _checked = desk.reload()
    assert reloaded != edited
    assert desk.text_of("t-1") == "先安抚再查单。"

    desk.edit(**{BANK_PATH: None})
    assert desk.text_of("t-1") == "先查单再安抚。"


def test_an_edit_of_a_new_file_taken_back_is_gone(desk: Desk) -> None:
    desk.reload()
    desk.edit(**{"c/2.questions.md": BANK.replace("t-1", "t-2")})
    assert desk.text_of("t-2") == "先查单再安抚。"

    desk.edit(**{"c/2.questions.md": None})

    with pytest.raises(KeyError):
        desk.text_of("t-2")


def test_an_edit_with_a_problem_is_not_published(desk: Desk) -> None:
    desk.reload()

    revision_id, checked = desk.edit(**{BANK_PATH: BANK.replace("答案：错", "")})

    assert revision_id is None
    assert [each.path for each in checked.problems] == [BANK_PATH]
    assert desk.text_of("t-1") == "先查单再安抚。"


def test_two_who_publish_at_once_lose_nothing(desk: Desk) -> None:
    desk.reload()
    ready = Barrier(2)

    def bring_in(name: str) -> None:
        ready.wait()
        desk.edit(**{f"c/{name}.questions.md": BANK.replace("t-1", name)})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(bring_in, ("x-1", "x-2")))

    assert desk.text_of("x-1") == desk.text_of("x-2") == "先查单再安抚。"
    assert desk.count(ContentRevision) == 3


def test_a_question_is_found_by_its_digest_after_it_was_changed(desk: Desk) -> None:
    desk.reload()
    with desk.app.app_context():
        old = active.for_team(None).bank["t-1"].digest
    desk.edit(**{BANK_PATH: EDITED})
    desk.text_of("t-1")
    desk.content._items.clear()  # noqa: SLF001 - as in a process that was started later

    with desk.app.app_context():
        new = active.for_team(None).bank["t-1"].digest
        found = active.active().items([old, new, old])
        assert [found[each].stem_md.strip() for each in (old, new)] == [
            "先查单再安抚。",
            "先安抚再查单。",
        ]
        with pytest.raises(NotFoundError):
            active.active().items(["no such digest"])


def test_a_blob_is_never_changed(desk: Desk) -> None:
    desk.reload()
    desk.edit(**{BANK_PATH: EDITED})

    with desk.app.app_context():
        rows: Sequence[ContentBlob] = db.session.scalars(select(ContentBlob)).all()
        by_digest: Mapping[str, bytes] = {row.digest: row.body for row in rows}
    for text in (LESSON, BANK, EDITED):
        assert by_digest[digest_of(text.encode())] == text.encode()
