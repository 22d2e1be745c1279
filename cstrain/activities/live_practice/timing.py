"""The clock of a session: real time without its pauses, in ms. Pure."""

from __future__ import annotations

import math
from datetime import datetime, timedelta


def session_ms(
    at: datetime, *, started_at: datetime, paused_at: datetime | None, paused_ms: int
) -> int:
    """What a session's clock shows at a time, at least 0.

    Args:
        at: The time.
        started_at: When the session began.
        paused_at: Since when its clock stands still; None while it runs.
        paused_ms: All earlier pauses together.
    """
    if paused_at is not None:
        at = min(at, paused_at)
    return max(milliseconds(at - started_at) - paused_ms, 0)


def milliseconds(gap: timedelta) -> int:
    """A stretch of time in whole ms."""
    return gap // timedelta(milliseconds=1)


def whole_seconds(wait_s: float) -> int:
    """A wait as people read it, everywhere the same: rounded up, so that no limit looks kept."""
    return math.ceil(wait_s - 1e-9)
