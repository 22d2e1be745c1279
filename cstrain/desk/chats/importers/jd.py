"""京东: answers of 咚咚's API, and the files of the JDDC corpus. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from cstrain.desk.chats.importers import names, texts
from cstrain.desk.chats.importers.adapter import (
    Format,
    Head,
    NotUnderstoodError,
    name_in,
    said,
    understood,
    written_at,
)
from cstrain.desk.chats.importers.inputs import Input, text_of
from cstrain.desk.chats.message import Kind, Precision, Refused, Role, SourceMessage

_PLATFORM: Final = "jd"


def read_dongdong(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of jingdong.im.pop.chatlog.get, one or many answers in a file.

    Times are milliseconds since 1970; many messages share one, and keep the file's order.
    """
    records = given.records("chatLogList", "ChatLogList")
    yield from understood(given, records, _of_dongdong, lambda record: name_in(record, "customer"))


def _of_dongdong(given: Input, line: int, record: Any, raw: str) -> SourceMessage:
    if not isinstance(record, dict) or "content" not in record:
        raise NotUnderstoodError("unknown_record")
    sent = record.get("waiterSend")
    if not isinstance(sent, bool):
        raise NotUnderstoodError("unknown_role", value=text_of(sent))
    at = written_at(text_of(record.get("time")))
    text = said(text_of(record["content"]))
    waiter = names.split(text_of(record.get("waiter")))
    message = SourceMessage(
        line,
        Role.BUYER,
        text,
        at[0],
        at[1],
        _PLATFORM,
        waiter.shop or given.mapping.shop,
        waiter.account,
        text_of(record.get("customer")),
        text_of(record.get("sid")),
        kind=texts.kind_of(text),
        source=raw,
    )
    if sent:
        message.role, message.auto_reason = names.role_of_staff(waiter.account)
    if texts.is_system(text):
        message.role, message.kind, message.auto_reason = Role.SYSTEM, Kind.SYSTEM, ""
    elif text.startswith(("咨询订单号：", "咨询商品")):
        message.kind = Kind.CARD
    sku = text_of(record.get("skuId"))
    if sku and sku != "0":
        message.extra = {"sku": sku}
    return message


_HEADINGS: Final = ["session_id", "user_id", "waiter_send", "is_transfer", "is_repeat", "content"]
_SIDES: Final = {"0": Role.BUYER, "1": Role.AGENT}
_COLUMNS: Final = 7
_QUOTED = re.compile(r'\s*"((?:[^"]|"")*)"\s*', re.DOTALL)
_IS_ROW = re.compile(r"[^\t]{4,64}\t[^\t]+\t[01]\t[01]\t[01]\t[^\t]*\t")


def read_jddc(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of a JDDC file: seven columns without headings, or six with them (2018).

    Quotation marks are text, but those that a table program puts around all of a content; and a
    content may hold what looks like a column's end.
    """
    lines = given.lines()
    first = next(lines, (0, ""))
    has_headings = first[1].startswith(_HEADINGS[0])
    delimiter = "," if has_headings and "\t" not in first[1] else "\t"
    width = len(first[1].split(delimiter)) if has_headings else _COLUMNS
    short: tuple[int, str] | None = None
    for line, raw in lines if has_headings else chain([first], lines):
        if short:
            given.refuse(short[0], "too_few_columns", short[1], found="?", wanted=str(width))
            short = None
        cells = raw.split(delimiter, width - 1)
        if delimiter == ",":
            cells[-1] = _unquoted(cells[-1])
        if len(cells) == width:
            try:
                yield _of_jddc(given, line, cells, raw)
            except NotUnderstoodError as error:
                given.refuse(line, error.reason, raw, **error.details)
        elif raw.strip():
            short = line, raw
    if short:
        given.refuse(short[0], "cut_off", short[1])


def _unquoted(content: str) -> str:
    quoted = _QUOTED.fullmatch(content)
    return quoted[1].replace('""', '"') if quoted else content


def _of_jddc(given: Input, line: int, cells: list[str], raw: str) -> SourceMessage:
    role = _SIDES.get(cells[2])
    if role is None:
        raise NotUnderstoodError("unknown_role", value=cells[2])
    text = said(cells[-1])
    message = SourceMessage(
        line,
        role,
        text,
        None,
        Precision.NONE,
        _PLATFORM,
        given.mapping.shop,
        "",
        cells[1],
        cells[0],
        kind=texts.kind_of(text),
        source=raw,
    )
    if texts.is_system(text):
        message.role, message.kind = Role.SYSTEM, Kind.SYSTEM
    sku = cells[5] if len(cells) == _COLUMNS else ""
    if sku and sku not in {"nan", "NULL"}:
        message.extra = {"sku": sku}
    return message


_BLOCK = re.compile(r"<(/?)session ([^<>]{1,80})>")
_TURN = re.compile(r"<Q(\d+)>(.*)</Q\d+>")
_PART: Final = "!@@@!"
_AGENTS: Final = "<sep>"


def read_blocks(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of JDDC's text blocks of 2019.

    Of three agents' replies to the same turn the first that is one is kept as said, the others
    stand beside it, since a customer read one. A file of answers alone holds no questions; each of
    its lines is a reply.
    """
    session = ""
    for line, raw in given.lines():
        text = raw.strip()
        block = _BLOCK.fullmatch(text)
        if block:
            session = "" if block[1] else block[2]
            continue
        if not text or text in {"<context>", "</context>"}:
            continue
        if not session:
            given.refuse(line, "no_header", raw)
            continue
        turn = _TURN.fullmatch(text)
        if not turn and text.startswith("<"):
            given.refuse(line, "unknown_record", raw)
            continue
        role = Role.BUYER if turn or text.startswith("Q:") else Role.AGENT
        told = turn[2] if turn else text.removeprefix("Q:").removeprefix("A:")
        spoken = _spoken(given, session, role, told)
        if not spoken:
            given.refuse(line, "no_text", raw)
        for message in spoken:
            message.line, message.source = line, raw
            yield message
    if session:
        given.refuse(line, "cut_off")


def _spoken(given: Input, session: str, role: Role, told: str) -> list[SourceMessage]:
    """The messages of one turn, its other agents' replies beside the first."""
    variants = [_parts(each) for each in told.split(_AGENTS)]
    replies = [parts for parts in variants if parts]
    if not replies:
        return []
    spoken = [
        SourceMessage(
            0,
            Role.SYSTEM if texts.is_system(text) else role,
            text,
            None,
            Precision.NONE,
            _PLATFORM,
            given.mapping.shop,
            conversation=session,
            kind=Kind.SYSTEM if texts.is_system(text) else texts.kind_of(text),
        )
        for text in replies[0]
    ]
    spoken[0].extra = {
        f"reply_{number}": "\n".join(parts) for number, parts in enumerate(replies[1:], start=2)
    }
    return spoken


def _parts(told: str) -> list[str]:
    """The messages of one reply; ``NULL`` stands for none, also before some."""
    parts = [texts.cleaned(part.strip().removeprefix("NULL")) for part in told.split(_PART)]
    return [part for part in parts if part]


def _is_jddc(head: Head) -> str:
    if head.shape != "text":
        return ""
    if head.text.startswith(("\t".join(_HEADINGS), ",".join(_HEADINGS))):
        return "headings_known"
    rows = [line for line in head.text.split("\n", 6)[:5] if line]
    fitting = sum(_IS_ROW.match(line) is not None for line in rows)
    return "columns_known" if fitting * 2 > len(rows) else ""


DONGDONG = Format(
    "jd_dongdong",
    {"zh": "京东咚咚接口的 JSON（chatlog.get）", "en": "JD Dongdong API JSON (chatlog.get)"},
    read_dongdong,
    lambda head: "keys_known" if head.has_keys("waiterSend") else "",
)
JDDC = Format(
    "jddc",
    {"zh": "JDDC 数据集（制表符分列）", "en": "JDDC corpus (columns parted by tabs)"},
    read_jddc,
    _is_jddc,
)
JDDC_BLOCKS = Format(
    "jddc_blocks",
    {"zh": "JDDC 2019 数据集（文字块）", "en": "JDDC 2019 corpus (text blocks)"},
    read_blocks,
    lambda head: "columns_known" if _BLOCK.match(head.text) else "",
)
