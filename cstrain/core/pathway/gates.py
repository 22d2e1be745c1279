"""The rules of gates and how they are decided. Pure.

Every rule is checked to its end: a trainee is told everything that is missing, not the first
thing. A rule answers *met*: True, False, or None while a person must still mark something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from cstrain.core.evidence.outcome import Shortfall

#: Floats that come from sums and quotients may lie a hair under a limit they have reached.
EPSILON = 1e-9


class Verdict(StrEnum):
    """What a gate says."""

    PASS = "pass"  # noqa: S105 - not a password
    REPEAT = "repeat"
    WAIT = "wait"
    HELP = "help"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of evidence as a gate reads it; ``day`` is the team's calendar day."""

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
        tried: Whether there is any evidence this rule looks at.
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


class Rule(Protocol):
    """A condition of a gate."""

    def check(self, facts: Facts, now: datetime) -> Finding:
        """Say whether it is met and by what."""
        ...

    def activities(self) -> frozenset[str]:
        """The activities whose attempts this rule judges."""
        ...


Pick = Literal["latest", "best"]


def _picked(rows: Sequence[Fact], pick: Pick, worth: Mapping[int, float | None]) -> Fact | None:
    """The fact a rule judges: the latest, or the one worth most (the later of equals)."""
    if not rows:
        return None
    if pick == "latest":
        return rows[-1]
    best = rows[0]
    for row in rows[1:]:
        value, so_far = worth[row.evidence_id], worth[best.evidence_id]
        if so_far is None or (value is not None and value >= so_far):
            best = row
    return best


def _all_met(parts: Sequence[Finding]) -> bool | None:
    """False if any is False, else None if any is open, else True."""
    if any(part.met is False for part in parts):
        return False
    return None if any(part.met is None for part in parts) else True


def _any_met(parts: Sequence[Finding]) -> bool | None:
    """True if any is True, else None if any is open, else False."""
    if any(part.met is True for part in parts):
        return True
    return None if any(part.met is None for part in parts) else False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every rule inside must be met."""

    rules: tuple[Rule, ...]

    def check(self, facts: Facts, now: datetime) -> Finding:
        """Check every part, also after one has failed."""
        parts = tuple(rule.check(facts, now) for rule in self.rules)
        return _group("all", _all_met(parts), parts)

    def activities(self) -> frozenset[str]:
        """Those of every part."""
        return frozenset().union(*(rule.activities() for rule in self.rules))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the rules inside is enough."""

    rules: tuple[Rule, ...]

    def check(self, facts: Facts, now: datetime) -> Finding:
        """Check every part, also after one is met."""
        parts = tuple(rule.check(facts, now) for rule in self.rules)
        return _group("any", _any_met(parts), parts)

    def activities(self) -> frozenset[str]:
        """Those of every part."""
        return frozenset().union(*(rule.activities() for rule in self.rules))


def _group(code: str, met: bool | None, parts: tuple[Finding, ...]) -> Finding:  # noqa: FBT001
    return Finding(
        code,
        met,
        tried=any(part.tried for part in parts),
        evidence_ids=tuple(each for part in parts for each in part.evidence_ids),
        parts=parts,
    )


@dataclass(frozen=True, slots=True)
class Done:
    """Every one of the activities has been completed at least once."""

    slugs: tuple[str, ...]

    def check(self, facts: Facts, now: datetime) -> Finding:
        """Name what is missing; the figure is how many are done."""
        del now
        missing = tuple(slug for slug in self.slugs if not facts.rows(slug))
        return Finding(
            "done",
            not missing,
            figure=float(len(self.slugs) - len(missing)),
            target=float(len(self.slugs)),
            missing=missing,
            tried=len(missing) < len(self.slugs),
        )

    def activities(self) -> frozenset[str]:
        """None: being done is not judged."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class ScoreAtLeast:
    """The score of the picked attempt reaches the ratio; the limit itself passes."""

    activity: str
    ratio: float
    pick: Pick = "latest"

    def check(self, facts: Facts, now: datetime) -> Finding:
        """Open while the picked attempt is not marked."""
        del now
        rows = facts.rows(self.activity)
        fact = _picked(rows, self.pick, {row.evidence_id: row.score for row in rows})
        score = fact.score if fact else None
        met: bool | None = False
        if fact is not None:
            met = None if score is None else score >= self.ratio - EPSILON
        return Finding(
            "score_at_least",
            met,
            activity=self.activity,
            figure=score,
            target=self.ratio,
            tried=fact is not None,
            evidence_ids=(fact.evidence_id,) if fact else (),
        )

    def activities(self) -> frozenset[str]:
        """The one it looks at."""
        return frozenset({self.activity})


@dataclass(frozen=True, slots=True)
class MeasureLimit:
    """A measure of the picked attempt keeps a limit; the limit itself passes.

    ``at_least`` False turns it into an upper limit.
    """

    activity: str
    measure: str
    value: float
    at_least: bool = True
    pick: Pick = "latest"

    def check(self, facts: Facts, now: datetime) -> Finding:
        """Open while the picked attempt carries no such measure and is not marked yet."""
        del now
        rows = facts.rows(self.activity)
        sign = 1 if self.at_least else -1
        worth = {
            row.evidence_id: sign * row.measures[self.measure]
            if self.measure in row.measures
            else None
            for row in rows
        }
        return self.judge(_picked(rows, self.pick, worth))

    def judge(self, fact: Fact | None) -> Finding:
        """Judge one fact, or none."""
        figure = fact.measures.get(self.measure) if fact else None
        met: bool | None = False
        if fact is not None and fact.score is None:
            met = None
        elif figure is not None:
            reached = figure >= self.value - EPSILON
            met = reached if self.at_least else figure <= self.value + EPSILON
        return Finding(
            "measure_at_least" if self.at_least else "measure_at_most",
            met,
            activity=self.activity,
            measure=self.measure,
            figure=figure,
            target=self.value,
            tried=fact is not None,
            evidence_ids=(fact.evidence_id,) if fact else (),
        )

    def activities(self) -> frozenset[str]:
        """The one it looks at."""
        return frozenset({self.activity})


@dataclass(frozen=True, slots=True)
class OnOneAttempt:
    """All limits are kept by one and the same attempt.

    Attributes:
        activity: The activity.
        limits: Limits on its measures; their own ``pick`` does not count here.
        best_of: How many attempts are needed before the best may count; 1 for any attempt.
        same_local_day: Whether those attempts must lie on one calendar day of the team.
    """

    activity: str
    limits: tuple[MeasureLimit, ...]
    best_of: int = 1
    same_local_day: bool = False

    def check(self, facts: Facts, now: datetime) -> Finding:
        """Show the attempt that keeps most limits, the latest of equals."""
        del now
        rows = [row for row in facts.rows(self.activity) if self._counts(row, facts)]
        best: tuple[Finding, ...] = tuple(limit.judge(None) for limit in self.limits)
        rank = (-1, -1)
        for row in rows:
            found = tuple(limit.judge(row) for limit in self.limits)
            mine = (sum(each.met is True for each in found), sum(e.met is None for e in found))
            if mine >= rank:
                best, rank = found, mine
        finding = _group("on_one_attempt", _all_met(best), best)
        return Finding(
            finding.code,
            finding.met,
            activity=self.activity,
            tried=bool(rows),
            evidence_ids=tuple(dict.fromkeys(finding.evidence_ids)),
            parts=best,
        )

    def _counts(self, row: Fact, facts: Facts) -> bool:
        """Whether enough attempts stand beside this one."""
        if self.best_of <= 1:
            return True
        rows = facts.rows(self.activity)
        beside = [other for other in rows if not self.same_local_day or other.day == row.day]
        return len(beside) >= self.best_of

    def activities(self) -> frozenset[str]:
        """The one it looks at."""
        return frozenset({self.activity})


@dataclass(frozen=True, slots=True)
class MeanAtLeast:
    """The mean score of the last ``days`` reaches the ratio, from at least ``min_count`` scores."""

    activity: str
    ratio: float
    min_count: int
    days: int

    def check(self, facts: Facts, now: datetime) -> Finding:
        """Not met while there are too few; open while one of the window is not marked."""
        since = now - timedelta(days=self.days)
        rows = [row for row in facts.rows(self.activity) if row.at >= since]
        scores = [row.score for row in rows if row.score is not None]
        mean = sum(scores) / len(scores) if scores else None
        met: bool | None = False
        if len(rows) >= self.min_count:
            met = None if len(scores) < len(rows) else (mean or 0.0) >= self.ratio - EPSILON
        return Finding(
            "mean_at_least",
            met,
            activity=self.activity,
            figure=mean,
            target=self.ratio,
            tried=bool(rows),
            evidence_ids=tuple(row.evidence_id for row in rows),
        )

    def activities(self) -> frozenset[str]:
        """The one it looks at."""
        return frozenset({self.activity})


@dataclass(frozen=True, slots=True)
class NoneOf:
    """No flag of this name within the last ``days``."""

    flag: str
    days: int

    def check(self, facts: Facts, now: datetime) -> Finding:
        """A flag is evidence of the activity ``flag:<name>``."""
        since = now - timedelta(days=self.days)
        rows = [row for row in facts.rows(f"flag:{self.flag}") if row.at >= since]
        return Finding(
            "none_of",
            not rows,
            activity=f"flag:{self.flag}",
            figure=float(len(rows)),
            target=0.0,
            tried=True,
            evidence_ids=tuple(row.evidence_id for row in rows),
        )

    def activities(self) -> frozenset[str]:
        """None: a flag is not an attempt."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class SignedOff:
    """Somebody with the role has signed, with a reason. A refusal is a signature with score 0."""

    role: str
    slot: str
    about: Mapping[str, str] = field(default_factory=dict)

    def check(self, facts: Facts, now: datetime) -> Finding:
        """The latest signature counts."""
        del now
        rows = [row for row in facts.rows(self.slot) if row.source_kind == "sign_off"]
        latest = rows[-1] if rows else None
        return Finding(
            "signed_off",
            latest is not None and latest.score == 1,
            activity=self.slot,
            tried=latest is not None,
            role=self.role,
            about=self.about,
            evidence_ids=(latest.evidence_id,) if latest else (),
        )

    def activities(self) -> frozenset[str]:
        """None: a signature is not an attempt."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Gate:
    """The condition between two stages.

    Attributes:
        title: What people call it, ``{zh, en}``.
        rule: What must be met.
        attempts: Activity → how many attempts are allowed before a trainer decides.
        delay_minutes: Activity → minutes between a failed attempt and the next.
    """

    title: Mapping[str, str]
    rule: Rule
    attempts: Mapping[str, int] = field(default_factory=dict)
    delay_minutes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a gate says on the facts.

    Attributes:
        verdict: PASS; WAIT for a mark or a signature; HELP when attempts are used up; REPEAT when something
            tried fell short; OPEN while things are only still to be done.
        finding: The whole tree of findings.
        relearn: Failed activity → what its last attempt fell short of.
        retry_at: Failed activity → when the next attempt may open, apart from the plan.
    """

    verdict: Verdict
    finding: Finding
    relearn: Mapping[str, Sequence[Shortfall]]
    retry_at: Mapping[str, datetime]

    @property
    def evidence_ids(self) -> tuple[int, ...]:
        """The rows this rests on, each once."""
        return tuple(dict.fromkeys(self.finding.evidence_ids))


def decide(
    gate: Gate, facts: Facts, *, now: datetime, extra_attempts: Mapping[str, int] | None = None
) -> Decision:
    """Decide a gate.

    Args:
        gate: The gate of the stage.
        facts: What stands for the enrolment's cycle.
        now: The time of the decision.
        extra_attempts: Activity → attempts a trainer has given on top.

    Returns:
        The verdict with all findings.
    """
    finding = gate.rule.check(facts, now)
    if finding.met is True:
        return Decision(Verdict.PASS, finding, {}, {})
    extra = extra_attempts or {}
    failed = _failed_activities(finding)
    relearn: dict[str, Sequence[Shortfall]] = {}
    retry_at: dict[str, datetime] = {}
    used_up = False
    for activity in failed:
        rows = [row for row in facts.rows(activity) if row.source_kind == "attempt"]
        if not rows:
            continue
        last = rows[-1]
        relearn[activity] = last.shortfalls
        retry_at[activity] = last.at + timedelta(minutes=gate.delay_minutes.get(activity, 0))
        allowed = gate.attempts.get(activity)
        if allowed is not None and len(rows) >= allowed + extra.get(activity, 0):
            used_up = True
    if used_up:
        return Decision(Verdict.HELP, finding, relearn, retry_at)
    if relearn:
        return Decision(Verdict.REPEAT, finding, relearn, retry_at)
    if _refused(finding):
        return Decision(Verdict.HELP, finding, {}, {})
    verdict = Verdict.WAIT if _awaits_person(finding) else Verdict.OPEN
    return Decision(verdict, finding, {}, {})


def _failed_activities(finding: Finding) -> list[str]:
    """Activities that were tried and whose rule is not met, in order, each once.

    Inside an ``any`` that is met or open nothing counts as failed.
    """
    if finding.met is not False:
        return []
    if finding.code == "on_one_attempt" or not finding.parts:
        judged = finding.code not in {"done", "none_of", "signed_off"}
        return [finding.activity] if judged and finding.tried and finding.activity else []
    return list(dict.fromkeys(each for part in finding.parts for each in _failed_activities(part)))


def _refused(finding: Finding) -> bool:
    """Whether somebody has signed with a no."""
    return any(
        leaf.code == "signed_off" and leaf.met is False and leaf.tried for leaf in finding.leaves()
    )


def _awaits_person(finding: Finding) -> bool:
    """Whether the next move is a person's: a mark is awaited, or only signatures are missing."""
    leaves = finding.leaves()
    unmet = [leaf for leaf in leaves if leaf.met is False]
    return any(leaf.met is None for leaf in leaves) or (
        bool(unmet) and all(leaf.code == "signed_off" for leaf in unmet)
    )
