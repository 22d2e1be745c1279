"""Rubrics by digest: old reviews keep the version they were marked with."""

from __future__ import annotations

from sqlalchemy import select

from cstrain.core.catalogue.models import ContentBlob
from cstrain.core.catalogue.sources import File, open_source
from cstrain.core.review.rubric import Rubric
from cstrain.core.review.rubric_file import load
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _

_known: dict[str, Rubric] = {}


def rubric_of(digest: str) -> Rubric:
    """The rubric of a digest; kept in memory after the first look.

    Raises:
        NotFoundError: If the blob is missing, which a restored database could cause.
    """
    if digest not in _known:
        body = db.session.scalar(select(ContentBlob.body).where(ContentBlob.digest == digest))
        if body is None:
            raise NotFoundError(_("找不到当时的评分表。"))
        _known[digest] = load(open_source("rubrics/kept.yaml", File(digest, body), {}))
    return _known[digest]
