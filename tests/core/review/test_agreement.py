"""Agreement beyond chance: what is not defined, weights, intervals."""

from __future__ import annotations

import random

import pytest

from cstrain.core.review import agreement
from cstrain.core.review.agreement import Figure, Level, Pair, Undefined

#: J. Cohen 1968, table 1: kappa .492.
COHEN = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
PAIRS: list[Pair] = [
    (row, column)
    for row, counts in enumerate(COHEN)
    for column, count in enumerate(counts)
    for _each in range(count)
]


def test_kappa_of_cohens_example() -> None:
    assert agreement.cohen_kappa(PAIRS).value == pytest.approx(0.491525, abs=1e-6)


def test_alike_in_one_category_is_not_defined_and_neither_0_nor_1() -> None:
    pairs: list[Pair] = [("pass", "pass")] * 10

    assert agreement.percent_agreement(pairs) == Figure(1.0, 10)
    for found in (
        agreement.cohen_kappa(pairs),
        agreement.fleiss_kappa(agreement.counts_of(pairs)),
        agreement.gwet_ac1(agreement.counts_of(pairs)),
        agreement.krippendorff_alpha(pairs, Level.NOMINAL),
    ):
        assert found == Figure(None, 10, Undefined.ONE_CATEGORY)


def test_ac1_is_defined_where_a_second_category_could_have_been_chosen() -> None:
    assert agreement.gwet_ac1([[2, 0]] * 10).value == 1.0


def test_nothing_rated_twice_is_not_defined() -> None:
    assert agreement.percent_agreement([]).reason is Undefined.TOO_FEW
    assert agreement.cohen_kappa([]).reason is Undefined.TOO_FEW
    assert agreement.fleiss_kappa([[1, 0]]).reason is Undefined.TOO_FEW
    assert agreement.krippendorff_alpha([[1, None]], Level.NOMINAL).reason is Undefined.TOO_FEW


def test_weights_forgive_neighbours() -> None:
    pairs: list[Pair] = [(0, 1), (1, 1), (2, 2), (1, 2), (0, 0), (2, 1)]
    order = (0, 1, 2)

    plain = agreement.cohen_kappa(pairs, order=order).value
    mild = agreement.cohen_kappa(pairs, order=order, disagreement=agreement.linear).value
    milder = agreement.cohen_kappa(pairs, order=order, disagreement=agreement.quadratic).value

    assert plain is not None
    assert mild is not None
    assert milder is not None
    assert plain < mild < milder


def test_the_order_of_categories_is_the_one_given() -> None:
    pairs: list[Pair] = [("good", "fair"), ("fair", "bad"), ("good", "good"), ("bad", "bad")]

    ordered = agreement.cohen_kappa(
        pairs, order=("bad", "fair", "good"), disagreement=agreement.linear
    )
    as_numbers = agreement.cohen_kappa(
        [(2, 1), (1, 0), (2, 2), (0, 0)], order=(0, 1, 2), disagreement=agreement.linear
    )

    assert ordered == as_numbers


def test_the_same_scores_everywhere_have_no_icc() -> None:
    found = agreement.icc([[3, 3], [3, 3]])

    assert found is not None
    assert found.absolute == Figure(None, 2, Undefined.NO_SPREAD)
    assert agreement.icc([[3, 3]]) is None
    with pytest.raises(ValueError, match="every rater"):
        agreement.icc([[1, 2], [3]])


def test_leniency_lowers_absolute_agreement_only() -> None:
    found = agreement.icc([[1, 2], [2, 3], [3, 4], [5, 6]])

    assert found is not None
    assert found.consistency.value == pytest.approx(1.0)
    assert found.absolute.value is not None
    assert found.absolute.value < 0.95


def test_an_interval_holds_the_coefficient_and_is_the_same_for_the_same_chance() -> None:
    found = agreement.bootstrap_interval(PAIRS, agreement.cohen_kappa, random.Random(3))
    again = agreement.bootstrap_interval(PAIRS, agreement.cohen_kappa, random.Random(3))

    assert found is not None
    assert found == again
    assert found.low < 0.4915 < found.high
    assert found.high - found.low < 0.3


def test_no_interval_where_most_samples_are_undefined() -> None:
    alike: list[Pair] = [("pass", "pass")] * 40

    assert agreement.bootstrap_interval(alike, agreement.cohen_kappa, random.Random(3)) is None
    assert agreement.bootstrap_interval(PAIRS[:1], agreement.cohen_kappa, random.Random(3)) is None


def test_the_interval_of_kappa_is_near_the_drawn_one_and_never_a_point() -> None:
    found = agreement.kappa_interval(PAIRS)
    drawn = agreement.bootstrap_interval(PAIRS, agreement.cohen_kappa, random.Random(3))
    whole = agreement.kappa_interval([("pass", "pass")] * 25 + [("fail", "fail")] * 5)

    assert found is not None
    assert drawn is not None
    assert found.low == pytest.approx(drawn.low, abs=0.05)
    assert found.high == pytest.approx(drawn.high, abs=0.05)
    assert whole is not None
    assert 0.4 < whole.low < 0.7
    assert whole.high == 1.0
    assert agreement.kappa_interval([("pass", "pass")] * 40) is None
    assert agreement.kappa_interval([]) is None


@pytest.mark.parametrize("share", [0.5, 0.85])
def test_the_interval_of_kappa_holds_the_truth_nineteen_times_of_twenty(share: float) -> None:
    rng = random.Random(11)

    def mark() -> Pair:
        given = rng.random() < share
        return (given, given if rng.random() < 0.7 else rng.random() < share)  # kappa 0.7

    drawn = [agreement.kappa_interval([mark() for _each in range(60)]) for _again in range(400)]
    held = sum(each is not None and each.low <= 0.7 <= each.high for each in drawn)

    assert held / len(drawn) >= 0.93
