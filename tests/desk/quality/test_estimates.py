"""Estimates: figures by hand, and that they come out right on the average."""

import random
from collections.abc import Sequence
from itertools import combinations
from statistics import fmean

import pytest

from cstrain.desk.quality import designs
from cstrain.desk.quality.estimates import (
    Estimate,
    Seen,
    bands,
    effective_n,
    mean,
    of_marked,
    rate,
    total,
    total_variance,
)
from cstrain.desk.quality.intervals import Interval, t_of, wilson

SCORES = [60.0, 70.0, 85.0, 90.0, 95.0, 100.0]


def alike(values: Sequence[float | None], population: int, stratum: str = "") -> list[Seen]:
    return [Seen(value, len(values) / population, stratum) for value in values]


def test_a_simple_random_sample_has_the_textbook_mean_and_variance() -> None:
    found = mean(alike([80, 90, 100, 70], 20), 20)

    assert found is not None
    assert found.value == 85
    assert found.variance == pytest.approx((1 - 4 / 20) * (500 / 3) / 4)
    assert found.interval is not None
    assert found.interval.half_width == pytest.approx(t_of(3) * (100 / 3) ** 0.5)
    assert (found.n, found.population) == (4, 20)
    assert found.effective_n == pytest.approx(4)


def test_up_to_a_twentieth_the_rest_is_not_counted_off() -> None:
    found = mean(alike([80, 90, 100, 70], 80), 80)

    assert found is not None
    assert found.variance == pytest.approx(500 / 3 / 4)


def test_strata_are_weighed_by_what_they_stand_for() -> None:
    seen = [*alike([1, 0, 0, 0, 0], 10, "a"), *alike([1, 1, 0, 1], 40, "b")]

    found = mean(seen, 50)

    assert found is not None
    assert found.value == pytest.approx(10 / 50 * 0.2 + 40 / 50 * 0.75)
    first = (10 / 50) ** 2 * (1 - 5 / 10) * 0.2 * 0.8 / 4
    second = (40 / 50) ** 2 * (1 - 4 / 40) * 0.75 * 0.25 / 3
    assert found.variance == pytest.approx(first + second)
    assert found.effective_n == pytest.approx((5 * 2 + 4 * 10) ** 2 / (5 * 2**2 + 4 * 10**2))


@pytest.mark.parametrize(
    ("values", "population", "variance"),
    [
        # (1 − f) / n · Σ (y − y₋₁)² / (2 (n − 1)), by hand
        ([80, 90, 100, 70], 20, 0.8 / 4 * (10**2 + 10**2 + 30**2) / 6),
        ([70, 80, 90, 100], 20, 0.8 / 4 * (10**2 + 10**2 + 10**2) / 6),
        ([60, 100, 60, 100], 40, 0.9 / 4 * (40**2 + 40**2 + 40**2) / 6),
        ([80, 90], 80, 10**2 / 2 / 2),  # a fortieth: nothing is counted off
    ],
)
def test_what_is_drawn_in_turn_varies_by_successive_differences(
    values: list[float], population: int, variance: float
) -> None:
    seen = [Seen(value, len(values) / population, is_in_turn=True) for value in values]

    found = mean(seen, population)

    assert found is not None
    assert found.value == pytest.approx(fmean(values))
    assert found.variance == pytest.approx(variance)


def test_each_window_drawn_in_turn_has_differences_of_its_own() -> None:
    first = [Seen(value, 0.1, "1/all", is_in_turn=True) for value in (60, 60, 80)]
    second = [Seen(value, 0.1, "2/all", is_in_turn=True) for value in (100, 90)]

    found = mean([*first, *second], 50)

    assert found is not None
    by_window = 3 * 0.9 * 20**2 / (2 * 2) + 2 * 0.9 * 10**2 / (2 * 1)
    assert found.variance == pytest.approx(by_window / 5**2)
    assert found.interval is not None
    # 2 · 2² / 5 + 2 · 1² / 2 degrees of freedom, cut off
    assert found.interval.half_width == pytest.approx(t_of(2) * (by_window / 25) ** 0.5)


def test_every_tenth_of_a_list_that_rises_is_surer_than_its_spread_and_holds_the_truth() -> None:
    """300 lists of 600 that rise from 0.4 to 0.65, every tenth of each from a start by chance."""
    rng = random.Random(7)
    held, narrower = 0, 0
    for _list in range(300):
        rising = [0.4 + place / 2400 + rng.uniform(-0.1, 0.1) for place in range(600)]
        turns, _left_over = designs.systematic(600, 10, rng.random() * 10)
        in_turn = mean([Seen(rising[turn], 0.1, is_in_turn=True) for turn in turns], 600)
        by_spread = mean([Seen(rising[turn], 0.1) for turn in turns], 600)
        assert in_turn is not None
        assert in_turn.interval is not None
        assert by_spread is not None
        assert by_spread.interval is not None
        held += in_turn.interval.low <= fmean(rising) <= in_turn.interval.high
        narrower += in_turn.interval.half_width < 0.9 * by_spread.interval.half_width

    assert 0.92 <= held / 300 <= 0.99
    assert narrower == 300


def test_certainties_weigh_one_and_are_sure() -> None:
    seen = [Seen(0, 1, "always"), Seen(0, 1, "always"), *alike([1, 1], 8, "rest")]

    found = mean(seen, 10)

    assert found is not None
    assert found.value == pytest.approx(0.8)
    assert found.variance == 0


def test_those_taken_always_tell_nothing_of_the_others() -> None:
    sure = [Seen(0.2, 1, "always"), Seen(0.4, 1, "always")]

    of_more, of_all = mean(sure, 840, bounds=(0, 1)), mean(sure, 2, bounds=(0, 1))

    assert of_more is not None
    assert of_more.interval is None
    assert of_all is not None
    assert of_all.interval == Interval(of_all.value, of_all.value)


def test_one_chat_a_stratum_is_put_together_and_one_alone_has_no_interval() -> None:
    both = mean([Seen(80, 0.1, "a"), Seen(90, 0.1, "b")], 20)
    alone = mean([Seen(80, 0.1, "a")], 10)
    beside = mean([*alike([80, 90, 100], 30, "a"), Seen(90, 0.1, "b")], 40)

    assert both is not None
    assert both.interval is not None
    assert alone is not None
    assert alone.interval is None
    assert beside is not None
    assert beside.variance is not None


def test_a_rate_by_simple_random_sampling_has_wilsons_interval() -> None:
    found = rate(alike([1, *[0] * 11], 840), 840)

    assert found is not None
    assert found.value == pytest.approx(1 / 12)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (wilson(1, 12).low, wilson(1, 12).high)
    )


@pytest.mark.parametrize("value", [0, 1])
def test_a_rate_of_none_or_all_is_not_sure(value: int) -> None:
    found = rate(alike([value] * 12, 840), 840)

    assert found is not None
    assert found.value == pytest.approx(value)
    assert found.interval is not None
    assert found.interval.high - found.interval.low == pytest.approx(wilson(0, 12).high)


def test_all_seen_is_sure() -> None:
    found = rate(alike([1, 0, 0, 1], 4), 4)

    assert found is not None
    assert found.interval == Interval(0.5, 0.5)


def test_what_cannot_be_graded_is_neither_right_nor_wrong() -> None:
    found = rate(alike([1, 0, 1, None, None], 100), 100)

    assert found is not None
    assert found.value == pytest.approx(2 / 3)
    assert (found.n, found.ineligible_count) == (3, 2)
    assert rate(alike([None], 10), 10) is None
    assert mean([], 10) is None


def test_of_one_graded_chat_nothing_is_sure() -> None:
    found = rate([Seen(1, 0.01)], 100)

    assert found is not None
    assert found.interval is not None
    assert found.interval.high - found.interval.low > 0.7


def test_scores_that_are_all_alike_do_not_make_sure() -> None:
    seen = alike([100] * 12, 840)

    bounded, free = mean(seen, 840, bounds=(0, 100)), mean(seen, 840)

    assert bounded is not None
    assert bounded.interval is not None
    assert bounded.interval.low == pytest.approx(100 * wilson(12, 12).low)
    assert bounded.interval.high == pytest.approx(100)
    assert free is not None
    assert free.interval is None


def test_strata_that_are_alike_inside_do_not_make_sure() -> None:
    found = rate([*alike([1, 1], 20, "a"), *alike([0, 0], 20, "b")], 40)

    assert found is not None
    assert found.variance == pytest.approx(0)
    assert found.interval is not None
    assert found.interval.low < 0.2
    assert found.interval.high > 0.8


def test_an_interval_of_scores_stays_on_the_scale() -> None:
    found = mean(alike([100, 100, 60], 300), 300, bounds=(0, 100))

    assert found is not None
    assert found.interval is not None
    assert found.interval.high == 100
    assert found.interval.low < 60


@pytest.mark.parametrize("probability", [0, -0.1, 1.1])
def test_no_probability_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="probability"):
        Seen(1, probability)


def test_no_value_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Seen(float("nan"), 0.5)


def test_weights_that_differ_tell_less() -> None:
    assert effective_n([2, 2, 2]) == pytest.approx(3)
    assert effective_n([1, 3]) == pytest.approx(16 / 10)
    assert effective_n([]) == 0


def test_the_total_is_right_on_the_average_over_every_sample() -> None:
    """Every sample of 3 of 6, all alike: their totals, and the variance of these."""
    found = [alike(list(chosen), 6) for chosen in combinations(SCORES, 3)]
    totals = [total(sample) for sample in found]
    told = [total_variance(sample) or 0.0 for sample in found]

    assert fmean(totals) == pytest.approx(sum(SCORES))
    assert fmean(told) == pytest.approx(
        fmean((each - sum(SCORES)) ** 2 for each in totals), rel=1e-9
    )


def test_the_total_is_right_on_the_average_with_unequal_probabilities() -> None:
    sizes = [1, 2, 3, 9, 2, 3]
    told = designs.inclusion_probabilities(sizes, 3, floor=0.2)
    grid = 20_000
    totals = [
        total([Seen(SCORES[place], told[place]) for place in chosen])
        for chosen in (
            designs.pps_systematic(told, range(6), (turn + 0.5) / grid) for turn in range(grid)
        )
    ]

    assert fmean(totals) == pytest.approx(sum(SCORES), rel=1e-3)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """300 draws of 60 from strata whose rates differ, of chats drawn likelier where bad."""
    rng = random.Random(11)
    is_bad = [int(rng.random() < 0.1 + 0.5 * (place % 3 == 0)) for place in range(900)]
    sizes = [5.0 if bad else 1.0 for bad in is_bad]
    told = designs.inclusion_probabilities(sizes, 60, floor=0.01)
    truth = fmean(is_bad)
    held, values = 0, []
    for _draw in range(300):
        order = rng.sample(range(900), 900)
        chosen = designs.pps_systematic(told, order, rng.random())
        found = rate([Seen(is_bad[place], told[place]) for place in chosen], 900)
        assert found is not None
        assert found.interval is not None
        held += found.interval.low <= truth <= found.interval.high
        values.append(found.value)

    assert fmean(values) == pytest.approx(truth, abs=0.01)
    assert 0.91 <= held / 300 <= 0.99


def estimate(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, Interval(low, high), 12, 840, 12, 1.0)


def test_nobody_is_ranked_where_intervals_overlap() -> None:
    found = bands(
        {
            "best": estimate(90, 95),
            "b": estimate(70, 80),
            "a": estimate(78, 88),
            "c": estimate(60, 70),
            "last": estimate(10, 20),
            "unknown": Estimate(99, None, 1, 40, 1, None),
        }
    )

    assert found == [["best"], ["a", "b", "c"], ["last"], ["unknown"]]
    assert bands({}) == []


def test_nothing_is_sure_while_a_sort_of_chats_waits_for_its_marks() -> None:
    sure, drawn = Seen(0.2, 1.0), Seen(0.9, 0.1)

    for chats in ([(True, sure), (False, None)], [(True, None), (False, drawn), (False, drawn)]):
        found = of_marked(chats, 40)
        assert found is not None
        assert found.interval is None


def test_the_marked_ones_stand_for_those_that_wait() -> None:
    """Of four complaints one is marked, of six drawn ones three."""
    sure = [(True, Seen(0.2, 1.0)), *[(True, None)] * 3]
    drawn = [*((False, Seen(value, 0.1)) for value in (0.8, 0.9, 1.0)), *[(False, None)] * 3]

    found = of_marked([*sure, *drawn], 64)

    assert found is not None
    assert found.value == pytest.approx((4 * 0.2 + 60 * 0.9) / 64)
    assert found.n == 4
    assert found.interval is not None
    assert found.interval.low < 0.8
