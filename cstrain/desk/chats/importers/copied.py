"""Chats copied out of a window: a line with name and time, and under it what was said. Pure.

A content may have a line that looks like such a header (预计 10:30). So the text is read twice: the
first time collects who takes part, and how this tool writes its headers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from cstrain.desk.chats.importers import names, texts
from cstrain.desk.chats.importers.adapter import Format, Head
from cstrain.desk.chats.importers.cast import Cast, cast_of, people
from cstrain.desk.chats.importers.headers import (
    NO_NAME,
    NOTICE,
    RECALLED,
    RULE,
    Calendar,
    Header,
    header,
    unstacked,
)
from cstrain.desk.chats.importers.inputs import Input
from cstrain.desk.chats.importers.towhom import ToWhom
from cstrain.desk.chats.message import Kind, Refused, Role, SourceMessage

#: What a window writes under what an agent said.
_READ_MARKS: Final = frozenset({"已读", "未读"})


def read(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of copied text.

    A time without its day takes the day of the line above that has one, else the input's; past
    midnight the next day begins. An agent's messages go to the buyer who spoke last, those that
    open a chat to the one who speaks next.
    """
    cast = cast_of(unstacked(given.lines()), given.mapping.roles)
    given.is_guessed = cast.is_guessed
    given.speakers.update(people(cast.roles))
    buyers = [name for name, role in cast.roles.items() if role is Role.BUYER]
    to_whom = ToWhom([names.split(name).account for name in buyers])
    for message in _spoken(given, cast):
        yield from to_whom.next(message)
    yield from to_whom.rest()


def _spoken(given: Input, cast: Cast) -> Iterator[SourceMessage]:
    calendar = Calendar(given.day, is_lined=any(not each.has_day for each in cast.styles))
    shops = {names.split(name).shop for name in cast.roles} - {""}
    shop = shops.pop() if len(shops) == 1 else given.mapping.shop
    message: SourceMessage | None = None
    content: list[str] = []
    for number, raw in unstacked(given.lines()):
        line = raw.strip()
        found = cast.header(line)
        if found:
            if message:
                yield from _ended(given, message, content)
            content = [raw]
            message = _begun(given, number, found, cast.roles[found.name], calendar)
            message.shop = message.shop or shop
        elif not calendar.is_turned_by(line):
            if message:
                content.append(raw.rstrip())
            elif line and not RULE.fullmatch(line):
                given.refuse(number, "no_header", raw)
    if message:
        yield from _ended(given, message, content)


def _begun(
    given: Input, number: int, found: Header, role: Role, calendar: Calendar
) -> SourceMessage:
    name = names.split(found.name)
    at, precision = calendar.at(found.day, found.clock, found.near)
    message = SourceMessage(number, role, "", at, precision)
    message.platform = name.platform or given.mapping.platform or "taobao"
    if role is Role.BUYER:
        message.buyer = name.account
    elif role is not Role.SYSTEM:
        message.shop, message.account = name.shop, name.account
        if role is Role.BOT:
            message.auto_reason = "robot_account"
    if at is None:
        message.extra = {"clock": found.clock}
    return message


def _ended(given: Input, message: SourceMessage, lines: list[str]) -> Iterator[SourceMessage]:
    """Give a message what stands under its header, and its notices apart."""
    message.source = "\n".join(lines).rstrip()
    has_notices = "消息" in message.source and any(map(NOTICE.fullmatch, lines))
    said = [line for line in lines[1:] if not (has_notices and NOTICE.fullmatch(line))]
    recalled = _recalled(message, lines) if "撤回" in message.source else []
    if recalled:
        said = [line for line in said if line not in {each.source for each in recalled}]
    if len(said) > 1 and message.role is not Role.BUYER and said[-1].strip() in _READ_MARKS:
        said.pop()  # stays in the source
    message.text = texts.cleaned("\n".join(said))
    message.kind = texts.kind_of(message.text)
    if message.role is not Role.BUYER and texts.is_system(message.text):
        message.role = Role.SYSTEM
    if message.role is Role.SYSTEM:
        message.kind = Kind.SYSTEM
    if message.text:
        yield message
        yield from recalled
    else:
        given.refuse(message.line, "no_text", message.source)
    for place, line in enumerate(lines if has_notices else ()):
        if place and NOTICE.fullmatch(line):
            given.refuse(message.line + place, "notice", line)


def _recalled(message: SourceMessage, lines: Sequence[str]) -> list[SourceMessage]:
    """Lines under what somebody said that only tell that a message was taken back."""
    places = [place for place, line in enumerate(lines) if RECALLED.fullmatch(line.strip())]
    has_more = any(
        line.strip() for place, line in enumerate(lines) if place and place not in places
    )
    return [
        replace(
            message,
            line=message.line + place,
            role=Role.SYSTEM,
            text=lines[place].strip(),
            account="",
            kind=Kind.RECALL,
            auto_reason="",
            source=lines[place],
        )
        for place in (places if has_more else places[1:])
        if place
    ]


def _looks_copied(head: Head) -> str:
    if head.shape != "text" or head.is_json:
        return ""
    lines = unstacked(iter(enumerate(head.text.splitlines()[:400])))
    found = [header(line.strip()) for _number, line in lines]
    real = [each for each in found if each and not NO_NAME.fullmatch(each.name)]
    return "headers_with_times" if real else ""


FORMAT = Format(
    "copied",
    {"zh": "从聊天窗口复制的文字（千牛、旺旺、晓多等）", "en": "Text copied from a chat window"},
    read,
    _looks_copied,
)
