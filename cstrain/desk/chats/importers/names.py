"""Accounts and nicks as chat tools write them. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from cstrain.desk.chats.message import Role

_PREFIX = re.compile(r"cn(taobao|tmall|jd|alichn)", re.IGNORECASE)
_PLATFORMS = {
    **dict.fromkeys(("taobao", "tmall", "淘宝", "天猫", "淘系"), "taobao"),
    **dict.fromkeys(("jd", "京东"), "jd"),
    **dict.fromkeys(("pdd", "拼多多"), "pdd"),
    "alichn": "1688",
}
_COLON = re.compile("[:：]")
_MASKED = re.compile(r"\*|＊|•{2}")
#: Accounts behind which nobody sits; shops count without them.
ROBOTS: Final = frozenset({"服务助手", "店小蜜", "阿里店小蜜", "机器人", "智能客服", "客服助手"})
_ROBOT_END = ("机器人", "店小蜜", "服务助手")


class Name(NamedTuple):
    """A name taken apart.

    Attributes:
        platform: What its prefix says; empty without one.
        shop: What stands before the first colon; empty for a buyer.
        account: The sub-account after the colon, or the whole name.
    """

    platform: str
    shop: str
    account: str

    @property
    def is_of_shop(self) -> bool:
        """Whether it is a sub-account of a shop, so an agent or a robot."""
        return bool(self.shop)

    @property
    def is_robot(self) -> bool:
        """Whether the account is known for a robot's."""
        return is_robot(self.account)


@lru_cache(maxsize=65_536)
def split(name: str) -> Name:
    """Take ``cntaobao店铺:子账号`` apart; the colon may be full width, the first one counts."""
    name = name.strip()
    prefix = _PREFIX.match(name)
    platform = ""
    if prefix:
        platform = _PLATFORMS[prefix[1].lower()]
        name = name[prefix.end() :]
    parts = _COLON.split(name, maxsplit=1)
    if len(parts) == 1 or not parts[0].strip() or not parts[1].strip():
        return Name(platform, "", name)
    return Name(platform, parts[0].strip(), parts[1].strip())


def platform(told: str) -> str:
    """The code of a platform that a source names in words; the words where nobody knows them."""
    return _PLATFORMS.get(told.strip().casefold(), told.strip())


def is_robot(account: str) -> bool:
    """Whether an account is known for a robot's."""
    return account in ROBOTS or account.endswith(_ROBOT_END)


def is_masked(nick: str) -> bool:
    """Whether a platform has hidden part of a nick, as ``景**``; such a nick is no key."""
    return _MASKED.search(nick) is not None


@lru_cache(maxsize=4_096)
def role_of_staff(account: str) -> tuple[Role, str]:
    """Role of what an account of the shop wrote, and why it is no person's where it is not."""
    return (Role.BOT, "robot_account") if is_robot(account) else (Role.AGENT, "")
