"""拼多多: what its web page is pushed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cstrain.desk.chats.importers import names, texts
from cstrain.desk.chats.importers.adapter import (
    Format,
    NotUnderstoodError,
    name_in,
    understood,
    written_at,
)
from cstrain.desk.chats.importers.inputs import Input, text_of
from cstrain.desk.chats.message import Kind, Refused, Role, SourceMessage

_RECALL: Final = 1002
_ROLES: Final = {"user": Role.BUYER, "mall_cs": Role.AGENT, "system": Role.SYSTEM}


def read(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages that the page was pushed, each alone or under ``message``."""
    records = given.records("messages", "data", "list")
    yield from understood(given, records, _of_push, _nickname)


def _nickname(record: Any) -> str:
    return name_in(record, "message", "nickname") or name_in(record, "nickname")


def _of_push(given: Input, line: int, record: Any, raw: str) -> SourceMessage:
    told = record.get("message", record) if isinstance(record, dict) else None
    if not isinstance(told, dict):
        raise NotUnderstoodError("unknown_record")
    sender, receiver = (_side(told.get(key)) for key in ("from", "to"))
    who = text_of(sender.get("role"))
    role = _ROLES.get(who)
    if role is None:
        raise NotUnderstoodError("unknown_role", value=who)
    at = written_at(text_of(told.get("ts")))
    text = texts.cleaned(text_of(told.get("content")))
    kind = texts.kind_of(text)
    if told.get("type") == _RECALL:
        text = texts.cleaned(text_of(_side(told.get("info")).get("withdraw_hint"))) or text
        kind = Kind.RECALL
        text = text or "[撤回]"
    if not text:
        raise NotUnderstoodError("no_text")
    staff, buyer = (receiver, sender) if role is Role.BUYER else (sender, receiver)
    message = SourceMessage(
        line,
        role,
        text,
        at[0],
        at[1],
        "pdd",
        given.mapping.shop or text_of(staff.get("mall_id")),
        text_of(staff.get("csid") or staff.get("uid")) if staff else "",
        text_of(buyer.get("uid")),
        message_id=text_of(told.get("msg_id")),
        kind=kind,
        source=raw,
    )
    if role is Role.AGENT:
        message.role, message.auto_reason = names.role_of_staff(message.account)
    nickname = text_of(told.get("nickname"))
    if nickname:
        message.extra, message.also_called = {"nickname": nickname}, (nickname,)
    return message


def _side(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


FORMAT = Format(
    "pdd_push",
    {"zh": "拼多多网页推送的 JSON", "en": "Pinduoduo web push JSON"},
    read,
    lambda head: "keys_known" if '"mall_cs"' in head.text else "",
)
