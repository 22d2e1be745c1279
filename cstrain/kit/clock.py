"""Time: one source of now, and days as a team lives them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """The aware current time. Only entry points call this; everything else takes ``now``."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that asks the system clock


def local_day(at: datetime, timezone: str) -> date:
    """The calendar day of ``at`` for people who live in ``timezone``."""
    return at.astimezone(ZoneInfo(timezone)).date()


def day_start(day: date, timezone: str) -> datetime:
    """The first instant, in UTC, of ``day`` in ``timezone``."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def week_start(day: date) -> date:
    """The Monday of the week that ``day`` is in."""
    return day - timedelta(days=day.weekday())
