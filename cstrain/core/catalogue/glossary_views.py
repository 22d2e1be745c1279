"""The page of terms."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import glossary
from cstrain.core.catalogue.views import viewers_catalogue
from cstrain.core.people.access import requires

bp = Blueprint("glossary", __name__, template_folder="templates")


@bp.get("/glossary")
@requires()
def index() -> ResponseReturnValue:
    """Every term by theme; the box at the top narrows them where the page stands."""
    return render_template("glossary/index.html", files=glossary.files_of(viewers_catalogue()))
