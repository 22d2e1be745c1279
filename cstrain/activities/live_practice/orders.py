"""The order in question as it is after what the agent did with it. Pure.

The order of a scenario never changes; what is shown is the start with the actions done since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cstrain.activities.live_practice.scenario import ACTIONS, ActionCode, Order
from cstrain.kit.i18n import gettext as _

MAX_TEXT_LENGTH: Final = 200
MAX_AMOUNT: Final = 100_000.0
FLAGS: Final = ("红", "黄", "绿", "蓝", "紫")
RETURN_TYPES: Final = ("退货退款", "仅退款", "换货", "补发")
#: Those after which money goes back.
_GIVES_BACK: Final = frozenset({"退货退款", "仅退款"})
#: The states of an order in which an action can be done; None: also without an order.
_POSSIBLE_IN: Final[Mapping[ActionCode, tuple[str, ...] | None]] = {
    ActionCode.CHANGE_ADDRESS: ("待付款", "待发货"),
    ActionCode.CHANGE_FREIGHT: ("待付款",),
    ActionCode.CHANGE_PRICE: ("待付款",),
    ActionCode.NOTE: None,
    ActionCode.CREATE_RETURN: ("已发货", "已签收", "已完成"),
    ActionCode.REFUND: ("待发货", "已发货", "已签收", "已完成", "退款中"),
    ActionCode.REMIND_PAYMENT: ("待付款",),
    ActionCode.REGISTER_INTENT: None,
    ActionCode.HAND_OVER: None,
}
#: What need not be filled in.
_OPTIONAL: Final = frozenset({"flag", "reason", "note"})
#: What must be one of these.
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"flag": FLAGS, "type": RETURN_TYPES}
#: Actions after which money has moved.
COSTS_MONEY: Final = frozenset(
    {ActionCode.CHANGE_FREIGHT, ActionCode.CHANGE_PRICE, ActionCode.REFUND}
)
#: By the codes of an action's fields; amounts are written without needless zeros.
Params = Mapping[str, str]


class ActionError(ValueError):
    """An action that cannot be done; the message is for the agent."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An order with what has been done, as the side panel shows it.

    Attributes:
        order: As it is now; None where there is none.
        flag: The colour in the memo; empty for none.
        done: What else was done, oldest first, in words.
    """

    order: Order | None
    flag: str = ""
    done: tuple[str, ...] = ()


def why_not(code: ActionCode, order: Order | None) -> str:
    """Why an action cannot be done with an order as it is now; empty when it can."""
    states = _POSSIBLE_IN[code]
    if states is None:
        return ""
    if order is None:
        return _("这位顾客还没有订单。")
    if order.state not in states:
        return _("订单是“%(state)s”，不能做这一步。", state=order.state)
    return ""


def read(code: object, params: object) -> tuple[ActionCode, dict[str, str]]:
    """An action as a page sends it, checked.

    Raises:
        ActionError: If there is no such action, or what it asks for is missing or wrong.
    """
    if not isinstance(code, str) or code not in set(ActionCode):
        raise ActionError(_("没有这种操作，请刷新页面。"))
    form = ACTIONS[ActionCode(code)]
    given = params if isinstance(params, Mapping) else {}
    if not given.keys() <= form.fields.keys():
        raise ActionError(_("没有这种操作，请刷新页面。"))
    found: dict[str, str] = {}
    for name, title in form.fields.items():
        value = given.get(name)
        if name in form.numbers:
            found[name] = yuan(_amount(value, title))
            continue
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if not text and name not in _OPTIONAL:
            raise ActionError(_("“%(name)s”还没有填。", name=title))
        if len(text) > MAX_TEXT_LENGTH or "\x00" in text:
            raise ActionError(_("“%(name)s”最多 %(n)s 字。", name=title, n=MAX_TEXT_LENGTH))
        if text and text not in CHOICES.get(name, (text,)):
            raise ActionError(_("“%(name)s”要从列出的里面选。", name=title))
        found[name] = text
    return ActionCode(code), found


def _amount(value: object, title: str) -> float:
    """An amount in yuan, from a number or a text.

    Raises:
        ActionError: If it is none, or out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ActionError(_("“%(name)s”要填数字。", name=title))
    try:
        amount = round(float(value), 2)
    except (ValueError, OverflowError) as error:
        raise ActionError(_("“%(name)s”要填数字。", name=title)) from error
    if not 0 <= amount <= MAX_AMOUNT:
        raise ActionError(_("“%(name)s”要填数字。", name=title))
    return amount


def after(order: Order | None, actions: Iterable[Sequence[object]]) -> Standing:
    """The order after actions as they are kept: [code, parameters, words]."""
    standing = Standing(order)
    for code, params, words in actions:
        if isinstance(params, Mapping):
            standing = _then(standing, ActionCode(str(code)), params, str(words))
    return standing


def do(standing: Standing, code: ActionCode, params: Params) -> str:
    """Do an action; gives what was done, in the words of the chat.

    Raises:
        ActionError: If it cannot be done now.
    """
    if reason := why_not(code, standing.order):
        raise ActionError(reason)
    order = standing.order
    if code is ActionCode.REFUND and order is not None:
        amount = float(params["amount"])
        if not 0 < amount <= order.paid:
            raise ActionError(_("退款最多 %(n)s 元。", n=yuan(order.paid)))
    return _words(code, params)


def _words(code: ActionCode, params: Params) -> str:
    """What was done, as a line of the chat; chats are Chinese."""
    form = ACTIONS[code]
    said = [
        f"{value} 元" if name in form.numbers else value
        for name in form.fields
        if (value := params.get(name, ""))
    ]
    return f"{form.name}：{'，'.join(said)}" if said else form.name


def _then(standing: Standing, code: ActionCode, params: Params, words: str) -> Standing:
    """An order after one action that was found possible."""
    order = standing.order
    if order is None:
        return replace(standing, done=(*standing.done, words))
    amount = float(params.get("amount", 0) or 0)
    flag, done = standing.flag, standing.done
    match code:
        case ActionCode.CHANGE_ADDRESS:
            order = replace(order, address=params["address"])
        case ActionCode.CHANGE_FREIGHT:
            paid = max(round(order.paid - order.freight + amount, 2), 0.0)
            order = replace(order, freight=amount, paid=paid)
        case ActionCode.CHANGE_PRICE:
            order = replace(order, paid=amount)
        case ActionCode.NOTE:
            note = "；".join(filter(None, (order.note, params["text"])))
            order, flag = replace(order, note=note), params.get("flag") or flag
        case _:
            is_back = code is ActionCode.CREATE_RETURN and params["type"] in _GIVES_BACK
            is_refunded = code is ActionCode.REFUND and amount >= order.paid
            if is_back or is_refunded:
                order = replace(order, state="退款中")
            done = (*done, words)
    return Standing(order, flag, done)


def yuan(amount: float) -> str:
    """An amount without needless zeros."""
    return f"{amount:.2f}".rstrip("0").rstrip(".")
