"""What a turn lacks is told by its kind, in words that do not give the sentence away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cstrain.activities.live_practice import lacking
from cstrain.activities.live_practice.lacking import About
from cstrain.activities.live_practice.scenario import ActionCode, NeededAction, Needs
from tests.activities.live_practice.scenes import scenario

ASKED = "他问的那一点"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["抱歉", "不好意思", "说早了", "没看全"], About.APOLOGY),
        (["说不准", "看快递", "付款页"], About.UNSURE),
        (["您付", "您出", "自理", "您先付"], About.PAYER),
        (["点前", "点之前", "19 点", "叫您"], About.DEADLINE),
        (["您定", "看您", "不撤也"], About.CHOICE),
        (["哪里", "为什么", "不合适"], About.QUESTION),
        (["33"], About.SIZE),
        (["2XL", "XXL"], About.SIZE),
        (["备注", "聊天", "周五"], About.RECORD),
        (["不送", "没有送", "送不了"], About.REFUSAL),
        (["主管", "组长"], About.COLLEAGUE),
        (["279", "实付", "到手"], About.AMOUNT),
        (["补发", "重发"], About.REMEDY),
        (["浅蓝"], About.POINT),
    ],
)
def test_words_tell_what_they_are_about(words: list[str], kind: About) -> None:
    assert lacking.about(tuple(words)) is kind


def test_what_is_lacking_is_named_and_never_said() -> None:
    file = scenario()
    state = replace(
        file.states[file.opening],
        needs=Needs(
            facts=("满减",),
            words=(("279", "实付"), ("抱歉", "对不起"), ("浅蓝",), ("领子",)),
            actions=(NeededAction(ActionCode.NOTE),),
        ),
    )

    told = lacking.needed(state)

    assert told == ["满减", "准确的数", "一句道歉", "他问的那 2 点", "订单上的“备注”"]
    assert lacking.told(state, ["words:2"]) == [ASKED]
    assert not any(word in "".join(told) for group in state.needs.words for word in group)


def test_where_the_agent_has_to_ask_a_question_is_lacking() -> None:
    file = scenario()
    words = Needs(words=(("铺过", "洗过"), ("浅蓝",)))
    state = replace(file.states[file.opening], needs=words, step="ask")

    assert lacking.needed(state) == ["该问他的一句"]


@pytest.mark.parametrize("lack", ["like", "words:7", "words:", "action:gone"])
def test_what_has_no_name_is_what_the_customer_asked(lack: str) -> None:
    file = scenario()

    assert lacking.told(file.states[file.opening], [lack]) == [ASKED]
    assert lacking.told(None, ["words:0"]) == [ASKED]
