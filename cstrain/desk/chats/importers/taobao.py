"""淘宝 and 千牛: answers of TOP's API, a page read by a robot, and a database's columns. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from cstrain.desk.chats.importers import jsons, names, texts, times
from cstrain.desk.chats.importers.adapter import (
    Format,
    Head,
    NotUnderstoodError,
    exact_id,
    said,
    understood,
    written_at,
)
from cstrain.desk.chats.importers.inputs import Input, text_of
from cstrain.desk.chats.importers.roles import polite_side
from cstrain.desk.chats.message import Kind, Precision, Refused, Role, SourceMessage

_PLATFORM: Final = "taobao"
#: So many messages are looked at to tell which direction is which.
_LOOKED_AT: Final = 200


def _directions(given: Input, samples: list[tuple[str, str]]) -> dict[str, Role]:
    """Which direction is whose: as people have said, else by how agents speak.

    TOP's documents can be read both ways, so a guess is to be confirmed.
    """
    told = {value: role for value in "01" if (role := given.mapping.roles.get(value))}
    if not told:
        agent = polite_side(samples, ["0", "1"])
        told = {value: Role.AGENT if value == agent else Role.BUYER for value in "01"}
        given.is_guessed = True
    elif len(told) == 1:
        ((value, role),) = told.items()
        other = Role.BUYER if role is Role.AGENT else Role.AGENT
        told["1" if value == "0" else "0"] = other
    given.speakers.update(told)
    return told


def read_top(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of taobao.wangwang.eservice.chatlog.get.

    Who talked stands in what was asked, not in the answer; a file that keeps ``from_id`` and
    ``to_id`` beside it tells more.
    """
    records = given.records("msgs", "msg", "messages")
    several = iter(records)
    first = list(islice(several, _LOOKED_AT))
    samples = [
        (text_of(record.get("direction")), text_of(record.get("content")))
        for _line, record, _raw in first
        if isinstance(record, dict)
    ]
    sides = _directions(given, samples)

    def of_top(given: Input, line: int, record: Any, raw: str) -> SourceMessage:
        if not isinstance(record, dict):
            raise NotUnderstoodError("unknown_record")
        around = records.around
        staff, buyer = _pair(around.get("from_id", ""), around.get("to_id", ""))
        role = sides.get(text_of(record.get("direction")))
        content, when = text_of(record.get("content")), text_of(record.get("time"))
        return _message(given, (line, raw), role, content, when, staff, buyer)

    yield from understood(given, chain(first, several), of_top)


def _pair(one: str, other: str) -> tuple[str, str]:
    """Staff and buyer of two names, whichever stands first."""
    return (other, one) if names.split(other).is_of_shop else (one, other)


def _message(  # noqa: PLR0913, PLR0917 - what a message is made of
    given: Input,
    where: tuple[int, str],
    role: Role | None,
    content: str,
    when: str,
    staff: str,
    buyer: str,
) -> SourceMessage:
    """A message of 淘宝.

    Raises:
        NotUnderstoodError: If it is none.
    """
    if role is None:
        raise NotUnderstoodError("unknown_role", value="")
    at = written_at(when)
    text = said(content)
    name = names.split(staff)
    message = SourceMessage(
        where[0],
        role,
        text,
        at[0],
        at[1],
        _PLATFORM,
        name.shop or given.mapping.shop,
        name.account,
        names.split(buyer).account,
        kind=texts.kind_of(text),
        source=where[1],
    )
    if role is Role.AGENT:
        message.role, message.auto_reason = names.role_of_staff(name.account)
        if texts.is_system(text):
            message.role, message.kind, message.auto_reason = Role.SYSTEM, Kind.SYSTEM, ""
    return message


_SQL_COLUMNS: Final = ("service_staff_id", "buyer_nick", "direction", "content", "time")


def read_sql(given: Input) -> Iterator[SourceMessage | Refused]:
    """Rows of the table ``plt_taobao_chat_log``, as CSV or workbook."""
    table = given.table(_SQL_COLUMNS)
    places = table.places(*_SQL_COLUMNS)
    others = table.places("dp_id", "num_iids", "url_list")
    first = list(islice(table.rows, _LOOKED_AT))
    samples = [
        (cells[places[2]].strip(), cells[places[3]])
        for _line, cells, _raw in first
        if len(cells) > max(places)
    ]
    sides = _directions(given, samples)

    def of_sql(given: Input, line: int, cells: list[str], raw: str) -> SourceMessage:
        if len(cells) <= max(places):
            wanted = str(len(table.headings))
            raise NotUnderstoodError("too_few_columns", found=str(len(cells)), wanted=wanted)
        staff, buyer, side, content, when = (cells[place] for place in places)
        buyer = exact_id(buyer.strip(), "buyer_nick")
        role = sides.get(side.strip().removesuffix(".0"))
        message = _message(given, (line, raw), role, content, when, staff, buyer)
        shop, items, urls = (
            cells[place] if -1 < place < len(cells) and cells[place] != "NULL" else ""
            for place in others
        )
        message.shop = message.shop or shop
        if items or urls:
            message.extra = {"items": items, "urls": urls}
        return message

    def buyer_of(cells: list[str]) -> str:
        return names.split(cells[places[1]]).account if len(cells) > places[1] else ""

    yield from understood(given, chain(first, table.rows), of_sql, buyer_of)


def read_page(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of 千牛's chat page as a robot takes it down: dates and messages in page order.

    What stands before the first date has none.
    """
    yield from understood(given, _page_items(given), _of_page, lambda item: item.buyer)


class _PageItem(NamedTuple):
    """A message of a page, with the date above it and whose page it is."""

    record: Mapping[str, Any]
    day: date | None
    buyer: str
    shop: str


def _page_items(given: Input) -> Iterator[tuple[int, _PageItem, str]]:
    day = given.day
    buyer = shop = ""
    for line, record, raw in _page_records(given):
        buyer = text_of(record.get("active_user_nickname")).strip() or buyer
        shop = text_of(record.get("shopname")).strip() or shop
        group = text_of(record.get("groupTime"))
        if group:
            found = times.moment(group)
            if found:
                day = found[0].date()
            else:
                given.refuse(line, "bad_time", raw, value=group)
        elif "chatName" in record or "chatTime" in record:
            yield line, _PageItem(record, day, buyer, shop), raw
        elif not (record.keys() & {"active_user_nickname", "shopname"} or _has_list(record)):
            given.refuse(line, "unknown_record", raw)


def _has_list(record: Mapping[str, Any]) -> bool:
    return any(isinstance(value, list) for value in record.values())


def _page_records(given: Input) -> Iterator[tuple[int, Mapping[str, Any], str]]:
    """What stands on pages, in order: their heads, dates and messages."""
    for line, record, raw in given.records():
        if not isinstance(record, dict):
            given.refuse(line, "unknown_record", raw)
            continue
        yield line, record, raw
        if "chatTime" in record:
            continue
        for each in (
            item for value in record.values() if isinstance(value, list) for item in value
        ):
            if isinstance(each, dict):
                yield line, each, jsons.dumped(each)
            else:
                given.refuse(line, "unknown_record", text_of(each))


def _of_page(given: Input, line: int, item: _PageItem, raw: str) -> SourceMessage:
    record, day, buyer, shop = item
    contents = [text_of(value) for key, value in record.items() if key.startswith("chatText")]
    content = "\n".join(each for each in contents if each)
    image = text_of(record.get("img"))
    when = text_of(record.get("chatTime"))
    name = text_of(record.get("chatName")).strip()
    text = said(content, image)
    at, precision = _page_time(when, day)
    whole = names.split(name)
    is_buyer = name == buyer if buyer else not whole.is_of_shop
    message = SourceMessage(
        line,
        Role.BUYER,
        text,
        at,
        precision,
        _PLATFORM,
        whole.shop or shop or given.mapping.shop,
        buyer=names.split(buyer or (name if is_buyer else "")).account,
        kind=Kind.IMAGE if image and not content else texts.kind_of(text),
        source=raw,
    )
    if not is_buyer:
        message.account = whole.account
        message.role, message.auto_reason = names.role_of_staff(whole.account)
    if at is None and when:
        message.extra = {"clock": when}
    return message


def _page_time(when: str, day: date | None) -> times.Moment | tuple[None, Precision]:
    whole = times.moment(when)
    if whole:
        return whole
    of_day = times.clock(when)
    if not of_day:
        raise NotUnderstoodError("bad_time" if when else "no_time", value=when)
    return (None, Precision.NONE) if day is None else (times.on(day, of_day[0]), of_day[1])


def _is_top(head: Head) -> str:
    if head.has_keys("direction", "content"):
        keys = ('"msgs"', '"ret"', "chatlog_get_response", '"from_id"')
        return "keys_known" if any(key in head.text for key in keys) else ""
    return ""


TOP = Format(
    "taobao_top",
    {"zh": "淘宝开放平台 chatlog.get 的 JSON", "en": "Taobao TOP chatlog.get JSON"},
    read_top,
    _is_top,
)
SQL = Format(
    "taobao_sql",
    {
        "zh": "plt_taobao_chat_log 数据表导出",
        "en": "Export of the table plt_taobao_chat_log",
    },
    read_sql,
    lambda head: "headings_known" if head.has_headings(*_SQL_COLUMNS) else "",
)
PAGE = Format(
    "qianniu_page",
    {"zh": "千牛聊天页（RPA 抓取的 JSON）", "en": "Qianniu chat page taken down by RPA (JSON)"},
    read_page,
    lambda head: "keys_known" if head.has_keys("chatName") else "",
)
