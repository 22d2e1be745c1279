"""Checking folders and publishing what they hold as a revision."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.models import ContentBlob, ContentRevision
from cstrain.core.catalogue.sources import File, digest_of, read_folders
from cstrain.core.items.paper import item_to_json
from cstrain.kit.db import db, insert_for
from cstrain.kit.errors import ContentProblem

TEAMS = "teams/"


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking a set of files came to.

    Attributes:
        files: Path → file, as published.
        catalogues: Team slug (empty for the shared course) → catalogue.
        problems: Everything that is wrong; empty means it may be published.
    """

    files: Mapping[str, File]
    catalogues: Mapping[str, Catalogue]
    problems: tuple[ContentProblem, ...]


def team_files(files: Mapping[str, File], team_slug: str) -> dict[str, File]:
    """The files as one team sees them: the shared ones with its own laid over."""
    shared = {path: file for path, file in files.items() if not path.startswith(TEAMS)}
    own = f"{TEAMS}{team_slug}/"
    if team_slug:
        shared.update(
            (path.removeprefix(own), file) for path, file in files.items() if path.startswith(own)
        )
    return shared


def team_slugs(paths: Iterable[str]) -> list[str]:
    """The teams that have files of their own."""
    return sorted(
        {path.removeprefix(TEAMS).partition("/")[0] for path in paths if path.startswith(TEAMS)}
    )


def check_files(builder: Builder, files: Mapping[str, File], revision_id: int = 0) -> Checked:
    """Load everything for every team and collect the problems."""
    catalogues: dict[str, Catalogue] = {}
    problems: dict[ContentProblem, None] = {}
    for slug in ["", *team_slugs(files)]:
        catalogues[slug], found = builder.build(team_files(files, slug), revision_id)
        problems.update(dict.fromkeys(found))
    return Checked(files, catalogues, tuple(problems))


def check_folders(builder: Builder, folders: Iterable[Path]) -> Checked:
    """Read and check content folders."""
    files, unreadable = read_folders(folders)
    checked = check_files(builder, files)
    return Checked(files, checked.catalogues, (*unreadable, *checked.problems))


def active_revision() -> ContentRevision | None:
    """The revision in force."""
    return db.session.scalars(
        select(ContentRevision).order_by(ContentRevision.id.desc()).limit(1)
    ).first()


def active_revision_id() -> int:
    """The id of the revision in force, 0 before the first."""
    return db.session.scalar(select(func.max(ContentRevision.id))) or 0


def files_of(manifest: Mapping[str, list[str]]) -> dict[str, File]:
    """The files of a manifest, from their blobs, in one statement."""
    digests = {digest for digest, _origin in manifest.values()}
    bodies = {
        row.digest: row.body
        for row in db.session.execute(
            select(ContentBlob.digest, ContentBlob.body).where(ContentBlob.digest.in_(digests))
        )
    }
    return {
        path: File(digest, bodies[digest]) for path, (digest, _origin) in manifest.items()
    }


def publish(
    checked: Checked,
    *,
    origins: Mapping[str, str],
    by: int | None,
    note: str,
    now: datetime,
) -> int:
    """Store changed blobs and put the files in force; gives the revision's id.

    Nothing is stored when the files are those in force already.

    Raises:
        ValueError: If the check found problems: nothing with a problem is ever activated.
    """
    if checked.problems:
        raise ValueError("content with problems cannot be published")
    manifest = {
        path: [file.digest, origins.get(path, "folder")] for path, file in checked.files.items()
    }
    active = active_revision()
    if active is not None and active.manifest == manifest:
        return active.id
    blobs = {file.digest: file.body for file in checked.files.values()}
    for catalogue in checked.catalogues.values():
        for entry in catalogue.bank.values():
            blobs[entry.digest] = json.dumps(item_to_json(entry.item), ensure_ascii=False).encode()
    keep_blobs(blobs)
    revision = ContentRevision(manifest=manifest, by_person_id=by, note=note, at=now)
    db.session.add(revision)
    db.session.flush()
    return revision.id


def keep_blobs(blobs: Mapping[str, bytes]) -> None:
    """Store blobs that are not there yet."""
    statement = insert_for(ContentBlob).on_conflict_do_nothing(index_elements=["digest"])
    rows = [{"digest": digest, "body": body} for digest, body in blobs.items()]
    for start in range(0, len(rows), 200):
        db.session.execute(statement, rows[start : start + 200])


def publish_folders(
    builder: Builder, folders: Iterable[Path], *, by: int | None, now: datetime
) -> tuple[int | None, Checked]:
    """Check the folders together with what was brought in through the pages, and publish.

    Returns:
        The revision's id, None where there are problems; and what was checked.
    """
    files, unreadable = read_folders(folders)
    active = active_revision()
    edits: dict[str, list[str]] = {}
    if active is not None:
        edits = {path: entry for path, entry in active.manifest.items() if entry[1] == "edit"}
        files.update(files_of(edits))
    checked = check_files(builder, files)
    checked = Checked(files, checked.catalogues, (*unreadable, *checked.problems))
    if checked.problems:
        return None, checked
    origins = dict.fromkeys(edits, "edit")
    return publish(checked, origins=origins, by=by, note="folders", now=now), checked


def publish_edit(
    builder: Builder,
    changes: Mapping[str, bytes | None],
    *,
    by: int,
    note: str,
    now: datetime,
) -> tuple[int | None, Checked]:
    """Put files brought in through the pages in force over the active revision.

    Args:
        builder: Loads and checks.
        changes: Path → new bytes, or None to take an edit back.
        by: Who brings them in.
        note: One line on what changed.
        now: The time of publication.

    Returns:
        The revision's id, None where there are problems; and what was checked.
    """
    active = active_revision()
    manifest = dict(active.manifest) if active is not None else {}
    files = files_of(manifest)
    origins = {path: origin for path, (_digest, origin) in manifest.items()}
    for path, body in changes.items():
        if body is None:
            files.pop(path, None)
        else:
            files[path] = File(digest_of(body), body)
            origins[path] = "edit"
    checked = check_files(builder, files)
    if checked.problems:
        return None, checked
    return publish(checked, origins=origins, by=by, note=note, now=now), checked
