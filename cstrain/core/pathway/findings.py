"""What gates read and what their rules find. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cstrain.core.evidence.outcome import Shortfall


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of evidence as a gate reads it.

    Attributes:
        at: When the person showed it.
        day: The team's calendar day of that.
        by_role: In which role somebody signed.
    """

    evidence_id: int
    activity: str
    score: float | None
    measures: Mapping[str, float]
    shortfalls: Sequence[Shortfall]
    source_kind: str
    at: datetime
    day: date
    by_role: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands for an enrolment's cycle, oldest first, by activity."""

    by_activity: Mapping[str, Sequence[Fact]]

    @classmethod
    def of(cls, facts: Sequence[Fact]) -> Facts:
        """Group facts by activity, keeping their order."""
        grouped: dict[str, list[Fact]] = {}
        for fact in facts:
            grouped.setdefault(fact.activity, []).append(fact)
        return cls(grouped)

    def rows(self, activity: str) -> Sequence[Fact]:
        """The facts of an activity, oldest first."""
        return self.by_activity.get(activity, ())


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found: codes and figures, never text.

    Attributes:
        code: The rule: ``all``, ``any``, ``done``, ``score_at_least``, ``measure_at_least``,
            ``measure_at_most``, ``on_one_attempt``, ``mean_at_least``, ``none_of``,
            ``signed_off``.
        met: True, False, or None while a mark is awaited.
        activity: What the rule looks at, where it is one activity.
        measure: The measure's name; None for a score.
        figure: What was reached; None where nothing was tried.
        target: What is asked for.
        missing: Activities not done, for ``done``.
        lacking_count: How many more scores are needed, for ``mean_at_least``.
        min_count: The least number of scores, for ``mean_at_least``.
        days: The window, for ``mean_at_least`` and ``none_of``; both None in older decisions.
        tried: Whether there is enough evidence for this rule to judge.
        role: Who must sign, for ``signed_off``.
        evidence_ids: The rows the finding rests on.
        parts: Findings of the rules inside.
    """

    code: str
    met: bool | None
    activity: str | None = None
    measure: str | None = None
    figure: float | None = None
    target: float | None = None
    missing: tuple[str, ...] = ()
    lacking_count: int = 0
    min_count: int | None = None
    days: int | None = None
    tried: bool = False
    role: str | None = None
    about: Mapping[str, str] | None = None
    evidence_ids: tuple[int, ...] = ()
    parts: tuple[Finding, ...] = ()

    def leaves(self) -> Sequence[Finding]:
        """The findings without parts, in order; an ``on_one_attempt`` counts as its parts."""
        if not self.parts:
            return (self,)
        return tuple(leaf for part in self.parts for leaf in part.leaves())

    def lacking(self) -> Sequence[Finding]:
        """The leaves that stand in the way, in order; inside of what is met nothing does."""
        if self.met is True:
            return ()
        if not self.parts:
            return (self,)
        return tuple(leaf for part in self.parts for leaf in part.lacking())
