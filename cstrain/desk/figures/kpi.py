"""Indicators of customer service, with numerator and denominator kept. Pure.

Platforms count the same chat differently: with an automatic welcome after 0 s, a first response is
0 s, 9 s or 1 s. So whatever depends on a reading takes a ``Profile``; show and store its name and
version beside the figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

DAY_S: Final = 86_400
HOUR_S: Final = 3_600


class Role(StrEnum):
    """Who sent a message."""

    BUYER = "buyer"
    AGENT = "agent"
    ROBOT = "robot"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    Attributes:
        at_s: When, in seconds. In practice since its start; in real chats since a midnight of the
            shop's time zone, because some profiles count by hours and days.
        is_auto: Nobody wrote it: a first-sentence auto-reply, or the account 服务助手. A robot
            that holds a conversation (店小蜜) has the role ROBOT and is not automatic.
        asks: Whether a buyer's message waits for an answer. The words with which a simulated
            customer leaves do not; of real chats nobody knows, so there all do.
    """

    role: Role
    at_s: float
    text: str = ""
    is_auto: bool = False
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share or a mean that remembers what it was made of.

    Raises:
        ValueError: If a part is negative or not finite.
    """

    numerator: float
    denominator: float

    def __post_init__(self) -> None:
        for part in (self.numerator, self.denominator):
            if not math.isfinite(part) or part < 0:
                raise ValueError(f"a part of a ratio must be finite and at least 0, not {part}")

    @property
    def value(self) -> float | None:
        """Numerator by denominator, not rounded; None where the denominator is 0."""
        return self.numerator / self.denominator if self.denominator else None


def pooled(ratios: Iterable[Ratio]) -> Ratio:
    """Sum by sum: the ratio of a team or a month. Never take the mean of ratios."""
    kept = list(ratios)
    return Ratio(sum(each.numerator for each in kept), sum(each.denominator for each in kept))


class Treatment(StrEnum):
    """What a reply of some sort does to the round it would answer.

    ``COUNTS``: it answers. ``OPEN``: it is passed over, and the round waits on. ``DROPPED``: it
    ends the round, and the round is left out of both parts.
    """

    COUNTS = "counts"
    OPEN = "open"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Profile:
    """A way of counting rounds. A changed rule is a new version.

    Attributes:
        auto: Automatic replies, as the log marks them.
        robot: Replies of a robot that holds the conversation.
        zero_second: Replies that are not marked and come in the same second.
        cap_s: In a mean no round weighs more.
        hours: Only rounds begun from the first hour to before the second, of the local day.
        same_day: What is not answered before midnight stays unanswered.
    """

    name: str
    version: int
    auto: Treatment = Treatment.OPEN
    robot: Treatment = Treatment.OPEN
    zero_second: Treatment = Treatment.COUNTS
    cap_s: float | None = None
    hours: tuple[int, int] | None = None
    same_day: bool = False


PRACTICE: Final = Profile("practice", 1)
"""What the agent did: automatic replies are passed over. First response and mean as in practice."""

ALL_REPLIES: Final = Profile(
    "all_replies", 1, auto=Treatment.COUNTS, robot=Treatment.COUNTS, zero_second=Treatment.COUNTS
)
"""Whoever replies, an automatic welcome too; 晓多's qa_time_sum by qa_round_sum."""

ZERO_SECOND_OPEN: Final = Profile("zero_second_open", 1, zero_second=Treatment.OPEN)
"""For logs that do not mark automatic replies: one of 0 s does not close the round."""

ZERO_SECOND_DROPPED: Final = Profile("zero_second_dropped", 1, zero_second=Treatment.DROPPED)
"""For logs that do not mark automatic replies: a round answered after 0 s does not count."""

TAOBAO_RESPONSE: Final = Profile(
    "taobao_response",
    1,
    auto=Treatment.DROPPED,
    robot=Treatment.DROPPED,
    zero_second=Treatment.DROPPED,
    cap_s=600,
    same_day=True,
)
"""淘宝人工响应时长: each round at most 10 min; robots, 0-second replies, rounds unanswered that
day and across days are out of both parts. Chats between shops are the caller's to leave out.

Source: 39zn.cn 119643.
"""

TAOBAO_3_MINUTES: Final = Profile("taobao_3_minutes", 1, hours=(8, 23))
"""淘宝 3 分钟响应率: rounds begun from 8:00 to 23:00; unanswered ones stay in the denominator.
What robots do is not told; here they are passed over.

Source: g8108.cn, dingjiuxi.cn.
"""

TAOBAO_REPLY: Final = Profile("taobao_reply", 1, robot=Treatment.COUNTS)
"""淘宝回复率: auto-replies and 服务助手 do not count, 店小蜜 and people do.

Source: uhkt.cn, djres.cn.
"""


@dataclass(frozen=True, slots=True)
class Round:
    """A customer's turn and its answer.

    Attributes:
        question: Index of the first unanswered message.
        reply: Index of the answer; None while there is none.
        wait_s: Seconds between them, to the millisecond, because exports carry float noise; None
            while there is no answer.
    """

    question: int
    reply: int | None
    wait_s: float | None


def rounds(messages: Sequence[Message], profile: Profile = PRACTICE) -> list[Round]:
    """The rounds of one conversation that a profile counts, in order.

    A round goes from the first unanswered message of the buyer to the next reply; what the buyer
    adds meanwhile belongs to it. Messages of the same time keep their order.

    Raises:
        ValueError: If the messages are not in the order of their times.
    """
    if any(later.at_s < earlier.at_s for earlier, later in pairwise(messages)):
        raise ValueError("messages must be in the order of their times")
    found: list[Round] = []
    asked: int | None = None
    for index, message in enumerate(messages):
        if asked is not None and profile.same_day and _day(message) > _day(messages[asked]):
            found.append(Round(asked, None, None))
            asked = None
        if message.role is Role.BUYER:
            if asked is None and message.asks:
                asked = index
        elif asked is not None and message.role is not Role.SYSTEM:
            wait_s = round(message.at_s - messages[asked].at_s, 3)
            treatment = _treatment(message, wait_s, profile)
            if treatment is Treatment.COUNTS:
                found.append(Round(asked, index, wait_s))
            if treatment is not Treatment.OPEN:
                asked = None
    if asked is not None:
        found.append(Round(asked, None, None))
    return [each for each in found if _is_within(messages[each.question], profile.hours)]


def _treatment(message: Message, wait_s: float, profile: Profile) -> Treatment:
    if message.is_auto:
        return profile.auto
    if message.role is Role.ROBOT:
        return profile.robot
    return profile.zero_second if round(wait_s) == 0 else Treatment.COUNTS


def _day(message: Message) -> int:
    return int(message.at_s // DAY_S)


def _is_within(message: Message, hours: tuple[int, int] | None) -> bool:
    return hours is None or hours[0] <= message.at_s % DAY_S / HOUR_S < hours[1]


def first_response_s(messages: Sequence[Message], profile: Profile = PRACTICE) -> float | None:
    """首次响应时间: from the customer's first message to the first reply, in seconds.

    An automatic welcome makes it trivially good, so show it by ``ALL_REPLIES`` and by ``PRACTICE``.
    It is not capped.

    Returns:
        The wait of the first answered round that the profile counts; None without one.
    """
    waits = (each.wait_s for each in rounds(messages, profile) if each.wait_s is not None)
    return next(waits, None)


def mean_response_s(messages: Sequence[Message], profile: Profile = PRACTICE) -> Ratio:
    """平均响应时间: seconds waited by answered rounds; pool conversations with ``pooled``."""
    waits = [each.wait_s for each in rounds(messages, profile) if each.wait_s is not None]
    cap_s = math.inf if profile.cap_s is None else profile.cap_s
    return Ratio(sum(min(wait_s, cap_s) for wait_s in waits), len(waits))


def answered_within(
    messages: Sequence[Message], limit_s: float, profile: Profile = PRACTICE
) -> Ratio:
    """Rounds answered in at most ``limit_s`` seconds by all rounds, unanswered ones among them."""
    kept = rounds(messages, profile)
    in_time = sum(each.wait_s is not None and each.wait_s <= limit_s for each in kept)
    return Ratio(in_time, len(kept))


def answered_people(people: Iterable[Sequence[Message]], profile: Profile = TAOBAO_REPLY) -> Ratio:
    """回复率: people answered by people who wrote, not messages.

    Args:
        people: For each person and natural day the messages of that day, in order.
        profile: Says whose replies count.
    """
    wrote = [each for each in people if any(one.role is Role.BUYER for one in each)]
    answered = sum(any(one.reply is not None for one in rounds(each, profile)) for each in wrote)
    return Ratio(answered, len(wrote))


def answer_ask_ratio(messages: Sequence[Message]) -> Ratio:
    """答问比: the agent's messages, automatic ones too, by the buyer's.

    Source: plnmw.com.
    """
    roles = [message.role for message in messages]
    return Ratio(roles.count(Role.AGENT), roles.count(Role.BUYER))


def inquiry_conversion(final_orderers: int, inquirers: int) -> Ratio:
    """询单转化率: people who finally ordered by people who inquired before ordering.

    Final is known three days after the day of the inquiry, when unpaid orders have closed. Never
    multiply it with ``payment_conversion``: orderers are another population.
    """
    return Ratio(final_orderers, inquirers)


def payment_conversion(final_payers: int, orderers: int) -> Ratio:
    """付款转化率: people who finally paid by people who ordered."""
    return Ratio(final_payers, orderers)


def value_per_customer(sales: float, paying_customers: int) -> Ratio:
    """客单价: sales by paying customers, in the currency of the sales."""
    return Ratio(sales, paying_customers)


def refund_ratio(refunded: float, paid: float) -> Ratio:
    """退款率: refunded orders, or their amount, by those paid in the same period."""
    return Ratio(refunded, paid)


def sales_of(visitors: int, conversion_ratio: float, value: float) -> float:
    """Sales: visitors × conversion × value per customer, in the currency of the value."""
    return visitors * conversion_ratio * value


def missed_sales(orders_per_day: float, value: float, days: int = 30) -> float:
    """What orders that nobody answers cost: orders × value × days; a month has 30, a year 360."""
    return orders_per_day * value * days


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One line an agent sent, as far as it was typed.

    Attributes:
        char_count: Characters that came by keyboard or input method; neither pasted ones nor those
            of a quick reply.
        elapsed_s: Seconds from the first key to sending.
    """

    char_count: int
    elapsed_s: float


def typed_cpm(lines: Iterable[TypedLine]) -> Ratio:
    """Characters a minute of really typed text, pooled: all characters by all minutes.

    The key that sends ends the clock, so the first character is not taken off. A line without a
    typed character is left out of both parts. Reading and thinking before the first key do not
    count; thinking within a line does, so this is slower than a typing test.
    """
    kept = [line for line in lines if line.char_count > 0]
    return Ratio(sum(line.char_count for line in kept), sum(line.elapsed_s for line in kept) / 60)
