"""The page of ready answers."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import lookup
from cstrain.core.people.access import requires
from cstrain.desk.replies import shops
from cstrain.desk.replies.faq import files_of

bp = Blueprint("faq", __name__, template_folder="templates")


@bp.get("/faq")
@requires()
def index() -> ResponseReturnValue:
    """All entries of the viewer's shop by class, of ``?team=``, narrowed by lookup."""
    shop = shops.chosen()
    files = files_of(shop.catalogue)
    narrowed = lookup.read({file.slug: [file] for file in files}, request.args)
    return render_template("replies/faq.html", files=files, narrowed=narrowed, shop=shop)
