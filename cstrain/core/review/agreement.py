"""How far raters agree beyond chance. Pure.

Where a coefficient is 0/0 it is not defined: ``Figure.value`` is None and ``reason`` tells why.
It is never shown as 0 or 1.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")
Pair = tuple[Hashable, Hashable]
#: Disagreement of two categories by their places in the order, 0 for a place with itself.
Disagreement = Callable[[int, int], float]
_MIN_RATERS = 2


class Undefined(StrEnum):
    """Why a coefficient has no value."""

    TOO_FEW = "too_few"
    ONE_CATEGORY = "one_category"
    NO_SPREAD = "no_spread"


@dataclass(frozen=True, slots=True)
class Figure:
    """A coefficient.

    Attributes:
        value: At most 1; None where it is not defined.
        n: From how many units it is.
        reason: Why it is not defined; None where it is.
    """

    value: float | None
    n: int
    reason: Undefined | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a coefficient lies.

    Attributes:
        undefined_count: Resamples of a bootstrap left out because it is not defined there.
    """

    low: float
    high: float
    undefined_count: int = 0


def nominal(first: int, second: int) -> float:
    """Any two different categories differ alike."""
    return float(first != second)


def linear(first: int, second: int) -> float:
    """Categories differ by their distance in the order."""
    return float(abs(first - second))


def quadratic(first: int, second: int) -> float:
    """Categories differ by the square of their distance in the order."""
    return float((first - second) ** 2)


def percent_agreement(pairs: Sequence[Pair]) -> Figure:
    """The share of units on which two raters gave the same; a ratio from 0 to 1."""
    if not pairs:
        return Figure(None, 0, Undefined.TOO_FEW)
    return Figure(sum(one == other for one, other in pairs) / len(pairs), len(pairs))


def cohen_kappa(
    pairs: Sequence[Pair],
    *,
    order: Sequence[Hashable] = (),
    disagreement: Disagreement = nominal,
) -> Figure:
    """Cohen's kappa of two raters, unweighted or weighted.

    Args:
        pairs: What the first and the second rater gave to each unit.
        order: The categories in their order; needed with weights, else taken from the pairs.
        disagreement: ``nominal``, ``linear``, ``quadratic``, or weights of one's own.

    Returns:
        1 − observed/expected disagreement; not defined where chance leaves nothing to disagree on.

    Source: J. Cohen, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20
    (1960) 37–46; weighted: "Weighted kappa", Psychol. Bull. 70 (1968) 213–220.
    """
    n = len(pairs)
    if not n:
        return Figure(None, 0, Undefined.TOO_FEW)
    places = {category: place for place, category in enumerate(order)}
    for pair in pairs:
        for category in pair:
            places.setdefault(category, len(places))
    firsts = Counter(places[one] for one, _other in pairs)
    seconds = Counter(places[other] for _one, other in pairs)
    observed = sum(disagreement(places[one], places[other]) for one, other in pairs) / n
    expected = sum(
        disagreement(one, other) * one_count * other_count
        for one, one_count in firsts.items()
        for other, other_count in seconds.items()
    ) / (n * n)
    if not expected:
        return Figure(None, n, Undefined.ONE_CATEGORY)
    return Figure(1 - observed / expected, n)


def kappa_interval(pairs: Sequence[Pair]) -> Interval | None:
    """The 95 % interval of Cohen's kappa: that of the share of equal marks, chance held fixed.

    Unlike kappa ± 1.96 standard errors it does not shrink to a point where all marks are equal.
    Holding chance fixed makes it rather too wide than too narrow.

    Returns:
        None where kappa is not defined.

    Source: the standard error of J. Cohen (1960), equation 7, with the score interval of a share:
    E. B. Wilson, "Probable inference", J. Am. Stat. Assoc. 22 (1927) 209–212.
    """
    kappa, same = cohen_kappa(pairs).value, percent_agreement(pairs).value
    if kappa is None or same is None:
        return None
    n, z = len(pairs), NormalDist().inv_cdf(0.975)
    middle = (same + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(same * (1 - same) / n + z * z / (4 * n * n))
    chance = _chance(pairs)
    low, high = ((share - chance) / (1 - chance) for share in (middle - half, middle + half))
    return Interval(max(-1.0, low), min(1.0, high))


def _chance(pairs: Sequence[Pair]) -> float:
    """The share of equal marks that chance gives; below 1 where kappa is defined."""
    firsts, seconds = (Counter(marks) for marks in zip(*pairs, strict=True))
    return sum(firsts[each] * seconds[each] for each in firsts) / len(pairs) ** 2


def counts_of(units: Sequence[Sequence[Hashable | None]]) -> list[list[int]]:
    """Ratings by unit as counts by category; None is no rating."""
    seen = {value for unit in units for value in unit if value is not None}
    categories = sorted(seen, key=repr)
    return [[sum(value == each for value in unit) for each in categories] for unit in units]


def fleiss_kappa(counts: Sequence[Sequence[int]]) -> Figure:
    """Kappa of several raters, who need not be the same for each unit, nor equally many.

    For two raters and no gaps this is Scott's pi.

    Args:
        counts: For each unit how many raters chose each category.

    Source: J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychol. Bull. 76
    (1971) 378–382; with gaps: K. L. Gwet, Handbook of Inter-Rater Reliability, 4th ed., 2014.
    """
    return _beyond_chance(counts, lambda shares: sum(share * share for share in shares))


def gwet_ac1(counts: Sequence[Sequence[int]]) -> Figure:
    """Gwet's AC1, which unlike kappa does not fall when nearly all belong to one category.

    Args:
        counts: For each unit how many raters chose each category; a category that could have
            been chosen and never was keeps its column.

    Source: K. L. Gwet, "Computing inter-rater reliability and its variance in the presence of high
    agreement", Br. J. Math. Stat. Psychol. 61 (2008) 29–48.
    """

    def chance(shares: Sequence[float]) -> float:
        if len(shares) == 1:
            return 1.0
        return sum(share * (1 - share) for share in shares) / (len(shares) - 1)

    return _beyond_chance(counts, chance)


def brennan_prediger(counts: Sequence[Sequence[int]]) -> Figure:
    """Agreement beyond what evenly spread guesses give.

    Source: R. L. Brennan, D. J. Prediger, "Coefficient kappa: some uses, misuses, and
    alternatives", Educ. Psychol. Meas. 41 (1981) 687–699.
    """
    return _beyond_chance(counts, lambda shares: 1 / len(shares))


def _beyond_chance(
    counts: Sequence[Sequence[int]], chance: Callable[[Sequence[float]], float]
) -> Figure:
    rated = [(row, sum(row)) for row in counts if sum(row)]
    paired = [(row, size) for row, size in rated if size >= _MIN_RATERS]
    if not paired:
        return Figure(None, 0, Undefined.TOO_FEW)
    agreed = sum(
        sum(count * (count - 1) for count in row) / (size * (size - 1)) for row, size in paired
    ) / len(paired)
    shares = [
        sum(row[place] / size for row, size in rated) / len(rated)
        for place in range(len(rated[0][0]))
    ]
    expected = chance(shares)
    if expected >= 1:
        return Figure(None, len(paired), Undefined.ONE_CATEGORY)
    return Figure((agreed - expected) / (1 - expected), len(paired))


class Level(StrEnum):
    """What may be done with the values of a scale."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


def krippendorff_alpha(units: Sequence[Sequence[Hashable | None]], level: Level) -> Figure:
    """Krippendorff's alpha of any number of raters, gaps allowed.

    Args:
        units: For each unit its values, None where a rater gave none; units with fewer than two
            values are left out.
        level: The scale; numbers are needed for all but nominal.

    Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", University of
    Pennsylvania, 2011.
    """
    paired = [[value for value in unit if value is not None] for unit in units]
    paired = [unit for unit in paired if len(unit) >= _MIN_RATERS]
    if not paired:
        return Figure(None, 0, Undefined.TOO_FEW)
    totals = Counter(value for unit in paired for value in unit)
    n = totals.total()
    differs = _difference(totals, level)
    observed = sum(
        one_count * other_count * differs(one, other) / (len(unit) - 1)
        for unit in paired
        for one, one_count in Counter(unit).items()
        for other, other_count in Counter(unit).items()
    )
    expected = sum(
        one_count * other_count * differs(one, other)
        for one, one_count in totals.items()
        for other, other_count in totals.items()
    ) / (n - 1)
    if not expected:
        return Figure(None, len(paired), Undefined.ONE_CATEGORY)
    return Figure(1 - observed / expected, len(paired))


def _difference(totals: Counter[Hashable], level: Level) -> Callable[[Hashable, Hashable], float]:
    """The squared difference of two values on a scale."""
    if level is Level.NOMINAL:
        return lambda one, other: float(one != other)
    numbers = {value: float(str(value)) for value in totals}
    if level is Level.INTERVAL:
        return lambda one, other: (numbers[one] - numbers[other]) ** 2
    if level is Level.RATIO:
        return lambda one, other: _ratio_difference(numbers[one], numbers[other])
    ranks, below = {}, 0.0
    for value in sorted(totals, key=numbers.__getitem__):
        ranks[value] = below + totals[value] / 2
        below += totals[value]
    return lambda one, other: (ranks[one] - ranks[other]) ** 2


def _ratio_difference(one: float, other: float) -> float:
    return ((one - other) / (one + other)) ** 2 if one + other else 0.0


@dataclass(frozen=True, slots=True)
class Icc:
    """Intraclass correlations and the mean squares they come from.

    Attributes:
        one_way: ICC(1,1): each target has raters of its own.
        absolute: ICC(2,1): any one rater's score, leniency counts as disagreement.
        consistency: ICC(3,1): these raters only, leniency is left out.
        one_way_mean: ICC(1,k), of the mean of all raters; likewise the other two.
        between: Mean square between targets (BMS).
        within: Mean square within targets (WMS).
        raters: Mean square between raters (JMS).
        residual: Mean square left over (EMS).
    """

    one_way: Figure
    absolute: Figure
    consistency: Figure
    one_way_mean: Figure
    absolute_mean: Figure
    consistency_mean: Figure
    between: float
    within: float
    raters: float
    residual: float


def icc(ratings: Sequence[Sequence[float]]) -> Icc | None:
    """Intraclass correlations of total scores.

    Args:
        ratings: For each target the score of each rater, none missing.

    Returns:
        None with fewer than two targets or raters.

    Raises:
        ValueError: If a target lacks a score.

    Source: P. E. Shrout, J. L. Fleiss, "Intraclass correlations: uses in assessing rater
    reliability", Psychol. Bull. 86 (1979) 420–428.
    """
    n, k = len(ratings), len(ratings[0]) if ratings else 0
    if n < _MIN_RATERS or k < _MIN_RATERS:
        return None
    if any(len(row) != k for row in ratings):
        raise ValueError("every target needs a score by every rater")
    mean = sum(map(sum, ratings)) / (n * k)
    of_targets = k * sum((sum(row) / k - mean) ** 2 for row in ratings)
    of_raters = n * sum((sum(row[j] for row in ratings) / n - mean) ** 2 for j in range(k))
    total = sum((score - mean) ** 2 for row in ratings for score in row)
    between = of_targets / (n - 1)
    within = (total - of_targets) / (n * (k - 1))
    raters = of_raters / (k - 1)
    residual = max(0.0, total - of_targets - of_raters) / ((n - 1) * (k - 1))
    shift = k * (raters - residual) / n

    def ratio(over: float, under: float) -> Figure:
        return Figure(over / under, n) if under else Figure(None, n, Undefined.NO_SPREAD)

    return Icc(
        one_way=ratio(between - within, between + (k - 1) * within),
        absolute=ratio(between - residual, between + (k - 1) * residual + shift),
        consistency=ratio(between - residual, between + (k - 1) * residual),
        one_way_mean=ratio(between - within, between),
        absolute_mean=ratio(between - residual, between + shift / k),
        consistency_mean=ratio(between - residual, between),
        between=between,
        within=within,
        raters=raters,
        residual=residual,
    )


def bootstrap_interval(
    units: Sequence[T],
    figure: Callable[[Sequence[T]], Figure],
    rng: random.Random,
    *,
    repeats: int = 1000,
    level: float = 0.95,
) -> Interval | None:
    """The percentile interval of a coefficient, drawing units (not ratings) again.

    Args:
        units: What is drawn: for chats whole chats, so that what belongs together stays together.
        figure: The coefficient of a sample.
        rng: Chance.
        repeats: How many samples.
        level: The share of samples inside.

    Returns:
        None with fewer than two units, or where most samples leave it undefined.

    Source: B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    if len(units) < _MIN_RATERS:
        return None
    drawn = (figure(rng.choices(units, k=len(units))).value for _each in range(repeats))
    values = sorted(value for value in drawn if value is not None)
    if len(values) * 2 < repeats:
        return None
    tail = (1 - level) / 2
    low, high = (round(share * (len(values) - 1)) for share in (tail, 1 - tail))
    return Interval(values[low], values[high], repeats - len(values))
