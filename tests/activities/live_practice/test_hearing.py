"""What of the agent's words and actions decides a turn, and what does not."""

from __future__ import annotations

import pytest

from cstrain.activities.live_practice import customer, hearing
from cstrain.activities.live_practice.condition import Condition, Event, Mark
from cstrain.activities.live_practice.customer import Log
from cstrain.kit.errors import ContentError
from tests.activities.live_practice.scenes import SMALL, line, scenario


def played(*events: Event, file: str, until_s: int = 200) -> tuple[Condition, list[Mark]]:
    log = Log(0, events, until_s * 1000)
    condition, _said, marks = customer.replay(scenario(file), 1, log, words=())
    return condition, marks


def done(at_s: int, action: str, **params: str) -> Event:
    return Event(at_s * 1000, "action", action=action, params=params)


@pytest.mark.parametrize(
    "text",
    [
        "稍等，我查一下",
        "在的，我看下这单",
        "在看您这单，2 分钟",
        "我看看您的单子",
        "正在翻聊天记录，稍等",
        "我先看下您这单物流",
        "我看到了，稍等",
        "姐妹稍等，我看一下",
        "稍等，我看下备注",
        "宝子等下哈我查查",
        "等我两分钟，翻下记录",
        "不好意思久等了，正在查",
        "我去跟仓库确认下哈，一会回您",
        "抱歉让您久等，还在查，五分钟给您回复",
    ],
)
def test_a_line_that_only_looks_holds_the_customer(text: str) -> None:
    assert hearing.is_holding(text)


@pytest.mark.parametrize(
    "text",
    [
        "看这单是 33 码",
        "在看您这单，要换 33",
        "我看下这单能不能改地址",
        "2 天到",
        "您查下物流",
        "不好意思",
        "姐妹这件起球",
    ],
)
def test_a_line_that_says_something_does_not(text: str) -> None:
    assert not hearing.is_holding(text)


@pytest.mark.parametrize(
    "text",
    ["在的亲", "哈喽姐妹，在的", "家人您好", "嗯嗯在呢 什么事呀", "亲亲在的哦有什么可以帮您的呢"],
)
def test_a_line_that_only_greets(text: str) -> None:
    assert hearing.is_greeting(text)


_ASKED = SMALL.replace("    要: {事实: [发货]}", "    要: {词: [[退, 换], [主管, 七天]]}").replace(
    "像: [在的，48 小时内发货。]", "像: [能换，我问主管。, 能换，七天内。]"
)


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("能退，我问主管", "right"),
        ("能换，七天内", "right"),
        ("要不换一件，我问主管", "right"),
        ("不是不给退，我问主管", "right"),
        ("要不要换？我问主管", "right"),
        ("不能退不能换，主管说的", "unclear"),
        ("退不了的，主管定的", "unclear"),
        ("没法给您换，主管不在", "unclear"),
        ("退货不行哈，主管定的", "unclear"),
        ("能退，不用找主管", "unclear"),
    ],
)
def test_needed_words_that_are_denied_are_not_said(text: str, turn: str) -> None:
    file = _ASKED.replace('  发货: {话: 48 小时内发货, 也: [两天内发货], 节: "4.2"}\n', "")
    file = file.replace("    错例: [72 小时内发货]\n", "")
    _condition, marks = played(line(20, text), file=file, until_s=25)

    assert marks[0].turn == turn


_WITH_GOODS = SMALL.replace("minutes: 2", "needs: [SC-T01]\nminutes: 2")


@pytest.mark.parametrize(("number", "turn"), [("SC-T01", "right"), ("SC-K01", "unclear")])
def test_a_card_answers_only_where_the_customer_speaks_of_its_product(
    number: str, turn: str
) -> None:
    card = Event(20_000, "card", text="48 小时内发货", card=number)
    _condition, marks = played(card, file=_WITH_GOODS, until_s=20)

    assert marks[0].turn == turn


_NOTED = SMALL.replace(
    "    要: {事实: [发货]}", "    要: {事实: [发货], 动作: {备注: {内容: {含: [急件]}}}}"
).replace(
    "    要: {事实: [包邮]}",
    "    要: {事实: [包邮], 动作: {备注: {内容: {含: [包邮]}}, 改运费: {金额: {至多: 0}}}}",
)


def test_two_states_may_each_need_a_note() -> None:
    condition, marks = played(
        done(20, "note", text="急件"),
        line(22, "48 小时内发货"),
        line(50, "满 99 元包邮"),
        done(55, "note", text="说了包邮"),
        done(58, "change_freight", amount="0"),
        file=_NOTED,
    )

    assert [each.turn for each in marks] == ["none", "right", "unclear", "none", "right"]
    assert set(marks[2].needs_left) == {"action:change_freight", "action:note"}
    assert condition.state == "成交"


@pytest.mark.parametrize("text", ["加急", "说了包邮", "客人急"])
def test_a_note_that_lacks_words_may_be_made_up_for(text: str) -> None:
    _condition, marks = played(
        done(20, "note", text=text),
        line(22, "48 小时内发货"),
        done(24, "note", text="急件"),
        file=_NOTED,
        until_s=30,
    )

    assert [each.turn for each in marks] == ["none", "unclear", "right"]


def test_an_amount_that_was_wrong_before_is_lacking_and_not_wrong_again() -> None:
    condition, marks = played(
        done(20, "note", text="急件"),
        done(21, "change_freight", amount="8"),
        line(22, "48 小时内发货"),
        line(50, "满 99 元包邮"),
        done(52, "change_freight", amount="12"),
        file=_NOTED,
        until_s=60,
    )

    assert [each.turn for each in marks] == ["none", "none", "right", "unclear", "wrong"]
    assert marks[-1].actions["change_freight"] == "wrong"
    assert condition.done_before == len(condition.done)


def test_a_branch_is_not_taken_by_words_that_are_denied() -> None:
    _condition, marks = played(line(20, "不用您自己看，48 小时内发货"), file=SMALL, until_s=30)

    assert marks[0].turn == "right"


_ON_WRONG = SMALL.replace(
    "      - {当: {词: [[自己看]]}, 去: 没拍, 心情: -20, 评: 错}",
    "      - {当: {说错: [发货]}, 去: 生气走了, 心情: -20, 评: 错}",
)


def test_a_branch_may_be_taken_by_a_wrong_fact() -> None:
    condition, marks = played(line(20, "72 小时内发货"), file=_ON_WRONG)

    assert (marks[0].turn, marks[0].reason) == ("wrong", "branch")
    assert condition.state == "生气走了"


def test_a_wrong_fact_of_a_branch_must_be_known() -> None:
    with pytest.raises(ContentError):
        scenario(_ON_WRONG.replace("{说错: [发货]}", "{说错: [运费]}"))
    with pytest.raises(ContentError):
        scenario(SMALL.replace("要: {事实: [包邮]}", "要: {说错: [包邮]}"))


def test_a_statement_with_its_value_is_no_question() -> None:
    _condition, marks = played(
        line(20, "发到杭州 2 天，具体 48 小时内发货"), file=SMALL, until_s=30
    )

    assert marks[0].asked == ()


_LATE = SMALL.replace("{之间: [300, 300]", "{之间: [30, 30]").replace(
    "      - {当: {词: [[自己看]]}, 去: 没拍, 心情: -20, 评: 错}",
    "      - {当: {词: [[后天就发]]}, 去: 成交, 心情: 5, 评: 对}\n"
    "      - {当: {词: [[自己看]]}, 去: 没拍, 心情: -20, 评: 错}",
)


def test_a_right_branch_answers_what_an_interruption_broke_off() -> None:
    condition, marks = played(line(40, "后天就发"), line(60, "能开发票"), file=_LATE)

    assert [(each.turn, each.state) for each in marks] == [("right", "问发货"), ("right", "问票")]
    assert condition.state == "成交"


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("能退的，两天内发货", [("right", "问发货")]),
        ("能退个鬼，您投诉去", [("unclear", "问票")]),
    ],
)
def test_words_alone_answer_no_interrupted_question_either(
    text: str, turns: list[tuple[str, str]]
) -> None:
    file = _LATE.replace("[[后天就发]]}, 去: 成交", "[[能退]]}, 去: 问邮费").replace(
        "像: [在的，48 小时内发货。]", "像: [在的，48 小时内发货。, 能退的，48 小时内发货。]"
    )
    _condition, marks = played(line(40, text), file=file, until_s=45)

    assert [(each.turn, each.state) for each in marks] == turns


def test_a_wrong_branch_does_not_take_what_answers_the_interruption() -> None:
    _condition, marks = played(line(40, "票您自己看订单里"), file=_LATE, until_s=45)

    assert (marks[0].turn, marks[0].state) == ("unclear", "问票")


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("这个能换的，我去问下主管", "right"),
        ("主管不在这儿上班了，退货去打平台的电话试试看", "unclear"),
        ("能换，您自己问主管", "unclear"),
        ("能换，我问主管，反正您也不懂", "unclear"),
    ],
)
def test_words_make_a_turn_right_only_in_a_reply_like_the_right_ones(text: str, turn: str) -> None:
    file = _ASKED.replace('  发货: {话: 48 小时内发货, 也: [两天内发货], 节: "4.2"}\n', "")
    file = file.replace("    错例: [72 小时内发货]\n", "")
    _condition, marks = played(line(20, text), file=file, until_s=25)

    assert marks[0].turn == turn
    assert marks[0].needs_left == (("like",) if turn == "unclear" else ())


def test_a_right_branch_by_words_is_not_taken_by_what_is_unlike() -> None:
    branch = "      - {当: {词: [[能退]]}, 去: 问邮费, 心情: 5, 评: 对}\n"
    file = SMALL.replace("    分支:\n", f"    分支:\n{branch}").replace(
        "像: [在的，48 小时内发货。]", "像: [在的，48 小时内发货。, 能退的，48 小时内发货。]"
    )
    _condition, marks = played(line(20, "能退个鬼，您投诉去"), file=file, until_s=25)
    _other, right = played(line(20, "能退的，两天内发货"), file=file, until_s=25)

    assert (marks[0].turn, right[0].turn) == ("unclear", "right")
