"""Addresses that content links to: sections, activities, and files by digest."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import PurePosixPath

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import select

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.models import ContentBlob
from cstrain.core.catalogue.sources import MEDIA_SUFFIXES
from cstrain.core.people.access import requires, viewer
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _

bp = Blueprint("catalogue", __name__)

#: Shown in the page; every other file is offered for saving.
_SHOWN = ("image/", "video/", "audio/")


def viewers_catalogue() -> Catalogue:
    """The content of the viewer's first team."""
    return next(_catalogues())


def _catalogues() -> Iterator[Catalogue]:
    """The content of each of the viewer's teams; the shared course without any."""
    teams = viewer().teams.values()
    yield from (active.for_team(team.slug) for team in teams)
    if not teams:
        yield active.for_team(None)


@bp.get("/go/section/<ref>")
@requires()
def section(ref: str) -> ResponseReturnValue:
    """Go to the lesson that teaches a section, at the section, or to the page it is made of.

    Raises:
        NotFoundError: If nothing teaches it.
    """
    for catalogue in _catalogues():
        slug = catalogue.lesson_of(ref)
        if slug is not None:
            anchor = "" if slug == ref else f"#{ref}"
            return redirect(catalogue.activity(slug).kind.start_url(slug) + anchor)
        page = catalogue.page_of(ref)
        if page is not None:
            return redirect(request.script_root + page)
    raise NotFoundError(_("没有这一节，可能已经改版。"))


@bp.get("/go/activity/<slug>")
@requires()
def activity(slug: str) -> ResponseReturnValue:
    """Go to where an activity is begun.

    Raises:
        NotFoundError: If there is none.
    """
    found = (catalogue.activities.get(slug) for catalogue in _catalogues())
    there = next((each for each in found if each is not None), None)
    if there is None:
        raise NotFoundError(_("没有这项内容，可能已经改版。"))
    return redirect(there.kind.start_url(slug))


@bp.get("/media/<digest>/<name>")
@requires()
def media(digest: str, name: str) -> ResponseReturnValue:
    """A published file of the viewer's content. Other blobs are not served: they hold keys.

    Raises:
        NotFoundError: If it is no picture, film or attachment of the viewer's teams.
    """
    del name  # for people; what the file is, its published path says
    path = next(
        (
            path
            for catalogue in _catalogues()
            for path, other in catalogue.paths.items()
            if other == digest and PurePosixPath(path).suffix in MEDIA_SUFFIXES
        ),
        None,
    )
    body = db.session.scalar(select(ContentBlob.body).where(ContentBlob.digest == digest))
    if path is None or body is None:
        raise NotFoundError
    mime = mimetypes.guess_type(path)[0] or "application/octet-stream"
    answer = Response(body, mimetype=mime)
    answer.set_etag(digest)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    if not mime.startswith(_SHOWN):
        answer.headers["Content-Disposition"] = "attachment"
    # Players ask for parts of a film.
    return answer.make_conditional(request, accept_ranges=True, complete_length=len(body))
