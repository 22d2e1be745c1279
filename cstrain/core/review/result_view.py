"""A review as the person concerned sees it."""

from __future__ import annotations

from cstrain.core.catalogue.kinds import AttemptView
from cstrain.core.review import queries, service, words
from cstrain.core.review.rubric import score
from cstrain.core.review.versions import rubric_of
from cstrain.core.review.words import ReviewView
from cstrain.kit.i18n import pick


def of_attempt(attempt: AttemptView) -> ReviewView | None:
    """The review of an attempt that counts; None where none was asked for."""
    kept = queries.of_subject(attempt.kind, attempt.id)
    if kept is None:
        return None
    found, marks = kept
    review = found.review
    if review.state != "done":
        return ReviewView(is_done=False)
    rubric = rubric_of(review.rubric_digest)
    failed = score(rubric, service.grades_of(marks)).failed_at_once
    return ReviewView(
        is_done=True,
        score=words.points(review.score),
        raw=words.points(review.raw_score) if review.raw_score != review.score else "",
        failed=[pick(each.title) for each in rubric if each.key in failed],
        comment=review.comment,
        by_name=found.by_name,
        is_by_rules=review.by_person_id is None,
        done_at=review.done_at,
        reason=review.reason,
        sections=words.sections_of(rubric, marks),
    )
