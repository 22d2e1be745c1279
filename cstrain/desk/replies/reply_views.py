"""The page of replies."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import lookup
from cstrain.core.people.access import requires
from cstrain.desk.replies import shops
from cstrain.desk.replies.replies import Use, files_of

bp = Blueprint(
    "replies",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/reply-files",
)


@bp.get("/replies")
@requires()
def index() -> ResponseReturnValue:
    """All replies of the viewer's shop by use and class, of ``?team=``, narrowed by lookup."""
    shop = shops.chosen()
    files = files_of(shop.catalogue)
    by_use = {use.value: [file for file in files if file.use is use] for use in Use}
    uses = {use: found for use, found in by_use.items() if found}
    narrowed = lookup.read(uses, request.args)
    return render_template("replies/replies.html", uses=uses.items(), shop=shop, narrowed=narrowed)
