"""A case as text: the chat as lines, what may still tell who somebody is, the page. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cstrain.desk.chats.masking import mask as mask_sure
from cstrain.kit import masking
from cstrain.kit.chat import ChatLine
from cstrain.kit.chat import read as read_chat

CHAT_MAX_LENGTH: Final = 12_000
#: What Markdown would read as more than words.
_MARKUP = re.compile(r"([\\`*_\[\]>#~=|])")
_FIRST_MARKUP = re.compile(r"^(\s*)(?:([-+])|(\d+)([.)]))", re.MULTILINE)
#: Signs by which people go through a text.
_SIGNS_A_SECOND: Final = 10
_LEAST_S, _MOST_S = 20, 180


def chat_text(lines: Iterable[ChatLine]) -> str:
    """Lines as they are edited: one a line, whatever line ends they had."""
    said = []
    for line in lines:
        text = " ".join(line.text.split())
        if not text:
            continue
        who = f"{line.who}：" if line.who else ""
        said.append(" ".join(filter(None, (line.at, f"{who}{text}"))))
    return "\n".join(said)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A line that may still tell who somebody is.

    Attributes:
        number: From 1.
        before: As it stands.
        after: As the strict rule would leave it.
    """

    number: int
    before: str
    after: str


def hidden(text: str, names: Iterable[str] = ()) -> str:
    """A text without what certainly tells who somebody is."""
    return mask_sure(text, names).text


def doubts(text: str) -> list[Doubt]:
    """The lines in which the strict rule, which rather hides too much, would hide more."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        after = masking.mask(line)
        if after != line:
            found.append(Doubt(number, line, after))
    return found


def strict(text: str) -> str:
    """A text as the strict rule leaves it."""
    return "\n".join(masking.mask(line) for line in text.split("\n"))


def plain(text: str) -> str:
    """Words as Markdown that shows them as they are."""

    def first(found: re.Match[str]) -> str:
        space, sign, number, dot = found.groups()
        return f"{space}\\{sign}" if sign else f"{space}{number}\\{dot}"

    lines = _MARKUP.sub(r"\\\1", text).strip().split("\n")
    return _FIRST_MARKUP.sub(first, "\n".join(line.strip() for line in lines))


def markdown(
    *, happened: str, chat: str, better: str, headings: Sequence[str], level: int = 2
) -> str:
    """A case as Markdown.

    Args:
        happened: What happened.
        chat: As ``kit.chat`` reads it; may be empty.
        better: What should have been said.
        headings: Over the chat, and over what should have been said.
        level: Of the headings.
    """
    marks = "#" * level
    parts = [plain(happened)]
    if read_chat(chat):
        fenced = chat.replace("~~~", "～～～")
        parts += [f"{marks} {headings[0]}", f"~~~对话\n{fenced}\n~~~"]
    parts += [f"{marks} {headings[1]}", plain(better)]
    return "\n\n".join(parts)


def least_s(text: str) -> int:
    """How long a text must have been in sight to have been read, in seconds.

    Ten signs a second is twice as fast as people read who read closely; so nobody who reads waits.
    """
    return min(max(len(text) // _SIGNS_A_SECOND, _LEAST_S), _MOST_S)
