"""What was said to a customer, as a case is made of it."""

from __future__ import annotations

from dataclasses import replace

from cstrain.activities.live_practice.results import said
from cstrain.kit.chat import ChatLine, Voice
from tests.activities.live_practice.test_measuring import action, agent, auto, buyer, chat


def test_lines_come_in_order_with_who_says_them_and_when() -> None:
    picture = replace(buyer(4, 75, "看这个"), picture="破损包裹")
    found = said(chat(buyer(1, 10, "在吗"), auto(2, 10), agent(3, 31, "在的"), picture))

    assert found == [
        ChatLine(Voice.CUSTOMER, "顾客", "在吗", "0:00"),
        ChatLine(Voice.AUTO, "自动回复", "在的，您说", "0:00"),
        ChatLine(Voice.AGENT, "客服", "在的", "0:21"),
        ChatLine(Voice.CUSTOMER, "顾客", "看这个 [图：破损包裹]", "1:05"),
    ]


def test_what_was_done_to_the_order_is_no_word_of_the_agent() -> None:
    found = said(chat(buyer(1, 0, "改地址"), action(2, 5, "备注：改 8 幢")))

    assert found[1] == ChatLine(Voice.SYSTEM, "系统", "备注：改 8 幢", "0:05")
