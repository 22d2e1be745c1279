"""Wiring: FAQ, replies, products and forbidden words as materials of content."""

from __future__ import annotations

from cstrain.core.catalogue.kinds import Registry
from cstrain.desk.replies import faq, left_out, products, replies, words
from cstrain.kit.i18n import lazy

_TABLES = {
    faq.MATERIAL: lazy("常见问答表格"),
    replies.MATERIAL: lazy("话术表格"),
    products.MATERIAL: lazy("商品表格"),
    words.MATERIAL: lazy("违禁词表格"),
}


def register(registry: Registry) -> None:
    """Let content hold a shop's own files. Called while the application is wired."""
    for kind in (faq, replies, products, words):
        registry.add_material(kind.MATERIAL, kind.load)
        registry.checks.append(kind.check)
    registry.tables.update(_TABLES)
    registry.add_material(left_out.MATERIAL, left_out.load)
