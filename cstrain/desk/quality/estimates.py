"""What the chats that were looked at tell of all chats. Pure.

A chat that was likelier to be drawn counts for fewer others: its weight is 1 / probability. Those
taken always weigh 1; what a trainer picked has no weight and stays out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple

from cstrain.desk.quality.intervals import (
    LEVEL,
    SMALL_PART,
    Interval,
    t_of,
    wilson,
    wilson_of_share,
)

_MIN: Final = 2
#: So little variance is none.
_SLACK: Final = 1e-15


@dataclass(frozen=True, slots=True)
class Seen:
    """A chat that was looked at.

    Attributes:
        value: Its score, or 1 and 0 for yes and no; None where it could not be graded (empty,
            spam): it is not replaced by another, and tells that such chats exist.
        probability: How probable it was to be drawn, above 0 and at most 1.
        stratum: Of what it was drawn.
        is_in_turn: Whether every so-manyth of a list was drawn; those of a stratum are then given
            in the order of that list.

    Raises:
        ValueError: If the probability is not above 0 and at most 1, or the value not finite.
    """

    value: float | None
    probability: float
    stratum: str = ""
    is_in_turn: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.probability <= 1:
            raise ValueError(f"a probability is above 0 and at most 1, not {self.probability}")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"a value must be finite, not {self.value}")

    @property
    def weight(self) -> float:
        """How many chats it stands for."""
        return 1 / self.probability


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate for all chats, with what it rests on: show it as "12 of 840 chats; 71–92".

    Attributes:
        value: In the unit of the values; a ratio from 0 to 1 for a rate.
        interval: 95 %; None where nothing can be said.
        n: How many were graded.
        population: Of how many chats.
        effective_n: As many drawn alike would tell as much, by the weights alone.
        variance: Of the value; None without an interval.
        ineligible_count: Drawn, and could not be graded.
    """

    value: float
    interval: Interval | None
    n: int
    population: int
    effective_n: float
    variance: float | None
    ineligible_count: int = 0


def effective_n(weights: Iterable[float]) -> float:
    """Kish's effective number: (Σw)² / Σw²; the number itself where all weigh the same.

    Source: L. Kish, Survey Sampling, 1965, section 11.7.
    """
    kept = list(weights)
    squares = math.fsum(weight * weight for weight in kept)
    return math.fsum(kept) ** 2 / squares if squares else 0.0


def total(seen: Sequence[Seen]) -> float:
    """The Horvitz–Thompson total of all chats: Σ y / probability; those not graded count as 0.

    Source: D. G. Horvitz, D. J. Thompson, J. Am. Stat. Assoc. 47 (1952) 663–685.
    """
    return math.fsum(each.value * each.weight for each in seen if each.value is not None)


def total_variance(seen: Sequence[Seen]) -> float | None:
    """The variance of that total; None where it cannot be told.

    Source: as ``mean``.
    """
    return _variance([(each.value or 0.0, each) for each in seen])


def rate(seen: Sequence[Seen], population: int, *, level: float = LEVEL) -> Estimate | None:
    """The share of all chats that have something, by Hájek's weights.

    Args:
        seen: Values 1 and 0.
        population: How many chats the draws were made of.
        level: Of the interval.

    Returns:
        None where nothing was graded. The interval is Wilson's with as many chats as would give
        the design's variance by simple random sampling; where all were alike, with Kish's number.

    Source: J. Hájek in V. P. Godambe, D. A. Sprott (eds.), Foundations of Statistical Inference,
    1971, p. 236; E. L. Korn, B. I. Graubard, Surv. Methodol. 24 (1998) 193–201.
    """
    found = mean(seen, population, bounds=(0.0, 1.0), level=level)
    if found is None or found.variance is None or found.variance <= _SLACK:
        return found
    share = min(1.0, max(0.0, found.value))
    as_many = found.n * share * (1 - share) / (max(found.n - 1, 1) * found.variance)
    return replace(found, interval=wilson_of_share(share, as_many, level=level))


def mean(
    seen: Sequence[Seen],
    population: int,
    *,
    bounds: tuple[float, float] | None = None,
    level: float = LEVEL,
) -> Estimate | None:
    """The mean of all chats by Hájek's weights: Σ wy / Σ w.

    Args:
        seen: What was drawn by chance or taken always.
        population: How many chats the draws were made of.
        bounds: Least and most that a value can be; the interval is cut there.
        level: Of the interval.

    Returns:
        None where nothing was graded. Where those seen do not differ, or there is one alone, the
        interval is Wilson's for a share of the way between the bounds, which is never too narrow;
        without bounds there is none. Where only those taken always are graded and there are others,
        there is none either: they stand for themselves alone.

    The variance is that of the linearised values by strata, corrected for what was not drawn; up
    to 5 % the correction is left out. Strata with one chat are put together, which rather
    overstates it. For simple random and stratified draws it is the textbook one, Σ W²(1−f)s²/n.
    Of those drawn in turn it is that of successive differences, Σ W²(1−f)Σ(y−y₋₁)²/(2n(n−1)): what
    the order of the list has evened out is not counted as chance.

    Source: J. Hájek, Sampling from a Finite Population, 1981, chapter 14; Y. Tillé, Sampling
    Algorithms, 2006, section 7.5; collapsed strata: W. G. Cochran, Sampling Techniques, 3rd ed.
    1977, section 5A.12; successive differences: K. M. Wolter, Introduction to Variance Estimation,
    2nd ed. 2007, section 8.2.
    """
    graded = [(each.value, each) for each in seen if each.value is not None]
    if not graded:
        return None
    whole = math.fsum(each.weight for _value, each in graded)
    value = math.fsum(score * each.weight for score, each in graded) / whole
    off = {id(each): (score - value) / whole for score, each in graded}
    ignores_part = len(seen) <= SMALL_PART * population
    variance = _variance(
        [(off.get(id(each), 0.0), each) for each in seen], ignores_part=ignores_part
    )
    found = Estimate(
        value=value,
        interval=None,
        n=len(graded),
        population=population,
        effective_n=effective_n(each.weight for _value, each in graded),
        variance=variance,
        ineligible_count=len(seen) - len(graded),
    )
    if all(each.probability == 1 for each in seen):
        # Of those that nothing was drawn from, or of which nothing is graded yet, it tells nothing.
        is_whole = len(seen) >= population
        return replace(found, interval=Interval(value, value)) if is_whole else found
    if variance is None or variance <= _SLACK:
        return replace(found, interval=_between(found, len(seen), bounds, level))
    chosen = [each for each in seen if each.probability < 1]
    half = t_of(_freedom(chosen), level) * math.sqrt(variance)
    low, high = bounds or (-math.inf, math.inf)
    return replace(found, interval=Interval(max(low, value - half), min(high, value + half)))


def of_marked(drawn: Sequence[tuple[bool, Seen | None]], population: int) -> Estimate | None:
    """The mean score of all chats while some that were drawn are not marked yet.

    Of the chats taken always, and of those taken by chance, the marked ones stand for the others:
    their probability is that of being drawn and marked. Where all of either sort wait, nobody
    knows how far the mean is off, and there is no interval.

    Args:
        drawn: Of each chat whether it was taken always, and what was seen of it, if anything yet;
            scores are ratios.
        population: How many chats the draws were made of.

    Source: response homogeneity groups: C.-E. Särndal, B. Swensson, J. Wretman, Model Assisted
    Survey Sampling, 1992, section 15.6.
    """
    seen: list[Seen] = []
    is_lopsided = False
    for sort in (True, False):
        those = [each for is_sure, each in drawn if is_sure is sort]
        marked = [each for each in those if each is not None]
        is_lopsided |= bool(those) and not marked
        share = len(marked) / max(len(those), 1)
        seen += [replace(each, probability=each.probability * share) for each in marked]
    found = mean(seen, max(population, len(drawn)), bounds=(0.0, 1.0))
    return replace(found, interval=None) if found is not None and is_lopsided else found


def _between(
    found: Estimate, drawn: int, bounds: tuple[float, float] | None, level: float
) -> Interval | None:
    """An interval of a mean whose values show no spread: values vary most at the bounds."""
    if bounds is None:
        return None
    low, high = bounds
    share = min(1.0, max(0.0, (found.value - low) / (high - low)))
    n = found.effective_n
    population = found.population if drawn > SMALL_PART * found.population else None
    inside = wilson(share * n, n, population=population, level=level)
    return Interval(low + inside.low * (high - low), low + inside.high * (high - low))


class _Part(NamedTuple):
    """What one adds to a sum: value × weight, how much of it is chance, and how it was drawn."""

    value: float
    left: float
    is_in_turn: bool


def _variance(parts: Sequence[tuple[float, Seen]], *, ignores_part: bool = False) -> float | None:
    """Of the sum of value × weight, by strata; sure ones add nothing."""
    strata: dict[str, list[_Part]] = {}
    for value, each in parts:
        if each.probability < 1:
            left = 1.0 if ignores_part else 1 - each.probability
            strata.setdefault(each.stratum, []).append(
                _Part(value * each.weight, left, each.is_in_turn)
            )
    groups = _collapsed(list(strata.values()))
    if any(len(group) < _MIN for group in groups):
        return None
    return math.fsum(map(_of_group, groups))


def _collapsed(groups: Sequence[list[_Part]]) -> list[list[_Part]]:
    """Strata with one chat put together; a single one goes to the smallest of the others."""
    alone = [part for group in groups if len(group) < _MIN for part in group]
    kept = sorted((group for group in groups if len(group) >= _MIN), key=len)
    if len(alone) == 1 and kept:
        return [[*kept[0], *alone], *kept[1:]]
    return [alone, *kept] if alone else kept


def _of_group(group: Sequence[_Part]) -> float:
    """n/(n−1) Σ (1−p)(wz − A)²; of those drawn in turn n/(2(n−1)) Σ (1−p)(wz − wz₋₁)²."""
    n = len(group)
    if all(each.is_in_turn for each in group):
        steps = (
            (one.left + other.left) / 2 * (one.value - other.value) ** 2
            for one, other in pairwise(group)
        )
        return n / (2 * (n - 1)) * math.fsum(steps)
    centre = math.fsum(each.value * each.left for each in group) / math.fsum(
        each.left for each in group
    )
    return n / (n - 1) * math.fsum(each.left * (each.value - centre) ** 2 for each in group)


def _freedom(chosen: Iterable[Seen]) -> int:
    """Degrees of freedom of the variance, at least 1; successive differences have fewer.

    Source: the variance of the mean square successive difference: J. von Neumann et al., Ann. Math.
    Stat. 12 (1941) 153–162.
    """
    counts = Counter((each.stratum, each.is_in_turn) for each in chosen)
    free = (
        2 * (n - 1) ** 2 / (3 * n - 4) if is_in_turn else n - 1
        for (_stratum, is_in_turn), n in counts.items()
    )
    return max(int(math.fsum(free)), 1)


def bands(estimates: Mapping[str, Estimate]) -> list[list[str]]:
    """Who can be told apart: groups from best to worst, without an order inside a group.

    Two whose intervals overlap are in the same group, and so is whoever overlaps with one of
    them. Those without an interval cannot be told from anybody, and come last as a group.
    """
    known = [(each.interval, name) for name, each in estimates.items() if each.interval]
    found: list[list[str]] = []
    lowest = math.inf
    for interval, name in sorted(known, key=lambda pair: (-pair[0].high, pair[1])):
        if not found or interval.high < lowest:
            found.append([])
        found[-1].append(name)
        lowest = min(lowest, interval.low)
    unknown = [name for name, each in estimates.items() if not each.interval]
    return [sorted(group) for group in (*found, unknown) if group]
