"""How far those who mark chats agree: item by item, in total, and one by one. Pure.

A *double* is a chat that two have marked without seeing each other's marks; or one of a
calibration with what all agreed upon afterwards, the gold marks, in place of the second.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from statistics import fmean, variance
from typing import Final, TypeVar

from cstrain.core.review import agreement
from cstrain.core.review.agreement import Figure, Interval, Level
from cstrain.desk.quality.intervals import t_of

#: From so many chats on agreement says something.
SHOWN_FROM: Final = 30
#: From so many chats on somebody can be out of agreement.
JUDGED_FROM: Final = 10
#: Who agrees on a smaller share of marks, as far as that is sure, is out of agreement.
LEAST_SAME: Final = 0.7
#: So is who marks so much more mildly or strictly on the average, points of 100.
MOST_LEAN: Final = 5.0
#: A change of the lean by so many points of 100 is drift, if it is sure.
DRIFT: Final = 3.0
DRIFT_DAYS: Final = 30
_DRIFT_FROM: Final = 5
_MIN: Final = 2
#: Repeats of the bootstrap: as many as a page can wait for.
_REPEATS, _FEWEST, _WORK = 1000, 200, 60_000

T = TypeVar("T")
#: What was given: a value, or None where the item does not apply.
Given = int | None
Pairs = tuple[tuple[Given, Given], ...]


@dataclass(frozen=True, slots=True)
class Both:
    """One item of a chat as two have marked it."""

    criterion: str
    full: int
    first: Given
    second: Given


@dataclass(frozen=True, slots=True)
class Double:
    """A chat that two have marked.

    Attributes:
        review_id: The review of the second, or of the one held against gold.
        at: When it was done.
        second_by: None where the second are gold marks.
        first_score: Of the whole, a ratio; likewise the second.
    """

    review_id: int
    at: datetime
    first_by: int
    second_by: int | None
    first_score: float
    second_score: float
    marks: tuple[Both, ...]

    @property
    def same_count(self) -> int:
        """On how many items both gave the same."""
        return sum(each.first == each.second for each in self.marks)


def by_item(doubles: Sequence[Double]) -> dict[tuple[str, int], Pairs]:
    """What was given to each item, by its key and best value, in the order met."""
    found: dict[tuple[str, int], list[tuple[Given, Given]]] = {}
    for double in doubles:
        for each in double.marks:
            found.setdefault((each.criterion, each.full), []).append((each.first, each.second))
    return {key: tuple(pairs) for key, pairs in found.items()}


@dataclass(frozen=True, slots=True)
class Measured:
    """A coefficient with its bootstrap interval, None where that is not defined."""

    figure: Figure
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """How far two agree on an item, where both found that it applies.

    Attributes:
        same: The share of equal marks.
        weighted: Quadratically weighted kappa; None where nothing lies between.
        alpha: Krippendorff's; ordinal on scales of three and more, else nominal.
        applies: The share of chats on which both say alike whether it applies at all; None where
            nobody has said that it does not.
    """

    same: Measured
    kappa: Measured
    weighted: Measured | None
    ac1: Measured
    alpha: Measured
    applies: Figure | None


@lru_cache(maxsize=128)
def item_figures(pairs: Pairs, full: int, *, is_ordered: bool) -> ItemFigures:
    """The figures of an item; the same pairs give the same intervals.

    Args:
        pairs: What two gave to each chat.
        full: The highest value.
        is_ordered: Whether more is better; named reasons have no order.
    """
    both = [(one, other) for one, other in pairs if one is not None and other is not None]
    order = range(full + 1)

    def weighted(sample: Sequence[tuple[int, int]]) -> Figure:
        return agreement.cohen_kappa(sample, order=order, disagreement=agreement.quadratic)

    def ac1(sample: Sequence[tuple[int, int]]) -> Figure:
        return agreement.gwet_ac1([[pair.count(value) for value in order] for pair in sample])

    def alpha(sample: Sequence[tuple[int, int]]) -> Figure:
        level = Level.ORDINAL if is_ordered else Level.NOMINAL
        return agreement.krippendorff_alpha(sample, level)

    is_split = any(None in pair for pair in pairs)
    applies = [(one is None, other is None) for one, other in pairs]
    return ItemFigures(
        same=_measured(both, agreement.percent_agreement),
        kappa=_measured(both, agreement.cohen_kappa),
        weighted=_measured(both, weighted) if is_ordered else None,
        ac1=_measured(both, ac1),
        alpha=_measured(both, alpha),
        applies=agreement.percent_agreement(applies) if is_split else None,
    )


#: What several gave to each chat, by chat; None where it does not apply.
Units = tuple[tuple[float | None, ...], ...]


@lru_cache(maxsize=128)
def alpha_of(units: Units, level: Level) -> Measured:
    """Krippendorff's alpha of what any number gave, with the interval of drawing chats again."""
    given = [[each for each in unit if each is not None] for unit in units]

    def alpha(sample: Sequence[Sequence[float]]) -> Figure:
        return agreement.krippendorff_alpha(sample, level)

    return _measured([unit for unit in given if len(unit) >= _MIN], alpha)


def _measured(units: Sequence[T], figure: Callable[[Sequence[T]], Figure]) -> Measured:
    repeats = max(_FEWEST, min(_REPEATS, _WORK // max(len(units), 1)))
    rng = random.Random(len(units))  # noqa: S311 - resampling, no secret
    found = agreement.bootstrap_interval(units, figure, rng, repeats=repeats)
    value = figure(units)
    return Measured(value, found if value.value is not None else None)


@dataclass(frozen=True, slots=True)
class TotalFigures:
    """How far two agree on the whole score.

    Attributes:
        is_two_way: Whether the same two have marked all: ICC(2,1), else ICC(1,1).
        single: Of any one's score; where somebody marks more mildly, that is disagreement.
        mean: Of the mean of two.
        apart: How far two scores are apart on the average, points of 100.
    """

    is_two_way: bool
    single: Measured
    mean: Measured
    apart: float


Scores = tuple[tuple[int, float, int, float], ...]


def scores_of(doubles: Sequence[Double]) -> Scores:
    """Who gave what in total, for ``total_figures``; gold has no part in it."""
    return tuple(
        (each.first_by, each.first_score, each.second_by, each.second_score)
        for each in doubles
        if each.second_by is not None
    )


@lru_cache(maxsize=32)
def total_figures(scores: Scores) -> TotalFigures | None:
    """The figures of whole scores; None with fewer than two chats.

    With more than two people each chat has raters of its own, which is the one-way model.

    Source: P. E. Shrout, J. L. Fleiss, Psychol. Bull. 86 (1979) 420–428.
    """
    if len(scores) < _MIN:
        return None
    people = sorted({who for first, _one, second, _other in scores for who in (first, second)})
    is_two_way = len(people) == _MIN
    rows = [
        (one, other) if first == people[0] or not is_two_way else (other, one)
        for first, one, _second, other in scores
    ]

    def single(sample: Sequence[tuple[float, float]]) -> Figure:
        found = agreement.icc(sample)
        if found is None:
            return Figure(None, len(sample), agreement.Undefined.TOO_FEW)
        return found.absolute if is_two_way else found.one_way

    def mean(sample: Sequence[tuple[float, float]]) -> Figure:
        found = agreement.icc(sample)
        if found is None:
            return Figure(None, len(sample), agreement.Undefined.TOO_FEW)
        return found.absolute_mean if is_two_way else found.one_way_mean

    apart = fmean(abs(one - other) for one, other in rows) * 100
    return TotalFigures(is_two_way, _measured(rows, single), _measured(rows, mean), apart)


@dataclass(frozen=True, slots=True)
class Grader:
    """How somebody marks beside the others, or beside gold where there is enough of it.

    Attributes:
        count: On how many chats.
        mark_count: How many items.
        lean: How much higher the scores are on the average, points of 100; below 0 is stricter.
        lean_interval: 95 %; None with one chat.
        is_by_gold: Whether it is held against gold marks.
        drift: By how much the lean of the last ``DRIFT_DAYS`` differs from before, points of 100;
            None where that is not sure, or not much.
        is_out: Whether it is out of agreement: on fewer than ``LEAST_SAME`` of the marks the
            same, or leaning more than ``MOST_LEAN``, as far as the figures are sure.
    """

    person_id: int
    count: int
    same_count: int
    mark_count: int
    lean: float
    lean_interval: Interval | None
    is_by_gold: bool
    drift: float | None
    is_out: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """A double from one side."""

    at: datetime
    lean: float
    same_count: int
    mark_count: int


def graders(
    doubles: Sequence[Double], gold: Sequence[Double] = (), *, now: datetime
) -> list[Grader]:
    """Everybody who has marked doubles, as they stand to the others; by person.

    Args:
        doubles: Chats that two have marked.
        gold: Chats of calibrations with what was agreed upon.
        now: The time.
    """
    sides: dict[int, list[_Seen]] = {}
    of_gold: dict[int, list[_Seen]] = {}
    for each in doubles:
        sides.setdefault(each.first_by, []).append(_seen(each))
        if each.second_by is not None:
            sides.setdefault(each.second_by, []).append(_seen(each, sign=-1))
    for each in gold:
        of_gold.setdefault(each.first_by, []).append(_seen(each))
    found = []
    for person_id in sorted(sides.keys() | of_gold.keys()):
        golden = of_gold.get(person_id, [])
        is_by_gold = len(golden) >= JUDGED_FROM or person_id not in sides
        seen = golden if is_by_gold else sides[person_id]
        found.append(_grader(person_id, seen, is_by_gold=is_by_gold, now=now))
    return found


def _seen(double: Double, sign: int = 1) -> _Seen:
    lean = (double.first_score - double.second_score) * 100 * sign
    return _Seen(double.at, lean, double.same_count, len(double.marks))


def _grader(person_id: int, seen: Sequence[_Seen], *, is_by_gold: bool, now: datetime) -> Grader:
    leans = [each.lean for each in seen]
    shares = [each.same_count / each.mark_count for each in seen if each.mark_count]
    lean_interval, same_interval = _interval(leans), _interval(shares)
    is_out = len(seen) >= JUDGED_FROM and (
        (same_interval is not None and same_interval.high < LEAST_SAME)
        or (
            lean_interval is not None
            and (lean_interval.low > MOST_LEAN or lean_interval.high < -MOST_LEAN)
        )
    )
    since = now - timedelta(days=DRIFT_DAYS)
    return Grader(
        person_id,
        len(seen),
        sum(each.same_count for each in seen),
        sum(each.mark_count for each in seen),
        fmean(leans),
        lean_interval,
        is_by_gold,
        _drift(
            [each.lean for each in seen if each.at < since],
            [each.lean for each in seen if each.at >= since],
        ),
        is_out,
    )


def _interval(values: Sequence[float]) -> Interval | None:
    """The 95 % interval of a mean, Student's; None with fewer than two values."""
    if len(values) < _MIN:
        return None
    half = t_of(len(values) - 1) * math.sqrt(variance(values) / len(values))
    return Interval(fmean(values) - half, fmean(values) + half)


def _drift(before: Sequence[float], lately: Sequence[float]) -> float | None:
    """The change of a mean where it is sure and not small; Welch's interval.

    Source: B. L. Welch, "The generalization of 'Student's' problem", Biometrika 34 (1947) 28–35;
    the degrees of freedom are the smaller sample's, which is never too sure.
    """
    if min(len(before), len(lately)) < _DRIFT_FROM:
        return None
    change = fmean(lately) - fmean(before)
    spread = math.sqrt(variance(before) / len(before) + variance(lately) / len(lately))
    half = t_of(min(len(before), len(lately)) - 1) * spread
    return change if abs(change) >= DRIFT and abs(change) > half else None


def kept_from_exams(found: Sequence[Grader], markers: Collection[int]) -> set[int]:
    """Who does not mark stage exams: who is out of agreement, while somebody else is left.

    Args:
        found: As ``graders`` gives them.
        markers: Who may mark in the team at all.
    """
    out = {each.person_id for each in found if each.is_out} & set(markers)
    return out if set(markers) - out else set()


def confusion(pairs: Pairs, full: int) -> Mapping[tuple[Given, Given], int]:
    """How often which two values were given together, whoever gave which."""
    found: dict[tuple[Given, Given], int] = {}
    places: Mapping[Given, int] = {**{value: value for value in range(full + 1)}, None: -1}
    for one, other in pairs:
        low, high = sorted((one, other), key=places.__getitem__)
        found[low, high] = found.get((low, high), 0) + 1
    return found
