"""The page of ready answers."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue.catalogue import fold
from cstrain.core.people.access import requires
from cstrain.desk.replies import shops
from cstrain.desk.replies.faq import FaqEntry, files_of

bp = Blueprint("faq", __name__, template_folder="templates")


@bp.get("/faq")
@requires()
def index() -> ResponseReturnValue:
    """All entries of the viewer's shop, narrowed by ``?class=``, ``?q=`` and ``?team=``."""
    shop = shops.chosen()
    files = files_of(shop.catalogue)
    query = request.args.get("q", "").strip()[:60]
    chosen = request.args.get("class", "")
    chosen = chosen if chosen in {file.slug for file in files} else ""
    shown = [
        (file, entries)
        for file in files
        if chosen in {"", file.slug}
        and (entries := [entry for entry in file.entries if _matches(entry, query)])
    ]
    return render_template(
        "replies/faq.html", files=files, shown=shown, chosen=chosen, query=query, shop=shop
    )


def _matches(entry: FaqEntry, query: str) -> bool:
    text = fold("\n".join((entry.question, entry.answer, *entry.aliases)))
    return all(word in text for word in fold(query).split())
