"""The customer can be replayed: nothing depends on how often anybody looks."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from cstrain.activities.live_practice import customer
from cstrain.activities.live_practice.condition import Condition, Event, Mark, Said
from cstrain.activities.live_practice.customer import Log
from cstrain.activities.live_practice.scenario import Scenario
from tests.activities.live_practice.scenes import SMALL, WORDS, example, scenario

SCENARIOS = [scenario(), scenario(SMALL.replace("[300, 300]", "[10, 90]")), example()]
REPLIES = [
    "在的亲",
    "稍等，我查一下",
    "48 小时内发货",
    "72 小时内发货",
    "满 99 元包邮，您发到哪里",
    "单件不改价，您这单够满 199 减 20，到手 279。",
    "没有赠品呢，羊毛袜一盒 59 元",
    "可以开电子发票，付款后在订单里申请",
    "好的给您改成 289",
    "你傻不傻",
    "抱歉，是我说错了，这单付 279 元",
    "这个嘛，看情况",
    "随便，自己看",
    "尺码看这款的页面，L 您报下体重",
]
replies = st.tuples(st.integers(0, 120_000), st.sampled_from(REPLIES))
events = st.lists(replies, max_size=12)
scenarios = st.sampled_from(SCENARIOS)
seeds = st.integers(0, 2**31)


def log_of(drawn: list[tuple[int, str]]) -> Log:
    at_ms, told = 2_000, []
    for gap_ms, text in drawn:
        at_ms += gap_ms
        kind = "action" if text.startswith("好的给") else "line"
        told.append(Event(at_ms, kind, text if kind == "line" else "", "note", {"text": text}))
    return Log(1_000, tuple(told), at_ms + 1_000_000)


def stepped(
    file: Scenario, seed: int, log: Log, step_ms: int
) -> tuple[Condition, list[Said], list[Mark]]:
    """Replay, looking every ``step_ms`` and storing the condition each time."""
    condition = customer.begin(file, seed, at_ms=log.begun_ms)
    said: list[Said] = []
    marks: list[Mark] = []
    waiting = list(log.events)
    for now_ms in [*range(log.begun_ms, log.until_ms, step_ms), log.until_ms]:
        while waiting and waiting[0].at_ms <= now_ms:
            event = waiting.pop(0)
            condition, lines, mark = customer.hear(file, seed, condition, event, words=WORDS)
            said += lines
            marks.append(mark)
        condition, lines = customer.advance(file, seed, condition, until_ms=now_ms)
        said += lines
        condition = Condition.from_json(json.loads(json.dumps(condition.to_json())))
    return condition, said, marks


@settings(max_examples=60, deadline=None)
@given(file=scenarios, seed=seeds, drawn=events, step_ms=st.sampled_from([700, 4_999, 61_000]))
def test_looking_more_often_changes_nothing(
    file: Scenario, seed: int, drawn: list[tuple[int, str]], step_ms: int
) -> None:
    log = log_of(drawn)

    once = customer.replay(file, seed, log, words=WORDS)

    assert stepped(file, seed, log, step_ms) == once
    assert customer.replay(file, seed, log, words=WORDS) == once


@settings(max_examples=60, deadline=None)
@given(file=scenarios, seed=seeds, drawn=events)
def test_something_happens_exactly_when_it_is_announced(
    file: Scenario, seed: int, drawn: list[tuple[int, str]]
) -> None:
    log = log_of(drawn)
    condition, _said, _marks = customer.replay(
        file, seed, Log(log.begun_ms, log.events, log.begun_ms), words=WORDS
    )

    while (next_ms := customer.next_at_ms(condition)) is not None:
        before, silent = customer.advance(file, seed, condition, until_ms=next_ms - 1)
        after, said = customer.advance(file, seed, before, until_ms=next_ms)

        assert silent == []
        assert before.next_ms == next_ms
        assert said or (after.state, after.is_gone, after.queue) != (
            before.state,
            before.is_gone,
            before.queue,
        )
        assert all(each.at_ms == next_ms for each in said)
        condition = after

    assert condition.is_gone


@settings(max_examples=60, deadline=None)
@given(file=scenarios, seed=seeds, drawn=events)
def test_every_talk_ends_in_order_and_in_time(
    file: Scenario, seed: int, drawn: list[tuple[int, str]]
) -> None:
    log = log_of(drawn)

    condition, said, marks = customer.replay(file, seed, log, words=WORDS)

    assert condition.state in file.endings
    assert condition.gone_ms is not None
    assert [each.at_ms for each in said] == sorted(each.at_ms for each in said)
    assert said[-1].at_ms <= condition.gone_ms
    assert all(0 <= mark.mood <= 100 for mark in marks)
    assert all(Mark.from_json(json.loads(json.dumps(mark.to_json()))) == mark for mark in marks)
    assert len(json.dumps(condition.to_json(), ensure_ascii=False).encode()) < 16_000


def test_an_event_from_the_past_counts_as_of_now() -> None:
    file = scenario()
    condition = customer.begin(file, 1, at_ms=0)
    condition, _said = customer.advance(file, 1, condition, until_ms=20_000)

    late, _lines, mark = customer.hear(
        file, 1, condition, Event(5_000, "line", "48 小时内发货"), words=WORDS
    )

    assert mark.turn == "right"
    assert late.at_ms == 20_000


def test_another_seed_gives_other_words_and_times() -> None:
    said = [
        customer.replay(example(), seed, Log(0, (), 400_000), words=WORDS)[1] for seed in range(8)
    ]

    assert len({tuple(each.text for each in lines) for lines in said}) > 3


#: A conversation as it was when the machine got its version: it must never change under that.
KEPT = [(0, "今天拍几点发"), (8_000, "急用"), (31_648, "要邮费不"), (60_080, "拍了")]


def test_old_logs_give_the_old_conversation() -> None:
    assert customer.ENGINE_VERSION == 2
    log = Log(
        0, (Event(20_000, "line", "48 小时内发货"), Event(50_000, "line", "满 99 包邮")), 99_000
    )

    _condition, said, _marks = customer.replay(scenario(), 2, log, words=WORDS)

    assert [(each.at_ms, each.text) for each in said] == KEPT
