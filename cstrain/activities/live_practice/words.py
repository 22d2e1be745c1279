"""What codes of scenarios are called on pages."""

from __future__ import annotations

from cstrain.activities.live_practice.scenario import ActionCode, LostReason, OutcomeKind, Track
from cstrain.kit.i18n import gettext as _


def action_title(code: ActionCode) -> str:
    """What an action is called on its button."""
    return {
        ActionCode.CHANGE_ADDRESS: _("改地址"),
        ActionCode.CHANGE_FREIGHT: _("改运费"),
        ActionCode.CHANGE_PRICE: _("改价"),
        ActionCode.NOTE: _("备注"),
        ActionCode.CREATE_RETURN: _("退换"),
        ActionCode.REFUND: _("退款"),
        ActionCode.REMIND_PAYMENT: _("催付"),
        ActionCode.REGISTER_INTENT: _("登记意向"),
        ActionCode.HAND_OVER: _("转交"),
    }[code]


def field_title(name: str) -> str:
    """What a parameter of an action is called in its form."""
    return {
        "address": _("地址"),
        "amount": _("金额（元）"),
        "text": _("内容"),
        "flag": _("旗子"),
        "type": _("类型"),
        "reason": _("原因"),
        "product": _("商品"),
        "note": _("说明"),
        "to": _("转给"),
    }[name]


def outcome_title(kind: OutcomeKind) -> str:
    """How a customer ended."""
    return {
        OutcomeKind.PAID: _("付款了"),
        OutcomeKind.ORDERED_UNPAID: _("拍下没付"),
        OutcomeKind.LOST: _("走了"),
        OutcomeKind.REFUND_SAVED: _("退款挽回了"),
        OutcomeKind.REFUND: _("退款了"),
        OutcomeKind.COMPLAINT: _("投诉了"),
        OutcomeKind.BAD_REVIEW: _("给了差评"),
        OutcomeKind.SOLVED: _("问题解决了"),
    }[kind]


def reason_title(reason: LostReason) -> str:
    """Why a customer was lost."""
    return {
        LostReason.PRICE: _("价格"),
        LostReason.SLOW: _("等太久"),
        LostReason.ATTITUDE: _("态度"),
        LostReason.STOCK: _("没货"),
        LostReason.TRUST: _("信不过"),
        LostReason.MISMATCH: _("不合适"),
    }[reason]


def step_title(code: str) -> str:
    """A step of serving a customer."""
    return {
        "greet": _("问好"),
        "ask": _("提问"),
        "analyse": _("分析"),
        "recommend": _("推荐"),
        "negotiate": _("谈判"),
        "help": _("帮助"),
        "confirm": _("核实"),
        "farewell": _("告别"),
    }[code]


def track_title(track: Track) -> str:
    """The post a scenario belongs to."""
    return {
        Track.PRESALES: _("售前"),
        Track.AFTERSALES: _("售后"),
        Track.ORDERS: _("跟单"),
    }[track]
