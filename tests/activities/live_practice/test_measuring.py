"""From lines and marks to points, figures, proposals and what to relearn."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from cstrain.activities.live_practice import reading
from cstrain.activities.live_practice.measuring import Measured, measure
from cstrain.activities.live_practice.points import Chat, Point, State, Talk
from cstrain.activities.live_practice.scenario import Scenario
from cstrain.core.catalogue.sources import File, digest_of, open_source
from tests.activities.live_practice.practice_course import PARCEL

SAID = {"turn": "right", "turn_no": 1, "state": "催发", "step": "help", "mood": 60}


@cache
def scenario() -> Scenario:
    body = PARCEL.encode()
    return reading.load(open_source("parcel-late.md", File(digest_of(body), body), {}))


def buyer(number: int, at_s: float, text: str, **origin: Any) -> Talk:
    return Talk(number, round(at_s * 1000), "buyer", "text", text, origin=origin)


def auto(number: int, at_s: float) -> Talk:
    return Talk(number, round(at_s * 1000), "auto", "text", "在的，您说")


def agent(
    number: int, at_s: float, text: str, mark: Mapping[str, Any] | None = None, **origin: Any
) -> Talk:
    found = {"turn": "none", "turn_no": 1, "state": "催发", "mood": 60} | dict(mark or {})
    return Talk(number, round(at_s * 1000), "agent", "text", text, mark=found, origin=origin)


def action(number: int, at_s: float, code: str, mark: Mapping[str, Any] | None = None) -> Talk:
    found = {"turn": "none", "turn_no": 2, "state": "要备注", "mood": 60} | dict(mark or {})
    origin = {"action": code, "params": {}}
    return Talk(number, round(at_s * 1000), "agent", "action", code, mark=found, origin=origin)


def chat(
    *lines: Talk, ending: str | None = "好了", visits: str = "催发 要备注", state: str = ""
) -> Chat:
    return Chat(
        customer_id=7,
        scenario=scenario(),
        lines=lines,
        visits=frozenset(visits.split()),
        state=state or ending or visits.rsplit(maxsplit=1)[-1],
        ending=None if ending is None else scenario().endings[ending],
    )


def measured(*chats: Chat, end_s: float = 600) -> Measured:
    return measure(chats, end_ms=round(end_s * 1000))


def of(found: Measured, rule: str) -> dict[str, Point]:
    return {point.key: point for point in found.points if point.rule == rule}


ASKED = buyer(1, 3, "昨天拍的怎么还没发")


def test_first_response_is_told_with_and_without_auto_replies() -> None:
    found = measured(
        chat(
            ASKED, auto(2, 3), agent(3, 15, "您好"), buyer(4, 20, "发了吗"), agent(5, 28, "今天发")
        )
    )

    assert found.measures["first_response_s"] == 12
    assert found.measures["first_response_all_s"] == 0
    assert found.measures["mean_response_s"] == 10
    assert found.measures["mean_response_all_s"] == 4


def test_a_customer_with_only_an_auto_reply_was_not_answered() -> None:
    found = measured(
        chat(ASKED, auto(2, 3), ending="投诉了", visits="催发"), chat(ASKED, agent(2, 9, "您好"))
    )

    assert (found.measures["customer_count"], found.measures["answered_count"]) == (2, 1)
    assert found.measures["reply_ratio"] == 0.5
    assert found.proposals["first_response"].ratio == 0.5


def test_a_goodbye_waits_for_no_answer() -> None:
    found = measured(
        chat(
            ASKED,
            agent(2, 9, "今天发"),
            buyer(3, 20, "谢谢", asks=False),
            agent(4, 300, "祝您愉快"),
        )
    )

    assert found.measures["mean_response_s"] == 6


@pytest.mark.parametrize(
    ("marks", "state", "lines"),
    [
        ([("right", {"今天发": "right"}, 1)], State.RIGHT, (2,)),
        ([("wrong", {"今天发": "wrong"}, 1)], State.WRONG, (2,)),
        # Said wrong and mended in the same turn: the customer has heard it right.
        ([("wrong", {"今天发": "wrong"}, 1), ("right", {"今天发": "right"}, 1)], State.RIGHT, (3,)),
        # In another turn the wrong one was heard and believed.
        ([("wrong", {"今天发": "wrong"}, 1), ("right", {"今天发": "right"}, 2)], State.WRONG, (2,)),
        ([("holding", {"今天发": "missing"}, 1)], State.MISSING, (1,)),
        ([("unclear", {"今天发": "missing"}, 1)], State.UNCLEAR, (2,)),
        ([], State.MISSING, (1,)),
    ],
)
def test_what_becomes_of_a_fact(
    marks: list[tuple[str, dict[str, str], int]], state: State, lines: tuple[int, ...]
) -> None:
    said = [
        agent(number, 10 * number, "……", {"turn": turn, "facts": facts, "turn_no": turn_no})
        for number, (turn, facts, turn_no) in enumerate(marks, start=2)
    ]

    point = of(measured(chat(ASKED, *said, visits="催发")), "facts")["今天发"]

    assert (point.state, point.lines, point.section) == (state, lines, "3.5")


def test_a_fact_nobody_asked_for_is_no_point() -> None:
    found = measured(chat(ASKED, agent(2, 9, "……", SAID), visits="催发"))

    assert "有货" not in of(found, "facts")


def test_a_state_in_which_the_session_was_over_is_not_held_against_anybody() -> None:
    found = measured(chat(ASKED, ending=None, visits="催发"))

    assert of(found, "facts") == {}
    assert found.proposals["facts"].is_na
    assert found.proposals["outcome"].is_na


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ((action(5, 60, "note", {"actions": {"note": "right"}}),), State.RIGHT),
        ((action(5, 60, "note", {"actions": {"note": "wrong"}}),), State.WRONG),
        (
            (
                action(5, 60, "note", {"actions": {"note": "wrong"}}),
                action(6, 70, "note", {"actions": {"note": "right"}}),
            ),
            State.RIGHT,
        ),
        ((), State.MISSING),
    ],
)
def test_what_becomes_of_an_action(lines: tuple[Talk, ...], state: State) -> None:
    found = measured(chat(ASKED, agent(2, 9, "今天发", SAID), *lines))

    assert of(found, "actions")["note"].state is state


def test_money_moved_unasked_is_for_a_person_to_see() -> None:
    found = measured(chat(ASKED, agent(2, 9, "……", SAID), action(3, 20, "refund"), visits="催发"))

    assert of(found, "actions")["refund"].state is State.UNCLEAR
    assert found.proposals["actions"].ratio is None


def test_steps_that_do_not_apply_are_left_out_and_a_right_state_shows_its_step() -> None:
    found = measured(chat(ASKED, agent(2, 9, "今天 16 点前发货", SAID), visits="催发"))

    steps = of(found, "steps")
    assert not {"ask", "recommend", "negotiate"} & set(steps)
    assert (steps["help"].state, steps["help"].lines) == (State.RIGHT, (2,))
    assert steps["greet"].state is State.MISSING


def test_a_step_applies_only_where_the_talk_came_to_it() -> None:
    left_early = measured(chat(ASKED, agent(2, 9, "今天 16 点前发货", SAID), visits="催发"))
    whole = measured(chat(ASKED, agent(2, 9, "今天 16 点前发货", SAID)))

    assert set(of(left_early, "steps")) == {"greet", "help"}
    assert set(of(whole, "steps")) == {"greet", "help", "confirm"}


def test_a_forbidden_word_is_left_to_a_person_and_a_lure_is_not() -> None:
    word = measured(chat(ASKED, agent(2, 9, "全网最便宜", {"forbidden": ["最便宜"]})))
    lure = measured(chat(ASKED, agent(2, 9, "您加我微信，我私下转给您")))
    clean = measured(chat(ASKED, agent(2, 9, "今天发")))

    assert (word.proposals["forbidden"].ratio, word.proposals["forbidden"].lines) == (None, ("2",))
    assert word.measures["forbidden_count"] == 1
    assert lure.proposals["forbidden"].ratio == 0
    assert clean.proposals["forbidden"].ratio is None


@pytest.mark.parametrize("text", ["你有病吧", "穷就别买", "今天发"])
def test_no_red_line_is_proposed_as_kept(text: str) -> None:
    found = measured(chat(ASKED, agent(2, 9, text, SAID)))

    for rule in ("forbidden", "promises"):
        proposal = found.proposals[rule]
        assert (proposal.ratio, proposal.is_na) == (None, False)
        assert proposal.note["zh"]
        assert proposal.note["en"]


def test_red_lines_do_not_apply_where_nothing_was_said() -> None:
    found = measured(chat(ASKED, ending="投诉了", visits="催发"))

    assert found.proposals["forbidden"].is_na
    assert found.proposals["promises"].is_na


@pytest.mark.parametrize(
    "mark", [{"turn": "wrong", "facts": {"今天发": "wrong"}}, {"turn": "wrong", "reason": "branch"}]
)
def test_what_was_said_wrongly_may_be_a_false_promise(mark: Mapping[str, Any]) -> None:
    found = measured(chat(ASKED, agent(2, 9, "给您改成 289", mark), agent(3, 12, "好", SAID)))

    assert (found.proposals["promises"].ratio, found.proposals["promises"].lines) == (None, ("2",))


@pytest.mark.parametrize(
    ("turn", "lines"), [("right", ()), ("wrong", ("4",)), ("unclear", ("4",)), ("holding", ())]
)
def test_right_facts_are_proposed_only_where_no_other_turn_fell_short(
    turn: str, lines: tuple[str, ...]
) -> None:
    fact = {"turn": "right", "facts": {"今天发": "right"}}
    other = {"turn": turn, "turn_no": 2, "state": "要备注"}
    chats = [chat(ASKED, agent(2, 9, "今天发", fact), agent(4, 30, "……", other), visits="催发")]

    strict, practice = measure(chats, end_ms=1), measure(chats, end_ms=1, only_clear=True)

    assert strict.proposals["facts"].ratio == (None if lines else 1.0)
    assert strict.proposals["facts"].lines == lines
    assert practice.proposals["facts"].ratio == 1.0


def test_polarity_is_not_proposed_as_right_beside_what_was_wrong() -> None:
    wrong = agent(2, 9, "不能今天发", {"turn": "wrong", "facts": {"今天发": "wrong"}})
    right = agent(2, 9, "今天发", {"turn": "right", "facts": {"今天发": "right"}})

    assert measured(chat(ASKED, wrong)).proposals["polarity"].ratio is None
    assert measured(chat(ASKED, right)).proposals["polarity"].ratio == 1


@pytest.mark.parametrize(("number", "is_said"), [("SC-T01", False), ("SC-V01", True)])
def test_a_card_of_something_else_is_no_answer(number: str, is_said: bool) -> None:
    text = "推荐这款，适合您"
    card = Talk(2, 9000, "agent", "card", text, {"turn": "unclear"}, {"card": number})
    found = measured(chat(ASKED, card))

    assert ("first_response_s" in found.measures) == is_said
    assert bool(of(found, "steps")) == is_said


def test_promises_are_kept_or_not_by_the_end() -> None:
    kept = measured(chat(ASKED, agent(2, 9, "稍等，我查一下"), agent(3, 60, "今天 16 点前发货")))
    broken = measured(chat(ASKED, agent(2, 9, "稍等，我查一下")), end_s=1500)

    assert (kept.measures["promise_count"], kept.measures["promises_kept_count"]) == (1, 1)
    assert kept.proposals["promises"].lines == ()
    assert (broken.measures["promise_count"], broken.measures["promises_kept_count"]) == (1, 0)
    assert broken.proposals["promises"].ratio is None


@pytest.mark.parametrize(
    ("ending", "ratio"), [("好了", 1.0), ("不管了", 0.0), ("投诉了", 0.0), (None, None)]
)
def test_endings_have_their_worth(ending: str | None, ratio: float | None) -> None:
    found = measured(chat(ASKED, agent(2, 9, "……", SAID), ending=ending, visits="催发"))

    assert found.proposals["outcome"].ratio == ratio


def test_typing_counts_only_what_was_typed() -> None:
    found = measured(
        chat(
            ASKED,
            agent(2, 9, "今天发", typed_chars=30, typed_ms=20_000),
            agent(3, 12, "粘贴的一大段", pasted_chars=200),
            agent(4, 15, "快捷", quick="hi"),
        )
    )

    assert found.measures["typed_cpm"] == 90


def test_what_is_not_defined_is_left_out() -> None:
    found = measured(chat(ASKED, ending="投诉了", visits="催发"))

    assert not {"first_response_s", "mean_response_s", "typed_cpm"} & set(found.measures)
    assert "value_per_customer_yuan" not in found.measures


def test_nobody_came() -> None:
    found = measured()

    assert found.measures["customer_count"] == 0
    assert found.points == ()
    assert all(each.ratio is None for each in found.proposals.values())


def test_what_was_lost_points_to_its_section_and_unclear_does_not() -> None:
    wrong = agent(2, 9, "……", {"turn": "wrong", "facts": {"今天发": "wrong"}})
    unclear = agent(2, 9, "……", {"turn": "unclear", "facts": {"今天发": "missing"}})
    good, bad = (chat(ASKED, line, visits="催发", ending="好了") for line in (unclear, wrong))

    assert "section:3.5" in {each.target for each in measured(bad).shortfalls}
    facts = [point for point in measured(good).points if point.rule == "facts"]
    assert [point.state for point in facts] == [State.UNCLEAR]
    assert measured(good).proposals["facts"].ratio is None


def test_every_point_rests_on_lines_of_its_chat_and_survives_being_kept() -> None:
    found = measured(
        chat(ASKED, auto(2, 3), agent(3, 15, "稍等，我查一下"), agent(4, 40, "一定今天发", SAID))
    )

    assert {line for point in found.points for line in point.lines} <= {1, 2, 3, 4}
    assert [Point.from_json(point.to_json()) for point in found.points] == list(found.points)


@pytest.mark.parametrize(
    ("said", "strong"),
    [("保证明天到", ["保证"]), ("几天到我不敢保证", []), ("周五不一定到，没法保证", [])],
)
def test_only_a_word_of_certainty_is_looked_at(said: str, strong: list[str]) -> None:
    found = measured(chat(ASKED, agent(2, 9, said)))

    assert [each.key for each in found.points if each.rule == "promises"] == strong


def test_practice_is_told_from_what_is_clear() -> None:
    wrong = agent(2, 9, "……", {"turn": "wrong", "facts": {"今天发": "wrong"}})
    unclear = agent(2, 9, "……", {"turn": "unclear", "facts": {"今天发": "missing"}})
    right = agent(2, 9, "……", {"turn": "right", "facts": {"今天发": "right"}})
    chats = [chat(ASKED, line, visits="催发") for line in (wrong, unclear, right)]

    strict, practice = measure(chats, end_ms=1), measure(chats, end_ms=1, only_clear=True)
    doubtful = measure(chats[1:2], end_ms=1, only_clear=True)

    assert (strict.proposals["facts"].ratio, practice.proposals["facts"].ratio) == (None, 0.5)
    assert doubtful.proposals["facts"].ratio is None
