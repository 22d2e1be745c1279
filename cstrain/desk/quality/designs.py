"""Ways of drawing, each with the probability that everything had of being drawn. Pure.

All of them work on places in a list (0, 1, 2, …) and on numbers from 0 to 1 that stand for chance
(see ``chance.py``); they know neither conversations nor agents.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

#: So close to 1 a probability is 1; sums of many are off by less.
_SLACK: Final = 1e-9


def spread(
    total: float, weights: Sequence[float], low: Sequence[float], high: Sequence[float]
) -> list[float]:
    """Share a total out by weights, each share within its bounds; the shares add up to it.

    Shares are ``clip(a × weight, low, high)`` with one factor ``a`` for all: whoever would get
    more than the upper bound gets that and leaves, the rest goes to the others by their weights,
    and likewise at the lower bound.

    Args:
        total: Between the sums of the bounds.
        weights: At least 0; alike for all where every weight is 0.
        low: The least of each, at least 0.
        high: The most of each, not below the least.

    Raises:
        ValueError: If the bounds leave no room for the total.

    Source: M. H. Hansen, W. N. Hurwitz, Ann. Math. Stat. 20 (1949) 426–432 and C.-E. Särndal,
    B. Swensson, J. Wretman, Model Assisted Survey Sampling, 1992, section 3.6.2, for the upper
    bound 1; the lower bound is dealt with alike.
    """
    least, most = math.fsum(low), math.fsum(high)
    if not least - _SLACK <= total <= most + _SLACK:
        raise ValueError(f"{total} is not between {least} and {most}")
    free = list(range(len(weights)))
    shares = [0.0] * len(weights)
    left = total
    while free:
        whole = math.fsum(weights[i] for i in free)  # the same in every version of Python
        for i in free:
            shares[i] = left * weights[i] / whole if whole else left / len(free)
        over = [i for i in free if shares[i] > high[i]]
        under = [i for i in free if shares[i] < low[i]]
        excess = math.fsum(shares[i] - high[i] for i in over)
        lack = math.fsum(low[i] - shares[i] for i in under)
        # Only the side that is off by more is surely bound; the other may come right by it.
        bound, limits = (over, high) if excess >= lack else (under, low)
        if not bound:
            break
        for i in bound:
            shares[i] = limits[i]
            left -= limits[i]
        gone = set(bound)
        free = [i for i in free if i not in gone]
    return shares


def largest_remainder(shares: Sequence[float]) -> list[int]:
    """Whole numbers with the same sum as the shares, each one rounded down or up.

    The largest fractions are rounded up; of equal ones those that stand first.

    Raises:
        ValueError: If the sum of the shares is not whole.

    Source: A. Hamilton's method of apportionment, 1792.
    """
    total = round(math.fsum(shares))
    if abs(math.fsum(shares) - total) > 1e-6:  # noqa: PLR2004 - rounding of many sums
        raise ValueError(f"the shares add up to {math.fsum(shares)}, no whole number")
    floors = [math.floor(share + _SLACK) for share in shares]
    order = sorted(
        range(len(shares)), key=lambda i: (-round(max(shares[i] - floors[i], 0.0), 9), i)
    )
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return floors


def allocate(
    n: int, sizes: Sequence[int], *, deviations: Sequence[float] | None = None, minimum: int = 1
) -> list[int]:
    """How many to draw from each stratum.

    Args:
        n: How many in all. Raised to what the minimum asks for, lowered to what there is.
        sizes: How many each stratum has.
        deviations: Standard deviation within each stratum, for the least variance (Neyman);
            None: in proportion to the sizes.
        minimum: The least of each stratum, if it has so many: 1, so that nothing is out of
            reach, or 2, so that its variance can be estimated.

    Returns:
        In the order of the strata, none above its size; an empty one gets 0.

    Source: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, sections 5.5 and 5.8; J. Neyman,
    J. R. Stat. Soc. 97 (1934) 558–625.
    """
    low = [min(minimum, size) for size in sizes]
    weights = [
        size * (1.0 if deviations is None else deviations[place])
        for place, size in enumerate(sizes)
    ]
    total = min(max(n, sum(low)), sum(sizes))
    return largest_remainder(spread(total, weights, low, sizes))


def smallest(keys: Sequence[float], places: Sequence[int], n: int) -> list[int]:
    """Simple random: the ``n`` places with the smallest keys, all of them if there are fewer.

    Each place has the probability n / N. Of equal keys the first place wins.
    """
    return sorted(sorted(places, key=keys.__getitem__)[:n])


def systematic(count: int, step: float, start: float) -> tuple[list[int], float]:
    """Every ``step``-th of a list, whose order matters.

    Args:
        count: How long the list is.
        step: At least 1, need not be whole. Each place has the probability 1 / step.
        start: From 0 to below ``step``: chance times step at first, afterwards what the window
            before left over, so that the rate holds over windows of any size.

    Returns:
        The places, and what is left over for the next window.

    Raises:
        ValueError: If ``step`` or ``start`` is out of its range.

    Source: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, section 8.1, with a step that is
    not whole.
    """
    if step < 1:
        raise ValueError(f"a step is at least 1, not {step}")
    if start < 0:
        raise ValueError(f"a start is at least 0, not {start}")
    times = max(0, math.ceil((count - start) / step))
    places = [math.floor(start + turn * step) for turn in range(times)]
    return [place for place in places if place < count], start + times * step - count


def inclusion_probabilities(sizes: Sequence[float], n: float, *, floor: float = 0.0) -> list[float]:
    """The probability of each, in proportion to its size, so that ``n`` are drawn.

    Args:
        sizes: At least 0.
        n: How many are drawn; all where there are fewer.
        floor: The least probability. Where even that is more than ``n`` allows, all have n / N.

    Returns:
        From ``floor`` to 1; their sum is ``n``.

    Source: C.-E. Särndal, B. Swensson, J. Wretman, Model Assisted Survey Sampling, 1992,
    section 3.6.2: those at 1 leave and the rest is scaled again.
    """
    count = len(sizes)
    if n >= count:
        return [1.0] * count
    return spread(n, sizes, [min(floor, n / count)] * count, [1.0] * count)


def pps_systematic(probabilities: Sequence[float], order: Sequence[int], start: float) -> list[int]:
    """Draw with unequal probabilities: equal steps along the probabilities laid end to end.

    Args:
        probabilities: Of each place; their sum is the number drawn.
        order: The places in an order of chance.
        start: From 0 to below 1.

    Returns:
        The places drawn, sorted. Each one's probability is exactly the one given, and whoever
        has 1 is always drawn.

    Source: W. G. Madow, Ann. Math. Stat. 20 (1949) 333–354.
    """
    sure = [place for place in order if probabilities[place] >= 1 - _SLACK]
    rest = [place for place in order if probabilities[place] < 1 - _SLACK]
    ends = list(accumulate(probabilities[place] for place in rest))
    turns = round(ends[-1]) if ends else 0
    hit = (min(bisect_right(ends, start + turn), len(rest) - 1) for turn in range(turns))
    return sorted({*sure, *(rest[place] for place in hit)})


def combined(probabilities: Iterable[float]) -> float:
    """How probable it was to enter by at least one of several independent draws: 1 − ∏(1 − p).

    Args:
        probabilities: In *every* draw that could have taken it, also in those that missed it.
    """
    return 1 - math.prod(1 - each for each in probabilities)
