"""Words that tell what a clause is about may be values themselves."""

import pytest

from cstrain.activities.live_practice.matching import Fact, FactState, find_fact


@pytest.mark.parametrize(
    ("about", "reply", "state"),
    [
        ((("包邮", "邮费"),), "满 99 元包邮。", FactState.RIGHT),
        ((("包邮", "邮费"),), "满 59 元包邮", FactState.WRONG),
        ((("99", "邮费"),), "满 99 元包邮", FactState.RIGHT),
        ((("顺丰",),), "满 99 元包邮", FactState.MISSING),
    ],
)
def test_words_are_looked_for_as_they_are_written(
    about: tuple[tuple[str, ...], ...], reply: str, state: FactState
) -> None:
    fact = Fact("free", "满 99 元包邮", about=about)

    assert find_fact(reply, fact).state is state
