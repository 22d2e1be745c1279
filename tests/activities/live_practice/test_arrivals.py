"""Who comes, and when."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.activities.live_practice import arrivals, queries
from cstrain.activities.live_practice import spec as specs
from cstrain.activities.live_practice.scenario import Scenario
from cstrain.activities.live_practice.spec import Forbidden, PracticeSpec, Use
from cstrain.config import shipped
from tests.activities.live_practice.scenes import of_the_course, scenario, source
from tests.activities.live_practice.test_scenario_files import catalogue


def spec(count: int = 6, at_once: int = 3) -> PracticeSpec:
    return PracticeSpec(
        slug="s", title={"zh": "接待", "en": "Reception"}, use=Use.EXAM, tracks=(), topics=(),
        levels=(1, 2, 3), scenarios=(), count=count, at_once=at_once, minutes=20,
        has_hints=False, may_pause=False, rubric="r", auto_reply=True, forbidden=Forbidden.WARN,
        attempts=None, intro_md="", path="practice/s.md", lines={},
    )  # fmt: skip


def pool(*levels: int) -> list[Scenario]:
    base = scenario()
    return [replace(base, slug=f"s{n}", level=level) for n, level in enumerate(levels)]


POOL = pool(*[1] * 5, *[2] * 5, *[3] * 5)
LEVELS = {each.slug: each.level for each in POOL}


def test_every_draw_has_as_many_of_each_level() -> None:
    counts = {
        tuple(sorted(Counter(LEVELS[seat.scenario] for seat in seats).items()))
        for seed in range(40)
        for seats in [arrivals.plan(spec(7), POOL, seed, {})]
    }

    assert counts == {((1, 3), (2, 2), (3, 2))}


@pytest.mark.parametrize(
    ("levels", "count", "quotas"),
    [
        ((1, 1, 1, 2, 3), 5, {1: 3, 2: 1, 3: 1}),
        ((1, 1, 1, 2, 3), 3, {1: 1, 2: 1, 3: 1}),
        ((1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3), 5, {1: 1, 2: 2, 3: 2}),
        ((1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3), 6, {1: 2, 2: 2, 3: 2}),
        ((2, 2), 5, {2: 5}),
        ((1, 3), 5, {1: 3, 3: 2}),
        ((), 4, {}),
    ],
)
def test_quotas_are_even_as_far_as_there_are_enough_for_twice(
    levels: tuple[int, ...], count: int, quotas: dict[int, int]
) -> None:
    assert arrivals.quotas(pool(*levels), count) == quotas


def test_what_was_not_seen_comes_first() -> None:
    first = arrivals.plan(spec(6), POOL, 1, {})
    seen = dict.fromkeys((seat.scenario for seat in first), 1)

    again = arrivals.plan(spec(6), POOL, 2, seen)

    assert not seen.keys() & {seat.scenario for seat in again}


def test_nobody_comes_twice_before_all_have_come() -> None:
    assert len({seat.scenario for seat in arrivals.plan(spec(15), POOL, 3, {})}) == 15


def test_one_chosen_scenario_comes_alone() -> None:
    (seat,) = arrivals.plan(spec(6), POOL, 5, {}, only="s7")

    assert (seat.scenario, seat.earliest_ms) == ("s7", 3_000)


def test_a_plan_is_fixed_by_its_seed() -> None:
    assert arrivals.plan(spec(), POOL, 9, {}) == arrivals.plan(spec(), POOL[::-1], 9, {})
    assert len({arrivals.plan(spec(), POOL, seed, {}) for seed in range(10)}) == 10


def test_customers_come_until_all_places_are_taken() -> None:
    seats = arrivals.plan(spec(), POOL, 1, {})
    stays: list[tuple[int, int | None]] = []
    for _each in range(3):
        comes_ms = arrivals.next_arrival_ms(seats, stays, at_once=3)
        assert comes_ms is not None
        stays.append((comes_ms, None))

    assert stays[0][0] == 3_000
    assert all(20_000 <= b[0] - a[0] <= 40_000 for a, b in itertools.pairwise(stays))
    assert arrivals.next_arrival_ms(seats, stays, at_once=3) is None


def test_the_next_one_comes_soon_after_somebody_has_gone() -> None:
    seats = arrivals.plan(spec(), POOL, 1, {})
    stays = [(3_000, None), (30_000, 300_000), (60_000, None)]

    comes_ms = arrivals.next_arrival_ms(seats, stays, at_once=3)

    assert comes_ms is not None
    assert 305_000 <= comes_ms <= 315_000
    assert not arrivals.due(seats, stays, at_once=3, at_ms=comes_ms - 1)
    assert arrivals.due(seats, stays, at_once=3, at_ms=comes_ms)


def test_nobody_comes_after_the_last() -> None:
    seats = arrivals.plan(spec(1), POOL, 1, {})

    assert arrivals.next_arrival_ms(seats, [(3_000, 9_000)], at_once=3) is None


@given(
    seed=st.integers(0, 999),
    at_once=st.integers(1, 5),
    lengths=st.lists(st.integers(1_000, 400_000), min_size=12, max_size=12),
)
def test_never_more_than_are_allowed_at_once(seed: int, at_once: int, lengths: list[int]) -> None:
    seats = arrivals.plan(spec(12, at_once), POOL, seed, {})
    stays: list[tuple[int, int | None]] = []
    for length in lengths:
        open_stays = sorted(
            (came + lengths[place], place)
            for place, (came, gone) in enumerate(stays)
            if gone is None
        )
        while (comes_ms := arrivals.next_arrival_ms(seats, stays, at_once=at_once)) is None:
            gone_ms, place = open_stays.pop(0)
            stays[place] = (stays[place][0], gone_ms)
        stays.append((comes_ms, None))
        assert length

    for came_ms, _gone in stays:
        there = sum(
            came <= came_ms < came + lengths[place] for place, (came, _end) in enumerate(stays)
        )
        assert there <= at_once


@pytest.mark.parametrize("track", ["presales", "aftersales", "orders"])
def test_an_assessment_of_the_course_and_its_re_sit_have_enough_to_draw_from(track: str) -> None:
    file = shipped("content").joinpath("practice", f"{track}-exam.md").read_text("utf-8")
    exam = specs.load(source(file))
    everybody = [replace(each, products=()) for each in of_the_course()]
    fitting = queries.candidates(exam, catalogue(*everybody))

    first = [seat.scenario for seat in arrivals.plan(exam, fitting, 1, {})]
    again = [seat.scenario for seat in arrivals.plan(exam, fitting, 2, Counter(first))]

    assert len(set(first)) == len(first) == exam.count
    assert set(first).isdisjoint(again)
    level = {each.slug: each.level for each in fitting}
    assert Counter(map(level.get, first)) == Counter(map(level.get, again))
