"""Chats written as text: one line a message, ``时间 谁：说了什么``."""

import re
from dataclasses import dataclass
from enum import StrEnum

_CUSTOMERS = ("买家", "顾客", "客户")
_SYSTEM = "系统"
_AUTO = "自动回复"
_TIME = r"(?:(?P<at>(?:[^\s：:（(]{1,8} )?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)\s+)?"
_MESSAGE = re.compile(_TIME + r"(?P<who>[^\s：:（）()\[\]]{1,12})[：:]\s*(?P<text>.*)", re.DOTALL)
_NOTE = re.compile(_TIME + r"(?P<text>（.*）|\(.*\))", re.DOTALL)


class Voice(StrEnum):
    """Who speaks in a line of a chat."""

    CUSTOMER = "customer"
    AGENT = "agent"
    AUTO = "auto"
    SYSTEM = "system"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One message.

    Attributes:
        voice: Who speaks; auto is what the shop's machine sends, a note is the narrator.
        who: The name as written, empty for a note.
        text: What is said, plain text, never Markdown.
        at: The time as written (``19:42``, ``次日 09:05``), empty where there is none.
    """

    voice: Voice
    who: str
    text: str
    at: str = ""


def read_line(line: str) -> ChatLine | None:
    """Read one line; None when nobody says it and it is no note in brackets."""
    plain = line.strip()
    if note := _NOTE.fullmatch(plain):
        return ChatLine(Voice.NOTE, "", note["text"], note["at"] or "")
    message = _MESSAGE.fullmatch(plain)
    if message is None:
        return None
    who = message["who"]
    return ChatLine(_voice(who), who, message["text"].strip(), message["at"] or "")


def read(text: str) -> list[ChatLine]:
    """Read a chat; a line that nobody says goes on with the message before it."""
    lines: list[ChatLine] = []
    for raw in text.split("\n"):
        if not raw.strip():
            continue
        line = read_line(raw)
        if line is not None:
            lines.append(line)
        elif lines:
            last = lines.pop()
            lines.append(ChatLine(last.voice, last.who, f"{last.text}\n{raw.strip()}", last.at))
        else:
            lines.append(ChatLine(Voice.NOTE, "", raw.strip()))
    return lines


def _voice(who: str) -> Voice:
    if who.startswith(_CUSTOMERS):
        return Voice.CUSTOMER
    if who.startswith(_AUTO):
        return Voice.AUTO
    return Voice.SYSTEM if who.startswith(_SYSTEM) else Voice.AGENT
