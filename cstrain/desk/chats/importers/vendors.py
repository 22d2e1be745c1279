"""Tools that vendors sell to shops: a quality workbook, an assistant's JSON, 晓多's rows. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from cstrain.desk.chats.importers import jsons, names, texts
from cstrain.desk.chats.importers.adapter import (
    CELL_CHARS,
    Format,
    Head,
    NotUnderstoodError,
    exact_id,
    name_in,
    parts,
    said,
    understood,
    written_at,
)
from cstrain.desk.chats.importers.inputs import Input, text_of
from cstrain.desk.chats.importers.roles import WORDS_OF_ROLES
from cstrain.desk.chats.message import Kind, Refused, Role, SourceMessage

_WORKBOOK_COLUMNS: Final = ("users", "messages")


def read_workbook(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of a quality tool's workbook: a row is a conversation, a cell its messages as JSON.

    A cell that Excel has cut gives the messages before the cut, and a refusal that says so.
    """
    table = given.table(_WORKBOOK_COLUMNS)
    users_at, messages_at = table.places(*_WORKBOOK_COLUMNS)
    for line, cells, raw in table.rows:
        if len(cells) <= max(users_at, messages_at):
            given.refuse(line, "too_few_columns", raw, found=str(len(cells)), wanted="2")
            continue
        cell = cells[messages_at].strip()
        staff = {
            user.strip() for user in cells[users_at].split(",") if names.split(user).is_of_shop
        }
        buyer = next(
            (
                name.account
                for user in cells[users_at].split(",")
                if user.strip() and not (name := names.split(user)).is_of_shop
            ),
            "",
        )
        found = _list_of(given, line, cell, buyer)
        one = partial(_of_workbook, buyer, staff)
        records = parts(line, found)
        said_here = list(understood(given, records, one, buyer))
        for message in said_here:
            message.shop = message.shop or given.mapping.shop
            # The row's number would be another one in the next export.
            message.conversation = f"{buyer} {said_here[0].at}"
            yield message


def _list_of(given: Input, line: int, cell: str, buyer: str) -> list[Any]:
    """The elements of a cell's list, as far as they are whole."""
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        reason = "cell_cut" if len(cell) >= CELL_CHARS else "bad_json"
        notes: list[tuple[int, str]] = []

        def note(_line: int, _reason: str, source: str = "", **_details: str) -> None:
            notes.append((_line, source))

        whole = [value for _line, value, _raw in jsons.Records(iter([cell]), (), note)]
        given.refuse(line, reason, notes[0][1] if notes else cell[-200:], buyer=buyer)
        return [each for each in whole if isinstance(each, dict)]
    if isinstance(found, list):
        return found
    given.refuse(line, "unknown_record", cell, buyer=buyer)
    return []


def _of_workbook(
    buyer: str, staff: set[str], _given: Input, line: int, record: Any, raw: str
) -> SourceMessage:
    if not isinstance(record, dict):
        raise NotUnderstoodError("unknown_record")
    sender = text_of(record.get("sender_nick")).strip()
    at = written_at(text_of(record.get("time")))
    content = record.get("content")
    card = ""
    if isinstance(content, dict):
        card = text_of(content.get("summary"))
        content = content.get("text") or card
    text = said(text_of(content))
    if not sender:
        raise NotUnderstoodError("unknown_role", value="")
    name = names.split(sender)
    message = SourceMessage(
        line,
        Role.BUYER,
        text,
        at[0],
        at[1],
        name.platform or "taobao",
        name.shop,
        buyer=buyer,
        kind=Kind.CARD if card and text == card else texts.kind_of(text),
        source=raw,
    )
    if name.is_of_shop or sender in staff or (buyer and name.account != buyer):
        message.account = name.account
        message.role, message.auto_reason = names.role_of_staff(name.account)
    else:
        message.buyer = name.account
    if not message.shop and staff:
        message.shop = names.split(min(staff)).shop
    return message


#: So many messages wait at most for the other side of their record.
_MAX_WAITING: Final = 1_000
_CONTEXTS: Final = {"IMAGE": Kind.IMAGE, "CARD": Kind.CARD, "LINK": Kind.LINK}


def read_assistant(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of an assistant's log: role, context and time, with noise around the JSON."""
    records = given.records("messages", "records", "data", "list", "history")
    found = understood(given, records, _of_assistant, _buyer_of_assistant)
    yield from _of_whole_records(found)


def _buyer_of_assistant(record: Any) -> str:
    return name_in(record, "role_name") if name_in(record, "role") == "user" else ""


def _of_whole_records(messages: Iterator[SourceMessage]) -> Iterator[SourceMessage]:
    """Messages with what only the other side's lines tell of a record: its buyer and shop.

    Those of a record of which one side has not spoken yet wait for it.
    """
    known: dict[str, _Record] = {}
    waiting: dict[int, SourceMessage] = {}
    for number, message in enumerate(messages):
        if not message.conversation:
            yield message
            continue
        record = known.setdefault(message.conversation, _Record())
        record.learn(message)
        waiting[number] = message
        record.waiting.append(number)
        if record.is_whole:
            yield from map(record.told, map(waiting.pop, record.waiting))
            record.waiting.clear()
        elif len(waiting) > _MAX_WAITING:
            yield from _released(waiting, known)
    yield from _released(waiting, known)


def _released(
    waiting: dict[int, SourceMessage], known: Mapping[str, _Record]
) -> Iterator[SourceMessage]:
    for message in waiting.values():
        yield known[message.conversation].told(message)
        known[message.conversation].waiting.clear()
    waiting.clear()


@dataclass(slots=True)
class _Record:
    """What the lines of one record tell together.

    Attributes:
        waiting: Numbers of its messages that have not been given yet.
    """

    platform: str = ""
    shop: str = ""
    buyer: str = ""
    waiting: list[int] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return bool(self.shop and self.buyer)

    def learn(self, message: SourceMessage) -> None:
        self.platform = self.platform or message.platform
        self.shop = self.shop or message.shop
        self.buyer = self.buyer or message.buyer

    def told(self, message: SourceMessage) -> SourceMessage:
        message.platform = message.platform or self.platform
        message.shop = message.shop or self.shop
        message.buyer = message.buyer or self.buyer
        return message


def _of_assistant(given: Input, line: int, record: Any, raw: str) -> SourceMessage:
    if not isinstance(record, dict) or "role" not in record:
        raise NotUnderstoodError("unknown_record")
    if record.get("category") == "report":
        raise NotUnderstoodError("note")
    who = text_of(record["role"])
    role = {"user": Role.BUYER, "assistant": Role.AGENT, "system": Role.SYSTEM}.get(who)
    if role is None:
        raise NotUnderstoodError("unknown_role", value=who)
    context = record.get("context")
    context = context if isinstance(context, dict) else {"text": context}
    text = said(*(text_of(context.get(key)) for key in ("text", "url", "image")))
    at = written_at(text_of(record.get("message_time")))
    name = names.split(text_of(record.get("role_name")))
    message = SourceMessage(
        line,
        role,
        text,
        at[0],
        at[1],
        name.platform or given.mapping.platform,
        name.shop or given.mapping.shop,
        conversation=text_of(record.get("record_id")),
        kind=_CONTEXTS.get(text_of(record.get("context_type")).upper(), texts.kind_of(text)),
        source=raw,
    )
    if role is Role.BUYER:
        message.buyer = name.account
    elif role is Role.AGENT:
        message.account = name.account
        message.role, message.auto_reason = names.role_of_staff(name.account)
        if record.get("category") == "agent_response" and not name.account:
            message.role, message.auto_reason = Role.BOT, "source"
    if record.get("transfer_to_human"):
        message.extra = {"transfer_to_human": "true"}
    return message


_XIAODUO: Final = ("snick", "cnick", "act", "msg", "msg_time")
_ACTS: Final[Mapping[str, Role]] = {
    "send_msg": Role.AGENT,
    "recv_msg": Role.BUYER,
    "send": Role.AGENT,
    "recv": Role.BUYER,
}
_XIAODUO_PLATFORMS: Final = {
    "tb": "taobao",
    "jd": "jd",
    "pdd": "pdd",
    "dy": "douyin",
    "ks": "kuaishou",
}


def read_xiaoduo(given: Input) -> Iterator[SourceMessage | Refused]:
    """Rows of 晓多's warehouse: as CSV, workbook, or lines of JSON.

    What ``send_msg_from`` holds differs; it is kept beside the message, and where it names a robot
    the message is one's.
    """
    yield from understood(
        given,
        _xiaoduo_rows(given),
        _of_xiaoduo,
        lambda row: names.split(row.get("cnick", "")).account,
    )


def _xiaoduo_rows(given: Input) -> Iterator[tuple[int, Mapping[str, str], str]]:
    if given.starts_as_json():
        for line, record, raw in given.records("data", "rows", "list", "messages"):
            if isinstance(record, dict):
                yield line, {key: text_of(value) for key, value in record.items()}, raw
            else:
                given.refuse(line, "unknown_record", raw)
        return
    table = given.table(_XIAODUO)
    width = len(table.headings)
    for line, cells, raw in table.rows:
        if len(cells) != width:
            reason = "too_few_columns" if len(cells) < width else "too_many_columns"
            given.refuse(line, reason, raw, found=str(len(cells)), wanted=str(width))
        else:
            yield line, dict(zip(table.headings, cells, strict=True)), raw


def _of_xiaoduo(given: Input, line: int, row: Mapping[str, str], raw: str) -> SourceMessage:
    act = row.get("act", "").strip()
    role = given.mapping.roles.get(act) or _ACTS.get(act)
    if role is None:
        raise NotUnderstoodError("unknown_role", value=act)
    at = written_at(row.get("msg_time", ""))
    text = said(row.get("msg", ""))
    staff, buyer = names.split(row.get("snick", "")), names.split(row.get("cnick", ""))
    told = row.get("platform", "")
    message = SourceMessage(
        line,
        role,
        text,
        at[0],
        at[1],
        _XIAODUO_PLATFORMS.get(told, told) or staff.platform,
        staff.shop or given.mapping.shop or row.get("shop_id", ""),
        staff.account,
        exact_id(buyer.account, "cnick"),
        message_id=exact_id(row.get("msg_id", ""), "msg_id"),
        kind=texts.kind_of(text),
        source=raw,
    )
    if role is Role.AGENT:
        message.role, message.auto_reason = names.role_of_staff(staff.account)
        sent_from = WORDS_OF_ROLES.get(row.get("send_msg_from", "").casefold())
        if sent_from in {Role.BOT, Role.AUTO}:
            message.role, message.auto_reason = sent_from, "source"
    extra = {"sku": row.get("plat_goods_id", ""), "sent_from": row.get("send_msg_from", "")}
    message.extra = {key: value for key, value in extra.items() if value not in _NOTHING}
    return message


_NOTHING: Final = frozenset({"", "0", "NULL", "null"})


def _headings(columns: Sequence[str], head: Head) -> str:
    if head.has_headings(*columns):
        return "headings_known"
    return "keys_known" if head.has_keys(*columns) else ""


WORKBOOK = Format(
    "qc_workbook",
    {
        "zh": "质检工具表格（一行一段会话，messages 列是 JSON）",
        "en": "Quality tool's workbook, a conversation a row with JSON messages",
    },
    read_workbook,
    lambda head: "headings_known" if head.has_headings(*_WORKBOOK_COLUMNS) else "",
)
ASSISTANT = Format(
    "ai_assistant",
    {"zh": "AI 客服工具的 JSON", "en": "AI assistant's JSON"},
    read_assistant,
    lambda head: (
        "keys_known" if '"context_type"' in head.text and '"message_time"' in head.text else ""
    ),
)
XIAODUO = Format(
    "xiaoduo",
    {"zh": "晓多数据仓库明细", "en": "Xiaoduo warehouse rows"},
    read_xiaoduo,
    lambda head: _headings(_XIAODUO, head),
)
