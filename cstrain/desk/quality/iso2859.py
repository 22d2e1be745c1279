"""Accepting a lot by single sampling: ISO 2859-1. Pure.

For lots of an outside team. It answers "is this lot accepted", not "how good is the team": a plan
is made so that lots at the acceptance quality limit (AQL) nearly always pass.

Source: ISO 2859-1:1999, tables 1, 2-A and 2-B and section 9.3; the tables are those of
MIL-STD-105E (1989), which is public.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LETTERS: Final = "ABCDEFGHJKLMNPQR"
SIZES: Final = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000)
_LOT_MOST: Final = (
    *(8, 15, 25, 50, 90, 150, 280, 500),
    *(1200, 3200, 10_000, 35_000, 150_000, 500_000),
)
#: The AQL: percent of faulty items, as the standard's columns are headed.
LIMITS: Final = ("0.10", "0.15", "0.25", "0.40", "0.65", "1.0", "1.5", "2.5", "4.0", "6.5")
#: Where normal inspection has its acceptance number 0, column by column.
_ZERO_LETTER: Final = dict(zip(LIMITS, "KJHGFEDCBA", strict=True))
_UP, _DOWN = "up", "down"
_NORMAL: Final = (0, _UP, _DOWN, 1, 2, 3, 5, 7, 10, 14, 21)
_TIGHTENED: Final = (0, _DOWN, _DOWN, 1, 2, 3, 5, 8, 12, 18)
#: Normal → tightened: so many refused of so many lots in a row.
_REFUSED, _OF_LAST = 2, 5
_ACCEPTED_IN_A_ROW = 5
_REFUSED_WHEN_TIGHTENED = 5
_HALVINGS: Final = 40


class Level(StrEnum):
    """How much a lot's size asks for; II is usual."""

    I = "I"  # noqa: E741 - the standard's name
    II = "II"
    III = "III"


class Inspection(StrEnum):
    """How strictly the next lot is looked at."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    STOPPED = "stopped"


_LETTERS_OF_LEVEL: Final = {
    Level.I: "AABCCDEFGHJKLMN",
    Level.II: "ABCDEFGHJKLMNPQ",
    Level.III: "BCDEFGHJKLMNPQR",
}


@dataclass(frozen=True, slots=True)
class LotPlan:
    """How many of a lot are looked at, and how many may be faulty.

    Attributes:
        letter_by_lot: What the lot's size asks for.
        letter: The row that is used, another one where an arrow leads there.
        n: Sample size of that row.
        accept: The lot passes with at most so many faulty ones.
        reject: It is refused from so many on.
        inspects_all: The sample would be the whole lot.
    """

    letter_by_lot: str
    letter: str
    n: int
    accept: int
    reject: int
    inspects_all: bool


def lot_plan(
    lot: int,
    limit: str,
    level: Level = Level.II,
    inspection: Inspection = Inspection.NORMAL,
) -> LotPlan:
    """The plan of a lot. An arrow changes the sample size as well as the acceptance number.

    Args:
        lot: How many chats it has, at least 1.
        limit: The AQL in percent, one of ``LIMITS``.
        level: Inspection level.
        inspection: Normal or tightened.

    Raises:
        ValueError: If the lot is empty, the limit is none of the standard's, or inspection is
            stopped.
    """
    if lot < 1:
        raise ValueError(f"a lot has at least one item, not {lot}")
    if limit not in _ZERO_LETTER:
        raise ValueError(f"{limit} is none of the limits {', '.join(LIMITS)}")
    if inspection is Inspection.STOPPED:
        raise ValueError("inspection is stopped until something has been done")
    by_lot = _LETTERS_OF_LEVEL[level][bisect_left(_LOT_MOST, lot)]
    is_tightened = inspection is Inspection.TIGHTENED
    column = _TIGHTENED if is_tightened else _NORMAL
    first = LETTERS.index(_ZERO_LETTER[limit]) + is_tightened
    place = min(max(LETTERS.index(by_lot) - first, 0), len(column) - 1)
    while column[place] == _DOWN:
        place += 1
    if column[place] == _UP:
        place -= 1
    accept, n = int(column[place]), SIZES[first + place]
    return LotPlan(by_lot, LETTERS[first + place], n, accept, accept + 1, inspects_all=n >= lot)


def let_through(plan: LotPlan, chance: float) -> float:
    """The share of faulty items with which a lot is accepted in so many cases.

    Args:
        plan: Sample size and acceptance number; of a lot far bigger than the sample.
        chance: Above 0 and below 1: 0.95 gives what nearly always passes, 0.1 what seldom does.

    Returns:
        A ratio. The standard's own figures, ISO 2859-1:1999 tables 10-A to 10-R.
    """
    low, high = 0.0, 1.0
    for _turn in range(_HALVINGS):
        middle = (low + high) / 2
        accepted = math.fsum(
            math.comb(plan.n, faulty) * middle**faulty * (1 - middle) ** (plan.n - faulty)
            for faulty in range(plan.accept + 1)
        )
        low, high = (middle, high) if accepted > chance else (low, middle)
    return (low + high) / 2


def switched(accepted: Iterable[bool]) -> Inspection:
    """How the next lot is looked at, after these, the first lot first.

    Two of five lots in a row refused: tightened. Five in a row accepted: normal again. Five
    refused while tightened: stopped.

    Source: ISO 2859-1:1999, 9.3.1–9.3.2 and 9.4.
    """
    state, since = Inspection.NORMAL, list[bool]()
    for is_accepted in accepted:
        since.append(is_accepted)
        if state is Inspection.NORMAL and since[-_OF_LAST:].count(False) >= _REFUSED:
            state, since = Inspection.TIGHTENED, []
        elif state is Inspection.TIGHTENED:
            if since.count(False) >= _REFUSED_WHEN_TIGHTENED:
                return Inspection.STOPPED
            if len(since) >= _ACCEPTED_IN_A_ROW and all(since[-_ACCEPTED_IN_A_ROW:]):
                state, since = Inspection.NORMAL, []
    return state
