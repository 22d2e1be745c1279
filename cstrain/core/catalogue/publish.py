"""Checking folders and publishing what they hold as a revision."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TypeVar

from sqlalchemy import func, select

from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.models import ContentBlob, ContentRevision
from cstrain.core.catalogue.places import Places
from cstrain.core.catalogue.sources import (
    TEAMS,
    TEXT_SUFFIXES,
    File,
    digest_of,
    owned,
    read_folders,
)
from cstrain.core.items.paper import item_to_json
from cstrain.kit.db import db, insert_for
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import ngettext


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


T = TypeVar("T")


def team_paths(paths: Iterable[str], team_slug: str) -> dict[str, str]:
    """Path as a team sees it → where it lies: the shared files with the team's laid over.

    A folder may belong to several teams, ``teams/a+b/``; what lies in ``teams/a/`` goes over it.
    """
    seen: dict[str, str] = {}
    own: list[tuple[int, str, str]] = []
    for path in paths:
        owners, below = owned(path)
        if not path.startswith(TEAMS):
            seen[path] = path
        elif below and team_slug in owners:
            own.append((-len(owners), path, below))
    seen.update((below, path) for _width, path, below in sorted(own))
    return seen


def team_files(files: Mapping[str, T], team_slug: str) -> dict[str, T]:
    """The files, by path, as one team sees them; the shared ones for an empty slug."""
    return {seen: files[path] for seen, path in team_paths(files, team_slug).items()}


def team_slugs(paths: Iterable[str]) -> list[str]:
    """The teams that have files of their own."""
    return sorted({slug for path in paths for slug in owned(path)[0]})


def check_files(builder: Builder, files: Mapping[str, File], revision_id: int = 0) -> Checked:
    """Load everything for every team and collect the problems, each once, at its own file."""
    catalogues: dict[str, Catalogue] = {}
    problems: dict[ContentProblem, None] = {}
    built: dict[frozenset[str], Catalogue] = {}  # teams that share every file share the catalogue
    for slug in ["", *team_slugs(files)]:
        paths = team_paths(files, slug)
        lying = frozenset(paths.values())
        if lying not in built:
            built[lying], found = builder.build(team_files(files, slug), revision_id)
            for problem in found:
                at = paths.get(problem.path, problem.path)
                problems[replace(problem, path=at)] = None
        catalogues[slug] = built[lying]
    return Checked(files, catalogues, _told(problems, catalogues[""]))


def advice_on(
    checked: Checked, advisers: Iterable[Callable[[Catalogue], Iterable[ContentProblem]]]
) -> list[ContentProblem]:
    """What should be mended though it may be published, each once, at its own file."""
    advisers = tuple(advisers)
    found: dict[ContentProblem, None] = {}
    seen: set[int] = set()
    for slug, catalogue in checked.catalogues.items():
        if id(catalogue) in seen:
            continue
        seen.add(id(catalogue))
        paths = team_paths(checked.files, slug)
        for adviser in advisers:
            for each in adviser(catalogue):
                found[replace(each, path=paths.get(each.path, each.path))] = None
    return sorted(found, key=lambda each: (each.path, each.line, each.problem))


def _told(problems: Iterable[ContentProblem], shared: Catalogue) -> tuple[ContentProblem, ...]:
    """The problems; one alone for all that is missing where the shared course itself is."""
    lost = [each for each in problems if each.missing]
    if len(lost) < 2 or shared.sections:  # noqa: PLR2004 - one tells itself
        return tuple(problems)
    text = ngettext(
        "%(first)s。像这样找不到的共 %(count)s 处：这里没有共用的课程。要盖在课程上面的文件夹，"
        "前面要写上课程文件夹，例如 CSTRAIN_CONTENT=content:这个文件夹",
        len(lost),
        first=lost[0].problem,
    )
    first = replace(lost[0], problem=text)
    return (first, *(each for each in problems if not each.missing))


def check_folders(builder: Builder, folders: Iterable[Path]) -> Checked:
    """Read and check content folders."""
    files, unreadable = read_folders(folders)
    checked = check_files(builder, files)
    return Checked(files, checked.catalogues, (*unreadable, *checked.problems))


def check_over(
    builder: Builder, folders: Iterable[Path], active: ContentRevision | None
) -> tuple[Checked, Collection[str]]:
    """Check the folders with what was brought in through the pages laid over.

    Returns:
        What was checked, and the paths that were brought in.
    """
    files, unreadable = read_folders(folders)
    edits: dict[str, list[str]] = {}
    if active is not None:
        edits = {path: entry for path, entry in active.manifest.items() if entry[1] == "edit"}
        files.update(texts_of(edits))
    checked = _named(builder, check_files(builder, files), edits)
    return replace(checked, problems=(*unreadable, *checked.problems)), edits


def active_revision() -> ContentRevision | None:
    """The revision in force."""
    return db.session.scalars(
        select(ContentRevision).order_by(ContentRevision.id.desc()).limit(1)
    ).first()


def held_revision() -> ContentRevision | None:
    """The revision in force, held so that nobody else can publish over it unseen."""
    while True:
        held = db.session.scalars(
            select(ContentRevision)
            .order_by(ContentRevision.id.desc())
            .limit(1)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).first()
        # Somebody else may have published while this waited for the row.
        if held is None or held.id == active_revision_id():
            return held


def active_revision_id() -> int:
    """The id of the revision in force, 0 before the first."""
    return db.session.scalar(select(func.max(ContentRevision.id))) or 0


def files_of(manifest: Mapping[str, Sequence[str]]) -> dict[str, File]:
    """The files of a manifest, from their blobs, in one statement."""
    digests = {digest for digest, _origin in manifest.values()}
    bodies = {
        row.digest: row.body
        for row in db.session.execute(
            select(ContentBlob.digest, ContentBlob.body).where(ContentBlob.digest.in_(digests))
        )
    }
    return {path: File(digest, bodies[digest]) for path, (digest, _origin) in manifest.items()}


def texts_of(manifest: Mapping[str, Sequence[str]]) -> dict[str, File]:
    """The files of a manifest with the bytes of text files only: enough for a catalogue."""
    texts = {
        path: entry
        for path, entry in manifest.items()
        if PurePosixPath(path).suffix in TEXT_SUFFIXES
    }
    return {path: File(entry[0], b"") for path, entry in manifest.items()} | files_of(texts)


def publish(
    checked: Checked,
    *,
    origins: Mapping[str, str],
    by: int | None,
    note: str,
    now: datetime,
) -> int:
    """Store changed blobs and put the files in force; gives the revision's id.

    Nothing is stored when the files are those in force already. Files whose bytes are left out
    must be in the database.

    Raises:
        ValueError: If the check found problems: nothing with a problem is ever activated.
    """
    if checked.problems:
        raise ValueError("content with problems cannot be published")
    manifest = {
        path: [file.digest, origins.get(path, "folder")] for path, file in checked.files.items()
    }
    active = held_revision()
    if active is not None and active.manifest == manifest:
        return active.id
    kept = {entry[0] for entry in active.manifest.values()} if active is not None else set()
    blobs = {file.digest: file.body for file in checked.files.values() if file.digest not in kept}
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

    Checking takes a second or two the first time and holds up other writers; ``check_folders``
    with the same builder, outside of the transaction, does that part beforehand.

    Returns:
        The revision's id, None where there are problems; and what was checked.
    """
    checked, edits = check_over(builder, folders, held_revision())
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
        changes: Path → new bytes, or None to take an edit back, to the file it was laid over.
        by: Who brings them in.
        note: One line on what changed.
        now: The time of publication.

    Returns:
        The revision's id, None where there are problems; and what was checked.
    """
    files, origins = _edited(held_revision(), changes)
    checked = _named(builder, check_files(builder, files), _brought(origins))
    if checked.problems:
        return None, checked
    return publish(checked, origins=origins, by=by, note=note, now=now), checked


def check_edit(builder: Builder, changes: Mapping[str, bytes | None]) -> Checked:
    """Check all content with these changes laid over, as ``publish_edit`` will."""
    files, origins = _edited(active_revision(), changes)
    return _named(builder, check_files(builder, files), _brought(origins))


def _brought(origins: Mapping[str, str]) -> list[str]:
    return [path for path, origin in origins.items() if origin == "edit"]


def _named(builder: Builder, checked: Checked, edits: Collection[str]) -> Checked:
    """With the problems of what tables brought in told by table, class and row."""
    places = Places(checked.files, edits, builder.registry.tables)
    return replace(checked, problems=places.named(checked.problems))


def _edited(
    active: ContentRevision | None, changes: Mapping[str, bytes | None]
) -> tuple[dict[str, File], dict[str, str]]:
    """The files of a revision after changes, and where each comes from."""
    manifest = dict(active.manifest) if active is not None else {}
    for path in (path for path, body in changes.items() if body is None and path in manifest):
        before = _before_edits(path)
        if before is None:
            del manifest[path]
        else:
            manifest[path] = before
    files = texts_of(manifest)
    origins = {path: origin for path, (_digest, origin) in manifest.items()}
    for path, body in changes.items():
        if body is not None:
            files[path] = File(digest_of(body), body)
            origins[path] = "edit"
    return files, origins


def _before_edits(path: str) -> list[str] | None:
    """The manifest's entry of a path as it last came from a folder; None if it never did."""
    manifests = db.session.scalars(
        select(ContentRevision.manifest).order_by(ContentRevision.id.desc())
    )
    entries = (manifest[path] for manifest in manifests if path in manifest)
    return next((entry for entry in entries if entry[1] != "edit"), None)
