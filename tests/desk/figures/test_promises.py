"""Promises: which lines make one, until when, and whether the agent came back."""

from __future__ import annotations

import pytest

from cstrain.desk.figures.kpi import Message, Role
from cstrain.desk.figures.promises import promises
from cstrain.desk.figures.transcript import Seen

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
#: Ten in the morning, in seconds since midnight.
TEN_S = 10 * HOUR_S


def agent(at_s: float, text: str) -> Message:
    return Message(Role.AGENT, at_s, text)


def due(text: str, at_s: float = TEN_S) -> list[float | None]:
    return [each.due_s for each in promises([agent(at_s, text)])]


@pytest.mark.parametrize(
    "line",
    [
        "稍等",
        "亲，请您稍等一下哦",
        "稍等下，我帮您看看",
        "等我一下",
        "我查一下马上回您",
        "我去问仓库，您先忙",
        "马上为您查询",
        "这边帮您核实一下",
        "正在为您查询",
        "我现在问一下主管，回头告诉您",
        "我这就帮您查看",
    ],
)
def test_a_promise_without_a_time(line: str) -> None:
    assert due(line) == [None]


@pytest.mark.parametrize(
    ("line", "due_s"),
    [
        ("10 分钟内回您", 10 * MINUTE_S),
        ("１０分钟内给您答复", 10 * MINUTE_S),
        ("稍等，3-5分钟", 5 * MINUTE_S),
        ("请您稍等两到三分钟哦", 3 * MINUTE_S),
        ("等我两三分钟，稍等", 3 * MINUTE_S),
        ("十五分钟内给您处理好", 15 * MINUTE_S),
        ("二十分钟之内告诉您结果", 20 * MINUTE_S),
        ("一刻钟内回复您", 15 * MINUTE_S),
        ("半小时内回您", 30 * MINUTE_S),
        ("半个小时内回您", 30 * MINUTE_S),
        ("一个半小时内给您答复", 90 * MINUTE_S),
        ("2个小时内联系您", 2 * HOUR_S),
        ("24小时内给您答复", DAY_S),
        ("三天内给您一个说法", 3 * DAY_S),
        ("3个工作日内给您答复", 5 * DAY_S),
        ("48小时内发货，我10分钟内回您确认", 10 * MINUTE_S),
        ("我去问仓库，15:30前回您，您先忙", 5.5 * HOUR_S),
        ("我报主管，下午3点前给您准话", 5 * HOUR_S),
        ("11点半前给您结果", 1.5 * HOUR_S),
        ("3点前回您", 5 * HOUR_S),
        ("9点前回您", 11 * HOUR_S),
        ("9:30前回您", 23.5 * HOUR_S),
        ("16:00我提醒您一次", 6 * HOUR_S),
        ("今天给您答复", 14 * HOUR_S),
        ("明天给您答复", 38 * HOUR_S),
        ("明天12点前联系您", 26 * HOUR_S),
        ("明天上午十点前给您结果", 24 * HOUR_S),
        ("后天告诉您", 62 * HOUR_S),
    ],
)
def test_a_promise_with_its_time(line: str, due_s: float) -> None:
    assert due(line) == [pytest.approx(due_s)]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "好的呢",
        "不用等，直接拍就行",
        "48小时内发货",
        "预计明天到的哦",
        "退款3天内到账",
        "快递员会提前联系您",
        "系统会通知您",
        "单号发我，我查一下",
        "麻烦您提供订单号，我帮您查询",
        "刚才回复您了",
        "我查到了，明天发货",
        "我看过了，这款有货",
        "在我的订单中查看",
        "您可以等一下再拍",
        "等下次活动吧",
        "16:00 前付的今天发，看付款时间。",
        "保温 6 小时不低于 65 ℃",
    ],
)
def test_what_is_no_promise(line: str) -> None:
    assert due(line) == []


def test_a_time_about_goods_is_not_the_promises_own() -> None:
    assert due("稍等，48小时内发货") == [None]


def test_tomorrow_is_told_on_any_day_of_the_clock() -> None:
    assert due("明天给您答复", at_s=2 * DAY_S + TEN_S) == [38 * HOUR_S]


def test_only_the_agent_promises() -> None:
    others = [
        Message(Role.BUYER, 0, "那稍等"),
        Message(Role.AGENT, 1, "稍等，马上回您", is_auto=True),
        Message(Role.ROBOT, 2, "稍等"),
    ]

    assert promises(others) == []
    assert promises([]) == []


@pytest.mark.parametrize(
    ("later", "end_s", "kept"),
    [
        ([agent(899, "查到了，在路上")], None, Seen.SEEN),
        ([agent(900, "查到了，在路上")], None, Seen.SEEN),
        ([agent(901, "查到了，在路上")], None, Seen.NOT_SEEN),
        ([], 900, Seen.UNCLEAR),
        ([], 901, Seen.NOT_SEEN),
        ([Message(Role.BUYER, 2000, "人呢")], None, Seen.NOT_SEEN),
        ([agent(20, "还请稍等"), agent(60, "正在为您查询")], 2000, Seen.NOT_SEEN),
        ([agent(20, "亲，正在为您查询哦"), agent(60, "件在武汉")], 2000, Seen.SEEN),
        ([Message(Role.AGENT, 30, "在的", is_auto=True)], 2000, Seen.NOT_SEEN),
    ],
)
def test_a_promise_without_a_time_is_kept_within_fifteen_minutes(
    later: list[Message], end_s: float | None, kept: Seen
) -> None:
    found = promises([agent(0, "稍等，我查一下"), *later], end_s=end_s)

    assert found[0].kept is kept


def test_the_stated_time_is_the_limit_and_the_late_answer_is_named() -> None:
    late = [agent(0, "5分钟内回您"), Message(Role.BUYER, 100, "好"), agent(301, "有货")]

    (found,) = promises(late)

    assert (found.kept, found.kept_index, found.what) == (Seen.NOT_SEEN, 2, "5分钟内回您")
    assert promises([late[0], agent(300, "有货")])[0].kept is Seen.SEEN


def test_a_promise_for_tomorrow_is_unclear_when_practice_ends_before() -> None:
    began_at_ten = promises([agent(60, "明天给您答复")], end_s=900, midnight_s=-TEN_S)

    assert began_at_ten[0].due_s == 38 * HOUR_S - 60
    assert began_at_ten[0].kept is Seen.UNCLEAR
