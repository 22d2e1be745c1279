"""Reasons for a look, and whose replies fall behind."""

import pytest

from cstrain.desk.figures.kpi import Ratio
from cstrain.desk.quality.risk import (
    Place,
    Reason,
    Signs,
    clearly_below,
    points_of,
    reasons_of,
    standings,
)


@pytest.mark.parametrize(
    ("signs", "reasons"),
    [
        (Signs(), ""),
        (Signs(late_count=1), "late"),
        (Signs(has_complaint=True, is_unanswered=True), "unanswered complaint"),
        (Signs(rating=2), "low_rating"),
        (Signs(rating=3), ""),
        (
            Signs(1, True, True, True, True, 1, True, True),  # noqa: FBT003 - all of them
            "late unanswered refund complaint forbidden low_rating below_average new_hire",
        ),
    ],
)
def test_signs_become_codes_in_their_order(signs: Signs, reasons: str) -> None:
    assert reasons_of(signs) == reasons


def test_points_are_the_plans_and_nothing_is_worth_nothing() -> None:
    assert points_of([]) == 1
    assert points_of([Reason.LATE, Reason.COMPLAINT]) == 7
    assert points_of([Reason.LATE], {Reason.LATE: 9}, base=0.5) == 9.5
    assert points_of([Reason.REFUND], {Reason.LATE: 9}) == 1


def test_only_who_is_below_by_more_than_chance_is_clearly_below() -> None:
    found = standings(
        {
            "far": Ratio(70, 100),
            "little": Ratio(93, 100),
            "few": Ratio(1, 29),
            "good": Ratio(99, 100),
            "none": Ratio(0, 0),
        }
    )

    assert {agent: each.place for agent, each in found.items()} == {
        "far": Place.CLEARLY_BELOW,
        "little": Place.NOT_BELOW,  # the others have 170 of 229
        "few": Place.TOO_FEW,
        "good": Place.NOT_BELOW,
        "none": Place.TOO_FEW,
    }
    assert clearly_below(found) == {"far"}


def test_one_is_held_against_the_others_and_not_against_oneself() -> None:
    found = standings({"one": Ratio(900, 1000), "other": Ratio(98, 100)})

    assert found["one"].others == Ratio(98, 100)
    assert found["one"].place is Place.CLEARLY_BELOW
    assert found["other"].place is Place.NOT_BELOW


def test_below_within_chance_is_told_apart() -> None:
    found = standings({"one": Ratio(27, 30), "other": Ratio(95, 100)})

    assert found["one"].place is Place.BELOW


def test_nobody_is_below_alone() -> None:
    assert standings({"one": Ratio(1, 100)})["one"].place is Place.NOT_BELOW
