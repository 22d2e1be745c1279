"""A sampling plan: who is looked at, how often, and with which chances. Pure.

One sentence with three numbers says nearly all: so many of each agent, these always, so many more
of who is below the others. Everything else has a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from cstrain.desk.quality.iso2859 import Level
from cstrain.desk.quality.risk import POINTS, Reason

MATERIAL: Final = "sampling_plan"
#: Who is below the others is a fact of an agent, new or not too: neither leaves no choice.
MAY_BE_ALWAYS: Final = tuple(
    reason for reason in Reason if reason not in {Reason.BELOW_AVERAGE, Reason.NEW_HIRE}
)


class Design(StrEnum):
    """How conversations are drawn.

    ``PER_AGENT``: as many of each agent. ``SIMPLE``: all alike. ``PROPORTIONAL`` and ``NEYMAN``:
    by strata, as many as their share of all, or so that an estimate is surest. ``SYSTEMATIC``:
    every k-th. ``RISK``: likelier the more reasons there are. ``LOT``: by ISO 2859-1.
    """

    PER_AGENT = "per_agent"
    SIMPLE = "simple"
    PROPORTIONAL = "proportional"
    NEYMAN = "neyman"
    SYSTEMATIC = "systematic"
    RISK = "risk"
    LOT = "lot"


class By(StrEnum):
    """What strata are made of."""

    AGENT = "agent"
    STAGE = "stage"
    TENURE = "tenure"


class Order(StrEnum):
    """In which order every k-th is taken, always agent by agent."""

    CHANCE = "chance"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as published.

    Attributes:
        per_agent: So many of each agent in a window; on the average, where the design is another.
        always: Reasons that leave no choice: such conversations are all taken.
        extra_below: So many more of each agent who is clearly below the others.
        every_days: How long a window is.
        second_ratio: Of those drawn this share is marked by two, neither of whom sees the other's
            marks.
        design: How the rest is drawn.
        size: How many in all; None: ``per_agent`` for each.
        one_in: Systematic: every so-manyth.
        order: Systematic: in which order.
        strata: Proportional and Neyman: what strata are made of.
        deviations: Neyman: standard deviation of the score, by stratum.
        minimum: The least of a stratum.
        points: Risk: what a reason is worth.
        base: Risk: what a conversation without a reason is worth.
        floor: Risk: the least probability of any.
        limit: Lot: the AQL in percent.
        level: Lot: the inspection level.
        note: Why it is so, Markdown; may be empty.
        path: Its file.
        digest: SHA-256 of the file: the version.
    """

    slug: str
    title: Mapping[str, str]
    per_agent: int
    always: tuple[Reason, ...] = ()
    extra_below: int = 0
    every_days: int = 3
    second_ratio: float = 0.1
    design: Design = Design.PER_AGENT
    size: int | None = None
    one_in: float = 20.0
    order: Order = Order.CHANCE
    strata: tuple[By, ...] = (By.AGENT,)
    deviations: Mapping[str, float] = field(default_factory=dict)
    minimum: int = 1
    points: Mapping[Reason, float] = field(default_factory=lambda: dict(POINTS))
    base: float = 1.0
    floor: float = 0.01
    limit: str = "2.5"
    level: Level = Level.II
    note: str = ""
    path: str = ""
    digest: str = ""

    @property
    def is_advanced(self) -> bool:
        """Whether its sentence does not tell all."""
        return self.design is not Design.PER_AGENT


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Days that are drawn from together, the shop's local days, both included."""

    first_on: date
    last_on: date

    @property
    def name(self) -> str:
        """As ISO 8601 writes it: ``2026-11-20/2026-11-22``."""
        return f"{self.first_on.isoformat()}/{self.last_on.isoformat()}"


def due_windows(
    plan: Plan, next_on: date, today: date, until_on: date | None = None
) -> list[Window]:
    """The windows that are over and were not drawn yet, the first first.

    Args:
        plan: The plan.
        next_on: The day after the last window drawn; at first the day of activation.
        today: The shop's local day. A window is over on the day after its last.
        until_on: The first day that another version draws: the window before it ends there,
            however short; None while there is none.
    """
    found = []
    end_on = today if until_on is None else min(until_on, today)
    length, day = timedelta(days=plan.every_days), timedelta(days=1)
    while next_on + length <= end_on:
        found.append(Window(next_on, next_on + length - day))
        next_on += length
    if until_on is not None and next_on < until_on <= today:
        found.append(Window(next_on, until_on - day))
    return found


def draw_name(slug: str, window: Window, number: int) -> str:
    """The name of a draw, by which its numbers of chance differ from those of any other.

    Args:
        slug: Of the plan.
        window: Its days.
        number: From 1 within the window.
    """
    return f"{slug}/{window.name}/{number}"
