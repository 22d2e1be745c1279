"""The closed sets of scenarios: posts, topics, steps, outcomes, actions on an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

#: What scenario files call themselves.
MATERIAL: Final = "scenario"


class Track(StrEnum):
    """The post a scenario belongs to."""

    PRESALES = "presales"
    AFTERSALES = "aftersales"
    ORDERS = "orders"


class OutcomeKind(StrEnum):
    """How a customer can end."""

    PAID = "paid"
    ORDERED_UNPAID = "ordered_unpaid"
    LOST = "lost"
    REFUND_SAVED = "refund_saved"
    REFUND = "refund"
    COMPLAINT = "complaint"
    BAD_REVIEW = "bad_review"
    SOLVED = "solved"


#: What a shop wants.
GOOD_OUTCOMES: Final = frozenset({OutcomeKind.PAID, OutcomeKind.REFUND_SAVED, OutcomeKind.SOLVED})


class LostReason(StrEnum):
    """Why a customer was lost."""

    PRICE = "price"
    SLOW = "slow"
    ATTITUDE = "attitude"
    STOCK = "stock"
    TRUST = "trust"
    MISMATCH = "mismatch"


class ActionCode(StrEnum):
    """What an agent can do with an order."""

    CHANGE_ADDRESS = "change_address"
    CHANGE_FREIGHT = "change_freight"
    CHANGE_PRICE = "change_price"
    NOTE = "note"
    CREATE_RETURN = "create_return"
    REFUND = "refund"
    REMIND_PAYMENT = "remind_payment"
    REGISTER_INTENT = "register_intent"
    HAND_OVER = "hand_over"


@dataclass(frozen=True, slots=True)
class ActionForm:
    """What an action is called and asks for.

    Attributes:
        name: As trainers write it in files.
        fields: Code of a parameter → as trainers write it.
        numbers: Parameters that are amounts in yuan.
    """

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()


ACTIONS: Final[Mapping[ActionCode, ActionForm]] = {
    ActionCode.CHANGE_ADDRESS: ActionForm("改地址", {"address": "地址"}),
    ActionCode.CHANGE_FREIGHT: ActionForm("改运费", {"amount": "金额"}, frozenset({"amount"})),
    ActionCode.CHANGE_PRICE: ActionForm("改价", {"amount": "金额"}, frozenset({"amount"})),
    ActionCode.NOTE: ActionForm("备注", {"text": "内容", "flag": "旗子"}),
    ActionCode.CREATE_RETURN: ActionForm("退换", {"type": "类型", "reason": "原因"}),
    ActionCode.REFUND: ActionForm(
        "退款", {"amount": "金额", "reason": "原因"}, frozenset({"amount"})
    ),
    ActionCode.REMIND_PAYMENT: ActionForm("催付"),
    ActionCode.REGISTER_INTENT: ActionForm("登记意向", {"product": "商品", "note": "备注"}),
    ActionCode.HAND_OVER: ActionForm("转交", {"to": "给", "note": "说明"}),
}

#: The eight steps of serving a customer: code → as trainers write it, in their order.
STEPS: Final[Mapping[str, str]] = {
    "greet": "问好",
    "ask": "提问",
    "analyse": "分析",
    "recommend": "推荐",
    "negotiate": "谈判",
    "help": "帮助",
    "confirm": "核实",
    "farewell": "告别",
}

#: Steps that are judged only where a state is one of them: nearly every chat begins with a
#: greeting, and which of the others a case has use for, its states tell.
STEPS_WHEN_ASKED: Final = frozenset(STEPS) - {"greet"}

ORDER_STATES: Final = ("待付款", "待发货", "已发货", "已签收", "已完成", "退款中", "已关闭")

#: What scenarios are about: code → as pages show it.
TOPICS: Final[Mapping[str, Mapping[str, str]]] = {
    "asked_not_ordered": {"zh": "问了没拍", "en": "Asked but did not order"},
    "unpaid": {"zh": "拍了没付", "en": "Ordered but did not pay"},
    "payment_trouble": {"zh": "付款遇阻", "en": "Payment trouble"},
    "bargaining": {"zh": "讲价", "en": "Bargaining"},
    "price_protection": {"zh": "买完降价", "en": "Price fell afterwards"},
    "promotion": {"zh": "活动优惠", "en": "Promotions"},
    "gift": {"zh": "赠品", "en": "Gifts"},
    "sizing": {"zh": "尺码", "en": "Size"},
    "material": {"zh": "材质", "en": "Material"},
    "matching": {"zh": "搭配", "en": "What goes with it"},
    "undecided": {"zh": "两款犹豫", "en": "Undecided between two"},
    "comparing": {"zh": "比别家", "en": "Comparing with another shop"},
    "out_of_stock": {"zh": "缺货", "en": "Out of stock"},
    "bulk": {"zh": "单位采购", "en": "Bulk order"},
    "late_delivery": {"zh": "发货慢", "en": "Late delivery"},
    "parcel": {"zh": "物流", "en": "Parcel on its way"},
    "missing": {"zh": "少件", "en": "Something missing"},
    "broken": {"zh": "破损", "en": "Broken parcel"},
    "wrong_item": {"zh": "发错", "en": "Wrong item"},
    "colour": {"zh": "色差", "en": "Colour differs"},
    "quality": {"zh": "质量", "en": "Quality"},
    "wrong_address": {"zh": "改地址", "en": "Wrong address"},
    "returns": {"zh": "退换", "en": "Returns"},
    "freight": {"zh": "运费谁出", "en": "Who pays the freight"},
    "refund": {"zh": "退款", "en": "Refund"},
    "review_product": {"zh": "商品差评", "en": "Bad review of the product"},
    "review_service": {"zh": "服务差评", "en": "Bad review of the service"},
    "review_malicious": {"zh": "恶意差评", "en": "Malicious review"},
    "complaint": {"zh": "平台投诉", "en": "Complaint to the platform"},
    "angry": {"zh": "发火", "en": "Angry"},
    "silent": {"zh": "话少", "en": "Says little"},
    "talkative": {"zh": "话多", "en": "Talkative"},
    "returning": {"zh": "老客", "en": "Returning customer"},
    "invoice": {"zh": "发票", "en": "Invoice"},
    "big_sale": {"zh": "大促", "en": "Big sale"},
    "privacy": {"zh": "打听别人的信息", "en": "Asks for another's data"},
    "off_platform": {"zh": "引到站外", "en": "Lures off the platform"},
}
