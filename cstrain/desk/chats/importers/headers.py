"""Lines with name and time above what was said, and the days they lie on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Final, NamedTuple

from cstrain.desk.chats.importers import times
from cstrain.desk.chats.message import Precision

_MAX_HEADER = 120
DAY = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
CLOCK = r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?"
#: A day as a window shows those that are near, without its year or as a word.
_NEAR = r"(?<![-/.年\d])\d{1,2}[-/.月]\d{1,2}日?|前天|昨天|今天|(?:星期|周)[一二三四五六日天]"
_WHEN = (
    rf"(?:(?:(?P<day>{DAY})[ \tT\u3000]+|(?P<near>{_NEAR})[ \t\u3000]*)?"
    rf"(?:(?P<half>上午|下午|凌晨|早上|中午|晚上)[ \t\u3000]*)?(?P<clock>{CLOCK}))"
)
_HEADER = re.compile(
    rf"(?P<name>\S.{{0,59}}?)(?:[ \t\u3000]+|(?=[(（\[【])|(?<![\d:：]))(?P<open>[(（\[【]?)"
    rf"{_WHEN}(?P<close>[)）\]】]?)(?P<colon>[:：]?)[ \t\u3000]*"
)
_TIME_FIRST = re.compile(
    rf"(?P<open>[(（\[【]?){_WHEN}"
    r"(?P<close>[)）\]】]?)[ \t\u3000]+(?P<name>\S.{0,59}?)(?P<colon>[:：]?)[ \t\u3000]*"
)
_AFTER_NOON = frozenset({"下午", "晚上"})
_BEFORE_NOON = frozenset({"上午", "凌晨"})
_NOON: Final = 12
_WORDS_OF_DAYS: Final = {"前天": -2, "昨天": -1, "今天": 0}
_WEEK: Final = "一二三四五六日"
#: What a header may end with, and with what one may begin that has its time first.
_ENDS = frozenset("0123456789)）]】:：")
_BEGINS = frozenset("0123456789(（[【")
DAY_LINE = re.compile(rf"[-—=─*\s]*(?:日期)?[:：\s]*({DAY})\s*(?:星期.|周.)?[-—=─*\s]*")
RULE = re.compile(r"[-—=─_*|\s]+")
NOTICE = re.compile(r"[-—=─\s]*以[上下][是为](?:历史|最新|新)消息[-—=─\s]*")
#: A window writes it between what was said; who says it of himself begins with 我.
RECALLED = re.compile(
    r"(?!我)[^，。！？,.!?:：]{0,30}撤回了?(?:一条|1条)(?:消息|信息)[。.]?(?:[ \t]*重新编辑)?"
)
#: Words before a time of day that name no person.
NO_NAME = re.compile(
    r".*[，。！？、；,!?;]|.*(?:预计|大概|大约|最晚|最迟|截止|时间|之前|以前|左右|送达|到货|发货"
    r"|今天|今日|今晚|明天|明日|明早|昨天|后天|上午|下午|早上|晚上|中午|凌晨|开始|结束|直播|活动"
    r"|营业|[到至于在约从前后])"
)
_TIME_LINE = re.compile(
    rf"[(（\[【]?(?:(?:(?:{DAY})[ \tT]+|(?:{_NEAR}) *)(?:[上下]午 *)?{CLOCK}"
    r"|\d{1,2}:\d{2}:\d{2})[)）\]】]?"
)
#: A name, a colon and what was said, not the account of a shop.
_IS_SPEECH = re.compile(r"(?!cn[a-z]|[^:：]{1,40}店[:：]\S+$)[^:：]*[:：].+")
_DAY_ONLY = re.compile(rf"{DAY}|{_NEAR}")
_MAX_NAME: Final = 60
#: So many lines are looked at to tell how headers stand.
_LOOKED_AT: Final = 400


class Style(NamedTuple):
    """How a tool writes a header.

    Attributes:
        has_day: Whether it says the day with its year.
    """

    is_time_first: bool
    has_day: bool
    has_seconds: bool
    brackets: str
    colon: str


class Header(NamedTuple):
    """Who said what follows, and when, as written.

    Attributes:
        clock: Of 24 hours.
        near: A day without its year, or a word as 昨天; empty for none.
    """

    name: str
    day: str
    clock: str
    style: Style
    near: str = ""


def header(line: str) -> Header | None:
    """The line as a header, if it could be one."""
    if not line or len(line) > _MAX_HEADER or (line[-1] not in _ENDS and line[0] not in _BEGINS):
        return None
    if "\u00a0" in line:  # as pages are copied
        line = line.replace("\u00a0", " ")
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
    clock = _of_24_hours(found["clock"], found["half"]) if found["half"] else found["clock"]
    style = Style(
        is_time_first,
        found["day"] is not None,
        clock.count(":") + clock.count("：") > 1,
        found["open"] + found["close"],
        found["colon"],
    )
    return Header(found["name"], found["day"] or "", clock, style, found["near"] or "")


def _of_24_hours(clock: str, half: str) -> str:
    hour, rest = int(clock[: -len(clock.lstrip("0123456789"))]), clock.lstrip("0123456789")
    if half in _AFTER_NOON and hour < _NOON:
        hour += _NOON
    elif half in _BEFORE_NOON and hour == _NOON:
        hour = 0
    return f"{hour}{rest}"


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
        self._day = self._given = day
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

    def _say_near(self, near: str) -> None:
        """Go on to a day that is told without its year, or as a word beside the word before it.

        The first word is the day that was given, because nobody knows when it was copied.
        """
        told, self._told, self._last = self._told, near, None
        if near == told or self._given is None or self._day is None:
            return
        if near[0].isdigit():
            month, day = (int(each) for each in re.findall("[0-9]+", near))
            for year in (self._given.year, self._given.year - 1):
                with suppress(ValueError):
                    self._day = date(year, month, day)
                    if self._day <= self._given:
                        return
        elif near in _WORDS_OF_DAYS and told in _WORDS_OF_DAYS:
            self._day += timedelta(days=_WORDS_OF_DAYS[near] - _WORDS_OF_DAYS[told])
        elif near[0] in "星周" and told[:1] in {"星", "周"}:
            later = (_WEEK.find(near[-1]) - _WEEK.find(told[-1])) % len(_WEEK)
            self._day += timedelta(days=later)

    def at(self, day: str, clock: str, near: str = "") -> tuple[datetime | None, Precision]:
        """When something was said: a day, or none where it goes on, and a time of day."""
        of_day = times.clock(clock)
        if day:
            self._say_day(day)
        elif near:
            self._say_near(near.replace("天", "日") if near[0] in "星周" else near)
        if of_day is None or self._day is None:
            return None, Precision.NONE
        at = times.on(self._day, of_day[0])
        # Copies hold a few lines out of order; half a day back is midnight.
        if self._last is not None and self._last - at > timedelta(hours=12):
            at += timedelta(days=1)
            self._day = at.date()
        self._last = at
        return at, of_day[1]
