"""The rules that gates are made of. Pure.

Every rule is checked to its end: a trainee is told everything that is missing, not the first
thing. A rule answers *met*: True, False, or None while a person must still mark something.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from cstrain.core.pathway.findings import Fact, Facts, Finding

#: Floats that come from sums and quotients may lie a hair under a limit they have reached.
EPSILON = 1e-9


class Rule(Protocol):
    """A condition of a gate."""

    def check(self, facts: Facts, now: datetime) -> Finding:
        """Say whether it is met and by what."""
        ...

    def activities(self) -> frozenset[str]:
        """The activities whose attempts this rule judges."""
        ...


Pick = Literal["latest", "best"]

#: Met before open before unmet, for picking the attempt that counts.
_STANDING = {True: 2, None: 1, False: 0}


def _picked(found: Sequence[Finding], pick: Pick, *, sign: int = 1) -> Finding | None:
    """The finding that counts: on the latest attempt, or the best.

    The best is one that is met, else one that waits for a mark, else one that is not; among
    those the highest figure (``sign`` -1: the lowest), among equals the latest. So a further
    attempt never takes away what an earlier one has reached.
    """
    if not found or pick == "latest":
        return found[-1] if found else None

    def worth(finding: Finding) -> tuple[int, float]:
        figure = -math.inf if finding.figure is None else sign * finding.figure
        return _STANDING[finding.met], figure

    return max(reversed(found), key=worth)


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
        return _group("all", parts, met=_all_met(parts))

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
        return _group("any", parts, met=_any_met(parts))

    def activities(self) -> frozenset[str]:
        """Those of every part."""
        return frozenset().union(*(rule.activities() for rule in self.rules))


def _group(code: str, parts: tuple[Finding, ...], *, met: bool | None) -> Finding:
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
        found = [self._judge(row) for row in facts.rows(self.activity)]
        return _picked(found, self.pick) or self._judge(None)

    def _judge(self, fact: Fact | None) -> Finding:
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
        """Open while the picked attempt is not marked, whatever it measured."""
        del now
        found = [self.judge(row) for row in facts.rows(self.activity)]
        picked = _picked(found, self.pick, sign=1 if self.at_least else -1)
        return picked or self.judge(None)

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
        """Show the attempt that comes nearest: met, else open, else keeping most limits."""
        del now
        rows = [row for row in facts.rows(self.activity) if self._counts(row, facts)]
        best: tuple[Finding, ...] = tuple(limit.judge(None) for limit in self.limits)
        rank = (-1, -1)
        for row in rows:
            found = tuple(limit.judge(row) for limit in self.limits)
            mine = (_STANDING[_all_met(found)], sum(each.met is True for each in found))
            if mine >= rank:  # the latest of equals
                best, rank = found, mine
        return Finding(
            "on_one_attempt",
            _all_met(best),
            activity=self.activity,
            tried=bool(rows),
            evidence_ids=tuple(dict.fromkeys(each for part in best for each in part.evidence_ids)),
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
            lacking_count=max(self.min_count - len(rows), 0),
            min_count=self.min_count,
            days=self.days,
            tried=len(rows) >= self.min_count,
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
        """A flag is evidence of the activity ``flag:<name>``; a score of 1 has taken it back."""
        since = now - timedelta(days=self.days)
        rows = [
            row for row in facts.rows(f"flag:{self.flag}") if row.at >= since and row.score != 1
        ]
        return Finding(
            "none_of",
            not rows,
            activity=f"flag:{self.flag}",
            figure=float(len(rows)),
            target=0.0,
            days=self.days,
            tried=True,
            evidence_ids=tuple(row.evidence_id for row in rows),
        )

    def activities(self) -> frozenset[str]:
        """None: a flag is not an attempt."""
        return frozenset()


def looks_at_days(rule: Rule) -> bool:
    """Whether a rule, or one inside it, looks at a window of days and so changes as they go by."""
    if isinstance(rule, MeanAtLeast | NoneOf):
        return True
    return any(looks_at_days(each) for each in getattr(rule, "rules", ()))


#: Who may sign, the lowest first; a higher role may sign for a lower one.
SIGNERS = ("trainer", "manager", "administrator")


def may_sign(by_role: str | None, asked_role: str) -> bool:
    """Whether a signature in ``by_role`` counts where ``asked_role`` must sign."""
    return by_role in SIGNERS and SIGNERS.index(by_role) >= SIGNERS.index(asked_role)


@dataclass(frozen=True, slots=True)
class SignedOff:
    """Somebody with the role, or a higher one, has signed; a refusal is a score of 0.

    All signatures of a stage stand under one slot; each rule looks at those that count for it.
    """

    role: str
    slot: str
    about: Mapping[str, str] = field(default_factory=dict)

    def check(self, facts: Facts, now: datetime) -> Finding:
        """The latest signature counts."""
        del now
        rows = [
            row
            for row in facts.rows(self.slot)
            if row.source_kind == "sign_off" and may_sign(row.by_role, self.role)
        ]
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
