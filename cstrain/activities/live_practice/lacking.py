"""What a turn still lacks, told by its kind: enough to go on, never the sentence. Pure.

A scenario asks for facts, for actions on the order and for groups of words. Facts and actions have
names of their own; what a group of words is about is read from the words: “抱歉, 对不起” is an
apology, “您付, 自理” tells who pays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cstrain.activities.live_practice.scenario import ActionCode, State
from cstrain.activities.live_practice.words import action_title
from cstrain.kit.i18n import gettext as _


class About(StrEnum):
    """What a group of words is about."""

    APOLOGY = "apology"
    UNSURE = "unsure"
    PAYER = "payer"
    DEADLINE = "deadline"
    CHOICE = "choice"
    QUESTION = "question"
    SIZE = "size"
    RECORD = "record"
    REFUSAL = "refusal"
    COLLEAGUE = "colleague"
    AMOUNT = "amount"
    REMEDY = "remedy"
    POINT = "point"


#: Signs of a kind, parted by space; here one word is enough, the others say the same.
_TOLD_BY_ONE: Final = {
    About.APOLOGY: "抱歉 对不起 不好意思 对不住 道歉",
    About.UNSURE: "说不[准死好定] 不敢 没把握 难说 没公布 没测过?$",
}
#: Here words are counted; where as many show two kinds, the first is taken.
_TOLD_BY_MANY: Final = {
    About.PAYER: "^[您你我店算得].*[付出担包]$ 自理 承担 包邮",
    About.DEADLINE: r"""
        点[前半回] 点之前 分钟 小时 [零\d一二三四五六七八九十]\x20?点$ 凌晨 今[天晚] 明天 倒计时
    """,
    About.CHOICE: "[您你]定 看[您你] 随[您你] [您你](?:看着|挑|决定|说了算) 照实 如实 都行",
    About.QUESTION: """
        哪 什么 怎么 多[少重大宽] 几[码斤米] 谁 吗$ 对吧 对不对 体重 身高 腰围 截屏 截[个张]?图 照片
        抬头 税号 识别号 新地址
    """,
    About.SIZE: r"^(?:\d?X*[SMLX]|2[6-9]|3\d|40)$ 尺码 大一[码号]",
    About.RECORD: "备注 记录 聊天 单号 物流 面单 凭证 页面",
    About.REFUSAL: """
        不[能行了加收送换给卖算包含再是会] [做给说改减]不了 没法 无法 不方便 没[有打这] ^别
    """,
    About.COLLEAGUE: "主管 组长 仓库 财务 银行 报警 专员 转给 报给 反馈",
    About.AMOUNT: r"\d{2,} \d\x20?[元块] 十块 实付 到手 满减 差价",
    About.REMEDY: "退 换 补 重[发拍寄] 再发 撤 拦",
}
#: In this step the agent asks, so words that tell nothing else belong to a question.
ASK: Final = "ask"
#: So many of a group's words must show a kind.
_SHARE: Final = 1 / 3


@lru_cache(maxsize=4096)
def about(words: tuple[str, ...]) -> About:
    """What a group of words is about; ``POINT`` where the words do not tell.

    Kept, because every look at the desk asks it of each customer.
    """
    for kind, signs in _TOLD_BY_ONE.items():
        if _count(words, signs):
            return kind
    count = {kind: _count(words, signs) for kind, signs in _TOLD_BY_MANY.items()}
    best = max(count, key=lambda kind: count[kind])
    return best if count[best] >= len(words) * _SHARE else About.POINT


def _count(words: Iterable[str], signs: str) -> int:
    shows = re.compile("|".join(signs.split()))
    return sum(shows.search(word) is not None for word in words)


def about_title(kind: About) -> str:
    """What is missing, as a trainer would say it."""
    return {
        About.APOLOGY: _("一句道歉"),
        About.UNSURE: _("哪一点说不准"),
        About.PAYER: _("这笔钱谁出"),
        About.DEADLINE: _("什么时候办到"),
        About.CHOICE: _("由他自己定"),
        About.QUESTION: _("该问他的一句"),
        About.SIZE: _("尺码"),
        About.RECORD: _("从哪里查到的"),
        About.REFUSAL: _("哪一样不行"),
        About.COLLEAGUE: _("要找谁办"),
        About.AMOUNT: _("准确的数"),
        About.REMEDY: _("打算怎么处理"),
        About.POINT: _("他问的那一点"),
    }[kind]


def told(state: State | None, lacks: Iterable[str]) -> list[str]:
    """What is lacking, in words, each once.

    Args:
        state: What the customer wanted; None where the scenario no longer has it.
        lacks: As in ``Mark.needs_left``.
    """
    each = [_told(state, lack) for lack in lacks]
    point = about_title(About.POINT)
    count = each.count(point)
    several = _("他问的那 %(n)s 点", n=count) if count > 1 else point
    return [several if told == point else told for told in dict.fromkeys(each)]


def _told(state: State | None, lack: str) -> str:
    kind, _colon, name = lack.partition(":")
    if kind == "fact":
        return name
    if kind == "action" and name in set(ActionCode):
        return _("订单上的“%(action)s”", action=action_title(ActionCode(name)))
    groups = () if state is None else state.needs.words
    if kind == "words" and name.isdigit() and int(name) < len(groups):
        kind_of = about(groups[int(name)])
        is_question = kind_of is About.POINT and state is not None and state.step == ASK
        return about_title(About.QUESTION if is_question else kind_of)
    return about_title(About.POINT)


def wanted(state: State) -> str:
    """What the customer wants just now, by the step of serving; empty where the file tells none."""
    return {
        "greet": _("他刚来：先应一声，看清他要什么。"),
        "ask": _("还缺一样才答得了：先问他。"),
        "analyse": _("他要你看看他这件事，说是怎么回事。"),
        "recommend": _("他等一句准话：该要哪一样。"),
        "negotiate": _("他在讲条件：给得了的、给不了的，都说明白。"),
        "help": _("他有麻烦：要一个办法。"),
        "confirm": _("快定了：和他核一遍。"),
        "farewell": _("事办完了：好好收个尾。"),
    }.get(state.step or "", "")


def needed(state: State) -> list[str]:
    """Everything that a good answer in a state has, told by its kind."""
    needs = state.needs
    return told(
        state,
        (
            *(f"fact:{key}" for key in needs.facts),
            *(f"words:{index}" for index in range(len(needs.words))),
            *(f"action:{each.code.value}" for each in needs.actions),
        ),
    )
