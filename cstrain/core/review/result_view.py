"""A review as the person concerned sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g, url_for

from cstrain.core.catalogue.kinds import AttemptView
from cstrain.core.people.access import Role, Viewer
from cstrain.core.review import queries, service, words
from cstrain.core.review.models import Review
from cstrain.core.review.queries import Found, Marks
from cstrain.core.review.rubric import score
from cstrain.core.review.versions import rubric_of
from cstrain.core.review.words import EarlierView, ReviewView
from cstrain.kit.i18n import pick


def of_attempt(attempt: AttemptView) -> ReviewView | None:
    """The review of an attempt that counts, and what it replaced; None where none was asked for."""
    return of_subject(attempt.kind, attempt.id)


def of_subject(kind: str, subject_id: int) -> ReviewView | None:
    """The review of an attempt or of something else that is marked, as ``of_attempt`` gives it."""
    kept = queries.of_subject(kind, subject_id)
    return None if kept is None else view_of(*kept)


def view_of(reviews: Sequence[Found], marks: Mapping[int, Marks]) -> ReviewView:
    """What ``queries.of_subject`` has found, for the page."""
    *earlier, found = reviews
    review = found.review
    if review.state != "done":
        return ReviewView(is_done=False, url=_marking_url(review))
    rubric, given = rubric_of(review.rubric_digest), marks[review.id]
    failed = score(rubric, service.grades_of(given)).failed_at_once
    return ReviewView(
        is_done=True,
        score=words.points(review.score),
        raw=words.points(review.raw_score) if review.raw_score != review.score else "",
        failed=[pick(each.title) for each in rubric if each.key in failed],
        comment=review.comment,
        by_name=found.by_name,
        is_by_rules=review.by_person_id is None,
        done_at=review.done_at,
        reason="" if review.is_appeal else review.reason,
        is_appeal=review.is_appeal,
        sections=words.sections_of(
            rubric, given, before=marks[earlier[-1].review.id] if earlier else None
        ),
        earlier=[
            EarlierView(
                words.points(each.review.score),
                each.by_name,
                each.review.by_person_id is None,
                each.review.done_at,
            )
            for each in reversed(earlier)
        ],
        url=_marking_url(review),
    )


def _marking_url(review: Review) -> str | None:
    """The marking page, for those who mark there or correct what stands there."""
    me: Viewer | None = g.get("viewer")
    if me is None or review.person_id == me.id:
        return None
    if me.roles.get(review.team_id, frozenset()).isdisjoint({Role.TRAINER, Role.MANAGER}):
        return None
    return url_for("reviews.page", review_id=review.id)
