"""Reading a lesson, for the demo."""

from __future__ import annotations

import random
from datetime import datetime

from cstrain.activities.lesson import service
from cstrain.core.catalogue.kinds import AttemptView
from cstrain.core.pathway import attempts
from cstrain.demo.answers import respond


def take(attempt: AttemptView, *, skill: float, rng: random.Random, now: datetime) -> None:
    """Open every part and answer every question of a lesson, wrong ones again until right."""
    spec = attempts.spec_of(attempt)
    refs = [part.ref for part in spec.parts]
    progress = service.open_parts(attempt, spec, refs, 1, now=now)
    prompts = [item_id for item_id, item in spec.items.items() if item.is_prompt]
    for item_id in (*prompts, *progress.questions_left):
        item, _digest = service.asked_item(attempt.id, spec, item_id)
        shown = service.frozen(item, attempt.person_id)
        is_right = rng.random() < skill
        for right in (True,) if is_right else (False, True):
            raw = respond(shown, right=right, rng=rng)
            service.answer(attempt, spec, item_id, raw, now=now)
