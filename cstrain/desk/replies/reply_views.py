"""The page of replies."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

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
    """All replies of the viewer's shop by use and class, narrowed by ``?team=``.

    The box at the top narrows them where the page stands.
    """
    shop = shops.chosen()
    files = files_of(shop.catalogue)
    uses = [(use, [file for file in files if file.use is use]) for use in Use]
    return render_template(
        "replies/replies.html", uses=[each for each in uses if each[1]], shop=shop
    )
