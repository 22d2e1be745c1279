"""What the customer does with what is said, and with silence."""

from __future__ import annotations

import json

import pytest

from cstrain.activities.live_practice import customer
from cstrain.activities.live_practice.condition import Condition, Event, Mark, Said
from cstrain.activities.live_practice.customer import Log
from cstrain.activities.live_practice.scenario import Scenario
from tests.activities.live_practice.scenes import SMALL, WORDS, example, line, scenario

HOUR_MS = 3_600_000


def played(
    *events: Event, file: str = SMALL, seed: int = 1, until_s: float = 3600
) -> tuple[Condition, list[Said], list[Mark]]:
    log = Log(0, events, round(until_s * 1000))
    return customer.replay(scenario(file), seed, log, words=WORDS)


def turns(marks: list[Mark]) -> list[str]:
    return [mark.turn for mark in marks]


def texts(said: list[Said]) -> list[str]:
    return [each.text for each in said]


def test_the_opening_burst_is_typed_line_by_line() -> None:
    _condition, said, _marks = played(until_s=20)

    assert [each.at_ms for each in said] == [0, 8000]
    assert texts(said) in (["在吗", "什么时候发"], ["今天拍几点发", "急用"])


def test_right_replies_lead_to_the_good_ending() -> None:
    condition, said, marks = played(line(20, "在的，48 小时内发货"), line(50, "满 99 元包邮"))

    assert turns(marks) == ["right", "right"]
    assert condition.state == "成交"
    assert condition.mood == 80
    assert texts(said)[-1] == "拍了"
    assert condition.gone_ms == said[-1].at_ms + 25_000


def test_the_agent_can_say_goodbye() -> None:
    events = (line(20, "48 小时内发货"), line(50, "满 99 元包邮"), line(70, "谢谢，再见"))

    condition, said, marks = played(*events)

    assert said[-1].at_ms < 70_000
    assert condition.gone_ms == 75_000
    assert (marks[-1].turn, marks[-1].reason) == ("none", "ended")


def test_a_reaction_comes_after_a_thinking_time() -> None:
    _condition, said, _marks = played(line(20, "48 小时内发货"), until_s=60)

    assert 20_000 + 6_000 * 0.85 <= said[2].at_ms <= 20_000 + 14_000 * 0.85


def test_impatient_customers_think_half_as_long_at_most() -> None:
    hasty = SMALL.replace("耐心: 70", "耐心: 10")

    _condition, said, _marks = played(line(20, "48 小时内发货"), file=hasty, until_s=60)

    assert said[2].at_ms <= 20_000 + 14_000 * 0.55


@pytest.mark.parametrize(
    ("reply", "turn", "state"),
    [
        ("72 小时内发货", "wrong", "没拍"),
        ("不能 48 小时内发货", "wrong", "没拍"),
        ("你傻不傻，48 小时内发货", "forbidden", "生气走了"),
        ("你自己看页面", "wrong", "没拍"),
        ("两天内发货哈", "right", "问邮费"),
    ],
)
def test_a_turn_leads_where_the_file_says(reply: str, turn: str, state: str) -> None:
    condition, _said, marks = played(line(20, reply), until_s=45)

    assert turns(marks) == [turn]
    assert condition.state == state


def test_a_wrong_fact_is_believed_unless_the_file_says_otherwise() -> None:
    trusting = SMALL.replace("    错: {去: 没拍, 心情: -20}\n", "")

    condition, _said, marks = played(line(20, "72 小时内发货"), file=trusting, until_s=45)

    assert turns(marks) == ["wrong"]
    assert marks[0].facts == {"发货": "wrong"}
    assert condition.state == "问邮费"


def test_another_fact_that_is_wrong_spoils_a_turn_and_not_the_way() -> None:
    condition, _said, marks = played(line(20, "48 小时内发货，满 59 元包邮"), until_s=45)

    assert turns(marks) == ["wrong"]
    assert marks[0].facts == {"发货": "right", "包邮": "wrong"}
    assert marks[0].reason == "other_fact:包邮"
    assert condition.state == "问邮费"


def test_a_fact_counts_elsewhere_only_where_the_file_says_when_it_is_meant() -> None:
    vague = SMALL.replace("{话: 满 99 元包邮, 关于: [[包邮, 邮费]]}", "满 99 元包邮")

    _condition, _said, marks = played(
        line(20, "48 小时内发货，满 59 元包邮"), file=vague, until_s=45
    )

    assert turns(marks) == ["right"]
    assert marks[0].facts == {"发货": "right"}


def test_a_forbidden_word_costs_fifteen_and_what_was_said_counts_all_the_same() -> None:
    events = (line(20, "48 小时内发货"), line(50, "保证满 99 元包邮"))

    condition, _said, marks = played(*events, until_s=80)

    assert turns(marks) == ["right", "forbidden"]
    assert (marks[1].forbidden, marks[1].facts) == (("保证",), {"包邮": "right"})
    assert marks[1].mood_change == -15 + 5
    assert condition.state == "成交"


def test_a_correction_in_the_same_state_counts() -> None:
    lenient = SMALL.replace("    错: {去: 没拍, 心情: -20}\n", "    错: {去: 问发货}\n")

    condition, _said, marks = played(
        line(20, "72 小时内发货"), line(60, "说错了，48 小时内发货"), file=lenient, until_s=90
    )

    assert turns(marks) == ["wrong", "right"]
    assert condition.state == "问邮费"


def test_what_is_unclear_is_asked_again_once_and_then_given_up() -> None:
    condition, said, marks = played(
        line(20, "这个嘛，看情况"), line(50, "差不多吧那个"), until_s=90
    )

    assert turns(marks) == ["unclear", "unclear"]
    assert texts(said)[2:] == ["所以几点发", "算了"]
    assert condition.state == "没拍"


def test_the_customer_listens_before_asking_again() -> None:
    condition, said, marks = played(
        line(20, "这个我跟您说下"), line(26, "48 小时内发货"), until_s=60
    )

    assert turns(marks) == ["unclear", "right"]
    assert "所以几点发" not in texts(said)
    assert condition.state == "问邮费"
    assert {mark.turn_no for mark in marks} == {1}


def test_a_fact_in_parts_of_two_turns_counts_together() -> None:
    both = SMALL.replace("    要: {事实: [发货]}\n", "    要: {事实: [发货, 包邮]}\n").replace(
        "像: [在的，48 小时内发货。]", "像: [48 小时内发货，满 99 元包邮。]"
    )

    condition, said, marks = played(
        line(20, "48 小时内发货"), line(50, "满 99 元包邮的"), file=both, until_s=80
    )

    assert "所以几点发" in texts(said)
    assert turns(marks) == ["unclear", "right"]
    assert marks[0].needs_left == ("fact:包邮",)
    assert condition.state == "问邮费"


def test_who_gets_further_is_asked_once_more() -> None:
    both = SMALL.replace("    要: {事实: [发货]}\n", "    要: {事实: [发货, 包邮]}\n").replace(
        "像: [在的，48 小时内发货。]", "像: [48 小时内发货，满 99 元包邮。]"
    )
    events = (line(20, "看情况吧"), line(50, "48 小时内发货"), line(90, "满 99 元包邮"))

    condition, said, marks = played(*events, file=both, until_s=120)

    assert turns(marks) == ["unclear", "unclear", "right"]
    assert texts(said).count("所以几点发") == 2
    assert condition.state == "问邮费"


def test_silence_nudges_complains_and_leaves() -> None:
    condition, said, _marks = played()

    assert [(each.at_ms, each.text) for each in said[2:]] == [(38_000, "在不"), (98_000, "没人吗")]
    assert condition.state == "走了"
    assert condition.gone_ms == 188_000


def test_a_holding_line_starts_the_silence_again_at_a_minute() -> None:
    _condition, said, marks = played(line(20, "亲，稍等，我查一下"))

    assert turns(marks) == ["holding"]
    assert [each.at_ms for each in said[2:]] == [80_000, 140_000]


def test_holding_lines_are_accepted_twice() -> None:
    _condition, _said, marks = played(
        line(20, "稍等"), line(40, "我查一下"), line(60, "请稍等一下哦"), until_s=62
    )

    assert turns(marks) == ["holding", "holding", "unclear"]


def test_a_bare_greeting_only_starts_the_silence_again() -> None:
    _condition, said, marks = played(line(20, "您好，在的亲"), line(25, "您好亲"), until_s=100)

    assert turns(marks) == ["greeting", "unclear"]
    assert said[2].text == "所以几点发"


def test_waiting_costs_a_point_every_ten_seconds_after_fifteen() -> None:
    file = scenario()
    condition = customer.begin(file, 1, at_ms=0)
    condition, _said = customer.advance(file, 1, condition, until_ms=8_000)

    moods = [customer.mood_at(condition, 8_000 + at_s * 1000) for at_s in (0, 24, 25, 35, 65)]

    assert moods == [70, 70, 69, 68, 65]


def test_a_customer_without_patience_leaves_while_waiting() -> None:
    tired = SMALL.replace("耐心: 70", "耐心: 2")

    condition, _said, _marks = played(file=tired)

    assert condition.state == "走了"
    assert condition.gone_ms == 8_000 + 15_000 + 20_000


def test_after_sales_anger_ends_in_a_complaint() -> None:
    angry = (
        SMALL.replace("track: presales", "track: aftersales")
        .replace("耐心: 70", "耐心: 2")
        .replace("限: {轮", "  投诉: {是: complaint}\n限: {轮")
    )

    condition, _said, _marks = played(file=angry)

    assert condition.state == "投诉"


def test_the_same_line_pasted_again_costs_ten() -> None:
    again = "亲这边都是统一安排的请放宽心"

    _condition, _said, marks = played(line(20, again), line(24, again), until_s=30)

    assert [mark.is_pasted for mark in marks] == [False, True]
    assert marks[1].mood_change == -10


def test_an_apology_helps_once_after_something_went_wrong() -> None:
    _condition, _said, marks = played(
        line(20, "抱歉久等啦啦啦"),
        line(45, "在查的呢"),
        line(110, "不好意思让您等这么久"),
        line(115, "真的不好意思呀"),
        until_s=116,
    )

    assert [mark.mood_change for mark in marks] == [0, 0, 5, 0]


def test_what_is_told_only_when_asked_is_told_then() -> None:
    condition, said, marks = played(line(20, "您发到哪里呢"), line(60, "48 小时内发货"), until_s=90)

    assert turns(marks) == ["asked", "right"]
    assert marks[0].asked == ("收货地",)
    assert said[2].text == "杭州"
    assert condition.told == ("收货地",)


def test_asking_again_costs_five_and_is_answered() -> None:
    _condition, said, marks = played(line(20, "发到哪里"), line(50, "地址是哪里来着"), until_s=80)

    assert [mark.mood_change for mark in marks] == [0, -5]
    assert texts(said).count("杭州") == 2


def test_a_question_beside_the_right_answer_is_answered_before_what_comes_next() -> None:
    _condition, said, marks = played(line(20, "48 小时内发货，您发到哪里"), until_s=60)

    assert turns(marks) == ["right"]
    assert texts(said)[2:4] == ["杭州", "要邮费不"]


def test_a_line_sent_while_the_customer_types_counts_for_the_turn_that_comes() -> None:
    condition, said, marks = played(line(3, "48 小时内发货"), until_s=30)

    assert turns(marks) == ["right"]
    assert condition.state == "问邮费"
    assert len(said) == 3
    assert said[1].at_ms == 8_000 < said[2].at_ms


def test_an_early_line_that_decides_nothing_is_not_unclear() -> None:
    _condition, said, marks = played(
        line(3, "我这边看到您了哈"), line(20, "48 小时内发货"), until_s=30
    )

    assert turns(marks) == ["none", "right"]
    assert "所以几点发" not in texts(said)


INTERRUPTED = SMALL.replace("{之间: [300, 300]", "{之间: [16, 16]")


def test_an_interruption_comes_back_to_what_was_left() -> None:
    condition, said, marks = played(line(40, "能开发票"), file=INTERRUPTED, until_s=60)

    assert texts(said)[2:] == ["能开票吗", "所以几点发"]
    assert marks[0].state == "问票"
    assert condition.state == "问发货"


def test_what_was_left_is_asked_anew_where_nothing_else_is_written() -> None:
    plain = INTERRUPTED.replace("    再问: [[所以几点发]]\n", "")

    _condition, said, _marks = played(line(40, "能开发票"), file=plain, until_s=70)

    assert texts(said)[3:] in (["在吗", "什么时候发"], ["今天拍几点发", "急用"])


def test_what_was_broken_off_can_be_answered_meanwhile() -> None:
    condition, said, marks = played(
        line(20, "48 小时内发货"), line(40, "能开发票"), file=INTERRUPTED, until_s=60
    )

    assert [(mark.turn, mark.state) for mark in marks] == [("right", "问发货"), ("right", "问票")]
    assert condition.state == "问邮费"
    assert texts(said)[2:] == ["能开票吗", "要邮费不"]


def test_a_customer_does_not_interrupt_while_typing_or_listening() -> None:
    listening = SMALL.replace("{之间: [300, 300]", "{之间: [21, 21]")

    _condition, said, _marks = played(line(20, "这个嘛，看情况"), file=listening, until_s=120)

    assert texts(said)[2:4] == ["所以几点发", "能开票吗"]
    assert said[3].at_ms == said[2].at_ms + 8_000


def test_the_seconds_run_out() -> None:
    short = SMALL.replace("秒: 900", "秒: 60")

    condition, _said, _marks = played(line(20, "稍等"), file=short)

    assert condition.state == "走了"
    assert condition.gone_ms == 60_000


def test_the_turns_run_out() -> None:
    short = SMALL.replace("轮: 8", "轮: 3").replace(
        "    错: {去: 没拍, 心情: -20}\n", "    错: {去: 问发货}\n"
    )
    wrong = [line(at_s, f"{at_s} 小时内发货") for at_s in (20, 60, 100)]

    condition, _said, marks = played(*wrong, file=short, until_s=130)

    assert turns(marks) == ["wrong"] * 3
    assert condition.state == "走了"


def test_nothing_happens_after_the_customer_has_gone() -> None:
    condition, said, marks = played(line(20, "你自己看"), line(100, "48 小时内发货"))

    assert turns(marks) == ["wrong", "none"]
    assert texts(said)[-1] == "算了"
    assert condition.next_ms is None


ACTIVE = SMALL.replace(
    "    要: {事实: [包邮]}\n    像: [满 99 元包邮。]",
    "    要: {事实: [包邮], 动作: {改运费: {金额: {至多: 0}}, 备注: {含: [包邮]}}}\n"
    "    像: [满 99 元包邮。]",
)


def done(at_s: int, action: str, **params: str) -> Event:
    return Event(at_s * 1000, "action", action=action, params=params)


def test_needed_actions_complete_a_turn() -> None:
    condition, _said, marks = played(
        line(20, "48 小时内发货"),
        line(50, "满 99 元包邮"),
        done(52, "change_freight", amount="0"),
        done(54, "note", text="客人说包邮", flag="红"),
        file=ACTIVE,
        until_s=90,
    )

    assert turns(marks) == ["right", "unclear", "none", "right"]
    assert marks[-1].actions == {"change_freight": "right", "note": "right"}
    assert condition.state == "成交"


def test_an_action_with_a_wrong_amount_is_wrong() -> None:
    _condition, _said, marks = played(
        line(20, "48 小时内发货"),
        done(50, "change_freight", amount="8"),
        file=ACTIVE,
        until_s=90,
    )

    assert marks[-1].turn == "wrong"
    assert marks[-1].actions == {"change_freight": "wrong"}


def test_a_mark_survives_storage() -> None:
    _condition, _said, marks = played(line(20, "你傻，72 小时内发货，发到哪里"), until_s=30)

    kept = json.loads(json.dumps(marks[0].to_json()))

    assert Mark.from_json(kept) == marks[0]
    assert len(json.dumps(kept, ensure_ascii=False).encode()) < 1_000


def test_the_customer_is_seen_typing_before_a_line() -> None:
    file: Scenario = example()
    condition = customer.begin(file, 1, at_ms=3_000)
    condition, _said = customer.advance(file, 1, condition, until_ms=3_000)

    assert condition.queue
    assert customer.typing_from_ms(file, condition) == 3_000
    assert customer.is_typing(file, condition, 5_000)
