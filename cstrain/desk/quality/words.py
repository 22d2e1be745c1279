"""Codes of draws in words."""

from __future__ import annotations

from collections.abc import Mapping

from cstrain.desk.quality.hints import Hint, Sort
from cstrain.desk.quality.plan import By, Design
from cstrain.desk.quality.reviewing import Unfit
from cstrain.desk.quality.risk import Reason
from cstrain.desk.quality.sampling import Difference
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import lazy, waited

DIFFERENCES: Mapping[Difference, str] = {
    Difference.FRAME: lazy("抽样框变了：存下的和当时的哈希对不上。"),
    Difference.SECRET: lazy("密钥变了：和启用方案时公布的哈希对不上。"),
    Difference.SEED: lazy("种子不对：不是用密钥和这几天的日期算出来的。"),
    Difference.PLAN: lazy("方案变了：不是当时启用的那一版。"),
    Difference.DRAWN: lazy("抽到的变了：照样再抽一遍，抽到的条目或机会不一样。"),
    Difference.CARRIED: lazy("上一轮带过来的零头变了。"),
    Difference.LEFT_OVER: lazy("留给下一轮的零头变了。"),
}

#: Why a chat was looked at, for who is marked on it.
REASONS: Mapping[str, str] = {
    Reason.LATE: lazy("有一轮回得慢"),
    Reason.UNANSWERED: lazy("没有人回"),
    Reason.REFUND: lazy("说到退款"),
    Reason.COMPLAINT: lazy("有投诉的话"),
    Reason.FORBIDDEN: lazy("有违禁词"),
    Reason.LOW_RATING: lazy("买家打了低分"),
    Reason.BELOW_AVERAGE: lazy("回复率明显低于同事，多看几条"),
    Reason.NEW_HIRE: lazy("新人"),
}

#: The same on a chip in a list.
SHORT: Mapping[str, str] = {
    Reason.LATE: lazy("回得慢"),
    Reason.UNANSWERED: lazy("没人回"),
    Reason.REFUND: lazy("退款"),
    Reason.COMPLAINT: lazy("投诉"),
    Reason.FORBIDDEN: lazy("违禁词"),
    Reason.LOW_RATING: lazy("低分"),
    Reason.BELOW_AVERAGE: lazy("低于同事"),
    Reason.NEW_HIRE: lazy("新人"),
}


def hint(found: Hint) -> str:
    """What a rule sees at a line."""
    texts = {
        Sort.SLOW: _("等了 %(time)s", time=waited(found.wait_s or 0)),
        Sort.UNANSWERED: _("没有人回"),
        Sort.NO_GREETING: _("没看到问好"),
        Sort.NOT_FOLLOWED_UP: _("说了“%(text)s”，没见下文", text=found.text),
        Sort.FORBIDDEN: _("违禁词“%(text)s”", text=found.text),
        Sort.LURE: _("像是往站外引：%(text)s", text=found.text),
    }
    return texts[found.sort]


#: Why a chat cannot be marked.
UNFIT: Mapping[str, str] = {
    Unfit.EMPTY: lazy("没有人说话，只有自动回复"),
    Unfit.SPAM: lazy("广告、骚扰"),
    Unfit.PARTS_MISSING: lazy("缺图缺话，看不明白"),
    Unfit.SOMEBODY_ELSE: lazy("不是这位同事接待的"),
}

#: How a plan draws.
DESIGNS: Mapping[str, str] = {
    Design.PER_AGENT: lazy("每人一样多"),
    Design.SIMPLE: lazy("不分人，机会均等"),
    Design.PROPORTIONAL: lazy("分层，接待多的多抽"),
    Design.NEYMAN: lazy("分层，起伏大的多抽"),
    Design.SYSTEMATIC: lazy("每隔几条抽一条"),
    Design.RISK: lazy("情形越多，机会越大"),
    Design.LOT: lazy("按批验收"),
}

#: What strata are made of.
STRATA: Mapping[str, str] = {
    By.AGENT: lazy("客服"),
    By.STAGE: lazy("售前、售后"),
    By.TENURE: lazy("新人、老手"),
}

#: How many a plan takes, where the page's sentence alone does not say it.
SIZES: Mapping[str, str] = {
    Design.SIMPLE: lazy("平均每人照上面写的条数"),
    Design.PROPORTIONAL: lazy("平均每人照上面写的条数"),
    Design.NEYMAN: lazy("平均每人照上面写的条数"),
    Design.SYSTEMATIC: lazy("不看每人几条"),
    Design.RISK: lazy("平均每人照上面写的条数；谁都不会没有机会"),
    Design.LOT: lazy("外包的一批；ISO 2859-1，不看每人几条，也没有必检"),
}
