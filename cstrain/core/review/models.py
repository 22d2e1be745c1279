"""Tables of reviews, their marks, and how far a team trusts the rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model

_OPEN = text("state IN ('open','drafted')")
_DONE = text("state = 'done'")
_BLIND = text("for_person_id IS NOT NULL")

#: The reason of a review that decides an appeal; a code, put into words where it is shown.
APPEAL: Final = "appeal"


class Review(Model):
    """One marking by one rubric. What is done stays; a correction is another that supersedes."""

    __tablename__ = "review"
    __table_args__ = (
        Index("ix_review_queue", "team_id", "state", "opened_at"),
        Index("ix_review_subject", "kind", "subject_id"),
        Index(
            "uq_review_open",
            "kind",
            "subject_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "uq_review_corrected",
            "supersedes_id",
            unique=True,
            sqlite_where=_DONE,
            postgresql_where=_DONE,
        ),
        Index(
            "ix_review_for_person",
            "for_person_id",
            "state",
            sqlite_where=_BLIND,
            postgresql_where=_BLIND,
        ),
        CheckConstraint("state IN ('open','drafted','done','withdrawn')", name="state"),
        CheckConstraint("score IS NULL OR (score >= 0 AND score <= 1)", name="score"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: The kind whose subject is marked.
    kind: Mapped[str]
    #: What is marked: the attempt, or what a kind of ``subjects.py`` calls its own.
    subject_id: Mapped[int]
    #: The evidence that has no score yet; for rules alone the one that they scored; of what is no
    #: attempt the one that the marks made, None before.
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    #: Whose work it is.
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    activity: Mapped[str]
    rubric: Mapped[str]
    #: The rubric's file, as it was then.
    rubric_digest: Mapped[str]
    is_exam: Mapped[bool]
    state: Mapped[str] = mapped_column(default="open")
    opened_at: Mapped[datetime]
    #: Who is at it, so that two trainers do not both mark; ends by itself.
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    claimed_at: Mapped[datetime | None]
    #: Counts what was saved.
    revision: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    #: Who marked it; None when rules alone did.
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    score: Mapped[float | None]
    #: The score as if nothing failed at once.
    raw_score: Mapped[float | None]
    comment: Mapped[str] = mapped_column(default="")
    #: Why it is marked again: ``APPEAL``, or what somebody wrote.
    reason: Mapped[str] = mapped_column(default="")
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"))
    #: Who alone marks it and sees it here: a blind marking. None for nearly all.
    for_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    #: The review it is held against, which its marker must not see before it is done.
    beside_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"))

    @property
    def is_appeal(self) -> bool:
        """Whether it is marked again because the person concerned does not agree."""
        return self.supersedes_id is not None and self.reason == APPEAL


class ReviewMark(Model):
    """What rules proposed and what was given for one criterion; the draft while it is open."""

    __tablename__ = "review_mark"
    __table_args__ = (UniqueConstraint("review_id", "criterion"),)

    id: Mapped[Id]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    criterion: Mapped[str]
    #: The best value.
    full: Mapped[int]
    #: The rule that could tell; None where only a person can.
    rule: Mapped[str | None]
    #: What it said; None with a rule is unclear, unless it does not apply.
    proposed: Mapped[int | None]
    is_proposed_na: Mapped[bool] = mapped_column(default=False)
    proposed_lines: Mapped[list[Any]] = mapped_column(default=list)
    proposed_note: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_marked: Mapped[bool] = mapped_column(default=False)
    #: None when marked is "does not apply".
    value: Mapped[int | None]
    is_overruled: Mapped[bool] = mapped_column(default=False)
    is_auto: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    lines: Mapped[list[Any]] = mapped_column(default=list)


class ExamBar(Model):
    """Who does not mark exams in a team for now, because others mark the same otherwise."""

    __tablename__ = "exam_bar"
    __table_args__ = (
        Index(
            "uq_exam_bar_current",
            "team_id",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RuleTrust(Model):
    """From which agreement on rules alone may decide a team's practice; the newest row counts."""

    __tablename__ = "rule_trust"
    __table_args__ = (Index("ix_rule_trust_team", "team_id", "id"),)

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: The least kappa; None for never.
    min_kappa: Mapped[float | None]
    #: From how many marks at least.
    min_count: Mapped[int]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
