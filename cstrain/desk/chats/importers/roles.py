"""What sources call buyers and agents, and how agents speak. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from cstrain.desk.chats.message import Role

_ROLE_WORDS: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.BUYER: (
        *("买家", "顾客", "客户", "用户", "访客", "消费者", "buyer", "customer", "user", "client"),
        *("買家", "顧客", "客戶", "用戶", "訪客", "消費者"),
        *("visitor", "contact", "c", "q", "u", "in", "incoming", "recv", "recv_msg", "receive"),
    ),
    Role.AGENT: (
        *("客服", "卖家", "商家", "店铺", "人工", "人工客服", "坐席", "员工", "agent", "seller"),
        *("賣家", "店鋪", "員工"),
        *("waiter", "staff", "assistant", "admin", "service", "s", "a", "b", "out", "outgoing"),
        *("send", "send_msg", "operator", "mall_cs"),
    ),
    Role.BOT: ("机器人", "機器人", "智能客服", "店小蜜", "robot", "bot", "agentbot"),
    Role.AUTO: ("自动回复", "自动", "自動回覆", "自動", "auto", "auto_reply"),
    Role.SYSTEM: (
        *("系统", "系统消息", "系统提示", "系统通知", "平台", "平台消息", "平台提示", "平台通知"),
        *("系統", "系統訊息", "系統提示", "系統通知", "平台訊息", "system", "activity", "notice"),
    ),
}
WORDS_OF_ROLES: Final = {word: role for role, words in _ROLE_WORDS.items() for word in words}
_POLITE = re.compile("亲|您|欢迎光临|很高兴|哦$|哈$|呢$")


def is_word(value: str) -> bool:
    """Whether a value is a known word of a role, or too short for a name: ``客服``, ``0``."""
    return len(value) <= 1 or value.strip().casefold() in WORDS_OF_ROLES


def are_words(values: Collection[str]) -> bool:
    """Whether values are words of roles and no names; single letters only where both sides speak.

    Args:
        values: All that stand in a column; without any, they are not.
    """
    roles = {WORDS_OF_ROLES.get(value.strip().casefold()) for value in values}
    if not roles or None in roles:
        return False
    return {Role.BUYER, Role.AGENT} <= roles or not any(len(value) == 1 for value in values)


def polite_side(pairs: Sequence[tuple[str, str]], sides: Sequence[str]) -> str:
    """Which of two sides speaks as agents do; for 0 and 1 that no heading explains."""
    return max(sides, key=lambda side: politeness([text for value, text in pairs if value == side]))


def politeness(said: Sequence[str]) -> float:
    """The share of texts with words that agents use and buyers hardly ever do."""
    return sum(bool(_POLITE.search(text)) for text in said) / max(len(said), 1)
