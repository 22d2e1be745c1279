"""Intervals and sample sizes: worked figures, and what must hold for every sample."""

import math

import pytest

from cstrain.desk.quality.intervals import (
    Interval,
    correction,
    size_for_share,
    t_of,
    wilson,
    zero_found_upper,
)


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(1, 12, 0.015, 0.354), (3, 30, 0.035, 0.256), (10, 100, 0.055, 0.174)],
)
def test_a_month_of_an_agent_says_little(count: int, n: int, low: float, high: float) -> None:
    found = wilson(count, n)

    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-4)


def test_what_nobody_found_may_still_be_there() -> None:
    assert wilson(0, 20).low == 0
    assert wilson(0, 20).high > 0.16
    assert wilson(20, 20).high == 1
    assert wilson(0, 0) == Interval(0, 1)


@pytest.mark.parametrize(("count", "n"), [(-1, 5), (6, 5)])
def test_no_share_is_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(count, n)


def test_up_to_a_twentieth_the_population_does_not_matter() -> None:
    assert wilson(10, 50, population=1000) == wilson(10, 50)
    assert correction(50, 1000) == 1
    assert correction(51, 1000) == pytest.approx(949 / 999)


def test_beyond_it_the_width_goes_with_the_root_of_the_correction() -> None:
    free, corrected = wilson(500, 1000), wilson(500, 1000, population=4000)

    ratio = corrected.half_width / free.half_width

    assert ratio == pytest.approx(math.sqrt(3000 / 3999), rel=2e-3)


def test_of_all_chats_nothing_is_left_to_guess() -> None:
    assert wilson(3, 40, population=40) == Interval(3 / 40, 3 / 40)


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (5, 2.5706), (11, 2.2010), (30, 2.0423)],
)
def test_quantiles_of_few_chats_are_students(freedom: int, quantile: float) -> None:
    assert t_of(freedom) == pytest.approx(quantile, rel=2e-3)


def test_zero_of_n_leaves_about_three_by_n() -> None:
    assert zero_found_upper(100) == pytest.approx(0.0295, abs=5e-5)
    assert zero_found_upper(300) == pytest.approx(3 / 300, rel=0.01)
    assert zero_found_upper(0) == 1


def test_sizes_are_those_of_the_books() -> None:
    assert math.ceil(size_for_share(0.05)) == 385
    assert math.ceil(size_for_share(0.05, population=1000)) == 278
    assert size_for_share(0.05, population=1) == 1
    with pytest.raises(ValueError, match="positive"):
        size_for_share(0)
