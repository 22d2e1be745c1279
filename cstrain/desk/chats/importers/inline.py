"""Chats with one line a message: name, colon, text, and perhaps the time before them. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from cstrain.desk.chats.importers import names, texts, times
from cstrain.desk.chats.importers.adapter import Format, Head
from cstrain.desk.chats.importers.cast import people, roles_of
from cstrain.desk.chats.importers.headers import CLOCK, DAY, NO_NAME, RECALLED, RULE, Calendar
from cstrain.desk.chats.importers.inputs import Input
from cstrain.desk.chats.importers.towhom import ToWhom
from cstrain.desk.chats.message import Kind, Refused, Role, SourceMessage

_LINE = re.compile(
    rf"(?:[(（\[【]?(?:(?P<day>{DAY})[ \tT]+)?(?P<clock>{CLOCK})[)）\]】]?[ \t]+)?"
    r"(?P<name>[^:：\s]{2,30}店[:：][^:：\s]{1,20}|[^:：\s\d][^:：]{0,29}?)[ \t]*[:：][ \t]*"
    r"(?P<text>\S.*)"
)
_NO_NAMES = frozenset(
    {
        *("http", "https", "地址", "电话", "手机", "姓名", "收货人", "订单号", "快递单号", "备注"),
    }
)
#: The hour of a header that stands on a line of its own.
_HAS_TIME = re.compile(rf".*(?:{DAY}|[ \t(（]\d{{1,2}}$)")
#: So many lines are looked at to tell the format.
_LOOKED_AT = 400
_MAX_NAMES = 10_000
_MAX_SAMPLES = 20
#: A chat has no more speakers; a list of labels has.
_FEW = 4
#: Rows of so many cells are no sentences with a comma in each.
_TABLE_WIDTH = 3


def _line(text: str) -> re.Match[str] | None:
    found = _LINE.fullmatch(text)
    if not found or found["name"].casefold() in _NO_NAMES:
        return None
    if NO_NAME.fullmatch(found["name"]) or _HAS_TIME.match(found["name"]):
        return None
    return found


def _speakers(lines: Iterator[str]) -> dict[str, list[str]]:
    """Names that take part → some of what they say.

    They speak more than once, or are few and nearly every line has one.
    """
    counted: Counter[str] = Counter()
    said: dict[str, list[str]] = {}
    line_count = 0
    for line in lines:
        found = _line(line.strip())
        line_count += bool(line.strip())
        if not found:
            continue
        name = found["name"]
        if name in counted or len(counted) < _MAX_NAMES:
            counted[name] += 1
            if len(heard := said.setdefault(name, [])) < _MAX_SAMPLES:
                heard.append(found["text"])
    is_short = len(counted) <= _FEW and sum(counted.values()) * 2 > line_count
    return {
        name: heard
        for name, heard in said.items()
        if counted[name] > 1 or is_short or names.split(name).is_of_shop
    }


def read(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages, one a line; a line without a name goes on with what stood above."""
    said = _speakers(line for _number, line in given.lines())
    roles, given.is_guessed = roles_of(list(said), given.mapping.roles, said)
    given.speakers.update(people(roles))
    buyers = [names.split(name).account for name, role in roles.items() if role is Role.BUYER]
    to_whom = ToWhom(buyers)
    for message in _spoken(given, roles):
        yield from to_whom.next(message)
    yield from to_whom.rest()


def _spoken(given: Input, roles: dict[str, Role]) -> Iterator[SourceMessage]:
    calendar = Calendar(given.day, is_lined=True)
    shops = {names.split(name).shop for name in roles} - {""}
    shop = shops.pop() if len(shops) == 1 else given.mapping.shop
    message: SourceMessage | None = None
    for number, raw in given.lines():
        line = raw.strip()
        found = _line(line)
        if found and found["name"] in roles:
            if message:
                yield _ended(message)
            name = names.split(found["name"])
            role = roles[found["name"]]
            at = calendar.at(found["day"] or "", found["clock"] or "")
            message = SourceMessage(
                number,
                role,
                found["text"],
                at[0],
                at[1],
                name.platform or given.mapping.platform,
                name.shop or shop,
                source=raw,
            )
            if role is Role.BUYER:
                message.buyer = name.account
            elif role is not Role.SYSTEM:
                message.account = name.account
                message.auto_reason = "robot_account" if role is Role.BOT else ""
        elif message and RECALLED.fullmatch(line):
            yield _ended(message)
            told = replace(message, line=number, role=Role.SYSTEM, text=line, source=raw)
            message = replace(told, buyer="", account="", auto_reason="")
        elif message and line and not calendar.is_turned_by(line):
            message.text += f"\n{line}"
            message.source += f"\n{raw}"
        elif line and not calendar.is_turned_by(line) and not RULE.fullmatch(line):
            given.refuse(number, "no_header", raw)
    if message:
        yield _ended(message)


def _ended(message: SourceMessage) -> SourceMessage:
    message.text = texts.cleaned(message.text)
    message.kind = texts.kind_of(message.text)
    if message.role is not Role.BUYER and texts.is_system(message.text):
        message.role = Role.SYSTEM
    if message.role is Role.SYSTEM and message.kind is not Kind.RECALL:
        message.kind = Kind.SYSTEM
    return message


def _looks_inline(head: Head) -> str:
    if head.shape != "text" or head.is_json or _is_table(head):
        return ""
    lines = [line for line in head.text.splitlines()[:_LOOKED_AT] if line.strip()]
    said = _speakers(iter(lines))
    count = sum(bool(_line(line.strip())) for line in lines)
    return "names_with_colons" if len(said) > 1 and count * 2 >= len(lines) else ""


def _is_table(head: Head) -> bool:
    """Whether lines are rows: as many cells in each, named so or with times below a heading."""
    first, *rest = head.rows or [[]]
    width = len(first)
    if width < _TABLE_WIDTH or not rest or any(len(row) != width for row in rest):
        return False
    return head.name.casefold().endswith((".csv", ".tsv")) or any(
        times.moment(first[place]) is None
        and sum(times.moment(row[place]) is not None for row in rest) * 2 >= len(rest)
        for place in range(width)
    )


FORMAT = Format(
    "inline",
    {"zh": "一行一句（名字：内容，时间可有可无）", "en": "One line a message (name: text)"},
    read,
    _looks_inline,
)
