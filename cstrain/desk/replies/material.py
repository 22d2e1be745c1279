"""Wiring: FAQ, replies, products and forbidden words as materials of content."""

from __future__ import annotations

from cstrain.core.catalogue.kinds import Registry
from cstrain.desk.replies import faq, left_out, products, replies, words


def register(registry: Registry) -> None:
    """Let content hold a shop's own files. Called while the application is wired."""
    for kind in (faq, replies, products, words):
        registry.add_material(kind.MATERIAL, kind.load)
        registry.checks.append(kind.check)
    registry.add_material(left_out.MATERIAL, left_out.load)
