"""Who is stuck, since when, and whose turn it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: So long may a retraining plan take before it counts as stuck.
REPEAT_PATIENCE = timedelta(days=2)
#: So long may a stage be without any activity.
IDLE_PATIENCE = timedelta(days=3)


class Turn(StrEnum):
    """Who must do something."""

    TRAINER = "trainer"
    TRAINEE = "trainee"


@dataclass(frozen=True, slots=True)
class Stuck:
    """Why somebody does not get on.

    Attributes:
        code: ``help``, ``wait``, ``slow_repeat`` or ``idle``.
        since_at: Since when nothing has moved.
        turn: Whose turn it is.
    """

    code: str
    since_at: datetime
    turn: Turn


def stuck(
    state: str, *, since_at: datetime, last_activity_at: datetime, now: datetime
) -> Stuck | None:
    """Whether somebody is stuck in a stage.

    Args:
        state: The stage's state: open, repeat, wait, help or passed.
        since_at: Since when it has been in this state.
        last_activity_at: When the trainee last did anything.
        now: The time of the question.

    Returns:
        At once while a trainer must decide or confirm; after two days of retraining; after three
        days in which nothing was done, counted at the earliest from the stage's beginning. None
        otherwise.
    """
    if state in {"help", "wait"}:
        return Stuck(state, since_at, Turn.TRAINER)
    if state == "repeat" and now - since_at > REPEAT_PATIENCE:
        return Stuck("slow_repeat", since_at, Turn.TRAINEE)
    moved_at = max(last_activity_at, since_at)  # somebody let into a stage may begin it first
    if state == "open" and now - moved_at > IDLE_PATIENCE:
        return Stuck("idle", moved_at, Turn.TRAINEE)
    return None
