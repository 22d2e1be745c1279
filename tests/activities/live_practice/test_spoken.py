"""Short colloquial replies to the shipped scenarios: good ones, and bad ones with all the words.

Each row of the tables is a scenario, a state, and what an agent might type there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from cstrain.activities.live_practice import lint
from cstrain.activities.live_practice.matching import Verdict
from cstrain.activities.live_practice.scenario import Scenario
from tests.activities.live_practice.scenes import of_the_course

#: Good replies may be left to a second question, or to the trainer; not many.
RIGHT_SHARE = 0.8


@cache
def course() -> dict[str, Scenario]:
    return {each.slug: each for each in of_the_course()}


def rows(table: str) -> list[tuple[str, str, str]]:
    lines = Path(__file__).with_name(table).read_text("utf-8").splitlines()
    return [(slug, state, reply) for slug, state, reply in (line.split("\t") for line in lines)]


GOOD, BAD = rows("good_replies.tsv"), rows("bad_replies.tsv")


def verdict(slug: str, state: str, reply: str) -> str:
    scenario = course()[slug]
    return str(lint.judged(scenario, scenario.states[state], reply)[0])


def test_bad_replies_with_all_the_words_are_not_right() -> None:
    assert not [row for row in BAD if verdict(*row) == Verdict.RIGHT]


def test_good_replies_are_not_wrong_and_few_are_unclear() -> None:
    found = {row: verdict(*row) for row in GOOD}

    assert not [row for row, told in found.items() if told == Verdict.WRONG]
    right = sum(told == Verdict.RIGHT for told in found.values())
    assert right / len(GOOD) >= RIGHT_SHARE


@pytest.mark.parametrize("slug", sorted({slug for slug, _state, _reply in GOOD}))
def test_three_good_replies_are_tried_in_each(slug: str) -> None:
    assert sum(row[0] == slug for row in GOOD) >= 3
