"""The page of terms."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import glossary, lookup
from cstrain.core.catalogue.views import viewers_catalogue
from cstrain.core.people.access import requires

bp = Blueprint("glossary", __name__, template_folder="templates")


@bp.get("/glossary")
@requires()
def index() -> ResponseReturnValue:
    """Every term by theme, narrowed by lookup."""
    files = glossary.files_of(viewers_catalogue())
    narrowed = lookup.read({file.slug: [file] for file in files}, request.args)
    return render_template("glossary/index.html", files=files, narrowed=narrowed)
