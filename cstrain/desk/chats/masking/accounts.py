"""Mail addresses and WeChat, QQ and Alipay ids in what was said. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from cstrain.desk.chats.masking.views import Span

_MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]*"
    r"(?:\s?[@＠]\s?|艾特|#(?=(?:qq|163|126|sina|gmail|outlook)[.。]))"
    r"[A-Za-z0-9-]+(?:\s?(?:[.。．]|点)\s?[A-Za-z0-9-]+)*\s?(?:[.。．]|点)\s?"
    r"(?!png|jpe?g|gif)[A-Za-z]{2,6}(?![A-Za-z0-9])"
)
_MAYBE_MAIL = re.compile(r"[@＠艾#](?<=[A-Za-z0-9 ].)")

_MAYBE_VALUE = re.compile(r"[A-Za-z0-9_-]{5}")
_MAYBE_LABEL = re.compile(
    r"[微威薇维卫企扣支加➕＋+我个]|(?<![A-Za-z0-9])(?:[vVwW]\s?[xX信:：➕]|[qQ][qQ号:：]|[wW]e)"
)
_BEHIND: Final = r"(?![a-z0-9_@.-])"
_ID: Final = rf"(?P<value>[a-z][a-z0-9_-]{{4,19}}|[1-9][0-9]{{4,10}}){_BEHIND}"
_ID_WITH_DIGIT: Final = rf"(?P<value>(?=[a-z0-9_-]*[0-9])[a-z0-9][a-z0-9_-]{{4,19}}){_BEHIND}"
_LINK: Final = r"[\s:：,，=是为叫我就加的个发➡→\"']{0,6}"
_WECHAT: Final = (
    r"微信|[威薇维卫]信|卫星|微x|wei\s?xin|we\s?chat|(?<![a-z0-9])(?:vx|wx|v信|w信)"
    r"|(?:[加➕＋+]|加个|加我|加一下|我的?)\s?[v➕]信?(?![a-z]{1,3}(?![a-z0-9]))"
    r"|支付宝(?:账号|帐号|号)"
)
_CALLED: Final = r"(?:\s?(?:号码|账号|帐号|号|群|id|名))?"
_QQ: Final = r"(?<![a-z0-9])qq|扣扣|企鹅|(?<![a-z])q(?=[号:：])"
_BEFORE: Final = r"(?:微信|vx|wx|v信|qq|扣扣)(?![a-z支群小公红钱转])"
_MINE: Final = r"[\s,，]{0,2}(?:这个?)?(?:就?是)?我?的?"
_BEHIND_LABEL: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:{_WECHAT}){_CALLED}{_LINK}{_ID}",
        rf"(?:(?<![a-z0-9])v\s?[:：]|加我){_LINK}{_ID_WITH_DIGIT}",
        rf"(?:{_QQ}){_CALLED}{_LINK}(?P<value>[1-9][0-9]{{4,10}}){_BEHIND}",
    )
)
_BEFORE_LABEL = re.compile(rf"(?<![a-z0-9_@.-]){_ID_WITH_DIGIT}{_MINE}{_BEFORE}", re.IGNORECASE)
_SIGNS_BEFORE: Final = 30
#: A label with all that may stand behind it and the value's first signs is shorter.
_SIGNS_BEHIND: Final = 60
#: So many signs of a label tell that it may be one.
_MOST_LABEL: Final = 3
_WECHAT_ID = re.compile(r"(?<![A-Za-z0-9_])wxid_[A-Za-z0-9]{8,22}")
#: Words that follow a label and are no id.
_WORDS: Final = frozenset(
    (
        *("android", "iphone", "windows", "wechat", "weixin", "wallet", "xiaomi", "huawei"),
        *("taobao", "alipay", "music", "email", "phone", "hello", "thanks", "number", "please"),
        *("mobile", "version", "login", "group", "video", "https"),
    )
)
#: So short a word of letters alone is no id.
_WORD_LETTERS: Final = 5
_UNIT = re.compile(r"\s?(?:元|块|个|件|人|月|年|%|折|克|g(?![a-z])|次|分|天|￥)")


def mails(view: str) -> Iterable[Span]:
    """The mail addresses of a view."""
    if not _MAYBE_MAIL.search(view):
        return ()
    return (Span(*found.span(), "mail") for found in _MAIL.finditer(view))


def accounts(view: str) -> Iterable[Span]:
    """The ids of a view that are called so."""
    return _accounts(view) if _MAYBE_VALUE.search(view) else ()


def _accounts(view: str) -> Iterator[Span]:
    for label in _labels(view):
        start = label.start()
        for pattern in _BEHIND_LABEL:
            found = pattern.match(view, start)
            if found and _is_id(view, found):
                yield Span(*found.span("value"), "account")
        for found in _BEFORE_LABEL.finditer(view, max(0, start - _SIGNS_BEFORE), start + 2):
            yield Span(*found.span("value"), "account")
    if "wxid_" in view:
        yield from (Span(*found.span(), "account") for found in _WECHAT_ID.finditer(view))


def _labels(view: str) -> Iterator[re.Match[str]]:
    """The labels that stand near a value."""
    done = 0
    for value in _MAYBE_VALUE.finditer(view):
        begin = max(done - _MOST_LABEL, value.start() - _SIGNS_BEHIND, 0)
        done = max(done, value.end() + _SIGNS_BEFORE)
        yield from _MAYBE_LABEL.finditer(view, begin, done)


def _is_id(view: str, found: re.Match[str]) -> bool:
    value = found["value"]
    if value.isdecimal():
        return _UNIT.match(view, found.end("value")) is None
    return value.lower() not in _WORDS and not (value.isalpha() and len(value) <= _WORD_LETTERS)
