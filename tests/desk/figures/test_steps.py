"""The eight steps: what a transcript shows of each, and what came in reverse."""

from __future__ import annotations

import pytest

from cstrain.desk.figures.kpi import Message, Role
from cstrain.desk.figures.steps import Step, reversals, steps
from cstrain.desk.figures.transcript import Seen

A, B = Role.AGENT, Role.BUYER
WHOLE = [
    Message(B, 0, "在吗，想买条裤子，能便宜点吗"),
    Message(A, 0, "在的，您说，我马上看。", is_auto=True),
    Message(A, 5, "您好，在的"),
    Message(A, 9, "上班穿还是户外穿？腰围多少？"),
    Message(B, 20, "上班，80 厘米"),
    Message(A, 30, "照尺码表，您的腰围偏大半码"),
    Message(A, 35, "建议您拿直筒裤 L 码"),
    Message(A, 40, "单件不改价，满 199 减 20，您看划算"),
    Message(B, 60, "付不了"),
    Message(A, 66, "换张卡，或者点“找人付”"),
    Message(B, 90, "付好了"),
    Message(A, 95, "直筒裤 L 码，寄武汉洪山区，对吗？"),
    Message(B, 99, "对"),
    Message(A, 104, "今天发，有事在这里留言"),
]


def seen(messages: list[Message], step: Step) -> tuple[Seen, int | None]:
    sign = steps(messages)[step]
    return sign.seen, sign.index


def agent(*lines: str) -> list[Message]:
    return [Message(A, index, line) for index, line in enumerate(lines)]


def test_a_whole_reception_shows_every_step_in_order() -> None:
    found = steps(WHOLE)

    assert [(step.value, sign.seen, sign.index) for step, sign in found.items()] == [
        ("greet", Seen.SEEN, 2),
        ("ask", Seen.SEEN, 3),
        ("analyse", Seen.SEEN, 5),
        ("recommend", Seen.SEEN, 6),
        ("negotiate", Seen.SEEN, 7),
        ("help", Seen.SEEN, 9),
        ("confirm", Seen.SEEN, 11),
        ("farewell", Seen.SEEN, 13),
    ]
    assert reversals(found) == []


def test_nothing_is_seen_where_nothing_was_said() -> None:
    assert {sign.seen for sign in steps([]).values()} == {Seen.NOT_SEEN}
    assert {sign.seen for sign in steps([Message(B, 0, "您好，推荐一款")]).values()} == {
        Seen.NOT_SEEN
    }


def test_steps_that_do_not_apply_are_left_out() -> None:
    found = steps(WHOLE, not_applicable={Step.NEGOTIATE, Step.CONFIRM})

    assert set(found) == set(Step) - {Step.NEGOTIATE, Step.CONFIRM}


@pytest.mark.parametrize(
    ("step", "line", "state"),
    [
        (Step.GREET, "亲，这款有货", Seen.UNCLEAR),
        (Step.GREET, "这款有货", Seen.NOT_SEEN),
        (Step.GREET, "请问还有什么可以帮您", Seen.NOT_SEEN),
        (Step.GREET, "现在的活动是满 199 减 20", Seen.NOT_SEEN),
        (Step.GREET, "您所在的地区包邮", Seen.NOT_SEEN),
        (Step.GREET, "我在查，马上好", Seen.NOT_SEEN),
        (Step.GREET, "在的话就发", Seen.NOT_SEEN),
        (Step.GREET, "看着你好像拍错了", Seen.NOT_SEEN),
        (Step.GREET, "在的", Seen.SEEN),
        (Step.GREET, "亲，在的", Seen.SEEN),
        (Step.GREET, "亲在呢，您说", Seen.SEEN),
        (Step.GREET, "我在，您说", Seen.SEEN),
        (Step.ASK, "请问有什么可以帮您？", Seen.NOT_SEEN),
        (Step.ASK, "寄武汉，对吗？", Seen.NOT_SEEN),
        (Step.ANALYSE, "短袖 200 克，长袖 220 克", Seen.UNCLEAR),
        (Step.ANALYSE, "好的", Seen.NOT_SEEN),
        (Step.RECOMMEND, "那看看云棉短袖，69 元", Seen.SEEN),
        (Step.RECOMMEND, "特别推荐这款", Seen.SEEN),
        (Step.RECOMMEND, "这款会皱", Seen.UNCLEAR),
        (Step.RECOMMEND, "不推荐您买", Seen.NOT_SEEN),
        (Step.RECOMMEND, "我看看差价", Seen.NOT_SEEN),
        (Step.NEGOTIATE, "满 199 减 20", Seen.UNCLEAR),
        (Step.HELP, "我帮您改地址", Seen.SEEN),
        (Step.HELP, "不能帮您改地址", Seen.NOT_SEEN),
        (Step.HELP, "有什么我可以帮您处理的吗？", Seen.NOT_SEEN),
        (Step.CONFIRM, "请核对一下地址", Seen.SEEN),
        (Step.CONFIRM, "正在为您核实", Seen.UNCLEAR),
        (Step.CONFIRM, "写进备注了", Seen.UNCLEAR),
        (Step.FAREWELL, "感谢您的支持，再见", Seen.SEEN),
        (Step.FAREWELL, "好的", Seen.NOT_SEEN),
    ],
)
def test_one_line_by_itself(step: Step, line: str, state: Seen) -> None:
    assert seen(agent(line), step)[0] is state


def test_a_greeting_by_the_machine_alone_is_unclear() -> None:
    messages = [Message(B, 0, "在吗"), Message(A, 0, "欢迎光临", is_auto=True)]

    assert seen(messages, Step.GREET) == (Seen.UNCLEAR, 1)


def test_a_greeting_that_comes_after_the_buyer_spoke_again_is_none() -> None:
    late = [
        Message(B, 0, "有货吗"),
        Message(A, 5, "有的"),
        Message(B, 9, "好"),
        Message(A, 12, "您好"),
    ]
    first = [late[0], Message(A, 5, "有的"), Message(A, 6, "您好"), late[2]]

    assert seen(late, Step.GREET) == (Seen.NOT_SEEN, None)
    assert seen(first, Step.GREET) == (Seen.SEEN, 2)


def test_an_offer_answers_only_a_customer_who_spoke_of_the_price() -> None:
    asked = Message(B, 0, "能便宜点吗")
    offer = Message(A, 5, "单件不改价")

    assert seen([asked, offer], Step.NEGOTIATE) == (Seen.SEEN, 1)
    assert seen([asked, Message(A, 5, "有货的")], Step.NEGOTIATE) == (Seen.NOT_SEEN, None)
    assert seen([Message(B, 0, "有货吗"), offer], Step.NEGOTIATE) == (Seen.UNCLEAR, 1)
    assert seen([offer, Message(B, 9, "能便宜点吗")], Step.NEGOTIATE) == (Seen.NOT_SEEN, None)


def test_a_farewell_in_the_midst_is_unclear() -> None:
    messages = agent("有事在这里留言", "有货", "今天发", "能换")

    assert seen(messages, Step.FAREWELL) == (Seen.UNCLEAR, 0)


@pytest.mark.parametrize(
    ("lines", "reversed_steps"),
    [
        (("推荐您拿 L 码", "您好"), [(Step.GREET, Step.RECOMMEND)]),
        (("推荐您拿 L 码", "腰围多少？"), [(Step.ASK, Step.RECOMMEND)]),
        (("您好，腰围多少？推荐您拿 L 码",), []),
        (("我帮您改地址", "照尺码表 L 码"), []),
        (("寄武汉，对吗？", "推荐您拿 L 码"), [(Step.RECOMMEND, Step.CONFIRM)]),
        (("再见", "请核对一下地址"), [(Step.CONFIRM, Step.FAREWELL)]),
    ],
)
def test_steps_in_reverse(lines: tuple[str, ...], reversed_steps: list[tuple[Step, Step]]) -> None:
    assert reversals(steps(agent(*lines))) == reversed_steps
