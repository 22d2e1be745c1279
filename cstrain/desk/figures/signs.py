"""What can be seen in a transcript of an agent's lines by rule. Pure.

A sign is a hint for whoever marks: *seen*, *not seen* or *unclear*, each with the line it rests
on. It never grades by itself. Only lines that the agent wrote count, not automatic ones. The rules
look at Chinese.

Source: the eight steps and the lists of forbidden things are practitioners' rules for shops.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from cstrain.desk.figures.kpi import Message, Role
from cstrain.desk.figures.transcript import (
    Seen,
    Sign,
    affirmed,
    bare,
    is_question,
    own_lines,
)
from cstrain.desk.replies.words import Hit, Word, hits

__all__ = [
    "REPEATED_MIN_CHARS",
    "Seen",
    "Sign",
    "apologies",
    "asked_again",
    "forbidden",
    "lures",
    "repeats",
]

REPEATED_MIN_CHARS: Final = 6
"""Shorter lines (好的, 在的呢) may be said again."""


_APOLOGY = re.compile(
    r"抱歉|对不起|对不住|不好意思|久等|见谅|怠慢|(?:让|叫)您(?:白)?等"
    r"|(?:是|怪)我们?(?:的(?:错|疏忽|问题|责任)|没|漏|发错|弄错|搞错|做得不)"
)
_NO_APOLOGY = re.compile(r"(?:不用|不必|没什么好|有什么好|别|不需要|不会)(?:说)?$")


def apologies(messages: Sequence[Message]) -> list[Sign]:
    """The lines in which the agent says sorry or owns a fault."""
    found = []
    for index, line in own_lines(messages):
        for match in _APOLOGY.finditer(line):
            if not _NO_APOLOGY.search(line, max(match.start() - 8, 0), match.start()):
                found.append(Sign(Seen.SEEN, index, match[0]))
                break
    return found


def repeats(messages: Sequence[Message]) -> list[Sign]:
    """Lines the agent sent before, whole and the same but for marks and particles.

    ``earlier`` is the first of them. Lines of fewer than ``REPEATED_MIN_CHARS`` characters do not
    count.
    """
    first: dict[str, int] = {}
    found = []
    for index, line in own_lines(messages):
        key = bare(line)
        if len(key) < REPEATED_MIN_CHARS:
            continue
        if key in first:
            found.append(Sign(Seen.SEEN, index, line, first[key]))
        first.setdefault(key, index)
    return found


#: What agents ask customers for → the words that tell it.
_ASKED_FOR: Final = {
    name: re.compile(words)
    for name, words in {
        "order": r"订单号|尾号|单号|哪一?单",
        "weight": r"体重|多重|斤",
        "height": r"身高|多高",
        "waist": r"腰围|腰头",
        "size": r"尺码|什么码|多大码|哪个码|几码",
        "bed": r"床多|被子多|多宽的床",
        "colour": r"颜色|什么色|哪个色",
        "budget": r"预算|价位|价格范围",
        "address": r"地址|寄到哪|发到哪|收货到哪",
        "phone": r"电话|手机号|联系方式",
        "picture": r"截图|截个图|照片|拍张|图(?:片)?发",
        "use": r"用在哪|上班穿|户外穿|什么场合|做什么用",
    }.items()
}


def asked_again(messages: Sequence[Message]) -> list[Sign]:
    """Questions the agent put to the customer before, with something said by the customer between.

    Seen where the words are the same, unclear where only what is asked for is the same (the order
    number, the weight). Checking what is known (“地址是……，对吗”) is not asking again.
    """
    asked: dict[str, int] = {}
    found = []
    for index, line in own_lines(messages):
        if not is_question(line):
            continue
        same = bare(line)
        about = [name for name, words in _ASKED_FOR.items() if words.search(line)]
        keys = (same, *about)
        answered = [key for key in keys if _buyer_between(messages, asked.get(key), index)]
        if answered:
            seen = Seen.SEEN if answered[0] == same else Seen.UNCLEAR
            found.append(Sign(seen, index, line, asked[answered[0]]))
        for key in keys:
            asked.setdefault(key, index)
    return found


def _buyer_between(messages: Sequence[Message], first: int | None, second: int) -> bool:
    return first is not None and any(
        each.role is Role.BUYER for each in messages[first + 1 : second]
    )


_LURE = re.compile(
    r"(?:加|\+|➕)(?:一?下?|个)?(?:我|咱|我们|店长|老板|主管)?(?:的)?"
    r"(?:微信|薇信|威信|维信|微|薇|v信?|vx|wx|wechat|q+|qq|企鹅|好友)"
    r"|(?:微信|薇信|vx|wx|v信|qq)(?:号)?(?:是|:|同号|号码)"
    r"|(?:支付宝|微信|银行卡|直接|私下)(?:里|直接|上)?转(?!运|人工|接|发)(?:账|给|过|钱)?"
    r"|转账(?:给|到)(?:我|我们|这个|这张|店长|老板)"
    r"|打到(?:我|这张|这个)?(?:卡|账)|线下(?:交易|付|转|买|成交|拍|给)|走线下|私下(?:交易|付|买|给|拍)"
    r"|扫(?:一?下?|我)(?:这个|的)?(?:二维码|码)?(?:加|转|付给)|(?:换个|到别的|去别的)平台(?:买|拍|下单)"
)
_BARE_LURE = re.compile(
    r"(?:微信|薇信|威信)(?!支付|付款|零钱|钱包|小程序)|vx|\bqq\b|线下|私下|转账|转给我|二维码"
)
_WARNING = re.compile(r"骗|都不是我们|不是本店|小心|谨防|当心|不安全|没有保障|别信")
_BLANKS = re.compile(r"[\s._*·\-]+")


def lures(messages: Sequence[Message]) -> list[Sign]:
    """Lines that lead the customer off the platform: to another contact, or to another payment.

    Seen where the agent invites to it; unclear where only the word stands there (微信, 转账), or
    where a warning does. A clause that refuses it (“不能加微信”) is no sign. Blanks and dots
    within a word do not hide it.
    """
    found = []
    for index, line in own_lines(messages):
        close = "".join(_BLANKS.sub("", part) + "," for part in line.splitlines())
        if lure := affirmed(_LURE, close):
            seen = Seen.UNCLEAR if _WARNING.search(close) else Seen.SEEN
            found.append(Sign(seen, index, lure))
        elif word := affirmed(_BARE_LURE, close):
            found.append(Sign(Seen.UNCLEAR, index, word))
    return found


def forbidden(messages: Sequence[Message], words: Iterable[Word]) -> list[tuple[int, Hit]]:
    """The shop's forbidden words in the agent's lines: line index, and where in its text."""
    kept = list(words)
    return [
        (index, hit)
        for index, _line in own_lines(messages)
        for hit in hits(messages[index].text, kept)
    ]
