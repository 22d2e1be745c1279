"""Where other slices take part in what reviews show. They register while the app is wired.

hooks.on_done.register(offer)      # def offer(review: Review) -> Markup | str, on its page
"""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from cstrain.core.people.hooks import Hook
from cstrain.core.review.models import Review

on_done: Hook[Callable[[Review], Markup | str]] = Hook()
