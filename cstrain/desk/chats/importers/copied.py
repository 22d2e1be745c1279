"""Chats copied out of a window: a line with name and time, and under it what was said. Pure.

A content may have a line that looks like such a header (预计 10:30). So the text is read twice: the
first time collects who takes part, and how this tool writes its headers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from cstrain.desk.chats.importers import names, texts, times
from cstrain.desk.chats.importers.adapter import Format, Head
from cstrain.desk.chats.importers.inputs import Input
from cstrain.desk.chats.message import Kind, Precision, Refused, Role, SourceMessage

_MAX_HEADER = 120
_DAY = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
_CLOCK = r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?"
_HEADER = re.compile(
    rf"(?P<name>\S.{{0,59}}?)[ \t\u3000]*(?P<open>[(（\[【]?)"
    rf"(?:(?P<day>{_DAY})[ \tT\u3000]+)?(?P<clock>{_CLOCK})(?P<close>[)）\]】]?)"
    r"(?P<colon>[:：]?)[ \t\u3000]*"
)
_TIME_FIRST = re.compile(
    rf"(?P<open>[(（\[【]?)(?:(?P<day>{_DAY})[ \tT\u3000]+)?(?P<clock>{_CLOCK})"
    r"(?P<close>[)）\]】]?)[ \t\u3000]+(?P<name>\S.{0,59}?)(?P<colon>[:：]?)[ \t\u3000]*"
)
#: What a header may end with, and with what one may begin that has its time first.
_ENDS = frozenset("0123456789)）]】:：")
_BEGINS = frozenset("0123456789(（[【")
_DAY_LINE = re.compile(rf"[-—=─*\s]*(?:日期)?[:：\s]*({_DAY})\s*(?:星期.|周.)?[-—=─*\s]*")
_RULE = re.compile(r"[-—=─_*|\s]+")
_NOTICE = re.compile(r"[-—=─\s]*以[上下][是为](?:历史|最新|新)消息[-—=─\s]*")
#: Words before a time of day that name no person.
_NO_NAME = re.compile(
    r".*[，。！？、；,!?;]|.*(?:预计|大概|大约|最晚|最迟|截止|时间|之前|以前|左右|送达|到货|发货"
    r"|今天|今日|今晚|明天|明日|明早|昨天|后天|上午|下午|早上|晚上|中午|凌晨|开始|结束|直播|活动"
    r"|营业|[到至于在约从前后])"
)
_STAFF = re.compile("旗舰店|专卖店|专营店|官方|客服|售前|售后|店铺|店长")
#: Two messages of a file that lie further apart are two chats, perhaps with two buyers.
_APART: Final = timedelta(minutes=10)
_MAX_NAMES: Final = 100_000
#: So many messages of an agent wait for the buyer of their chat to speak.
_MAX_WAITING: Final = 100


class _Style(NamedTuple):
    """How a tool writes a header."""

    is_time_first: bool
    has_day: bool
    has_seconds: bool
    brackets: str
    colon: str


class _Header(NamedTuple):
    name: str
    day: str
    clock: str
    style: _Style


def _header(line: str) -> _Header | None:
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
    clock = found["clock"]
    style = _Style(
        is_time_first,
        found["day"] is not None,
        clock.count(":") + clock.count("：") > 1,
        found["open"] + found["close"],
        found["colon"],
    )
    return _Header(found["name"], found["day"] or "", clock, style)


@dataclass(slots=True)
class _Cast:
    """Who takes part, found in the first reading.

    Attributes:
        styles: How headers are written here.
        roles: Name as it stands → role.
        buyers: In the order in which they first speak.
        is_guessed: Whether nothing but the order of speaking told who is who.
    """

    styles: set[_Style] = field(default_factory=set)
    roles: dict[str, Role] = field(default_factory=dict)
    buyers: list[str] = field(default_factory=list)
    is_guessed: bool = False

    def header(self, line: str) -> _Header | None:
        """The line as a header of somebody who takes part."""
        found = _header(line)
        if found and found.name in self.roles and found.style in self.styles:
            return found
        return None


def _cast(given: Input) -> _Cast:
    counted: Counter[tuple[str, _Style]] = Counter()
    out_of_order: Counter[str] = Counter()
    by_style: Counter[_Style] = Counter()
    earlier: list[tuple[str, str]] = []
    first: _Style | None = None
    for _number, line in given.lines():
        found = _header(line.strip())
        if not found or (len(counted) >= _MAX_NAMES and (found.name, found.style) not in counted):
            continue
        if first is None and not _NO_NAME.fullmatch(found.name):
            first = found.style
        counted[found.name, found.style] += 1
        by_style[found.style] += 1
        _note_order(earlier, found, out_of_order)
    cast = _Cast()
    if first is None:
        return cast
    likely = {
        name
        for (name, style), count in counted.items()
        if style == first and _is_name(name, count, out_of_order[name])
    }
    # A tool may leave the date off today's lines, so that one chat has two styles.
    cast.styles = {first} | {
        style
        for name, style in counted
        if name in likely and by_style[style] > 1 and style.brackets == first.brackets
    }
    for (name, style), count in counted.items():
        if style in cast.styles and _is_name(name, count, out_of_order[name]):
            cast.roles.setdefault(name, Role.BUYER)
    _say_roles(cast, given.mapping.roles)
    return cast


def _note_order(earlier: list[tuple[str, str]], found: _Header, out_of_order: Counter[str]) -> None:
    """Count a time that lies before its predecessor against whichever of the two does not fit."""
    stamp = f"{found.day:>11}{found.clock:>8}"
    if earlier and earlier[-1][1] > stamp:
        fits_without = len(earlier) < 2 or earlier[-2][1] <= stamp  # noqa: PLR2004 - the one before
        out_of_order[earlier[-1][0] if fits_without else found.name] += 1
        if fits_without:
            earlier.pop()
    earlier.append((found.name, stamp))
    del earlier[:-2]


def _is_name(name: str, count: int, misfits: int) -> bool:
    if names.split(name).is_of_shop or names.split(name).platform or names.is_masked(name):
        return True
    if _NO_NAME.fullmatch(name):
        return False
    return count > misfits


def _say_roles(cast: _Cast, told: Mapping[str, Role]) -> None:
    """Say who is buyer and who is not: by what is told, by names, by the others, by order."""
    open_names: dict[str, None] = {}
    for name in cast.roles:
        whole = names.split(name)
        if name in told:
            cast.roles[name] = told[name]
        elif whole.is_robot:
            cast.roles[name] = Role.BOT
        elif whole.is_of_shop:
            cast.roles[name] = Role.AGENT
        elif not (whole.platform or names.is_masked(name)):
            open_names[name] = None
    known = [role for name, role in cast.roles.items() if name not in open_names]
    if Role.AGENT in known:
        return
    staff = [name for name in open_names if _STAFF.search(name)]
    if not staff and Role.BUYER in known:
        staff = list(open_names)
    if not staff and len(open_names) > 1:
        staff = list(open_names)[1:]
        cast.is_guessed = True
    for name in staff:
        cast.roles[name] = Role.AGENT


def read(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of copied text.

    A time without its day takes the day of the line above that has one, else the input's; past
    midnight the next day begins. An agent's messages go to the buyer who spoke last, those that
    open a chat to the one who speaks next.
    """
    cast = _cast(given)
    given.is_guessed = cast.is_guessed
    given.speakers.update(cast.roles)
    cast.buyers = [name for name, role in cast.roles.items() if role is Role.BUYER]
    to_whom = _ToWhom(cast.buyers)
    for message in _spoken(given, cast):
        yield from to_whom.next(message)
    yield from to_whom.rest()


def _spoken(given: Input, cast: _Cast) -> Iterator[SourceMessage]:
    calendar = _Calendar(given.day, is_lined=any(not each.has_day for each in cast.styles))
    shops = {names.split(name).shop for name in cast.roles} - {""}
    shop = shops.pop() if len(shops) == 1 else given.mapping.shop
    message: SourceMessage | None = None
    content: list[str] = []
    for number, raw in given.lines():
        line = raw.strip()
        header = cast.header(line)
        if header:
            if message:
                yield from _ended(given, message, content)
            content = [raw]
            message = _begun(given, number, header, cast.roles[header.name], calendar)
            message.shop = message.shop or shop
        elif not calendar.is_turned_by(line):
            if message:
                content.append(raw.rstrip())
            elif line and not _RULE.fullmatch(line):
                given.refuse(number, "no_header", raw)
    if message:
        yield from _ended(given, message, content)


def _begun(
    given: Input, number: int, header: _Header, role: Role, calendar: _Calendar
) -> SourceMessage:
    name = names.split(header.name)
    at, precision = calendar.at(header)
    message = SourceMessage(number, role, "", at, precision)
    message.platform = name.platform or given.mapping.platform or "taobao"
    if role is Role.BUYER:
        message.buyer = name.account
    else:
        message.shop, message.account = name.shop, name.account
        if role is Role.BOT:
            message.auto_reason = "robot_account"
    if at is None:
        message.extra = {"clock": header.clock}
    return message


def _ended(given: Input, message: SourceMessage, lines: list[str]) -> Iterator[SourceMessage]:
    """Give a message what stands under its header, and its notices apart."""
    message.source = "\n".join(lines).rstrip()
    has_notices = "消息" in message.source and any(map(_NOTICE.fullmatch, lines))
    said = [line for line in lines[1:] if not (has_notices and _NOTICE.fullmatch(line))]
    message.text = texts.cleaned("\n".join(said))
    message.kind = texts.kind_of(message.text)
    if message.role is not Role.BUYER and texts.is_system(message.text):
        message.role, message.kind = Role.SYSTEM, Kind.SYSTEM
    if message.text:
        yield message
    else:
        given.refuse(message.line, "no_text", message.source)
    for place, line in enumerate(lines if has_notices else ()):
        if place and _NOTICE.fullmatch(line):
            given.refuse(message.line + place, "notice", line)


class _Calendar:
    """Which day it is while a text is read."""

    def __init__(self, day: date | None, *, is_lined: bool) -> None:
        self._day = day
        self._told = ""
        self._is_lined = is_lined
        self._last: datetime | None = None

    def is_turned_by(self, line: str) -> bool:
        """Whether a line only says the day, in a text whose headers do not."""
        found = _DAY_LINE.fullmatch(line) if self._is_lined else None
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

    def at(self, header: _Header) -> tuple[datetime | None, Precision]:
        """When a header was written."""
        of_day = times.clock(header.clock)
        if header.day:
            self._say_day(header.day)
        if of_day is None or self._day is None:
            return None, Precision.NONE
        at = times.on(self._day, of_day[0])
        # Copies hold a few lines out of order; half a day back is midnight.
        if self._last is not None and self._last - at > timedelta(hours=12):
            at += timedelta(days=1)
            self._day = at.date()
        self._last = at
        return at, of_day[1]


class _ToWhom:
    """Adds to what agents write the buyer to whom it goes."""

    def __init__(self, buyers: list[str]) -> None:
        self._only = names.split(buyers[0]).account if len(buyers) == 1 else ""
        self._buyer = ""
        self._waiting: list[SourceMessage] = []
        self._last: datetime | None = None

    def next(self, message: SourceMessage) -> Iterator[SourceMessage]:
        """Take a message; gives those whose buyer is known now."""
        if message.role is Role.BUYER:
            self._buyer = message.buyer
            yield from self.rest()
            yield message
        elif self._only:
            message.buyer = self._only
            yield message
        else:
            is_apart = message.at and self._last and message.at - self._last > _APART
            if is_apart or not self._buyer or self._waiting:
                self._waiting.append(message)
                if len(self._waiting) > _MAX_WAITING:
                    yield from self.rest()
            else:
                message.buyer = self._buyer
                yield message
        self._last = message.at

    def rest(self) -> Iterator[SourceMessage]:
        """Those that wait still go to the buyer who spoke last, if any did."""
        for message in self._waiting:
            message.buyer = self._buyer
            yield message
        self._waiting.clear()


def _looks_copied(head: Head) -> str:
    if head.shape != "text" or head.is_json:
        return ""
    found = [_header(line.strip()) for line in head.text.splitlines()[:400]]
    real = [each for each in found if each and not _NO_NAME.fullmatch(each.name)]
    return "headers_with_times" if real else ""


FORMAT = Format(
    "copied",
    {"zh": "从聊天窗口复制的文字（千牛、旺旺、晓多等）", "en": "Text copied from a chat window"},
    read,
    _looks_copied,
)
