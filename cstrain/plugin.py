"""The one door for activity kinds, built-in and third-party.

A kind imports from here, from ``cstrain.kit`` and from nowhere else. It exports one object,
an instance of a subclass of ``ActivityKind``, by the entry-point group ``cstrain.activities``.

How an attempt runs:

1. The kind's page posts to the kind's own view, which calls ``start(slug)`` inside
   ``transaction()``. The core checks every lock, inserts the attempt and calls ``prepare``.
2. The kind's pages take answers. ``my_attempt(id)`` gives the viewer's own attempt or 404;
   ``open_attempt(id)`` also refuses one that is closed.
3. ``finish(attempt_id)``, inside ``transaction()``, closes the attempt exactly once: the core
   calls ``close``, keeps the outcome as evidence and asks the gate. ``result(attempt_id)``
   then gives the decision for the page. At the deadline the sweep does the same.

Views commit with ``with transaction():``; the methods of the kind never do.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import has_request_context, request
from markupsafe import Markup
from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import aliased

from cstrain.core.catalogue import active, course_notes, figures, glossary, own_files
from cstrain.core.catalogue.catalogue import Activity, BankItem, Catalogue, SearchEntry
from cstrain.core.catalogue.kinds import API_VERSION, ActivityKind, AttemptView, WeakPoint
from cstrain.core.catalogue.sources import Source
from cstrain.core.catalogue.views import viewers_catalogue
from cstrain.core.evidence import ledger
from cstrain.core.evidence.marks import UNCLEAR, Mark, Proposal, ReviewRequest, Scored
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import (
    ContentRef,
    EvidenceView,
    Measure,
    Outcome,
    Shortfall,
)
from cstrain.core.items import blocks, canonical, grading, media, paper, parse, responses
from cstrain.core.items.item import Item, Kind, Use
from cstrain.core.pathway import attempts, hooks, queries, standing, sweeping, words
from cstrain.core.pathway.locks import Lock
from cstrain.core.pathway.models import DecisionRow
from cstrain.core.pathway.standing import Standing
from cstrain.core.pathway.sweeping import GRACE_S
from cstrain.core.people.access import (
    STAFF,
    Role,
    Viewer,
    may_see,
    public,
    requires,
    staff_of_or_404,
    viewer,
)
from cstrain.core.people.models import Identity
from cstrain.core.review import opening, result_view, rubric_file
from cstrain.core.review.rubric import Criterion, Rubric
from cstrain.core.review.words import ReviewView
from cstrain.desk.figures import kpi, promises, signs, steps
from cstrain.desk.replies import products, replies
from cstrain.desk.replies import words as forbidden_words
from cstrain.desk.replies.shops import MAY_CHANGE as MAY_CHANGE_SHOP
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, ForbiddenError, NotFoundError
from cstrain.kit.i18n import gettext as _

__all__ = [
    "API_VERSION",
    "GRACE_S",
    "MAY_CHANGE_SHOP",
    "STAFF",
    "UNCLEAR",
    "Activity",
    "ActivityKind",
    "AttemptView",
    "BankItem",
    "Catalogue",
    "ContentRef",
    "Criterion",
    "EvidenceView",
    "Item",
    "Kind",
    "Lock",
    "Mark",
    "Measure",
    "Outcome",
    "Proposal",
    "Result",
    "ReviewRequest",
    "ReviewView",
    "Role",
    "Rubric",
    "Scored",
    "SearchEntry",
    "Shortfall",
    "Source",
    "Standing",
    "Start",
    "Trainee",
    "Use",
    "Viewer",
    "WeakPoint",
    "activity",
    "blocks",
    "canonical",
    "catalogue",
    "catalogue_of",
    "course_notes",
    "figures",
    "finish",
    "finish_overdue",
    "forbidden_words",
    "glossary",
    "grading",
    "items",
    "kpi",
    "material_of",
    "media",
    "my_attempt",
    "name_of",
    "offers",
    "open_attempt",
    "own_files",
    "paper",
    "parse",
    "past_outcomes",
    "products",
    "promises",
    "public",
    "replies",
    "requires",
    "responses",
    "result",
    "review_of",
    "root",
    "rubric",
    "rubrics_of",
    "score_by_rules",
    "seen_attempt",
    "signs",
    "spec_of",
    "staff_of_or_404",
    "standing_of_viewer",
    "start",
    "start_for",
    "start_info",
    "steps",
    "team_catalogue",
    "trainees",
    "viewer",
]


@dataclass(frozen=True, slots=True)
class Start:
    """What a start page shows of an activity for the viewer.

    Attributes:
        lock_text: Why it cannot be begun now, in words that say what to do; None when it can.
        open_attempt_id: The attempt to go on with.
        attempt_count: Attempts begun in this cycle.
        allowed_count: Attempts the gate allows, with those given on top; None without a limit.
        scope: Sections to relearn when a retraining plan asks for it; empty for all of it.
        is_relearning: Whether an open step of a retraining plan asks for it again.
        is_preview: A trainer, manager or administrator looks at it without taking part.
    """

    activity: Activity
    lock_text: str | None
    open_attempt_id: int | None
    attempt_count: int
    allowed_count: int | None
    latest_attempt_id: int | None
    best_score: float | None
    done: bool
    scope: tuple[str, ...]
    is_preview: bool
    is_relearning: bool = False


def catalogue() -> Catalogue:
    """The content that the viewer's enrolment, or first team, uses."""
    found = standing.of_person(viewer().id)
    return found.catalogue() if found else viewers_catalogue()


def taught_catalogue(slug: str) -> Catalogue:
    """The content with this activity of a team that the viewer looks after.

    What staff may see of an exam, they may not see of a team in which they are trainees.

    Raises:
        NotFoundError: If none of these teams has it.
    """
    me = viewer()
    for team_id in me.team_ids(*STAFF):
        found = active.for_team(me.teams[team_id].slug)
        if slug in found.activities:
            return found
    raise NotFoundError(_("没有这项内容，可能已经改版。"))


def team_catalogue(team_id: int) -> Catalogue:
    """The content of a team that the viewer looks after, with what was published just now.

    Raises:
        NotFoundError: If the viewer does not look after it.
    """
    staff_of_or_404(team_id)
    active.active().reload()
    return active.for_team(viewer().teams[team_id].slug)


def root() -> str:
    """Where the application is mounted, mostly ``""``: what an address begins with.

    ``start_url`` and ``attempt_url`` are asked dozens of times a page, and ``url_for`` takes
    some 20 µs. Catalogues are also built outside of requests.
    """
    return request.script_root if has_request_context() else ""


def standing_of_viewer() -> Standing | None:
    """Where the viewer stands: the pathway, the stage, and how it stands with every activity.

    Read once a request, together with ``start_info``; None without a pathway.
    """
    return standing.of_person(viewer().id)


def activity(slug: str) -> Activity:
    """A published activity that exists for the viewer.

    Raises:
        NotFoundError: If there is none.
    """
    return catalogue().activity(slug)


def start_info(slug: str) -> Start:
    """What the start page of an activity shows. Staff without an enrolment get a preview."""
    me = viewer()
    found = standing.of_person(me.id)
    if found is None:
        is_preview = me.is_staff
        lock = None if is_preview else standing.lock_words(Lock("no_enrolment"), None)
        return Start(
            activity=activity(slug),
            lock_text=lock,
            open_attempt_id=None,
            attempt_count=0,
            allowed_count=None,
            latest_attempt_id=None,
            best_score=None,
            done=False,
            scope=(),
            is_preview=is_preview,
        )
    there = found.catalogue().activity(slug)
    tally = found.tally(slug)
    lock_found = found.lock(slug, is_exam=there.is_exam, now=utc_now())
    allowed = found.stage.gate.attempts.get(slug)
    is_asked_again = tally.done_at is not None and found.has_open_plan
    scope = attempts.open_scope(found.enrolment_id, slug) if is_asked_again else None
    return Start(
        activity=there,
        lock_text=standing.lock_words(lock_found, found.pathway) if lock_found else None,
        open_attempt_id=tally.open_attempt_id,
        attempt_count=tally.attempt_count,
        allowed_count=None if allowed is None else allowed + tally.extra_attempt_count,
        latest_attempt_id=tally.latest_attempt_id,
        best_score=tally.best_score,
        done=tally.done_at is not None,
        scope=tuple(scope or ()),
        is_preview=False,
        is_relearning=scope is not None,
    )


def start(slug: str) -> AttemptView:
    """Begin an attempt of the viewer, or give the open one. Inside ``transaction()``.

    Raises:
        NotFoundError: If there is no such activity.
        LockedError: If it is not open to the viewer, with the reason in words.
    """
    rng = random.Random(secrets.randbits(64))  # noqa: S311 - only its seed is secret
    return attempts.start(viewer().id, slug, now=utc_now(), rng=rng)


@dataclass(frozen=True, slots=True)
class Trainee:
    """Somebody on a pathway whom the viewer looks after."""

    id: int
    name: str
    team_id: int


#: So many trainees are offered at once.
_MOST_TRAINEES = 500


def trainees() -> Sequence[Trainee]:
    """The people on their way whom the viewer looks after, by name. One statement."""
    rows = queries.in_training(viewer().team_ids(*STAFF), _MOST_TRAINEES)
    found = {row.person_id: Trainee(row.person_id, row.name, row.team_id) for row in rows}
    return sorted(found.values(), key=lambda each: each.name)


def start_for(person_id: int, slug: str) -> AttemptView:
    """Begin an attempt of a trainee for what staff do together with them, or give the open one.

    Inside ``transaction()``.

    Raises:
        NotFoundError: If the viewer does not look after the person, or there is no such activity.
        LockedError: If it is not open to the trainee.
    """
    found = standing.of_person(person_id)
    if found is None or person_id == viewer().id:
        raise NotFoundError
    staff_of_or_404(found.team_id)
    rng = random.Random(secrets.randbits(64))  # noqa: S311 - only its seed is secret
    return attempts.start(person_id, slug, now=utc_now(), rng=rng)


def name_of(person_id: int) -> str:
    """A person's name; empty where it has been erased."""
    return db.session.scalar(select(Identity.name).where(Identity.person_id == person_id)) or ""


def my_attempt(attempt_id: int, kind: str) -> AttemptView:
    """The viewer's own attempt of a kind, open or closed.

    Raises:
        NotFoundError: If it is somebody else's, or of another kind.
        ForbiddenError: If it is open and a trainer only looks through the trainee's eyes.
    """
    attempt, me = attempts.get(attempt_id), viewer()
    if attempt.person_id != me.id or attempt.kind != kind:
        raise NotFoundError(_("没有这次作答。"))
    if attempt.is_open and me.viewing_as_trainee:
        raise ForbiddenError(_("学员正在作答，交卷以后才能看。"))
    return attempt


def open_attempt(attempt_id: int, kind: str) -> AttemptView:
    """The viewer's own attempt while it is open.

    Raises:
        NotFoundError: If it is somebody else's, or of another kind.
        ConflictError: If it is closed.
    """
    attempt = my_attempt(attempt_id, kind)
    if not attempt.is_open:
        raise ConflictError(_("这次作答已经交了。"))
    return attempt


def seen_attempt(attempt_id: int, kind: str) -> AttemptView:
    """An attempt that the viewer may look at: one's own, or one of one's team as staff.

    Raises:
        NotFoundError: If the viewer may not.
    """
    attempt = attempts.get(attempt_id)
    if attempt.kind != kind or not may_see(attempt.person_id, attempt.team_id):
        raise NotFoundError(_("没有这次作答。"))
    return attempt


def finish(attempt_id: int) -> None:
    """Close an attempt and judge it, once. Inside ``transaction()``.

    Raises:
        ConflictError: If it is closed already.
    """
    attempts.close(attempt_id, by=viewer().id, now=utc_now())


def finish_overdue(attempt_id: int) -> bool:
    """Close an attempt whose deadline and grace are over; True when this call did it.

    Opens its own transaction. The sweep does the same within a minute; a page calls this so
    that nobody looks at an exam that is over.
    """
    return sweeping.close_overdue(attempt_id, now=utc_now())


def catalogue_of(attempt: AttemptView) -> Catalogue:
    """The content of the attempt's team, as published now; needs no viewer."""
    return attempts.catalogue_of(attempt)


def spec_of(attempt: AttemptView) -> Any:
    """The spec the attempt began with, whatever has been published since."""
    return attempts.spec_of(attempt)


def material_of(attempt: AttemptView, digest: str) -> Any:
    """What a material's file was loaded to when the attempt began; kept, so that it is quick.

    Raises:
        NotFoundError: If the content of that time is missing.
    """
    return attempts.material_of(attempt, digest)


def items(digests: Sequence[str]) -> Mapping[str, Item]:
    """Questions by digest, as they were when drawn; at most one statement."""
    return active.active().items(digests)


@dataclass(frozen=True, slots=True)
class Result:
    """What followed from a closed attempt.

    Attributes:
        outcome: The outcome that stands, after any correction.
        verdict: The gate's verdict at that time; None when the gate did not speak.
        headline: The decision in words, for the top of the page.
        findings: Lines of the gate's conditions in words.
        next_url: Where to go now; None for the home page.
        next_label: What is there.
        is_passed: Whether this attempt meets what the gate asks of this activity; None where
            no gate asks anything, or a mark is awaited.
        open_attempt_id: Another attempt at the same activity that is open now; what could help
            there must not be shown here.
        person_name: Whose attempt it is; empty where the name has been erased.
    """

    outcome: Outcome
    verdict: str | None
    headline: str
    findings: Sequence[words.Line]
    next_url: str | None
    next_label: str
    is_passed: bool | None
    open_attempt_id: int | None
    person_name: str


def result(attempt: AttemptView) -> Result:
    """The decision on a closed attempt, in words, with the next step.

    Raises:
        NotFoundError: If the attempt has left no evidence.
    """
    kept = db.session.execute(_KEPT, {"of_attempt": attempt.id}).first()
    if kept is None:
        raise NotFoundError(_("这次作答还没有结果。"))
    view, decision = ledger.view(kept[0]), kept[2]
    found = standing.of_person(attempt.person_id)
    if found is None or found.enrolment_id != attempt.enrolment_id:
        found = standing.of_enrolment(attempt.enrolment_id)
    told = words.of_result(view, decision, found, now=utc_now())
    return Result(
        outcome=view.outcome,
        verdict=decision.verdict if decision is not None else None,
        headline=told.headline,
        findings=told.lines,
        next_url=told.next_url,
        next_label=told.next_label,
        is_passed=told.is_passed,
        open_attempt_id=found.tally(attempt.activity).open_attempt_id,
        person_name=kept.name or "",
    )


def rubrics_of(catalogue: Catalogue) -> Mapping[str, Rubric]:
    """The rubrics of a team's content by slug; a kind's ``check`` looks its own up here."""
    return rubric_file.of_catalogue(catalogue)


def rubric(attempt: AttemptView, slug: str) -> Rubric:
    """A rubric as published now for the attempt's team.

    Raises:
        NotFoundError: If there is none of this slug.
    """
    return rubric_file.published(attempts.catalogue_of(attempt), slug)


def score_by_rules(attempt: AttemptView, request: ReviewRequest) -> Scored:
    """What rules alone would give: what is unclear is left out, never guessed.

    For telling a trainee how a practice went; it decides nothing.

    Raises:
        NotFoundError: If the team has no such rubric.
    """
    return opening.by_rules(rubric(attempt, request.rubric), request)


def review_of(attempt: AttemptView) -> ReviewView | None:
    """The trainer's marking of a closed attempt, for the result page; None where none was asked.

    ``{% import "review/pieces.html" as review %}{{ review.marks(found) }}`` shows it, styled by
    ``asset("review.css", "reviews")``; lines of the transcript with the id ``line-<id>`` are linked
    to. At most three statements.
    """
    return result_view.of_attempt(attempt)


def offers(attempt: AttemptView) -> Sequence[Markup | str]:
    """What those who look after the trainee may do with a closed attempt, as safe HTML."""
    return [found for offer in hooks.on_attempt if (found := offer(attempt))]


_any = aliased(Evidence)
# A correction may have led to a decision of its own; the last one counts.
_KEPT = (
    ledger.standing_rows()
    .where(Evidence.source_kind == "attempt", Evidence.source_id == bindparam("of_attempt"))
    .outerjoin(Identity, Identity.person_id == Evidence.person_id)
    .outerjoin(_any, and_(_any.source_kind == "attempt", _any.source_id == bindparam("of_attempt")))
    .outerjoin(DecisionRow, DecisionRow.evidence_id == _any.id)
    .add_columns(Identity.name, DecisionRow)
    .order_by(func.coalesce(DecisionRow.id, 0).desc())
    .limit(1)
)


def past_outcomes(person_id: int, activity_slug: str, limit: int = 20) -> Sequence[EvidenceView]:
    """A person's outcomes of an activity, newest first."""
    rows = db.session.scalars(
        ledger.standing_rows()
        .where(Evidence.person_id == person_id, Evidence.activity == activity_slug)
        .order_by(Evidence.at.desc())
        .limit(limit)
    )
    return [ledger.view(row) for row in rows]
