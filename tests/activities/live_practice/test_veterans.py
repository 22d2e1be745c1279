"""Whoever answers every customer of the shipped course as its veterans do, does well."""

from __future__ import annotations

from pathlib import Path

import pytest

from cstrain.activities.live_practice import customer
from cstrain.activities.live_practice.condition import Event
from cstrain.activities.live_practice.scenario import Scenario
from cstrain.demo.receptions import filled_in
from tests.activities.live_practice.scenes import of_the_course

FILES = of_the_course()
THINKS_MS = 15_000
GOODBYE = "好的，有事您再叫我。"


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("scenario", FILES, ids=lambda each: Path(each.path).stem)
def test_good_replies_lead_to_a_good_ending(scenario: Scenario, number: int) -> None:
    talk, at_ms = customer.begin(scenario, number, at_ms=0), 0
    faults: list[str] = []
    for _turn in range(80):
        if talk.gone_ms is not None:
            break
        if talk.waiting_ms is None or talk.queue:
            at_ms = max(at_ms, customer.next_at_ms(talk) or at_ms)
            talk, _said = customer.advance(scenario, number, talk, until_ms=at_ms)
            continue
        at_ms = max(at_ms, talk.at_ms) + THINKS_MS
        state = scenario.states.get(talk.state)
        for need in state.needs.actions if state else ():
            done = Event(at_ms, "action", action=need.code, params=filled_in(need))
            talk, _said, _mark = customer.hear(scenario, number, talk, done, words=())
        replies = state.good_replies if state and state.good_replies else (GOODBYE,)
        said = Event(at_ms, "line", text=replies[number % len(replies)])
        talk, _said, mark = customer.hear(scenario, number, talk, said, words=())
        faults += [f"{said.text}: {key}" for key, told in mark.facts.items() if told == "wrong"]

    assert not faults
    assert scenario.endings[talk.state].is_good
