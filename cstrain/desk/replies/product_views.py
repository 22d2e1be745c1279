"""The page of products, with two of them side by side."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import lookup
from cstrain.core.people.access import requires
from cstrain.desk.replies import products, shops

bp = Blueprint("products", __name__, template_folder="templates")
COMPARED_COUNT = 2


@bp.get("/products")
@requires()
def index() -> ResponseReturnValue:
    """All products of the viewer's shop by class, of ``?team=``, narrowed by lookup.

    ``?pick=`` twice sets two side by side by their numbers.
    """
    shop = shops.chosen()
    files = products.files_of(shop.catalogue)
    known = {product.number: product for file in files for product in file.entries}
    asked = list(dict.fromkeys(request.args.getlist("pick")))
    picked = [known[number] for number in asked if number in known]
    rows = [
        (key, [next((each for each in one.lines if each.key == key), None) for one in picked])
        for key in products.FIELDS
        if any(key in one.parts for one in picked)
    ]
    return render_template(
        "replies/products.html",
        files=files,
        narrowed=lookup.read({file.slug: [file] for file in files}, request.args),
        shop=shop,
        picked=picked,
        rows=rows if len(picked) == COMPARED_COUNT else [],
        is_asked="pick" in request.args or "compare" in request.args,
    )
