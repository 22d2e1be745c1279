"""Opening reviews: what kinds ask for, and what rules may decide by themselves."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cstrain.core.catalogue.kinds import ActivityKind, AttemptView
from cstrain.core.evidence.marks import UNCLEAR, Mark, ReviewRequest, Scored
from cstrain.core.evidence.outcome import Outcome
from cstrain.core.pathway import attempts
from cstrain.core.pathway.hooks import Asked, Unmarked
from cstrain.core.review import rubric as rubrics
from cstrain.core.review import trust
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.rubric import Criterion, Rubric
from cstrain.core.review.rubric_file import published
from cstrain.kit.db import insert_row
from cstrain.kit.errors import NotFoundError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class About:
    """What a review is about.

    Attributes:
        kind: The kind of attempts, or of ``subjects.py``.
        subject_id: Which of the kind.
        person_id: Whose work it is.
        activity: Under what its evidence stands.
        evidence_id: The evidence that waits for its score; None where there is none yet.
        is_exam: Whether it may decide a gate's exam, which rules alone never do.
        for_person_id: Who alone marks it, blind; None for whoever may.
        beside_id: The review it is held against; None for nearly all.
    """

    kind: str
    subject_id: int
    team_id: int
    person_id: int
    activity: str
    enrolment_id: int | None = None
    evidence_id: int | None = None
    is_exam: bool = False
    for_person_id: int | None = None
    beside_id: int | None = None


def ask(unmarked: Unmarked) -> Asked | None:
    """Open a review of an attempt whose kind asks for one; or mark it, where rules may.

    Registered in ``pathway.hooks.on_unmarked``. Rules alone decide practice only, and only where
    the team trusts every rule of the rubric and none of them is unclear.
    """
    request = unmarked.kind.needs_review(unmarked.attempt, unmarked.outcome)
    if request is None:
        return None
    catalogue = attempts.catalogue_of(unmarked.attempt)
    try:
        rubric = published(catalogue, request.rubric)
    except NotFoundError:
        log.exception("attempt %s: rubric %s is not there", unmarked.attempt.id, request.rubric)
        return None
    is_exam = catalogue.activity(unmarked.attempt.activity).is_exam
    grades = proposed_grades(rubric, request)
    is_whole = all(each.key in grades for each in rubric) and rubrics.counted(rubric, grades)
    attempt, now = unmarked.attempt, unmarked.now
    scored: Scored | None = None

    def keep(evidence_id: int) -> None:
        about = _of_attempt(attempt, evidence_id, is_exam=is_exam)
        open_for(about, rubric, request, now=now, scored=scored)

    if is_exam or not is_whole or not trust.may_decide(attempt.team_id, rubric):
        return Asked(unmarked.outcome, keep)
    scored = rubrics.score(rubric, grades)
    marks = {each.key: Mark(each.key, grades[each.key], each.full, is_auto=True) for each in rubric}
    return Asked(settled(unmarked.kind, attempt, unmarked.outcome, scored, marks, now=now), keep)


def said(criterion: Criterion, request: ReviewRequest) -> tuple[bool, int | None]:
    """Whether rules can tell about a criterion, and what: a value, None for "does not apply"."""
    proposal = request.proposals.get(criterion.rule or "", UNCLEAR)
    if proposal.is_na:
        return criterion.allows_na, None
    value = criterion.proposed(proposal)
    return value is not None, value


def proposed_grades(rubric: Rubric, request: ReviewRequest) -> dict[str, int | None]:
    """What rules give; criteria without a rule, and what is unclear, are left out."""
    told = {each.key: said(each, request) for each in rubric}
    return {key: value for key, (is_clear, value) in told.items() if is_clear}


def by_rules(rubric: Rubric, request: ReviewRequest) -> Scored:
    """What rules alone would give; what is unclear is left out, not guessed."""
    return rubrics.score(rubric, proposed_grades(rubric, request))


def _of_attempt(attempt: AttemptView, evidence_id: int, *, is_exam: bool) -> About:
    return About(
        kind=attempt.kind,
        subject_id=attempt.id,
        team_id=attempt.team_id,
        person_id=attempt.person_id,
        activity=attempt.activity,
        enrolment_id=attempt.enrolment_id,
        evidence_id=evidence_id,
        is_exam=is_exam,
    )


def open_for(
    about: About,
    rubric: Rubric,
    request: ReviewRequest,
    *,
    now: datetime,
    scored: Scored | None = None,
) -> int:
    """Put something into the queue; gives the review's id.

    Args:
        about: What.
        rubric: By what it is marked.
        request: What rules propose.
        now: The time.
        scored: What rules alone have given already; None while a person must.
    """
    review_id = insert_row(
        Review,
        {
            "team_id": about.team_id,
            "kind": about.kind,
            "subject_id": about.subject_id,
            "evidence_id": about.evidence_id,
            "person_id": about.person_id,
            "enrolment_id": about.enrolment_id,
            "activity": about.activity,
            "rubric": rubric.slug,
            "rubric_digest": rubric.digest,
            "is_exam": about.is_exam,
            "for_person_id": about.for_person_id,
            "beside_id": about.beside_id,
            "opened_at": now,
            "state": "done" if scored else "open",
            "done_at": now if scored else None,
            "score": scored.ratio if scored else None,
            "raw_score": scored.raw_ratio if scored else None,
        },
    )
    for criterion in rubric:
        proposal = request.proposals.get(criterion.rule or "", UNCLEAR)
        is_clear, value = said(criterion, request)
        insert_row(
            ReviewMark,
            {
                "review_id": review_id,
                "criterion": criterion.key,
                "full": criterion.full,
                "rule": criterion.rule,
                "proposed": value,
                "is_proposed_na": is_clear and value is None,
                "proposed_lines": list(proposal.lines),
                "proposed_note": dict(proposal.note),
                "is_marked": scored is not None,
                "value": value if scored else None,
                "is_auto": scored is not None,
                "lines": list(proposal.lines) if scored else [],
            },
        )
    return review_id


def settled(  # noqa: PLR0913 - what the kind judges from
    kind: ActivityKind,
    attempt: AttemptView,
    before: Outcome,
    scored: Scored,
    marks: Mapping[str, Mark],
    *,
    now: datetime,
) -> Outcome:
    """The kind's outcome of marks; figures and summary that it leaves empty stay as they were."""
    outcome = kind.settle_marks(attempt, scored, marks, now=now)
    return replace(
        outcome,
        measures=outcome.measures or before.measures,
        summary=outcome.summary or before.summary,
    )
