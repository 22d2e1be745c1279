"""Times as exports write them. Pure.

A time that ends in Z or an offset is what it says; every other one is Shanghai's. Shanghai has had
one offset since 1991, long before the first chat, so it is a fixed one here, which is quicker.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final

from cstrain.desk.chats.message import Precision

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
#: Day 0 of a spreadsheet's serial numbers, its false leap day of 1900 taken in.
_EXCEL_ZERO = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_EXCEL_DAYS = range(20_000, 80_000)

_WRITTEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T\u3000]*(?:星期.|周.)?\s*(上午|下午|凌晨|早上|中午|晚上)?\s*(\d{1,2})[:：时](\d{2})分?"
    r"(?:[:：]?(\d{2})秒?(?:[.,](\d{1,9}))?)?\s*([AaPp][Mm])?\s*(Z|z|[+-]\d{2}:?\d{2})?)?"
)
#: As American programs write it: the month first, which only their AM or PM tells.
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}),?\s+(\d{1,2}:\d{2}(?::\d{2})?)\s*([AaPp][Mm])")
_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?")
_NUMBER = re.compile(r"\d{5,20}(?:\.\d{1,15})?")

Moment = tuple[datetime, Precision]


def moment(text: str) -> Moment | None:
    """The time that a text gives, and how exactly.

    Reads ISO 8601, dates with slashes, dots or 年月日, 上午 and 下午, ``20240501``, ``5/1/2024 3:04
    PM``, seconds or milliseconds since 1970, and a spreadsheet's serial numbers. Noise below a
    millisecond, as ``11:35:07.999996``, is rounded away.

    Returns:
        None where the text is no time, or no time that exists.
    """
    if len(text) == 19 and text[4] == "-":  # noqa: PLR2004 - 2024-05-01 10:23:11, nearly always
        try:
            return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI), Precision.SECOND
        except ValueError:
            pass  # as long, but written otherwise
    text = text.strip()
    try:
        if _NUMBER.fullmatch(text):
            return _of_number(text)
        if text[-1:] in "Mm" and (american := _AMERICAN.fullmatch(text)):
            month, day, year, clock, half = american.groups()
            text = f"{year}-{month}-{day} {clock} {half}"
        written = _WRITTEN.fullmatch(text)
        return _of_written(written) if written else None
    except (ValueError, OverflowError):
        return None


def _of_number(text: str) -> Moment | None:
    whole, _dot, fraction = text.partition(".")
    match len(whole):
        case 5 if int(whole) in _EXCEL_DAYS:
            at = _EXCEL_ZERO + timedelta(milliseconds=round(float(text) * 86_400_000))
            return (at, _fine(at)) if fraction.strip("0") else (at, Precision.DATE)
        case 8:
            return datetime.strptime(whole, "%Y%m%d").replace(tzinfo=SHANGHAI), Precision.DATE
        case 10:
            return since_1970(float(text))
        case 13:
            at = datetime.fromtimestamp(int(whole[:10]), SHANGHAI)
            return at + timedelta(milliseconds=int(whole[10:])), Precision.MILLISECOND
        case 14:
            at = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
            return at, Precision.SECOND
    return None


def since_1970(seconds: float) -> Moment:
    """Seconds since 1970 as a time.

    Raises:
        ValueError: If there is no such time.
        OverflowError: If there is no such time.
    """
    at = _rounded(datetime.fromtimestamp(seconds, SHANGHAI))
    return at, _fine(at)


def _of_written(written: re.Match[str]) -> Moment:
    year, month, day = int(written[1]), int(written[2]), int(written[3])
    if written[5] is None:
        return datetime(year, month, day, tzinfo=SHANGHAI), Precision.DATE
    hour = int(written[5])
    half = written[4] or (written[9] or "").upper()
    if half in {"下午", "晚上", "PM"} and hour < 12:  # noqa: PLR2004 - noon
        hour += 12
    elif half in {"上午", "凌晨", "AM"} and hour == 12:  # noqa: PLR2004 - noon
        hour = 0
    micro = int((written[8] or "0").ljust(6, "0")[:6])
    at = datetime(
        year, month, day, hour, int(written[6]), int(written[7] or 0), micro, _zone(written[10])
    )
    at = _rounded(at).astimezone(SHANGHAI)
    return at, Precision.MINUTE if written[7] is None else _fine(at)


def _zone(text: str | None) -> timezone:
    if not text:
        return SHANGHAI
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _rounded(at: datetime) -> datetime:
    if not at.microsecond:
        return at
    return at.replace(microsecond=0) + timedelta(milliseconds=round(at.microsecond / 1000))


def _fine(at: datetime) -> Precision:
    return Precision.MILLISECOND if at.microsecond else Precision.SECOND


def by_format(text: str, pattern: str) -> Moment | None:
    """The time that a text gives by a stated ``strptime`` pattern; None where it does not fit."""
    try:
        at = datetime.strptime(text.strip(), pattern)  # noqa: DTZ007 - the next line says the zone
    except ValueError:
        return None
    at = at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at.astimezone(SHANGHAI)
    if "%H" not in pattern and "%I" not in pattern and not {"%c", "%X", "%T"} & {pattern}:
        return at, Precision.DATE
    return at, _fine(at) if "%S" in pattern or "%f" in pattern else Precision.MINUTE


@lru_cache(maxsize=90_000)
def clock(text: str) -> tuple[time, Precision] | None:
    """A time of day without its day, as ``14:20:41``."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    try:
        of_day = time(int(found[1]), int(found[2]), int(found[3] or 0))
    except ValueError:
        return None
    return of_day, Precision.MINUTE if found[3] is None else Precision.SECOND


def on(day: date, of_day: time) -> datetime:
    """A time of day on a day, in Shanghai."""
    return datetime.combine(day, of_day, SHANGHAI)
