"""The catalogue in force in this process, kept up with the database once a second."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_request_context, session
from sqlalchemy import select

from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.models import ContentBlob, ContentRevision
from cstrain.core.catalogue.publish import (
    active_revision_id,
    check_files,
    files_of,
    team_files,
    texts_of,
)
from cstrain.core.catalogue.sources import media_beside
from cstrain.core.items.item import Item
from cstrain.core.items.paper import item_from_json
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _

log = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0
#: Where a browser's session keeps the oldest revision that may answer it.
_SEEN = "revision"
#: Specs and materials of replaced content that a process keeps; old attempts are seldom seen.
SPECS_KEPT = 200


@dataclass(slots=True)
class Active:
    """What one process knows of published content.

    Running requests keep the catalogue they began with; a newer revision is built in a
    background thread and swapped in when it is whole. Only who was told of it waits for it.
    """

    registry: Registry
    builder: Builder
    revision_id: int = 0
    catalogues: Mapping[str, Catalogue] = field(default_factory=dict)
    looked_at_s: float = 0.0
    in_background: bool = True
    _building: threading.Lock = field(default_factory=threading.Lock)
    _items: dict[str, Item] = field(default_factory=dict)
    _specs: dict[tuple[str, int, str], Any] = field(default_factory=dict)

    def for_team(self, slug: str | None) -> Catalogue:
        """The catalogue of a team; the shared one where it has no files of its own.

        Raises:
            NotFoundError: Before any content is published.
        """
        self._keep_up()
        if not self.catalogues:
            raise NotFoundError(_("还没有发布内容。请管理员运行 cstrain content reload。"))
        return self.catalogues.get(slug or "") or self.catalogues[""]

    @property
    def is_building(self) -> bool:
        """Whether a newer revision is being built now."""
        return self._building.locked()

    def reload(self) -> None:
        """Build the newest revision now."""
        with self._building:
            newest = active_revision_id()
            if newest and newest != self.revision_id:
                self._build(newest)
            self.looked_at_s = time.monotonic()

    def items(self, digests: Sequence[str]) -> dict[str, Item]:
        """Questions by digest, as they were when shown; at most one statement.

        Raises:
            NotFoundError: If one was never published.
        """
        known = self._items
        missing = [digest for digest in digests if digest not in known]
        if missing:
            rows = db.session.execute(
                select(ContentBlob.digest, ContentBlob.body).where(ContentBlob.digest.in_(missing))
            )
            known.update((row.digest, item_from_json(json.loads(row.body))) for row in rows)
        if not known.keys() >= set(digests):
            raise NotFoundError(_("找不到当时的题目。"))
        return {digest: known[digest] for digest in digests}

    def spec(self, team_slug: str, revision_id: int, activity: str, digest: str) -> Any:
        """The spec of an activity as a team saw it in a revision.

        Raises:
            NotFoundError: If that content is missing, or cannot be read any more.
        """
        current = self.for_team(team_slug).activities.get(activity)
        if current is not None and current.digest == digest:
            return current.spec
        return self.material(team_slug, revision_id, digest)

    def material(self, team_slug: str, revision_id: int, digest: str) -> Any:
        """What a file of a revision was loaded to, as a team saw it.

        Raises:
            NotFoundError: If that content is missing, or cannot be read any more.
        """
        key = (team_slug, revision_id, digest)
        if key not in self._specs:
            if len(self._specs) >= SPECS_KEPT:
                self._specs.clear()
            self._specs[key] = self._loaded(*key)
        return self._specs[key]

    def _loaded(self, team_slug: str, revision_id: int, digest: str) -> Any:
        manifest = db.session.scalar(
            select(ContentRevision.manifest).where(ContentRevision.id == revision_id)
        )
        entries = team_files(manifest or {}, team_slug)
        path = next((path for path, entry in entries.items() if entry[0] == digest), None)
        if path is None:
            raise NotFoundError(_("找不到当时的内容。"))
        file = files_of({path: entries[path]})[path]
        beside = {other: entry[0] for other, entry in entries.items()}
        value = self.builder.load(path, file, media_beside(path, beside)).value
        if value is None:
            raise NotFoundError(_("找不到当时的内容。"))
        return value

    def _keep_up(self) -> None:
        wanted = session.get(_SEEN, 0) if has_request_context() else 0
        if wanted > self.revision_id:
            self.reload()
            if wanted > self.revision_id:  # the cookie is of another database
                del session[_SEEN]
            return
        if self.catalogues and time.monotonic() - self.looked_at_s < LOOK_EVERY_S:
            return
        if not self.catalogues or not self.in_background:
            self.reload()
            return
        self.looked_at_s = time.monotonic()
        if active_revision_id() != self.revision_id and not self.is_building:
            app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
            threading.Thread(target=self._reload_in, args=(app,), daemon=True).start()

    def _reload_in(self, app: Flask) -> None:
        with app.app_context():
            self.reload()

    def _build(self, revision_id: int) -> None:
        manifest = db.session.scalar(
            select(ContentRevision.manifest).where(ContentRevision.id == revision_id)
        )
        checked = check_files(self.builder, texts_of(manifest or {}), revision_id)
        for problem in checked.problems:
            # Published content was checked; a newer programme may still read it otherwise.
            log.warning("revision %s: %s", revision_id, problem)
        items = {
            entry.digest: entry.item
            for catalogue in checked.catalogues.values()
            for entry in catalogue.bank.values()
        }
        self._items.update(items)
        self.catalogues = checked.catalogues
        self.revision_id = revision_id
        self.builder.forget(checked.files)


def install(app: Flask, registry: Registry, cache_folder: Path | None = None) -> None:
    """Give the application its view of published content."""
    app.extensions["cstrain.content"] = Active(registry, Builder(registry, cache_folder))


def active() -> Active:
    """This process's view of published content."""
    found: Active = current_app.extensions["cstrain.content"]
    return found


def for_team(slug: str | None) -> Catalogue:
    """The catalogue of a team: the only way to content."""
    return active().for_team(slug)


def show_newest() -> None:
    """Let the viewer, who is told of a publication now, see it in every process at once."""
    newest = active_revision_id()
    if newest != session.get(_SEEN):
        session[_SEEN] = newest
