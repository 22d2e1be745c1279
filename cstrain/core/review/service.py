"""Marking: saved as one goes, done once, corrected by another review."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from cstrain.core.evidence import ledger
from cstrain.core.evidence.marks import Mark, Scored
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import Outcome
from cstrain.core.pathway import attempts
from cstrain.core.review import refusing
from cstrain.core.review import rubric as rubrics
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.opening import settled
from cstrain.core.review.rubric import Criterion, Rubric
from cstrain.core.review.subjects import Bound, marked_kind
from cstrain.core.review.versions import rubric_of
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick
from cstrain.kit.outbox import tell

#: How long somebody who opened a review keeps it to themselves after the last thing saved.
CLAIM_LASTS = timedelta(minutes=20)
NOTE_MAX_LENGTH = 1000
LINES_MOST = 30
_LINE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_OPEN = ("open", "drafted")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a trainer gives for one criterion so far.

    Attributes:
        is_marked: Whether a value, or "does not apply", is given at all.
        value: None where it does not apply.
    """

    is_marked: bool
    value: int | None = None
    note: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps a review from being done: a criterion, and a code.

    Attributes:
        code: ``unmarked``, ``no_evidence``, or ``refused`` by its kind.
        text: What its kind says; empty for the others.
    """

    key: str
    code: str
    text: str = ""


class UnfinishedError(ConflictError):
    """A review that something is missing of.

    Attributes:
        lacks: What, in the order of the rubric; empty when nothing applied at all.
    """

    def __init__(self, message: str, lacks: tuple[Lack, ...]) -> None:
        super().__init__(message)
        self.lacks = lacks


@dataclass(frozen=True, slots=True)
class Saved:
    """What a saved draft comes to so far.

    Attributes:
        lacks: What still keeps it from being done.
        is_hidden: Whether something of what was written was hidden before it was kept.
    """

    revision: int
    scored: Scored
    grades: rubrics.Grades
    lacks: tuple[Lack, ...]
    is_hidden: bool


def claim(review_id: int, *, by: int, now: datetime, is_taken_over: bool = False) -> None:
    """Say that somebody is at a review.

    Raises:
        NotFoundError: If there is none.
        ForbiddenError: If it is about one's own work.
        ConflictError: If it is done, or somebody else is at it and it is not taken over.
    """
    review = held(review_id, by=by)
    if not is_taken_over:
        _refuse_taken(review, by=by, now=now)
    review.claimed_by, review.claimed_at = by, now
    db.session.flush()


def is_taken(claimed_by: int | None, claimed_at: datetime | None, me: int, now: datetime) -> bool:
    """Whether somebody else is at a review."""
    return (
        claimed_by is not None
        and claimed_by != me
        and claimed_at is not None
        and now - claimed_at < CLAIM_LASTS
    )


def save(
    review_id: int,
    drafts: Mapping[str, Draft],
    *,
    by: int,
    now: datetime,
    comment: str | None = None,
) -> Saved:
    """Keep what a trainer has marked so far.

    Args:
        review_id: The review.
        drafts: Key of a criterion → what is given; the others stay as they are.
        by: Who marks.
        now: The time.
        comment: About the whole; None leaves it as it is.

    Raises:
        NotFoundError: If there is none, or no such criterion.
        ForbiddenError: If it is about one's own work.
        ConflictError: If it is done, or somebody else is at it.
        InvalidError: If a criterion does not take a value.
    """
    review = held(review_id, by=by)
    _refuse_taken(review, by=by, now=now)
    rubric = rubric_of(review.rubric_digest)
    rows = marks_of(review_id)
    notes = kept_notes(review, {key: each.note for key, each in drafts.items()})
    is_hidden = any(notes[key] != each.note for key, each in drafts.items())
    for key, draft in drafts.items():
        criterion, row = rubric.get(key), rows.get(key)
        if criterion is None or row is None:
            raise NotFoundError(_("评分表里没有这一项。"))
        _keep(row, criterion, replace(draft, note=notes[key]))
    if comment is not None:
        kept = kept_notes(review, {"": comment})[""]
        is_hidden |= kept != comment
        review.comment = kept.strip()[:NOTE_MAX_LENGTH]
    review.state, review.revision = "drafted", review.revision + 1
    review.claimed_by, review.claimed_at = by, now
    db.session.flush()
    grades = grades_of(rows)
    scored = rubrics.score(rubric, grades)
    lacks = lacks_of(review, rubric, rows, bounds_of(review, rubric))
    return Saved(review.revision, scored, grades, lacks, is_hidden)


def kept_notes(review: Review, notes: Mapping[str, str]) -> dict[str, str]:
    """What was written to marks of a review, as its kind may keep it."""
    kind = marked_kind(review.kind)
    return {key: kind.kept(note) if kind is not None else note for key, note in notes.items()}


def _keep(row: ReviewMark, criterion: Criterion, draft: Draft) -> None:
    if draft.is_marked and not criterion.takes(draft.value):
        raise InvalidError(_("“%(key)s”没有这一档。", key=criterion.key))
    lines = tuple(dict.fromkeys(draft.lines))
    if len(lines) > LINES_MOST or not all(_LINE.fullmatch(line) for line in lines):
        raise InvalidError(_("依据写聊天里的行号，用空格分开。"))
    row.is_marked, row.value = draft.is_marked, draft.value if draft.is_marked else None
    row.note = draft.note.strip()[:NOTE_MAX_LENGTH]
    row.lines = list(lines)
    row.is_overruled = _overrules(row)


def _overrules(row: ReviewMark) -> bool:
    """Whether a trainer gave something else than rules had proposed."""
    was_clear = row.proposed is not None or row.is_proposed_na
    proposed = None if row.is_proposed_na else row.proposed
    return row.is_marked and was_clear and row.value != proposed


def complete(review_id: int, *, by: int, now: datetime) -> Scored:
    """End a review: the marks make the outcome, which takes the place of the one that stands.

    Raises:
        NotFoundError: If there is none, or its kind is not installed any more.
        ForbiddenError: If it is about one's own work.
        ConflictError: If it is done, or somebody else is at it.
        UnfinishedError: If a mark or its evidence is missing.
    """
    review = held(review_id, by=by)
    _refuse_taken(review, by=by, now=now)
    rubric, rows = rubric_of(review.rubric_digest), marks_of(review_id)
    lacks = lacks_of(review, rubric, rows, bounds_of(review, rubric))
    if lacks:
        raise UnfinishedError(_said_of(rubric, lacks), lacks)
    scored = rubrics.score(rubric, grades_of(rows))
    if scored.ratio is None:
        raise UnfinishedError(_("全部不适用，打不出分，至少要有一项适用。"), ())
    marks = {key: _mark(row) for key, row in rows.items() if row.is_marked}
    kind = marked_kind(review.kind)
    if kind is None:
        _settle_attempt(review.subject_id, scored, marks, by=by, now=now)
    else:
        review.evidence_id = kind.settle_marks(review, scored, marks, by=by, now=now)
    review.state, review.done_at, review.by_person_id = "done", now, by
    review.score, review.raw_score = scored.ratio, scored.raw_ratio
    review.claimed_by = review.claimed_at = None
    db.session.flush()
    if kind is None:
        _announce(review, now=now)
    return scored


def _settle_attempt(
    attempt_id: int, scored: Scored, marks: Mapping[str, Mark], *, by: int, now: datetime
) -> None:
    attempt = attempts.get(attempt_id)
    kind = attempts.kind_of(attempt)

    def judged(row: Evidence) -> Outcome:
        return settled(kind, attempt, ledger.view(row).outcome, scored, marks, now=now)

    attempts.supersede(attempt, judged, by=by, now=now)


def _announce(review: Review, *, now: datetime) -> None:
    tell(
        review.person_id,
        "review_done",
        f"review:{review.id}",
        team_id=review.team_id,
        data={
            "activity": review.activity,
            "kind": review.kind,
            "attempt_id": review.subject_id,
            "is_correction": review.supersedes_id is not None,
        },
        now=now,
    )


# What the functions above read again inside the transaction.


def held(review_id: int, *, by: int) -> Review:
    """An open review, held against other writers until the transaction ends.

    Raises:
        NotFoundError: If there is none.
        ForbiddenError: If it is about one's own work, or its kind refuses the marker.
        ConflictError: If it is done.
    """
    review = db.session.scalars(_LOCKED, {"of_review": review_id}).first()
    if review is None:
        raise NotFoundError(_("没有这次批改。"))
    if review.person_id == by:
        raise ForbiddenError(_("自己的成绩要由别人批改。"))
    if review.for_person_id not in {None, by}:
        raise NotFoundError(_("没有这次批改。"))
    if review.state not in _OPEN:
        raise ConflictError(_("这次已经批改完了。"))
    if refused := refusing.why(review.id, by):
        raise ForbiddenError(refused)
    return review


_LOCKED = (
    select(Review)
    .where(Review.id == bindparam("of_review"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def _refuse_taken(review: Review, *, by: int, now: datetime) -> None:
    if is_taken(review.claimed_by, review.claimed_at, by, now):
        raise ConflictError(_("别人正在批改这一份，你写的没有保存。要接着批，先点“接过来”。"))


def marks_of(review_id: int) -> dict[str, ReviewMark]:
    """The marks of a review by criterion, one statement."""
    rows = db.session.scalars(select(ReviewMark).where(ReviewMark.review_id == review_id))
    return {row.criterion: row for row in rows}


def grades_of(rows: Mapping[str, ReviewMark]) -> dict[str, int | None]:
    """The marks as the rubric scores them."""
    return {key: row.value for key, row in rows.items() if row.is_marked}


def lacking(rubric: Rubric, rows: Mapping[str, ReviewMark]) -> tuple[Lack, ...]:
    """What keeps the marks from being whole, in the order of the rubric."""
    grades = grades_of(rows)
    unmarked = {each.key for each in rubrics.unmarked(rubric, grades)}
    values = rubrics.counted(rubric, grades)
    found: list[Lack] = []
    for each in rubric:
        if each.key in unmarked:
            found.append(Lack(each.key, "unmarked"))
        elif (
            each.needs_evidence
            and values.get(each.key, each.full) < each.full
            and not rows[each.key].lines
        ):
            found.append(Lack(each.key, "no_evidence"))
    return tuple(found)


def bounds_of(review: Review, rubric: Rubric) -> Mapping[str, Bound]:
    """What holds who marks an open review, by criterion. One statement at most."""
    kind = marked_kind(review.kind)
    return kind.bounds(review, rubric) if kind else {}


def lacks_of(
    review: Review,
    rubric: Rubric,
    rows: Mapping[str, ReviewMark],
    bounds: Mapping[str, Bound],
) -> tuple[Lack, ...]:
    """What keeps a review from being done: what is missing, and what its kind objects to."""
    found = {each.key: each for each in lacking(rubric, rows)}
    kind = marked_kind(review.kind)
    objections = kind.objections(rubric, rows, bounds) if kind else {}
    for key, text in objections.items():
        found.setdefault(key, Lack(key, "refused", text))
    return tuple(found[each.key] for each in rubric if each.key in found)


def _said_of(rubric: Rubric, lacks: Sequence[Lack]) -> str:
    """What is missing in one sentence; by name where nothing is but what the kind objects to."""
    titles = {each.key: pick(each.title) for each in rubric}
    if all(each.text for each in lacks):
        return _("；").join(f"“{titles[each.key]}”：{each.text}" for each in lacks)
    return _("还有没批完的，见下面标出的几项。")


def _mark(row: ReviewMark) -> Mark:
    return Mark(
        key=row.criterion,
        value=row.value,
        full=row.full,
        note=row.note,
        lines=tuple(row.lines),
        is_auto=row.is_auto,
        is_overruled=row.is_overruled,
    )
