"""How a file comes up for an import: in pieces, or at once from a browser that runs no scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people.access import TeamRef, requires, staff_of_or_404, viewer
from cstrain.desk.chats import chunks
from cstrain.desk.chats import jobs as chat_jobs
from cstrain.desk.chats.views import READERS
from cstrain.kit import jobs, uploads
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.uploads import Upload

bp = Blueprint("chat_uploads", __name__, url_prefix="/chats/import")


def teams() -> list[TeamRef]:
    """The shops whose chats the viewer looks after."""
    return viewer().teams_as(*READERS)


def _team_id(said: object) -> int:
    """The team a file is for.

    Raises:
        NotFoundError: If the viewer does not look after its chats.
    """
    try:
        team_id = int(str(said)[:18])
    except ValueError:
        raise NotFoundError from None
    staff_of_or_404(team_id, *READERS)
    return team_id


@bp.post("")
@requires(*READERS)
def upload() -> ResponseReturnValue:
    """Take a whole file at once, from a browser that runs no scripts."""
    team_id = _team_id(request.form.get("team", teams()[0].id))
    file = request.files.get("file")
    if file is None or not file.filename:
        flash(_("先选一个文件。"), "failed")
        return redirect(url_for("chat_imports.index"))
    kept = uploads.keep(chat_jobs.KIND, b"", owner_id=viewer().id, team_id=team_id)
    uploads.check_room(request.content_length or 0)
    file.save(kept.table)
    return redirect(look_at(kept, file.filename, {}))


def look_at(kept: Upload, name: str, settings: Mapping[str, Any]) -> str:
    """Let a job look at a file; gives where its progress is shown."""
    data = {
        "token": kept.token,
        "file": uploads.shown_name(name) or _("聊天记录"),
        "settings": dict(settings),
        "url": url_for("chat_imports.report", token=kept.token),
        "back": url_for("chat_imports.index"),
    }
    with transaction():
        job_id = jobs.enqueue(
            chat_jobs.LOOK, data, by=kept.owner_id, team_id=kept.team_id, now=utc_now()
        )
    return url_for("jobs.page", job_id=job_id)


@bp.post("/files")
@requires(*READERS)
def begin() -> ResponseReturnValue:
    """Begin a file that comes in pieces: ``team`` and ``size``.

    Raises:
        InvalidError: If it is empty or too large, or there is no room for it.
    """
    sent = request.get_json(silent=True)
    sent = sent if isinstance(sent, dict) else {}
    team_id, size = _team_id(sent.get("team", teams()[0].id)), sent.get("size")
    begun = chunks.begin(
        chat_jobs.KIND,
        size if isinstance(size, int) else 0,
        owner_id=viewer().id,
        team_id=team_id,
    )
    return {"token": begun.token, "received": 0}, 201


@bp.get("/files/<token>")
@requires(*READERS)
def received(token: str) -> ResponseReturnValue:
    """How much of a file is there, for going on with it."""
    return {"received": chunks.received(upload_of(token))}


@bp.post("/files/<token>")
@requires(*READERS)
def piece(token: str) -> ResponseReturnValue:
    """Add a piece: the body, from ``offset`` on.

    Raises:
        NotFoundError: If it begins before the file.
    """
    request.max_content_length = chunks.PIECE_BYTES
    offset = request.args.get("offset", 0, type=int)
    if offset < 0:
        raise NotFoundError
    return {"received": chunks.add(upload_of(token), offset, request.get_data())}


@bp.post("/files/<token>/whole")
@requires(*READERS)
def whole(token: str) -> ResponseReturnValue:
    """All pieces are there: look at the file, once however often that is said.

    Raises:
        InvalidError: If they are not.
    """
    sent = request.get_json(silent=True)
    sent = sent if isinstance(sent, dict) else {}
    kept = upload_of(token)
    if chunks.finish(kept, sent.get("size")):
        return {"url": look_at(kept, str(sent.get("name", "")), {})}
    return {"url": _looked_at(kept)}


def _looked_at(kept: Upload) -> str:
    """Where a file is that came up before."""
    if kept.is_waiting:
        return url_for("chat_imports.report", token=kept.token)
    looks = jobs.open_ones(chat_jobs.LOOK, by=kept.owner_id)
    found = next((each for each in looks if each.data["token"] == kept.token), None)
    return url_for("jobs.page", job_id=found.id) if found else url_for("chat_imports.index")


@bp.post("/files/<token>/cancel")
@requires(*READERS)
def give_up(token: str) -> ResponseReturnValue:
    """Throw away what has come of a file that is not whole."""
    chunks.give_up(upload_of(token))
    return "", 204


def upload_of(token: str) -> Upload:
    """The viewer's own upload.

    Raises:
        NotFoundError: If it is for a team whose chats the viewer does not look after.
    """
    found = uploads.find(chat_jobs.KIND, token, owner_id=viewer().id)
    staff_of_or_404(found.team_id, *READERS)
    return found
