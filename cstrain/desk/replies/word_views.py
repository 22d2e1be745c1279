"""The page of forbidden words, with a box to try a line."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import lookup
from cstrain.core.people.access import requires
from cstrain.desk.replies import shops, words

bp = Blueprint("words", __name__, template_folder="templates")
LINE_MAX_LENGTH = 500


@bp.route("/words", methods=["GET", "POST"])
@requires()
def index() -> ResponseReturnValue:
    """All words of the viewer's shop by class; a posted line is tried and kept nowhere."""
    shop = shops.chosen()
    line = request.form.get("line", "").strip()[:LINE_MAX_LENGTH]
    found = words.hits(line, words.words_of(shop.catalogue))
    shown = {
        "line": line,
        "pieces": words.pieces(line, found),
        "hit_words": list({hit.word.anchor: hit.word for hit in found}.values()),
    }
    if request.headers.get("HX-Request"):
        return render_template("replies/tried.html", **shown)
    files = words.files_of(shop.catalogue)
    return render_template(
        "replies/words.html",
        **shown,
        files=files,
        narrowed=lookup.read({file.slug: [file] for file in files}, request.args),
        shop=shop,
        most=LINE_MAX_LENGTH,
    )
