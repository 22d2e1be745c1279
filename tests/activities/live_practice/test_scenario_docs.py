"""The page for trainers says what is true."""

from __future__ import annotations

import textwrap
from pathlib import Path

from cstrain.activities.live_practice import lint, pictures
from cstrain.activities.live_practice.keys import KEYS
from cstrain.activities.live_practice.terms import ACTIONS, TOPICS, LostReason, OutcomeKind
from tests.activities.live_practice.scenes import scenario

PAGE = Path(__file__).parents[3].joinpath("docs", "writing-scenarios.md").read_text("utf-8")


def test_the_first_scenario_can_be_played() -> None:
    start = PAGE.index("       ---\n")
    first = textwrap.dedent(PAGE[start : PAGE.index("2. 查一遍")])

    read = scenario(first, path="shop/scenarios/fast-ship.md")

    assert not list(lint.length(read))


def test_every_word_of_a_file_is_explained() -> None:
    words = {
        *KEYS,
        *TOPICS,
        *pictures.PICTURES,
        *(each.value for each in (*OutcomeKind, *LostReason)),
        *(form.name for form in ACTIONS.values()),
    }

    assert [word for word in sorted(words) if word not in PAGE] == []
