"""Gates between stages, and what they decide. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from cstrain.core.evidence.outcome import Shortfall
from cstrain.core.pathway.findings import Fact, Facts, Finding
from cstrain.core.pathway.rules import Rule


class Verdict(StrEnum):
    """What a gate says."""

    PASS = "pass"  # noqa: S105 - not a password
    REPEAT = "repeat"
    WAIT = "wait"
    HELP = "help"
    OPEN = "open"


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
        verdict: PASS; HELP when attempts are used up or a signature was refused; REPEAT when
            something tried fell short; WAIT for a mark or a signature; OPEN while things are
            only still to be done.
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
    relearn: dict[str, Sequence[Shortfall]] = {}
    retry_at: dict[str, datetime] = {}
    for activity in _failed_activities(finding):
        rows = _attempts(facts, activity)
        if rows:
            delay = timedelta(minutes=gate.delay_minutes.get(activity, 0))
            relearn[activity], retry_at[activity] = rows[-1].shortfalls, rows[-1].at + delay

    def is_used_up(activity: str) -> bool:
        allowed = gate.attempts.get(activity)
        count = len(_attempts(facts, activity))
        return allowed is not None and count >= allowed + extra.get(activity, 0)

    if _is_barred(finding, is_used_up) or (not relearn and _refused(finding)):
        verdict = Verdict.HELP
    elif relearn:
        verdict = Verdict.REPEAT
    else:
        verdict = Verdict.WAIT if _awaits_person(finding) else Verdict.OPEN
    return Decision(verdict, finding, relearn, retry_at)


def _attempts(facts: Facts, activity: str) -> list[Fact]:
    return [row for row in facts.rows(activity) if row.source_kind == "attempt"]


def _is_failed(finding: Finding) -> bool:
    """Whether a single rule has judged attempts at an activity, and they fell short."""
    judged = finding.code not in {"done", "none_of", "signed_off"}
    return judged and finding.met is False and finding.tried


def _failed_activities(finding: Finding) -> list[str]:
    """Activities that were tried and whose rule is not met, in order, each once.

    Inside an ``any`` that is met or open nothing counts as failed.
    """
    if finding.met is not False:
        return []
    if finding.activity is not None:
        return [finding.activity] if _is_failed(finding) else []
    return list(dict.fromkeys(each for part in finding.parts for each in _failed_activities(part)))


def _is_barred(finding: Finding, is_used_up: Callable[[str], bool]) -> bool:
    """Whether no way on is left: in an ``any``, every alternative must be used up."""
    if finding.met is not False:
        return False
    if finding.activity is not None:
        return _is_failed(finding) and is_used_up(finding.activity)
    barred = [_is_barred(part, is_used_up) for part in finding.parts]
    return bool(barred) and (all(barred) if finding.code == "any" else any(barred))


def _refused(finding: Finding) -> bool:
    """Whether somebody has signed with a no that still stands in the way."""
    return any(leaf.code == "signed_off" and leaf.tried for leaf in finding.lacking())


def _awaits_person(finding: Finding) -> bool:
    """Whether the next move is a person's: a mark is awaited, or only signatures are missing."""
    lacking = finding.lacking()
    return any(leaf.met is None for leaf in lacking) or all(
        leaf.code == "signed_off" for leaf in lacking
    )
