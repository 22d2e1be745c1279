"""U-NEED: dialogues of 淘宝 with times, as JSON or as blocks of JSON in Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from cstrain.desk.chats.importers import texts
from cstrain.desk.chats.importers.adapter import (
    Format,
    NotUnderstoodError,
    parts,
    said,
    understood,
    written_at,
)
from cstrain.desk.chats.importers.inputs import Input, text_of
from cstrain.desk.chats.message import Refused, Role, SourceMessage

_SIDES: Final = {"用户": Role.BUYER, "客服": Role.AGENT}


def read(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of the dialogues; their times carry noise below a millisecond."""
    for line, record, raw in given.records():
        told = record.get("dialogue") if isinstance(record, dict) else None
        if not isinstance(told, list):
            given.refuse(line, "unknown_record", raw)
            continue
        yield from understood(given, parts(line, told), partial(_of_turn, record))


def _of_turn(
    record: Mapping[str, Any], _given: Input, line: int, turn: Any, raw: str
) -> SourceMessage:
    if not isinstance(turn, dict):
        raise NotUnderstoodError("unknown_record")
    who = text_of(turn.get("sender_type"))
    role = _SIDES.get(who)
    if role is None:
        raise NotUnderstoodError("unknown_role", value=who)
    at = written_at(text_of(turn.get("time")))
    text = said(text_of(turn.get("send_content")))
    return SourceMessage(
        line,
        role,
        text,
        at[0],
        at[1],
        "taobao",
        text_of(record.get("sellerid")),
        "",
        text_of(record.get("userid")),
        text_of(record.get("sid")),
        kind=texts.kind_of(text),
        source=raw,
    )


FORMAT = Format(
    "uneed",
    {"zh": "U-NEED 数据集", "en": "U-NEED corpus"},
    read,
    lambda head: (
        "keys_known" if '"send_content"' in head.text and '"dialogue"' in head.text else ""
    ),
)
