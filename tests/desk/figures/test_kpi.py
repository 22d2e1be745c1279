"""Indicators: rounds by profile, with the traps of real logs, and ratios that keep their parts."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.desk.figures import kpi
from cstrain.desk.figures.kpi import Message, Profile, Ratio, Role, Treatment, TypedLine

BUYER, AGENT, ROBOT, SYSTEM = Role.BUYER, Role.AGENT, Role.ROBOT, Role.SYSTEM


def chat(*said: tuple[Role, float]) -> list[Message]:
    return [Message(role, at_s) for role, at_s in said]


def clock(text: str) -> float:
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def waits(messages: list[Message], profile: Profile = kpi.PRACTICE) -> list[float | None]:
    return [each.wait_s for each in kpi.rounds(messages, profile)]


# A welcome after 0 s, then "您好" a second after the question: three readings of one chat.
UNMARKED = chat(
    (BUYER, 0), (AGENT, 0), (BUYER, 8), (AGENT, 9), (AGENT, 24), (BUYER, 36), (AGENT, 59)
)
MARKED = [
    replace(message, is_auto=index == 1, at_s=message.at_s + (index >= 1) * 1)
    for index, message in enumerate(UNMARKED)
]


@pytest.mark.parametrize(
    ("profile", "first_s", "mean_s"),
    [
        (kpi.ALL_REPLIES, 0, 8.0),
        (kpi.ZERO_SECOND_OPEN, 9, 16.0),
        (kpi.ZERO_SECOND_DROPPED, 1, 12.0),
        (kpi.TAOBAO_RESPONSE, 1, 12.0),
    ],
)
def test_an_unmarked_welcome_is_read_in_three_ways(
    profile: Profile, first_s: float, mean_s: float
) -> None:
    assert kpi.first_response_s(UNMARKED, profile) == first_s
    assert kpi.mean_response_s(UNMARKED, profile).value == mean_s


@pytest.mark.parametrize(
    ("profile", "found"),
    [
        (kpi.ALL_REPLIES, [1, 1, 23]),
        (kpi.PRACTICE, [10, 23]),
        (kpi.TAOBAO_RESPONSE, [1, 23]),
    ],
)
def test_a_marked_welcome_is_told_apart_whenever_it_comes(
    profile: Profile, found: list[float]
) -> None:
    assert waits(MARKED, profile) == found


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ([], []),
        (chat((AGENT, 0), (AGENT, 5)), []),
        (chat((BUYER, 0)), [None]),
        (chat((AGENT, 0), (BUYER, 3), (BUYER, 9), (AGENT, 13), (AGENT, 15)), [10]),
        (chat((BUYER, 0), (SYSTEM, 2), (AGENT, 5)), [5]),
        (chat((BUYER, 0), (ROBOT, 2), (AGENT, 5)), [5]),
        (chat((BUYER, 0), (AGENT, 4), (BUYER, 4), (AGENT, 9)), [4, 5]),
        (chat((BUYER, 0.999996), (AGENT, 14.000002)), [13.0]),
        ([Message(BUYER, 0), Message(AGENT, 5), Message(BUYER, 9, asks=False)], [5]),
    ],
    ids=[
        "nobody",
        "agent alone",
        "no answer",
        "a burst is one round",
        "the system does not answer",
        "a robot does not answer",
        "ties keep their order",
        "float noise",
        "a last word waits for nothing",
    ],
)
def test_a_round_is_the_first_unanswered_message_and_the_next_reply(
    messages: list[Message], found: list[float | None]
) -> None:
    assert waits(messages) == found


def test_a_round_names_its_two_messages() -> None:
    (only,) = kpi.rounds(chat((AGENT, 0), (BUYER, 3), (BUYER, 9), (AGENT, 13)))

    assert (only.question, only.reply) == (1, 3)


def test_messages_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="order"):
        kpi.rounds(chat((BUYER, 5), (AGENT, 4)))


ASKED_TWICE = [
    (BUYER, clock("10:10:15")),
    (BUYER, clock("10:15:20")),
    (AGENT, clock("10:18:10")),
]


@pytest.mark.parametrize(
    ("said", "in_time"),
    [
        (ASKED_TWICE, Ratio(0, 1)),
        ([*ASKED_TWICE, (BUYER, clock("10:18:30")), (AGENT, clock("10:19:00"))], Ratio(1, 2)),
        ([(BUYER, clock(f"20:{minute}:00")) for minute in range(10)], Ratio(0, 1)),
        ([(BUYER, clock("10:00:00")), (AGENT, clock("10:03:00"))], Ratio(1, 1)),
        ([(BUYER, clock("10:00:00")), (AGENT, clock("10:03:01"))], Ratio(0, 1)),
        ([(BUYER, clock("7:59:59")), (AGENT, clock("8:00:10"))], Ratio(0, 0)),
        ([(BUYER, clock("8:00:00")), (AGENT, clock("8:00:10"))], Ratio(1, 1)),
        ([(BUYER, clock("22:59:59")), (AGENT, clock("23:00:10"))], Ratio(1, 1)),
        ([(BUYER, clock("23:00:00")), (AGENT, clock("23:00:10"))], Ratio(0, 0)),
    ],
)
def test_the_three_minutes_of_taobao(said: list[tuple[Role, float]], in_time: Ratio) -> None:
    assert kpi.answered_within(chat(*said), 180, kpi.TAOBAO_3_MINUTES) == in_time


def test_a_mean_of_taobao_caps_rounds_and_leaves_out_other_days() -> None:
    late, next_day = clock("23:58:00"), clock("24:05:00")
    messages = chat((BUYER, 0), (AGENT, 4000), (BUYER, late), (AGENT, next_day), (BUYER, next_day))

    assert kpi.mean_response_s(messages, kpi.TAOBAO_RESPONSE) == Ratio(600, 1)
    assert kpi.mean_response_s(messages, kpi.PRACTICE) == Ratio(4420, 2)


def test_a_question_of_the_next_day_begins_a_round_of_its_own() -> None:
    messages = chat((BUYER, clock("23:58:00")), (BUYER, clock("24:05:00")), (AGENT, 86_820))

    assert waits(messages, kpi.TAOBAO_RESPONSE) == [None, 120]


@pytest.mark.parametrize(
    ("reply", "answered"),
    [
        (Message(AGENT, 9), 1),
        (Message(ROBOT, 9), 1),
        (Message(AGENT, 9, is_auto=True), 0),
        (Message(ROBOT, 9, is_auto=True), 0),
        (Message(SYSTEM, 9), 0),
    ],
)
def test_the_reply_ratio_counts_people_whom_somebody_answered(
    reply: Message, answered: int
) -> None:
    people = [[Message(BUYER, 0), reply], [Message(BUYER, 0), Message(BUYER, 5)], [reply], []]

    assert kpi.answered_people(people) == Ratio(answered, 2)


@pytest.mark.parametrize(
    ("ratio", "value"),
    [(Ratio(0, 0), None), (Ratio(3, 0), None), (Ratio(0, 4), 0), (Ratio(1, 4), 0.25)],
)
def test_a_ratio_by_nothing_has_no_value(ratio: Ratio, value: float | None) -> None:
    assert ratio.value == value


@pytest.mark.parametrize("part", [-1, math.nan, math.inf])
def test_a_ratio_has_no_impossible_part(part: float) -> None:
    with pytest.raises(ValueError, match="finite and at least 0"):
        Ratio(part, 1)


def test_pooling_is_sum_by_sum() -> None:
    assert kpi.pooled([Ratio(1, 1), Ratio(0, 9), Ratio(0, 0)]) == Ratio(1, 10)
    assert kpi.pooled([]).value is None


def test_money_keeps_its_parts() -> None:
    assert kpi.value_per_customer(4000, 40) == Ratio(4000, 40)
    assert kpi.refund_ratio(2, 50).value == 0.04


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ([], None),
        ([TypedLine(0, 8)], None),
        ([TypedLine(20, 15), TypedLine(10, 45)], 30),
        ([TypedLine(20, 20), TypedLine(0, 500)], 60),
    ],
)
def test_typed_speed_is_pooled_over_lines(lines: list[TypedLine], value: float | None) -> None:
    assert kpi.typed_cpm(lines).value == value


said = st.builds(
    Message,
    role=st.sampled_from(Role),
    at_s=st.floats(0, 100_000),
    is_auto=st.booleans(),
    asks=st.booleans(),
)
chats = st.lists(said, max_size=12).map(lambda found: sorted(found, key=lambda each: each.at_s))
profiles = st.builds(
    Profile,
    name=st.just("any"),
    version=st.just(1),
    auto=st.sampled_from(Treatment),
    robot=st.sampled_from(Treatment),
    zero_second=st.sampled_from(Treatment),
    hours=st.sampled_from([None, (8, 23)]),
    same_day=st.booleans(),
)


@given(chats, profiles)
def test_rounds_do_not_overlap_and_join_a_buyer_to_somebody_else(
    messages: list[Message], profile: Profile
) -> None:
    found = kpi.rounds(messages, profile)

    places = [place for each in found for place in (each.question, each.reply) if place is not None]
    assert places == sorted(set(places))
    for each in found:
        assert messages[each.question].role is BUYER
        assert each.reply is None or messages[each.reply].role in {AGENT, ROBOT}
        assert (each.wait_s is None) == (each.reply is None)


@given(chats)
def test_passing_over_replies_never_shortens_the_first_response(messages: list[Message]) -> None:
    all_s = kpi.first_response_s(messages, kpi.ALL_REPLIES)
    own_s = kpi.first_response_s(messages, kpi.PRACTICE)

    assert own_s is None or (all_s is not None and all_s <= own_s)
