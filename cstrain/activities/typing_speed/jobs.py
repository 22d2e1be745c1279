"""What comes back by itself: old logs are forgotten."""

from __future__ import annotations

from datetime import datetime

from cstrain.activities.typing_speed import service
from cstrain.kit import duties
from cstrain.kit.db import transaction


@duties.daily(4, name="typing_speed.forget_logs")
def forget_logs(now: datetime) -> None:
    """Delete logs of keys whose time is over: practice after 90 days, tests after 24 months."""
    with transaction():
        service.forget_logs(now=now)
