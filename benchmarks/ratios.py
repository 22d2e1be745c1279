"""Figures with the goal beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Ratio:
    """The same ratio of several rounds."""

    values: Sequence[float]

    @property
    def median(self) -> float:
        """The middle one, which is compared with the goal."""
        return median(self.values)


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on a median."""

    bound: float
    is_least: bool

    def is_reached(self, value: float) -> bool:
        """Whether a median keeps to it."""
        return value >= self.bound if self.is_least else value <= self.bound


def at_least(bound: float) -> Goal:
    """A goal from below."""
    return Goal(bound, is_least=True)


def at_most(bound: float) -> Goal:
    """A goal from above."""
    return Goal(bound, is_least=False)


def line(title: str, found: Ratio, goal: Goal | None, *, unit: str = "%") -> str:
    """One line of the report: figure, range, goal, and whether it is reached."""
    figures = _shown(found.median, unit)
    if len(found.values) > 1:
        least, most = _shown(min(found.values), unit), _shown(max(found.values), unit)
        figures += f" [{least}–{most}]"
    if goal is None:
        return f"  {title:52} {figures}"
    sign = "≥" if goal.is_least else "≤"
    verdict = "reached" if goal.is_reached(found.median) else "MISSED"
    return f"  {title:52} {figures:26} goal {sign} {_shown(goal.bound, unit)}: {verdict}"


def _shown(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value * 100:.1f} %"
    return f"{value:.2f} {unit}".rstrip()
