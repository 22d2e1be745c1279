"""By what cases are told apart: the step of reception and the reason. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from cstrain.desk.figures.steps import Step
from cstrain.kit.i18n import lazy as _


class Reason(StrEnum):
    """What it was about: why something went wrong, or what was done well.

    Source: practitioners' reasons for lost inquiries, with the promise and the rule added.
    """

    PRICE = "price"
    RESPONSE = "response"
    KNOWLEDGE = "knowledge"
    ATTITUDE = "attitude"
    DELIVERY = "delivery"
    AFTER_SALES = "after_sales"
    PROMISE = "promise"
    RULE = "rule"
    OTHER = "other"


STEPS: Final[Mapping[str, str]] = {
    Step.GREET: _("问好"),
    Step.ASK: _("提问"),
    Step.ANALYSE: _("分析"),
    Step.RECOMMEND: _("推荐"),
    Step.NEGOTIATE: _("谈判"),
    Step.HELP: _("帮助"),
    Step.CONFIRM: _("核实"),
    Step.FAREWELL: _("告别"),
}
REASONS: Final[Mapping[str, str]] = {
    Reason.PRICE: _("价格"),
    Reason.RESPONSE: _("回复快慢"),
    Reason.KNOWLEDGE: _("商品知识"),
    Reason.ATTITUDE: _("服务态度"),
    Reason.DELIVERY: _("发货时间"),
    Reason.AFTER_SALES: _("售后"),
    Reason.PROMISE: _("承诺"),
    Reason.RULE: _("违规的话"),
    Reason.OTHER: _("别的"),
}
