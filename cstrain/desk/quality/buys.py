"""What the sample of a plan will tell, said before anything is drawn. Pure.

As if it were simple random: a plan by strata tells a little more, one by risk a little less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from cstrain.desk.quality.intervals import Interval, size_for_share, wilson, zero_found_upper
from cstrain.desk.quality.iso2859 import LotPlan, let_through, lot_plan
from cstrain.desk.quality.plan import Design, Plan

MONTH_DAYS: Final = 30
ONE_IN_TEN: Final = 0.1
#: A share that is known to so much on either side tells one month from another.
NARROW: Final = 0.05
#: Nearly all lots, and one of ten: the two ends that a lot plan is told by.
NEARLY_ALL, FEW = 0.95, 0.1
#: The plan's own number beside twice and four times as many.
_TIMES: Final = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Lately:
    """What came in in the last ``MONTH_DAYS``."""

    chat_count: int = 0
    agent_count: int = 0

    @property
    def of_each(self) -> int:
        """Chats of one agent, on the average."""
        return round(self.chat_count / self.agent_count) if self.agent_count else 0


@dataclass(frozen=True, slots=True)
class Told:
    """Where ``bad`` of ``count`` are not good, the true share lies in the interval.

    Attributes:
        is_all: Everything is looked at: nothing is left to guess.
        none_upper: How many may still be bad where none was seen, a ratio.
    """

    count: int
    bad: int
    interval: Interval
    is_all: bool
    none_upper: float


@dataclass(frozen=True, slots=True)
class LotTold:
    """A lot of the usual size.

    Attributes:
        passing: With so many faulty ones, a ratio, ``NEARLY_ALL`` lots are accepted.
        slipping: With so many still a ``FEW``.
    """

    lot_count: int
    asked: LotPlan
    passing: float
    slipping: float


@dataclass(frozen=True, slots=True)
class Buys:
    """What a month of a plan tells.

    Attributes:
        agent: Of one agent; with twice and four times as many, too. Empty where nothing is known
            of how many there will be.
        team: Of all chats; None where nothing came in lately.
        wanted: So many of all would be needed for ``NARROW``.
        lot: Where lots are accepted or not; the others are empty then.
    """

    agent: tuple[Told, ...] = ()
    team: Told | None = None
    wanted: int = 0
    lot: LotTold | None = None


def buys(plan: Plan, lately: Lately) -> Buys:
    """What a plan will tell, if as much comes in as lately.

    Args:
        plan: The plan; what it takes always and draws beside is not counted.
        lately: What came in. Where nothing did, there is no correction for a small whole.
    """
    if plan.design is Design.LOT:
        return Buys(lot=_of_lot(plan, lately))
    of_team, of_agent = _monthly(plan, lately)
    agent = tuple(_told(times * of_agent, lately.of_each) for times in _TIMES if of_agent)
    if not lately.chat_count:
        return Buys(agent)
    return Buys(
        # Beyond all there are, more is the same.
        tuple(each for place, each in enumerate(agent) if not place or not agent[place - 1].is_all),
        _told(of_team, lately.chat_count),
        math.ceil(size_for_share(NARROW, population=lately.chat_count)),
    )


def _monthly(plan: Plan, lately: Lately) -> tuple[float, float]:
    """How many a month a plan draws of the team and of one agent; 0 where nobody knows."""
    agents, rounds = lately.agent_count, MONTH_DAYS / plan.every_days
    if plan.design is Design.SYSTEMATIC:
        whole = lately.chat_count / plan.one_in
    elif plan.size is not None:
        whole = plan.size * rounds
    else:
        return plan.per_agent * rounds * agents, plan.per_agent * rounds
    return whole, whole / agents if agents else 0.0


def _told(wanted: float, population: int) -> Told:
    """What so many tell of so many; of very many where ``population`` is 0."""
    count = max(round(wanted), 1)
    if population:
        count = min(count, population)
    bad = round(count * ONE_IN_TEN)
    is_all = count == population
    return Told(
        count,
        bad,
        wilson(bad, count, population=population or None),
        is_all,
        0.0 if is_all else zero_found_upper(count),
    )


def _of_lot(plan: Plan, lately: Lately) -> LotTold | None:
    """A lot of the usual size; None where nothing came in lately."""
    lot = round(lately.chat_count * plan.every_days / MONTH_DAYS)
    if not lot:
        return None
    asked = lot_plan(lot, plan.limit, plan.level)
    return LotTold(lot, asked, let_through(asked, NEARLY_ALL), let_through(asked, FEW))
