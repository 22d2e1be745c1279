"""Reading the lines of a transcript: who wrote them, their clauses, what is said and not denied.

Pure; the rules look at Chinese. What is found is a *sign*: seen, not seen or unclear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cstrain.core.catalogue.catalogue import fold
from cstrain.desk.figures.kpi import Message, Role


class Seen(StrEnum):
    """Whether something was seen."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Sign:
    """Something looked for in a transcript.

    Attributes:
        index: The line it rests on; None where nothing was seen.
        text: The words it rests on, folded in case and width.
        earlier: Of something said again, the line where it was said before.
    """

    seen: Seen
    index: int | None = None
    text: str = ""
    earlier: int | None = None


NOT_SEEN: Final = Sign(Seen.NOT_SEEN)
_CLAUSES = re.compile(r"[^,，。!?;；、~…\n]+[!?。~]?")
# A no before a word, in its clause and near it. “付不了”, “特别” and “不过” deny nothing, and what
# follows on “就” or “的话” is said whatever stands before it.
_DENIED = re.compile(
    r"(?:不(?![到了住开上下成妨错过仅但如同]|好意思|方便的?话)(?:可以)?|[加收转付]不了|没|无法|无需"
    r"|(?<![特级区性类分])别(?![的人家处])|勿|禁止|谨防|拒绝)(?:(?!就|可以|的话|请|那)[^,]){0,5}$"
)
_DENIED_MAX_CHARS: Final = 12


def own_lines(messages: Sequence[Message]) -> Iterator[tuple[int, str]]:
    """Index and folded text of each line that the agent wrote; automatic ones are not."""
    for index, message in enumerate(messages):
        if message.role is Role.AGENT and not message.is_auto:
            yield index, fold(message.text)


def clauses(text: str) -> list[str]:
    """The parts of a folded line between marks, each with the mark that ends it."""
    return [found[0].strip() for found in _CLAUSES.finditer(text)]


def affirmed(pattern: re.Pattern[str], line: str) -> str:
    """The first match within a clause that no word before it denies, else an empty string."""
    for clause in clauses(line):
        for match in pattern.finditer(clause):
            if match[0] and not _DENIED.search(
                clause, max(match.start() - _DENIED_MAX_CHARS, 0), match.start()
            ):
                return match[0]
    return ""


_WORDLESS = re.compile(r"[\W_]+")
_PARTICLES = re.compile(r"亲爱的|亲亲|亲|哦|呢|哈|呀|啊|哒|喔|噢|嗯|的$|了$")


def bare(text: str) -> str:
    """A line without marks, blanks and particles, for telling whether two are the same."""
    return _PARTICLES.sub("", _WORDLESS.sub("", fold(text)))


_CHECKS = re.compile(r"(?:对吗|对吧|对不对|是吗|是吧|没错吧)")
_REQUEST = re.compile(
    r"报(?:下|一下|个)|(?:一起)?发(?:我|给我|一下|过来)|提供|告诉我|说(?:下|一下|一声|说)"
    r"|量(?:下|一下)|拍(?:给我|张|一张|个)|截(?:个)?图"
)
_QUESTION = re.compile(
    r"[吗嘛]|(?<![这那多要])么|没\?|什么|哪|多少|多大|多重|多高|多宽|多长|多久|几(?!天|乎)|是不是|有没有|要不要|还是|怎么|谁"
)
_ENDS_ASKING = re.compile(
    r"(?:[?吗嘛么呢]|多(?:少|大|高|重|宽|长|久)|哪(?:款|个|里|儿|种)|什么[^,]{0,2}|几[件个码号点])$"
)
COURTESY = re.compile(
    r"(?:有|还有)(?:什么|啥|其他|其它|别的)[^,。?]{0,8}(?:帮|效劳|服务|需要|问题|解决)[^,。?]*"
    r"|在吗|(?:好|可以|行|成|方便)(?:的)?[吗嘛么]|怎么(?:会|能|可能)|什么的|没什么|不怎么"
)


def is_question(line: str) -> bool:
    """Whether a folded line asks the customer for something.

    Courtesy (“可以吗”, “还有什么可以帮您”) does not, nor does checking what is known (“对吗”).
    """
    if _CHECKS.search(line):
        return False
    rest = COURTESY.sub("", line)
    asks = any(_QUESTION.search(clause) and _ENDS_ASKING.search(clause) for clause in clauses(rest))
    return asks or bool(affirmed(_REQUEST, rest))
