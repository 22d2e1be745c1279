"""One file of a shop's own, brought in through a page: read, published, taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cstrain.core.catalogue import active
from cstrain.core.catalogue.edits import Edit, publish_by_job, refused
from cstrain.core.catalogue.publish import (
    active_revision,
    active_revision_id,
    files_of,
    publish_edit,
    team_files,
)
from cstrain.core.catalogue.sources import TEAMS
from cstrain.kit.errors import ContentProblem, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.jobs import JobContext


def text_of(team_slug: str, path: str) -> str:
    """The text of a file as a shop sees it. Two statements.

    Raises:
        NotFoundError: If there is none.
    """
    entries = team_files(_manifest(), team_slug)
    if path not in entries:
        raise NotFoundError
    return files_of({path: entries[path]})[path].body.decode("utf-8-sig")


def brought(team_slug: str, folder: str) -> list[str]:
    """The paths, as the shop sees them, of its own files in folders of a name. One statement."""
    own = f"{TEAMS}{team_slug}/"
    return sorted(
        path.removeprefix(own)
        for path, entry in _manifest().items()
        if entry[1] == "edit" and path.startswith(own) and f"/{folder}/" in path
    )


def publish(
    job: JobContext, path: str, body: bytes, *, told: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Publish a file over what the shop has there; for a job, which checks all content.

    Args:
        job: Its data say the ``team`` (a slug), and where to go ``back`` when there are problems.
        path: As the shop sees it.
        body: The file.
        told: What the job tells when it is done.
    """
    team_slug = job.data["team"]

    def planned() -> Edit:
        active.active().reload()
        changes: dict[str, bytes | None] = {f"{TEAMS}{team_slug}/{path}": body}
        made = Edit(changes=changes, revision_id=active_revision_id())
        made.check()
        return made

    note = f"{path} {team_slug}"
    made = publish_by_job(job, planned, note=lambda _made: note, told=lambda _made: told)
    return refused(made, _("没有发布，内容有问题："), job.data["back"]) if made.is_bad else told


def take_back(
    team_slug: str, path: str, *, by: int, now: datetime
) -> tuple[int | None, Sequence[ContentProblem]]:
    """Take out a file that was brought in; what lay there before is back.

    Returns:
        The revision's id, None where something still needs it; and the problems.
    """
    revision_id, checked = publish_edit(
        active.active().builder,
        {f"{TEAMS}{team_slug}/{path}": None},
        by=by,
        note=f"{path} {team_slug}: taken back",
        now=now,
    )
    return revision_id, checked.problems


def _manifest() -> Mapping[str, Sequence[str]]:
    revision = active_revision()
    return revision.manifest if revision is not None else {}
