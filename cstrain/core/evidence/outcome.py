"""Outcomes: the values in which every kind of activity reports. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NewType

#: What content something is about: ``section:1.1.2`` or ``activity:typing-practice``.
ContentRef = NewType("ContentRef", str)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Something to relearn.

    Attributes:
        target: The section or the activity that mends it.
        lost_ratio: Share of the points on this target that was lost, 0 to 1.
        item_count: How many questions, or runs, this is judged from.
        reason: A code that a template words: ``wrong_answers``, ``too_slow``, ``too_many_errors``.
    """

    target: ContentRef
    lost_ratio: float
    item_count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A named figure that a kind reports; the name carries its unit (``net_cpm``).

    Attributes:
        name: The key in ``Outcome.measures``.
        title: What people call it, ``{zh, en}``.
        unit: The unit as shown, ``{zh, en}``; ``%`` means the figure is a ratio.
    """

    name: str
    title: Mapping[str, str]
    unit: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to.

    Attributes:
        score: Ratio 0 to 1; None while a person must mark it.
        measures: Named figures.
        shortfalls: What to relearn, worst first.
        summary: Language → plain text, readable when the content or the kind is gone.
    """

    score: float | None
    measures: Mapping[str, float] = field(default_factory=dict)
    shortfalls: Sequence[Shortfall] = ()
    summary: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.score is not None and not 0 <= self.score <= 1:
            raise ValueError(f"a score is a ratio from 0 to 1, not {self.score}")
        for name, value in self.measures.items():
            if not math.isfinite(value):
                raise ValueError(f"measure {name} must be finite, not {value}")


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A row of evidence as gates and pages read it.

    Attributes:
        at: When the person showed it; a correction keeps the time of what it corrects.
        by_person_id: Who caused it; None for the server itself.
        by_role: In which role somebody signed.
    """

    id: int
    person_id: int
    team_id: int
    enrolment_id: int | None
    activity: str
    kind: str
    source_kind: str
    source_id: int | None
    outcome: Outcome
    at: datetime
    by_person_id: int | None
    by_role: str | None = None


def shortfalls_from_json(rows: Sequence[Mapping[str, Any]]) -> tuple[Shortfall, ...]:
    """Shortfalls as stored."""
    return tuple(
        Shortfall(ContentRef(row["target"]), row["lost_ratio"], row["item_count"], row["reason"])
        for row in rows
    )
