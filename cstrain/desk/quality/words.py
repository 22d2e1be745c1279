"""Codes of draws in words."""

from __future__ import annotations

from collections.abc import Mapping

from cstrain.desk.quality.sampling import Difference
from cstrain.kit.i18n import lazy

DIFFERENCES: Mapping[Difference, str] = {
    Difference.FRAME: lazy("抽样框变了：存下的和当时的哈希对不上。"),
    Difference.SECRET: lazy("密钥变了：和启用方案时公布的哈希对不上。"),
    Difference.SEED: lazy("种子不对：不是用密钥和这几天的日期算出来的。"),
    Difference.PLAN: lazy("方案变了：不是当时启用的那一版。"),
    Difference.DRAWN: lazy("抽到的变了：照样再抽一遍，抽到的条目或机会不一样。"),
    Difference.CARRIED: lazy("上一轮带过来的零头变了。"),
    Difference.LEFT_OVER: lazy("留给下一轮的零头变了。"),
}
