"""Conversations out of messages. All messages are made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.desk.chats.cutting import Cut, CutRule, cut
from cstrain.desk.chats.message import Precision, Role, SourceMessage

START = datetime(2024, 5, 1, 2, 0, tzinfo=UTC)
GAP, DAY = CutRule(Cut.GAP), CutRule(Cut.DAY)


def said(
    line: int, minute: float | None, buyer: str = "甲", account: str = "美", conversation: str = ""
) -> SourceMessage:
    return SourceMessage(
        line,
        Role.AGENT if line % 2 else Role.BUYER,
        f"第{line}句",
        None if minute is None else START + timedelta(minutes=minute),
        shop="山泉",
        account=account,
        buyer=buyer,
        conversation=conversation,
    )


def lines(messages: list[SourceMessage], rule: CutRule, max_held: int = 60_000) -> list[list[int]]:
    return [[each.line for each in found] for found in cut(messages, rule, max_held=max_held)]


@pytest.mark.parametrize(
    ("minutes", "cuts"),
    [
        ([0, 10, 20], [[1, 2, 3]]),
        ([0, 10.01, 20], [[1], [2, 3]]),
        ([20, 10.01, 0], [[3], [2, 1]]),
        ([0, 15, 7], [[1, 3, 2]]),
        ([0, None, 30], [[1, 2], [3]]),
    ],
)
def test_a_silence_of_more_than_ten_minutes_ends_a_conversation(
    minutes: list[float | None], cuts: list[list[int]]
) -> None:
    found = lines([said(place, each) for place, each in enumerate(minutes, 1)], GAP)

    assert sorted(found) == sorted(cuts)


def test_conversations_of_several_buyers_run_side_by_side() -> None:
    found = [said(1, 0, "甲"), said(2, 0, "乙"), said(3, 1, "甲"), said(4, 1, "乙")]

    assert lines(found, GAP) == [[1, 3], [2, 4]]


def test_a_hand_over_keeps_the_conversation() -> None:
    assert lines([said(1, 0, account="美"), said(2, 5, account="丽")], GAP) == [[1, 2]]


def test_half_a_nick_is_no_key() -> None:
    found = [
        said(1, 0, "景**", account="美"),
        said(2, 1, "景**", account="丽"),
        said(3, 2, "景**", account="美"),
        said(4, 60 * 24, "景**", account="美"),
    ]

    assert lines(found, GAP) == [[1, 3], [2], [4]]
    assert lines(found, DAY) == [[1, 3], [2], [4]]


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    found = [said(1, 0), said(2, 13 * 60 + 59), said(3, 14 * 60)]

    assert lines(found, DAY) == [[1, 2], [3]]


def test_the_sources_own_key_goes_before_times() -> None:
    found = [said(1, 0, conversation="k"), said(2, 0, conversation="l")]
    found += [said(3, 500, conversation="k"), said(4, None, conversation="l"), said(5, 0)]

    assert lines(found, CutRule()) == [[1, 3], [2, 4], [5]]


def test_dates_without_times_are_cut_by_day() -> None:
    found = [said(1, 0), said(2, 0), said(3, 60 * 24)]
    for each in found:
        each.precision = Precision.DATE

    assert lines(found, GAP) == [[1, 2], [3]]


def test_same_times_keep_the_order_of_the_file_and_backward_files_are_turned() -> None:
    forward = [said(1, 0), said(2, 0), said(3, 1), said(4, 0.5)]
    backward = [said(1, 2), said(2, 1), said(3, 1), said(4, 0)]

    assert lines(forward, GAP) == [[1, 2, 4, 3]]
    assert lines(backward, GAP) == [[4, 3, 2, 1]]


def test_memory_is_bounded_and_nothing_is_lost() -> None:
    found = [said(line, line / 100, f"tb{line // 4}") for line in range(4000)]

    bounded = list(cut(iter(found), GAP, max_held=100))

    assert sorted(each.line for chat in bounded for each in chat) == list(range(4000))
    assert len(bounded) == 1000


@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from("甲乙丙")), max_size=60),
    st.integers(1, 80),
)
def test_every_message_comes_out_once_whatever_is_held(
    spoken: list[tuple[int, str]], max_held: int
) -> None:
    messages = [said(line, minute, buyer) for line, (minute, buyer) in enumerate(spoken, 1)]

    chats = list(cut(messages, GAP, max_held=max_held))

    assert sorted(each.line for chat in chats for each in chat) == list(range(1, len(spoken) + 1))
    assert all(len({each.buyer for each in chat}) == 1 for chat in chats)


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from("甲乙")), max_size=40), st.randoms())
def test_the_order_of_the_file_does_not_change_what_belongs_together(
    spoken: list[tuple[int, str]], chance: object
) -> None:
    messages = [said(line, minute, buyer) for line, (minute, buyer) in enumerate(spoken, 1)]
    shuffled = list(messages)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random

    together = {
        frozenset(chat) for chat in lines(sorted(messages, key=lambda m: m.at or START), GAP)
    }

    assert {frozenset(chat) for chat in lines(shuffled, GAP)} == together
