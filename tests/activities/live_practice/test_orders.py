"""What can be done with an order, and how it stands afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from cstrain.activities.live_practice import orders
from cstrain.activities.live_practice.orders import ActionError, Standing
from cstrain.activities.live_practice.scenario import ActionCode, Order, OrderLine, Scenario
from tests.activities.live_practice.scenes import of_the_course


def order(state: str = "待付款") -> Order:
    goods = (OrderLine("SC-D01", "轻薄羽绒马甲", "黑色 L", 1, 299.0),)
    return Order("8830", state, goods, freight=10.0, paid=289.0, address="浙江省杭州市")


def done(start: Order | None, *actions: tuple[str, dict[str, Any]]) -> Standing:
    """The order after actions, each read, done and kept as a session does it."""
    kept: list[list[Any]] = []
    for name, params in actions:
        code, read = orders.read(name, params)
        words = orders.do(orders.after(start, kept), code, read)
        kept.append([code.value, read, words])
    return orders.after(start, kept)


def shown(standing: Standing) -> Order:
    assert standing.order is not None
    return standing.order


def test_freight_changes_what_is_to_be_paid() -> None:
    assert shown(done(order(), ("change_freight", {"amount": "0"}))).paid == 279.0


def test_a_price_can_be_changed_only_before_it_is_paid() -> None:
    assert shown(done(order(), ("change_price", {"amount": 270}))).paid == 270.0
    with pytest.raises(ActionError, match="待发货"):
        done(order("待发货"), ("change_price", {"amount": 270}))


def test_notes_are_added_and_the_last_flag_stays() -> None:
    standing = done(
        order(),
        ("note", {"text": "送礼，附卡片", "flag": "红"}),
        ("note", {"text": "周五前到", "flag": ""}),
    )

    assert shown(standing).note == "送礼，附卡片；周五前到"
    assert standing.flag == "红"


@pytest.mark.parametrize(("amount", "state"), [(289, "退款中"), (30, "已签收")])
def test_only_a_whole_refund_changes_the_state(amount: float, state: str) -> None:
    standing = done(order("已签收"), ("refund", {"amount": amount, "reason": "少件"}))

    assert shown(standing).state == state
    assert standing.done == (f"退款：{amount} 元，少件",)


@pytest.mark.parametrize("amount", [0, 289.01])
def test_no_more_can_be_refunded_than_was_paid(amount: float) -> None:
    with pytest.raises(ActionError, match="289"):
        done(order("已签收"), ("refund", {"amount": amount}))


def test_without_an_order_one_can_hand_over_register_and_note() -> None:
    standing = done(
        None,
        ("register_intent", {"product": "SC-D01", "note": "等黑色 L"}),
        ("hand_over", {"to": "主管"}),
        ("note", {"text": "不放价格单"}),
    )

    assert standing.done == ("登记意向：SC-D01，等黑色 L", "转交：主管", "备注：不放价格单")
    with pytest.raises(ActionError, match="还没有订单"):
        done(None, ("remind_payment", {}))


@pytest.mark.parametrize("scenario", of_the_course(), ids=lambda each: each.slug)
def test_what_a_customer_needs_done_can_be_done(scenario: Scenario) -> None:
    needed = {each.code for state in scenario.states.values() for each in state.needs.actions}

    assert {code: orders.why_not(code, scenario.order) for code in needed} == dict.fromkeys(
        needed, ""
    )


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("explode", {}),
        (None, {}),
        ("note", {"text": ""}),
        ("note", {"text": "一" * 201}),
        ("note", {"text": "急", "flag": "粉"}),
        ("note", {"text": "急", "other": "x"}),
        ("note", {"text": ["急"]}),
        ("note", "急"),
        ("change_price", {"amount": "nan"}),
        ("change_price", {"amount": "-1"}),
        ("change_price", {"amount": 1e9}),
        ("change_price", {"amount": True}),
        ("change_price", {"amount": None}),
        ("create_return", {"type": "退钱"}),
    ],
)
def test_what_cannot_be_is_refused(code: object, params: object) -> None:
    with pytest.raises(ActionError):
        orders.read(code, params)


def test_every_action_has_a_rule_and_words() -> None:
    for code in ActionCode:
        assert isinstance(orders.why_not(code, order()), str)
