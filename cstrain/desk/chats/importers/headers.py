"""Lines with name and time above what was said, and the days they lie on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Final, NamedTuple

from cstrain.desk.chats.importers import times
from cstrain.desk.chats.message import Precision

_MAX_HEADER = 120
DAY = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
CLOCK = r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?"
_HEADER = re.compile(
    rf"(?P<name>\S.{{0,59}}?)(?:[ \t\u3000]+|(?=[(（\[【])|(?<![\d:：]))(?P<open>[(（\[【]?)"
    rf"(?:(?P<day>{DAY})[ \tT\u3000]+)?(?P<clock>{CLOCK})(?P<close>[)）\]】]?)"
    r"(?P<colon>[:：]?)[ \t\u3000]*"
)
_TIME_FIRST = re.compile(
    rf"(?P<open>[(（\[【]?)(?:(?P<day>{DAY})[ \tT\u3000]+)?(?P<clock>{CLOCK})"
    r"(?P<close>[)）\]】]?)[ \t\u3000]+(?P<name>\S.{0,59}?)(?P<colon>[:：]?)[ \t\u3000]*"
)
#: What a header may end with, and with what one may begin that has its time first.
_ENDS = frozenset("0123456789)）]】:：")
_BEGINS = frozenset("0123456789(（[【")
DAY_LINE = re.compile(rf"[-—=─*\s]*(?:日期)?[:：\s]*({DAY})\s*(?:星期.|周.)?[-—=─*\s]*")
RULE = re.compile(r"[-—=─_*|\s]+")
NOTICE = re.compile(r"[-—=─\s]*以[上下][是为](?:历史|最新|新)消息[-—=─\s]*")
#: Words before a time of day that name no person.
NO_NAME = re.compile(
    r".*[，。！？、；,!?;]|.*(?:预计|大概|大约|最晚|最迟|截止|时间|之前|以前|左右|送达|到货|发货"
    r"|今天|今日|今晚|明天|明日|明早|昨天|后天|上午|下午|早上|晚上|中午|凌晨|开始|结束|直播|活动"
    r"|营业|[到至于在约从前后])"
)
_TIME_LINE = re.compile(
    rf"[(（\[【]?(?:(?:{DAY})[ \tT]+{CLOCK}|\d{{1,2}}:\d{{2}}:\d{{2}})[)）\]】]?"
)
#: A name, a colon and what was said, not the account of a shop.
_IS_SPEECH = re.compile(r"(?!cn[a-z]|[^:：]{1,40}店[:：]\S+$)[^:：]*[:：].+")
_DAY_ONLY = re.compile(DAY)
_MAX_NAME: Final = 60
#: So many lines are looked at to tell how headers stand.
_LOOKED_AT: Final = 400


class Style(NamedTuple):
    """How a tool writes a header."""

    is_time_first: bool
    has_day: bool
    has_seconds: bool
    brackets: str
    colon: str


class Header(NamedTuple):
    """Who said what follows, and when, as written."""

    name: str
    day: str
    clock: str
    style: Style


def header(line: str) -> Header | None:
    """The line as a header, if it could be one."""
    if not line or len(line) > _MAX_HEADER or (line[-1] not in _ENDS and line[0] not in _BEGINS):
        return None
    found = _HEADER.fullmatch(line)
    is_time_first = False
    if not found:
        found = _TIME_FIRST.fullmatch(line)
        is_time_first = True
    if not found:
        return None
    name = found["name"]
    if _DAY_ONLY.fullmatch(name) or (is_time_first and _IS_SPEECH.fullmatch(name)):
        return None
    clock = found["clock"]
    style = Style(
        is_time_first,
        found["day"] is not None,
        clock.count(":") + clock.count("：") > 1,
        found["open"] + found["close"],
        found["colon"],
    )
    return Header(found["name"], found["day"] or "", clock, style)


def unstacked(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines with headers on one line, where a tool writes name and time on two.

    A text that has a header on one line is left as it is.
    """
    first = list(islice(lines, _LOOKED_AT))
    stripped = [line.strip() for _number, line in first]
    likely = filter(None, map(header, stripped))
    is_plain = any(not NO_NAME.fullmatch(found.name) for found in likely)
    if is_plain or not any(map(_TIME_LINE.fullmatch, stripped)):
        yield from chain(first, lines)
        return
    is_time_first = _TIME_LINE.fullmatch(next(filter(None, stripped))) is not None
    earlier: tuple[int, str] | None = None
    for number, line in chain(first, lines):
        if earlier is None:
            earlier = number, line
            continue
        one, other = earlier[1].strip(), line.strip()
        when, name = (one, other) if is_time_first else (other, one)
        if _TIME_LINE.fullmatch(when) and name and len(name) <= _MAX_NAME:
            yield earlier[0], f"{name} {when}"
            earlier = None
        else:
            yield earlier
            earlier = number, line
    if earlier:
        yield earlier


class Calendar:
    """Which day it is while a text is read."""

    def __init__(self, day: date | None, *, is_lined: bool) -> None:
        self._day = day
        self._told = ""
        self._is_lined = is_lined
        self._last: datetime | None = None

    def is_turned_by(self, line: str) -> bool:
        """Whether a line only says the day, in a text whose headers do not."""
        found = DAY_LINE.fullmatch(line) if self._is_lined else None
        written = times.moment(found[1]) if found else None
        if not written:
            return False
        self._day = written[0].date()
        self._last = None
        return True

    def _say_day(self, text: str) -> None:
        if text != self._told:
            written = times.moment(text)
            self._day = written[0].date() if written else self._day
            self._told = text
        self._last = None

    def at(self, day: str, clock: str) -> tuple[datetime | None, Precision]:
        """When something was said: a day, or none where it goes on, and a time of day."""
        of_day = times.clock(clock)
        if day:
            self._say_day(day)
        if of_day is None or self._day is None:
            return None, Precision.NONE
        at = times.on(self._day, of_day[0])
        # Copies hold a few lines out of order; half a day back is midnight.
        if self._last is not None and self._last - at > timedelta(hours=12):
            at += timedelta(days=1)
            self._day = at.date()
        self._last = at
        return at, of_day[1]
