"""Wiring: the FAQ as a material of content."""

from __future__ import annotations

from cstrain.core.catalogue.kinds import Registry
from cstrain.desk.replies import faq


def register(registry: Registry) -> None:
    """Let content hold FAQ files. Called while the application is wired."""
    registry.add_material(faq.MATERIAL, faq.load)
    registry.checks.append(faq.check)
