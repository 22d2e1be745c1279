"""How sure a sample makes one: intervals of shares and means, and how many to look at. Pure.

Shares are ratios from 0 to 1. Of a small part of all chats the size of the whole does not matter;
from 5 % on it narrows an interval (finite population correction), and all of them leave nothing
to guess.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

LEVEL: Final = 0.95
#: Up to this part of the whole the correction is left out (Cochran 1977, section 2.6).
SMALL_PART: Final = 0.05
#: What an unknown share is taken for: it needs the most.
UNKNOWN_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, both included."""

    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half of the distance: the "±" of a symmetric interval."""
        return (self.high - self.low) / 2

    def overlaps(self, other: Interval) -> bool:
        """Whether a value lies in both."""
        return self.low <= other.high and other.low <= self.high


def z_of(level: float = LEVEL) -> float:
    """The normal quantile that leaves half of 1 − ``level`` on each side; 1.96 for 0.95.

    Raises:
        ValueError: If the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"a level is between 0 and 1, not {level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def t_of(freedom: float, level: float = LEVEL) -> float:
    """Student's quantile that leaves half of 1 − ``level`` on each side.

    Args:
        freedom: Degrees of freedom, at least 1.
        level: The share of samples inside.

    Returns:
        Exact for 1 and 2 degrees; from 3 on within 0.2 %.

    Raises:
        ValueError: If ``freedom`` is below 1.

    Source: M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 1964, 26.7.5.
    """
    if freedom < 1:
        raise ValueError(f"at least one degree of freedom is needed, not {freedom}")
    z = z_of(level)
    if freedom == 1:
        return math.tan(math.pi / 2 * level)
    if freedom == 2:  # noqa: PLR2004 - the other one with a closed form
        return level * math.sqrt(2 / (1 - level**2))
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def correction(n: float, population: int | None) -> float:
    """The finite population correction of a variance: (N − n) / (N − 1), 1 for a small part.

    Args:
        n: How many were drawn.
        population: Of how many; None for very many.

    Raises:
        ValueError: If more were drawn than there are.

    Source: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, section 2.6 (when to leave it out).
    """
    if population is None or n <= SMALL_PART * population:
        return 1.0
    if n > population:
        raise ValueError(f"{n} of {population} cannot have been drawn")
    return (population - n) / (population - 1) if population > 1 else 0.0


def wilson(
    count: float, n: float, *, population: int | None = None, level: float = LEVEL
) -> Interval:
    """The score interval of a share: it never leaves 0 to 1, and 0 of n is not "surely none".

    Args:
        count: How many had it.
        n: Of how many drawn; an effective number need not be whole.
        population: Of how many in all. Where that counts, ``n`` is taken for as many as give the
            corrected variance, which scales the width by the root of the correction and ends at
            the plain share when all were drawn.
        level: The share of samples whose interval holds the true value.

    Returns:
        Ratios; 0 to 1 where nothing was drawn.

    Raises:
        ValueError: If ``count`` is not between 0 and ``n``.

    Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209–212; R. G. Newcombe, Stat. Med. 17
    (1998) 857–872, method 3.
    """
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is no share")
    if not n:
        return Interval(0.0, 1.0)
    share, fpc = count / n, correction(n, population)
    if not fpc:
        return Interval(share, share)
    return wilson_of_share(share, n / fpc, level=level)


def wilson_of_share(share: float, n: float, *, level: float = LEVEL) -> Interval:
    """The score interval of a share that an (effective) number gave.

    Source: as ``wilson``; with an effective n: E. L. Korn, B. I. Graubard, Surv. Methodol. 24
    (1998) 193–201.
    """
    square = z_of(level) ** 2
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = math.sqrt(square * (share * (1 - share) / n + square / (4 * n * n))) / (1 + square / n)
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return Interval(low, high)


def zero_found_upper(n: int, *, level: float = LEVEL) -> float:
    """How frequent something may still be of which ``n`` drawn had none; about 3 / n.

    Returns:
        The one-sided upper limit, a ratio; 1 where nothing was drawn.

    Source: J. A. Hanley, A. Lippman-Hand, J. Am. Med. Assoc. 249 (1983) 1743–1745; exact form.
    """
    return 1 - (1 - level) ** (1 / n) if n else 1.0


def size_for_share(
    half_width: float,
    *,
    population: int | None = None,
    share: float = UNKNOWN_SHARE,
    z: float | None = None,
) -> float:
    """How many to draw, so that a share is known to plus or minus ``half_width``.

    Args:
        half_width: A ratio above 0.
        population: Of how many; None for very many.
        share: What one expects.
        z: The quantile; that of 95 % where not given.

    Returns:
        Not rounded; draw ``math.ceil`` of it.

    Raises:
        ValueError: If ``half_width`` is not positive.

    Source: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, section 4.4; R. V. Krejcie,
    D. W. Morgan, Educ. Psychol. Meas. 30 (1970) 607–610 (with z² = 3.841).
    """
    if half_width <= 0:
        raise ValueError(f"half_width must be positive, not {half_width}")
    many = (z or z_of()) ** 2 * share * (1 - share) / half_width**2
    return _of_population(many, population)


def _of_population(many: float, population: int | None) -> float:
    """Of a population fewer are enough than of very many."""
    if population is None:
        return many
    return many / (1 + (many - 1) / population) if population else 0.0
