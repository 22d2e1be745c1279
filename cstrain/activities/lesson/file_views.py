"""A shop's own files in a lesson: the page that keeps them, and the files themselves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from cstrain import plugin
from cstrain.activities.lesson import files, forms
from cstrain.activities.lesson.files import File, Place
from cstrain.activities.lesson.spec import LessonSpec
from cstrain.kit import file_types, uploads
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.file_types import Group
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext, pick
from cstrain.plugin import Role, Viewer

bp = Blueprint("files", __name__)
#: Who adds, orders and removes, as with questions.
MAY = (Role.TRAINER, Role.ADMINISTRATOR)
#: A player that asks for all of a film gets so much and asks for more: a slow line would hold one
#: of the server's few threads until it has everything.
PART_BYTES = 2 * 1024 * 1024
_PIECE_BYTES = 256 * 1024
_FORM_BYTES = 1024 * 1024
_TOLD = 5
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; object-src 'self'; "
    "style-src 'unsafe-inline'"
)


@bp.url_value_preprocessor
def _let_large_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Only who may add files there may send so much, and only there."""
    if endpoint != "lesson.files.add" or not values:
        return
    me = current_user._get_current_object()  # noqa: SLF001 - nobody may be signed in
    if isinstance(me, Viewer) and values["team_id"] in me.team_ids(*MAY):
        uploads.let_in(file_types.LARGEST_BYTES + _FORM_BYTES)


# ---- In the lesson ------------------------------------------------------------------------------


def section(lesson: str) -> str:
    """What the viewer's shops show at the end of a lesson; empty where there is nothing to do."""
    me = plugin.viewer()
    may = me.team_ids(*MAY)
    found = files.shown(lesson, me.team_ids())
    shops = [
        (team, found.get(team.id, ()), team.id in may)
        for team in me.teams.values()
        if team.id in found or team.id in may
    ]
    if not shops:
        return ""
    return render_template(
        "lesson/shop_files.html", lesson=lesson, shops=shops, has_several=len(me.teams) > 1
    )


@bp.get("/lesson/file/<token>")
@plugin.requires()
def open_file(token: str) -> ResponseReturnValue:
    """A file, for everybody of the team; of a film a part at a time.

    Raises:
        NotFoundError: If it is another team's, or gone.
    """
    found = files.find(token)
    if found.team_id not in plugin.viewer().roles or not found.path.is_file():
        raise NotFoundError
    answer = _film(found) if found.type.group is Group.VIDEO else Response(found.path.read_bytes())
    answer.mimetype = found.type.mime
    how = "inline" if found.type.opens else "attachment"
    # Old browsers read the plain name, all others the one that may be Chinese.
    names = f"filename=\"file.{found.kind}\"; filename*=UTF-8''{quote(found.name, safe='')}"
    answer.headers["Content-Disposition"] = f"{how}; {names}"
    answer.headers["Cache-Control"] = "private, max-age=86400"
    answer.headers["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY
    if answer.status_code == 200:  # noqa: PLR2004 - a part says of itself what it is
        answer.set_etag(found.token)
        answer.make_conditional(request)
    return answer


def _film(found: File) -> Response:
    """A film, or the beginning of the part of it that is asked for."""
    size = found.path.stat().st_size
    asked = request.range
    part = asked.range_for_length(size) if asked is not None else None
    if part is None:
        is_beyond = asked is not None and len(asked.ranges) == 1
        answer = Response(status=416) if is_beyond else Response(_pieces(found.path))
        if is_beyond:
            answer.headers["Content-Range"] = f"bytes */{size}"
        else:
            answer.content_length = size
    else:
        start, stop = part[0], min(part[1], part[0] + PART_BYTES)
        with found.path.open("rb") as film:
            film.seek(start)
            answer = Response(film.read(stop - start), status=206)
        answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    answer.headers["Accept-Ranges"] = "bytes"
    return answer


def _pieces(path: Path) -> Iterator[bytes]:
    """All of a film, piece by piece: players never ask for it so."""
    with path.open("rb") as film:
        while piece := film.read(_PIECE_BYTES):
            yield piece


# ---- The page that keeps them -------------------------------------------------------------------


@bp.get("/lesson/<slug>/files/<int:team_id>")
@plugin.requires(*MAY)
def page(slug: str, team_id: int) -> ResponseReturnValue:
    """What a shop shows in a lesson, to be added to, ordered and removed."""
    return _page(_place(slug, team_id), forms.AddForm(formdata=None))


@bp.post("/lesson/<slug>/files/<int:team_id>")
@plugin.requires(*MAY)
def add(slug: str, team_id: int) -> ResponseReturnValue:
    """Take the files that can be taken, and say of the others why not."""
    place, form = _place(slug, team_id), forms.AddForm()
    if not form.validate_on_submit():
        return _page(place, form), 422
    sent = [each for each in form.files.data if each.filename]
    added, wrong = _add(place, sent, form)
    if wrong and not added:
        form.files.errors = wrong
        return _page(place, form), 422
    if wrong:
        flash(" ".join(wrong), "failed")
    if added:
        flash(ngettext("加了 %(count)s 个文件。", len(added)), "passed")
    else:
        flash(_("这些文件刚才已经加上了。"), "passed")
    return _back(place, added[-1] if added else "")


def _add(
    place: Place, sent: Sequence[FileStorage], form: forms.AddForm
) -> tuple[list[str], list[str]]:
    """Tokens of what was added, and what is wrong with the rest, a few lines at most."""
    added, wrong = [], []
    for each in sent:
        own = files.title_of(form.title.data or "") if len(sent) == 1 else ""
        title = own or files.title_of_file(each.filename or "")
        try:
            arrived = files.arrive(place, cast("BinaryIO", each.stream), title)
            with transaction():
                once, me = form.once.data or "", plugin.viewer()
                token = files.add(place, arrived, once, by=me.id, now=utc_now())
        except (InvalidError, ConflictError) as error:
            wrong.append(_("“%(name)s”没有加上：%(why)s", name=title[:40], why=error))
        else:
            added += [token] if token else []
    if len(wrong) > _TOLD:
        more = ngettext("还有 %(count)s 个没有加上。", len(wrong) - _TOLD)
        wrong = [*wrong[:_TOLD], more]
    return added, wrong


@bp.post("/lesson/<slug>/files/<int:team_id>/<token>/title")
@plugin.requires(*MAY)
def rename(slug: str, team_id: int, token: str) -> ResponseReturnValue:
    """Give a file another title."""
    place, form = _place(slug, team_id), forms.TitleForm()
    if not form.validate_on_submit():
        flash(" ".join(form.problems()), "failed")
        return _back(place, token)
    with transaction():
        files.rename(place, token, files.title_of(form.title.data or ""))
    flash(_("标题改好了。"), "passed")
    return _back(place, token)


@bp.post("/lesson/<slug>/files/<int:team_id>/<token>/move")
@plugin.requires(*MAY)
def move(slug: str, team_id: int, token: str) -> ResponseReturnValue:
    """Move a file one place up or down."""
    place = _place(slug, team_id)
    with transaction():
        files.move(place, token, -1 if request.form.get("way") == "up" else 1)
    return _back(place, token)


@bp.post("/lesson/<slug>/files/<int:team_id>/<token>/remove")
@plugin.requires(*MAY)
def remove(slug: str, team_id: int, token: str) -> ResponseReturnValue:
    """Show a file no more."""
    place = _place(slug, team_id)
    with transaction():
        files.remove(place, token, now=utc_now())
    files.forget(place, token)
    flash(_("移除了，学员看不到了。"), "passed")
    return _back(place, "")


def _place(slug: str, team_id: int) -> Place:
    """A lesson of a team whose files the viewer keeps.

    Raises:
        NotFoundError: If it is no lesson, or the viewer is no trainer there.
    """
    plugin.staff_of_or_404(team_id, *MAY)
    if not isinstance(_spec(slug), LessonSpec):
        raise NotFoundError
    return Place(team_id, slug)


def _spec(slug: str) -> Any:
    return plugin.taught_catalogue(slug).activity(slug).spec


def _page(place: Place, form: forms.AddForm) -> str:
    me = plugin.viewer()
    return render_template(
        "lesson/files.html",
        shelf=place,
        title=pick(_spec(place.lesson).title),
        team=me.teams[place.team_id],
        has_several=len(me.teams) > 1,
        form=form,
        once=form.once.data or secrets.token_hex(8),
        shown=files.shown(place.lesson, [place.team_id]).get(place.team_id, ()),
    )


def _back(place: Place, token: str) -> ResponseReturnValue:
    url = url_for("lesson.files.page", slug=place.lesson, team_id=place.team_id)
    return redirect(f"{url}#file-{token}" if token else url)
