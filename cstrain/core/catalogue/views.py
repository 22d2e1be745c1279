"""Addresses that content links to: sections, activities, and files by digest."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath

from flask import Blueprint, redirect
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

bp = Blueprint("catalogue", __name__)

#: Shown in the page; every other file is offered for saving.
_SHOWN = ("image/", "video/", "audio/")


def viewers_catalogue() -> Catalogue:
    """The content of the viewer's first team."""
    team = next(iter(viewer().teams.values()), None)
    return active.for_team(team.slug if team else None)


@bp.get("/go/section/<ref>")
@requires()
def section(ref: str) -> ResponseReturnValue:
    """Go to the lesson that teaches a section, at the section."""
    catalogue = viewers_catalogue()
    slug = catalogue.lesson_of(ref)
    if slug is None:
        raise NotFoundError
    anchor = "" if slug == ref else f"#{ref}"
    return redirect(catalogue.activity(slug).kind.start_url(slug) + anchor)


@bp.get("/go/activity/<slug>")
@requires()
def activity(slug: str) -> ResponseReturnValue:
    """Go to where an activity is begun."""
    return redirect(viewers_catalogue().activity(slug).kind.start_url(slug))


@bp.get("/media/<digest>/<name>")
@requires()
def media(digest: str, name: str) -> ResponseReturnValue:
    """A published file of the viewer's content. Other blobs are not served: they hold keys."""
    catalogue = viewers_catalogue()
    known = any(
        digest == other
        for path, other in catalogue.paths.items()
        if PurePosixPath(path).suffix in MEDIA_SUFFIXES
    )
    body = db.session.scalar(select(ContentBlob.body).where(ContentBlob.digest == digest))
    if not known or body is None:
        raise NotFoundError
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    answer = Response(body, mimetype=mime)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    if not mime.startswith(_SHOWN):
        answer.headers["Content-Disposition"] = "attachment"
    return answer
