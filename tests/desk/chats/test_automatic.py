"""Automatic replies and robots. All messages are made."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from cstrain.desk.chats.automatic import Repeats, mark, plain
from cstrain.desk.chats.importers import words
from cstrain.desk.chats.message import Precision, Role, SourceMessage

START = datetime(2024, 5, 1, 2, 0, tzinfo=UTC)
WELCOME = "您好，欢迎光临山泉旗舰店，很高兴为您服务"


def chat(
    *said: tuple[str, float, str], precision: Precision = Precision.SECOND
) -> list[SourceMessage]:
    return [
        SourceMessage(
            line,
            Role.BUYER if who == "甲" else Role.AGENT,
            text,
            START + timedelta(seconds=second),
            precision,
            account="" if who == "甲" else who,
        )
        for line, (who, second, text) in enumerate(said, 1)
    ]


@pytest.mark.parametrize(
    ("second", "reason"), [(0, "instant"), (1, "instant"), (1.001, ""), (9, "")]
)
def test_nobody_answers_within_a_second(second: float, reason: str) -> None:
    found = chat(("甲", 0, "在吗"), ("美", second, "您好"))

    mark(found, known=())

    assert found[1].auto_reason == reason
    assert found[1].role is (Role.AUTO if reason else Role.AGENT)


def test_minutes_do_not_tell_seconds() -> None:
    found = chat(("甲", 0, "在吗"), ("美", 0, "您好"), precision=Precision.MINUTE)

    mark(found, known=())

    assert found[1].role is Role.AGENT


def test_a_reply_to_an_earlier_line_may_come_a_second_after_the_last() -> None:
    found = chat(("甲", 0, "在吗"), ("甲", 8, "有货吗"), ("美", 9, "在的"), ("美", 9, "有货"))

    mark(found, known=())

    assert [each.role for each in found[2:]] == [Role.AGENT, Role.AGENT]


def test_only_the_first_reply_is_instant() -> None:
    found = chat(("甲", 0, "在吗"), ("美", 0, WELCOME), ("美", 1, "您好"))

    mark(found, known=())

    assert [each.auto_reason for each in found] == ["", "instant", ""]


def test_the_shops_own_list_and_robots_are_known() -> None:
    found = chat(("甲", 0, "在吗"), ("服务助手", 5, "稍等"), ("美", 9, f" {WELCOME}\n"))

    mark(found, known={plain(WELCOME)})

    assert [each.role for each in found] == [Role.BUYER, Role.BOT, Role.AUTO]
    assert [each.auto_reason for each in found] == ["", "robot_account", "known"]
    assert all(words.auto_reason(each) != each for each in ("robot_account", "known", "instant"))


def test_what_the_source_says_stands_and_marking_twice_changes_nothing() -> None:
    found = chat(("甲", 0, "在吗"), ("美", 9, "您好"))
    found[1].role = Role.AUTO

    mark(found, known=())
    mark(found, known={"您好"})

    assert (found[1].role, found[1].auto_reason) == (Role.AUTO, "source")


def test_a_text_in_a_fifth_of_all_conversations_is_sent_by_itself() -> None:
    repeats = Repeats()
    for number in range(100):
        often = WELCOME if number % 4 == 0 else f"这款第 {number} 号今天可以发货的哦"
        repeats.add(chat(("甲", 0, "在吗"), ("美", 9, often), ("美", 10, "好的")))
    found = chat(("甲", 0, "在吗"), ("美", 9, WELCOME), ("美", 20, "好的"))

    mark(found, known=(), repeated=repeats.found())

    assert [each.auto_reason for each in found] == ["", "repeated", ""]


def test_few_conversations_tell_nothing() -> None:
    repeats = Repeats()
    for _each in range(10):
        repeats.add(chat(("美", 9, WELCOME)))

    assert repeats.found() == frozenset()


def test_what_is_counted_does_not_grow_with_the_file() -> None:
    repeats = Repeats()
    tracemalloc.start()
    for number in range(60_000):
        repeats.add(chat(("美", 9, f"{number} 这款今天可以发货的哦" + "亲" * 300)))
    held_bytes, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held_bytes < 30e6
