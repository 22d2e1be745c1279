"""Rubrics: criteria with their levels, and what marks come to. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cstrain.core.evidence.marks import Proposal, Scored
from cstrain.core.evidence.outcome import ContentRef, Shortfall

MATERIAL = "rubric"
#: A value is one key press.
MOST = 9
REASON = "marked_short"
_SLACK = 1e-9

#: Key of a criterion → its value; None where it does not apply. Not marked yet: no key.
Grades = Mapping[str, int | None]


class Style(StrEnum):
    """How marks become a score."""

    POINTS = "points"
    DEDUCTION = "deduction"


class Form(StrEnum):
    """What may be given for a criterion."""

    PASS_FAIL = "pass_fail"  # noqa: S105 - no password
    SCALE = "scale"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Level:
    """A value that may be given, and what it means, ``{zh, en}``; empty on a bare scale."""

    value: int
    title: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """A criterion applies only where another reached a value."""

    criterion: str
    at_least: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is marked.

    Attributes:
        key: Unique in the rubric.
        form: Pass or fail, a scale from 0, or named choices.
        levels: The values that may be given, the lowest first; never fewer than two.
        looks: What good looks like, a line each, ``{zh, en}``.
        weight: Its share of the section; in deduction style the points lost at the lowest level,
            or won at the highest for a bonus. 0 for what may only fail the whole.
        enough: From this value on nothing need be relearned.
        allows_na: Whether it may be left out.
        needs_evidence: Whether less than full needs a line of the transcript.
        cap: What the whole is at most when this is at its lowest, a ratio; None does not fail.
        is_bonus: In deduction style, whether it adds.
        relearn: What to learn again when it falls short: ``section:3.5.1``, ``activity:x``.
        rule: The name of the rule that proposes its value; None where only a person can tell.
        only_if: When it applies; None for always.
        line: Where it stands in its file.
    """

    key: str
    title: Mapping[str, str]
    form: Form
    levels: tuple[Level, ...]
    looks: tuple[Mapping[str, str], ...] = ()
    weight: float = 1.0
    enough: int = 1
    allows_na: bool = False
    needs_evidence: bool = False
    cap: float | None = None
    is_bonus: bool = False
    relearn: tuple[str, ...] = ()
    rule: str | None = None
    only_if: Condition | None = None
    line: int = field(default=1, compare=False)

    @property
    def full(self) -> int:
        """The best value."""
        return self.levels[-1].value

    def takes(self, value: int | None) -> bool:
        """Whether this may be given; None is "does not apply"."""
        if value is None:
            return self.allows_na
        return any(level.value == value for level in self.levels)

    def proposed(self, proposal: Proposal) -> int | None:
        """The level that a rule's ratio reaches, never rounded up; None where it is unclear."""
        if proposal.ratio is None:
            return None
        reached = proposal.ratio * self.full + _SLACK
        return max(
            (level.value for level in self.levels if level.value <= reached),
            default=self.levels[0].value,
        )


@dataclass(frozen=True, slots=True)
class Section:
    """Criteria that belong together.

    Attributes:
        weight: Its share of the whole, spread over the criteria in it that apply; None takes the
            sum of their own weights.
    """

    key: str
    title: Mapping[str, str]
    criteria: tuple[Criterion, ...]
    weight: float | None = None


@dataclass(frozen=True)
class Rubric:
    """A rubric as one version of its file has it.

    Attributes:
        bonus_most: In deduction style, the most that bonuses add, in points of 100.
        snippets: Sentences for the comment on the whole, ``{zh, en}``.
        appeal_days: So many days after the marks the person may appeal, where the kind knows
            appeals; 0 for not at all.
    """

    slug: str
    title: Mapping[str, str]
    style: Style
    sections: tuple[Section, ...]
    path: str
    digest: str
    bonus_most: float = 0.0
    snippets: tuple[Mapping[str, str], ...] = ()
    appeal_days: int = 7

    def __iter__(self) -> Iterator[Criterion]:
        """Every criterion in its order."""
        for section in self.sections:
            yield from section.criteria

    def get(self, key: str) -> Criterion | None:
        """The criterion of this key; None if there is none."""
        return next((each for each in self if each.key == key), None)

    @property
    def rules(self) -> frozenset[str]:
        """The rules whose proposals it asks for."""
        return frozenset(each.rule for each in self if each.rule is not None)


def applies(criterion: Criterion, grades: Grades) -> bool | None:
    """Whether a criterion is to be marked; None while what it hangs on is not marked yet."""
    if criterion.only_if is None:
        return True
    if criterion.only_if.criterion not in grades:
        return None
    value = grades[criterion.only_if.criterion]
    return value is not None and value >= criterion.only_if.at_least


def unmarked(rubric: Rubric, grades: Grades) -> list[Criterion]:
    """The criteria that still need a mark, in order."""
    return [
        each for each in rubric if each.key not in grades and applies(each, grades) is not False
    ]


def counted(rubric: Rubric, grades: Grades) -> dict[str, int]:
    """The values that count: marked, and applicable."""
    found: dict[str, int] = {}
    for each in rubric:
        value = grades.get(each.key)
        if value is not None and applies(each, grades):
            found[each.key] = value
    return found


def score(rubric: Rubric, grades: Grades) -> Scored:
    """What marks come to; criteria that are not marked yet, or do not apply, are left out.

    Points: Σ weight · value/full over Σ weight, so that what does not apply leaves both sums.
    Deduction: 100 less what each criterion loses, not below 0, bonuses on top up to their most.
    A criterion with a cap at its lowest level holds the whole down to the cap; the raw score stays.

    Returns:
        Without a ratio where nothing counts; that is no 100.
    """
    values = counted(rubric, grades)
    raw = (_points if rubric.style is Style.POINTS else _deduction)(rubric, values)
    if raw is None:
        return Scored(None, None)
    failed = {
        each.key: each.cap
        for each in rubric
        if each.cap is not None and values.get(each.key) == each.levels[0].value
    }
    ratio = min([raw, *failed.values()])
    return Scored(ratio, raw, tuple(failed), _shortfalls(rubric, values))


def _points(rubric: Rubric, values: Mapping[str, int]) -> float | None:
    won = total = 0.0
    for section in rubric.sections:
        marked = [each for each in section.criteria if each.key in values]
        inside = sum(each.weight for each in marked)
        if not inside:
            continue
        share = inside if section.weight is None else section.weight
        won += share * sum(each.weight * values[each.key] / each.full for each in marked) / inside
        total += share
    return min(1.0, won / total) if total else None


def _deduction(rubric: Rubric, values: Mapping[str, int]) -> float | None:
    marked = [each for each in rubric if each.key in values]
    if all(each.is_bonus for each in marked):
        return None
    lost = sum(
        each.weight * (1 - values[each.key] / each.full) for each in marked if not each.is_bonus
    )
    bonus = sum(each.weight * values[each.key] / each.full for each in marked if each.is_bonus)
    points = max(0.0, 100 - lost) + min(bonus, rubric.bonus_most)
    return min(1.0, points / 100)


def _shortfalls(rubric: Rubric, values: Mapping[str, int]) -> tuple[Shortfall, ...]:
    """What to relearn: of the criteria that send there, how much was lost."""
    lost: dict[str, float] = {}
    whole: dict[str, float] = {}
    count: dict[str, int] = {}
    short: set[str] = set()
    for each in rubric:
        if each.key not in values or each.is_bonus:
            continue
        for target in each.relearn:
            share = each.weight or 1.0
            whole[target] = whole.get(target, 0.0) + share
            count[target] = count.get(target, 0) + 1
            missed = share * (1 - values[each.key] / each.full)
            lost[target] = lost.get(target, 0.0) + missed
            if values[each.key] < each.enough:
                short.add(target)
    found = [
        Shortfall(ContentRef(target), min(1.0, lost[target] / whole[target]), count[target], REASON)
        for target in lost
        if target in short
    ]
    return tuple(sorted(found, key=lambda each: -each.lost_ratio))
