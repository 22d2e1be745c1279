"""企点: a workbook with a conversation a row, its chat in one cell as text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from cstrain.desk.chats.importers import names, texts, times
from cstrain.desk.chats.importers.adapter import CELL_CHARS, Format
from cstrain.desk.chats.importers.inputs import Input
from cstrain.desk.chats.message import Refused, Role, SourceMessage

_COLUMNS: Final = ("客服", "客户", "会话记录")
_DAY = re.compile(r"日期\s+(\d{4}-\d{1,2}-\d{1,2})\s*")
_RULE = re.compile(r"\|-+\|?\s*")
_HEADER = re.compile(
    r"(?P<name>\S.{0,80}?)\((?P<id>\d{4,20})\)[ \t]+(?P<clock>\d{1,2}:\d{2}:\d{2})\s*"
)
#: Columns about the whole conversation that are kept with its first message.
_EXTRAS: Final = {"满意度评分": "rating", "是否已解决": "solved", "会话主题": "subject"}


def read(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of the cells 会话记录; a row is a conversation."""
    table = given.table(_COLUMNS)
    agent_at, customer_at, chat_at = table.places(*_COLUMNS)
    shop = given.mapping.shop
    for line, cells, raw in table.rows:
        if len(cells) <= max(agent_at, customer_at, chat_at) or not cells[chat_at].strip():
            customer = cells[customer_at].strip() if customer_at < len(cells) else ""
            given.refuse(line, "no_text", raw, buyer=customer)
            continue
        if len(cells[chat_at]) >= CELL_CHARS:
            given.refuse(line, "cell_cut", cells[chat_at][-200:], buyer=cells[customer_at].strip())
        agent, customer = cells[agent_at].strip(), cells[customer_at].strip()
        extra = {
            key: cells[place]
            for heading, key in _EXTRAS.items()
            if (place := table.places(heading)[0]) >= 0 and place < len(cells) and cells[place]
        }
        found = list(_chat(given, line, cells[chat_at], agent, customer))
        for message in found:
            message.shop = shop
            # The row's number would be another one in the next export.
            message.conversation = f"{message.buyer or customer} {found[0].at}"
            message.extra, extra = extra, {}
            yield message


def _chat(given: Input, line: int, chat: str, agent: str, customer: str) -> Iterator[SourceMessage]:
    day: date | None = given.day
    found: list[tuple[re.Match[str], date | None, list[str]]] = []
    for text in chat.splitlines():
        told = _DAY.fullmatch(text.strip())
        header = _HEADER.fullmatch(text.strip())
        if told:
            moment = times.moment(told[1])
            day = moment[0].date() if moment else None
        elif header:
            found.append((header, day, []))
        elif found:
            if not _RULE.fullmatch(text.strip()):
                found[-1][2].append(text.rstrip())
        elif text.strip() and not _RULE.fullmatch(text.strip()):
            given.refuse(line, "no_header", text, buyer=customer)
    staff = _staff_ids(found, agent, customer)
    buyer = next((header["id"] for header, _day, _said in found if header["id"] not in staff), "")
    called = {
        customer,
        *(header["name"] for header, _on, _said in found if header["id"] not in staff),
    }
    for header, on, said in found:
        body = texts.cleaned("\n".join(said))
        source = "\n".join([header[0], *said]).rstrip()
        of_day = times.clock(header["clock"])
        if not body or of_day is None or on is None:
            given.refuse(line, "no_text" if not body else "no_time", source, buyer=customer)
            continue
        message = SourceMessage(
            line,
            Role.BUYER,
            body,
            times.on(on, of_day[0]),
            of_day[1],
            "qq",
            buyer=buyer,
            kind=texts.kind_of(body),
            source=source,
            also_called=tuple(sorted(called)),
        )
        if header["id"] in staff:
            message.account = header["name"]
            message.role, message.auto_reason = names.role_of_staff(header["name"])
        yield message


def _staff_ids(
    found: list[tuple[re.Match[str], date | None, list[str]]], agent: str, customer: str
) -> set[str]:
    """Whose ids are of the shop: whoever is not the customer by name, or is the agent by name."""
    ids = {header["id"]: header["name"] for header, _day, _said in found}
    agents = {each for each, name in ids.items() if agent and (name in agent or agent in name)}
    buyers = {
        each
        for each, name in ids.items()
        if each not in agents
        and customer
        and (name in customer or each in customer or customer in name)
    }
    if buyers:
        return set(ids) - buyers
    return agents


FORMAT = Format(
    "qidian",
    {"zh": "企点会话表格（会话记录在一格里）", "en": "Qidian workbook, the chat in one cell"},
    read,
    lambda head: "headings_known" if head.has_headings(*_COLUMNS) else "",
)
