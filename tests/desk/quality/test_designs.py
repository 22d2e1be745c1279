"""Designs: what is drawn, and that its probability is the one that is told."""

import random
from collections import Counter
from itertools import pairwise, product

import pytest

from cstrain.desk.quality import designs

SEEDS = range(200)


def strata(rng: random.Random) -> tuple[int, list[int], list[float]]:
    sizes = [rng.choice([0, 1, 2, 3, 7, 40, 900]) for _each in range(rng.randint(1, 12))]
    return rng.randint(0, 300), sizes, [rng.choice([0, 0.5, 1, 20]) for _size in sizes]


@pytest.mark.parametrize("minimum", [1, 2])
def test_shares_of_strata_are_whole_and_add_up(minimum: int) -> None:
    for seed in SEEDS:
        n, sizes, deviations = strata(random.Random(seed))
        low = [min(minimum, size) for size in sizes]
        for weights in (None, deviations):
            counts = designs.allocate(n, sizes, deviations=weights, minimum=minimum)

            assert sum(counts) == min(max(n, sum(low)), sum(sizes))
            assert all(
                least <= count <= size
                for least, count, size in zip(low, counts, sizes, strict=True)
            )


def test_what_a_full_stratum_cannot_take_goes_to_the_others_by_their_sizes() -> None:
    # Neyman wants 18 of the first, which has 4: the other 16 are shared 10 : 6.
    assert designs.allocate(20, [4, 50, 30], deviations=[90, 1, 1]) == [4, 10, 6]


def test_the_minimum_is_taken_from_the_others_by_their_sizes() -> None:
    assert designs.allocate(12, [1000, 500, 3, 3], minimum=2) == [5, 3, 2, 2]


def test_equal_remainders_go_to_whoever_stands_first() -> None:
    assert designs.allocate(4, [10, 10, 10]) == [2, 1, 1]
    assert designs.largest_remainder([0.3, 0.1 + 0.2, 1.2, 0.2]) == [1, 0, 1, 0]


def test_no_share_is_more_than_one_off() -> None:
    for seed in SEEDS:
        n, sizes, _deviations = strata(random.Random(seed))
        total = min(max(n, len([size for size in sizes if size])), sum(sizes))
        exact = designs.spread(total, sizes, [min(1, size) for size in sizes], sizes)
        counts = designs.largest_remainder(exact)

        assert all(abs(one - other) < 1 for one, other in zip(exact, counts, strict=True))


def test_shares_that_fit_nowhere_are_refused() -> None:
    with pytest.raises(ValueError, match="between"):
        designs.spread(5, [1, 1], [0, 0], [1, 1])
    with pytest.raises(ValueError, match="whole"):
        designs.largest_remainder([0.5, 0.4])


def test_the_smallest_keys_are_drawn_and_the_first_of_equal_ones() -> None:
    assert designs.smallest([0.5, 0.1, 0.5, 0.9], range(4), 2) == [0, 1]
    assert designs.smallest([0.5, 0.1], range(2), 9) == [0, 1]


@pytest.mark.parametrize("count", [1, 6, 7, 20])
@pytest.mark.parametrize("step", [1.0, 2.5, 10 / 3, 30.0])
def test_every_place_has_one_in_step(count: int, step: float) -> None:
    grid = 3000
    starts = [step * (turn + 0.5) / grid for turn in range(grid)]
    drawn = Counter(
        place for start in starts for place in designs.systematic(count, step, start)[0]
    )

    found = [drawn[place] / grid for place in range(count)]
    assert found == pytest.approx([1 / step] * count, abs=1e-3)


def test_over_windows_of_any_size_the_rate_holds() -> None:
    rng = random.Random(5)
    step, start, drawn, whole = 20.0, 7.3, list[int](), 0
    for _window in range(300):
        count = rng.randint(0, 90)
        places, start = designs.systematic(count, step, start)
        drawn += [whole + place for place in places]
        whole += count

        assert abs(len(drawn) - whole / step) <= 1
    assert {later - earlier for earlier, later in pairwise(drawn)} == {20}


@pytest.mark.parametrize(("step", "start"), [(0.5, 0.0), (3.0, -1.0)])
def test_steps_and_starts_out_of_range_are_refused(step: float, start: float) -> None:
    with pytest.raises(ValueError, match="at least"):
        designs.systematic(5, step, start)


def test_probabilities_go_by_size_between_floor_and_one() -> None:
    for seed in SEEDS:
        rng = random.Random(seed)
        sizes = [rng.choice([0, 1, 1, 2, 5, 400]) for _each in range(rng.randint(1, 60))]
        n, floor = rng.randint(1, 40), rng.choice([0, 0.01, 0.3])
        found = designs.inclusion_probabilities(sizes, n, floor=floor)

        assert sum(found) == pytest.approx(min(n, len(sizes)))
        least = min(floor, n / len(sizes))
        assert all(least - 1e-12 <= each <= 1 for each in found)
        inside = {
            round(each / size, 9)
            for each, size in zip(found, sizes, strict=True)
            if size and least + 1e-9 < each < 1 - 1e-9
        }
        assert len(inside) <= 1


def test_whoever_is_big_enough_leaves_and_the_rest_is_scaled_again() -> None:
    # 3 of (1, 1, 2, 8): the last is sure, then 2 by (1, 1, 2) are 1/2, 1/2 and 1.
    assert designs.inclusion_probabilities([1, 1, 2, 8], 3) == pytest.approx([0.5, 0.5, 1, 1])


def test_laid_end_to_end_everybody_is_drawn_as_often_as_told() -> None:
    for sizes, n in product([[1, 2, 3, 4], [5, 1, 1, 1, 1, 1], [1, 1, 9, 9]], [1, 2, 3]):
        told = designs.inclusion_probabilities(sizes, n, floor=0.05)
        grid = 20_000
        samples = [
            designs.pps_systematic(told, range(len(told)), (turn + 0.5) / grid)
            for turn in range(grid)
        ]

        drawn = Counter(place for sample in samples for place in sample)
        assert {len(sample) for sample in samples} == {n}
        assert [drawn[place] / grid for place in range(len(told))] == pytest.approx(told, abs=2e-3)
