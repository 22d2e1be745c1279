"""Tables of enrolments, attempts and decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class Enrolment(Model):
    """One person's way through a pathway in a team."""

    __tablename__ = "enrolment"
    __table_args__ = (
        Index("ix_enrolment_person", "person_id", "id"),
        Index("ix_enrolment_team", "team_id", "state", "stage"),
        Index(
            "uq_enrolment_active",
            "team_id",
            "person_id",
            "pathway",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
        CheckConstraint("state IN ('active','completed','stopped')", name="state"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    pathway: Mapped[str]
    #: The pathway's file as pinned when the current stage was entered.
    pathway_digest: Mapped[str]
    #: The current stage; the last one once completed.
    stage: Mapped[str]
    cycle: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default="active")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime]


class StageState(Model):
    """Where an enrolment stands in a stage: the row behind boards. Kept with every decision."""

    __tablename__ = "stage_state"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "cycle", "stage"),
        Index("ix_stage_state_team", "team_id", "stage", "state"),
        CheckConstraint("state IN ('open','repeat','wait','help','passed')", name="state"),
    )

    id: Mapped[Id]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    cycle: Mapped[int] = mapped_column(default=1)
    stage: Mapped[str]
    #: The stage's place, from 0, in the pathway that was pinned when it was entered.
    position: Mapped[int]
    state: Mapped[str] = mapped_column(default="open")
    entered_at: Mapped[datetime]
    #: Since when it has been in this state.
    since_at: Mapped[datetime]
    #: The latest score of the gate's first exam, ratio 0 to 1.
    score: Mapped[float | None]
    attempt_count: Mapped[int] = mapped_column(default=0)
    learned_count: Mapped[int] = mapped_column(default=0)
    #: What the gate still lacks: activities, and the sign-off slot; lessons are counted above.
    missing: Mapped[list[Any]]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))


class Attempt(Model):
    """One try at an activity, from its start on. The server's clock is the only clock."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "activity", "cycle", "number"),
        Index(
            "uq_attempt_open",
            "enrolment_id",
            "activity",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_attempt_deadline",
            "deadline_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_attempt_team_activity", "team_id", "activity", "closed_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    cycle: Mapped[int]
    activity: Mapped[str]
    kind: Mapped[str]
    number: Mapped[int]
    seed: Mapped[int]
    #: Sections to relearn; empty for the whole activity.
    scope: Mapped[list[Any]]
    revision_id: Mapped[int] = mapped_column(ForeignKey("content_revision.id"))
    content_digest: Mapped[str]
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Tally(Model):
    """How an enrolment stands with one activity: what course trees and locks read."""

    __tablename__ = "activity_tally"
    __table_args__ = (UniqueConstraint("enrolment_id", "cycle", "activity"),)

    id: Mapped[Id]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    cycle: Mapped[int]
    activity: Mapped[str]
    attempt_count: Mapped[int] = mapped_column(default=0)
    open_attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    done_at: Mapped[datetime | None]
    latest_score: Mapped[float | None]
    best_score: Mapped[float | None]
    latest_attempt_id: Mapped[int | None]
    #: When the next attempt may open; set by the gate's delay.
    retry_at: Mapped[datetime | None]
    #: Steps of the retraining plan still to do before the next attempt.
    open_plan_count: Mapped[int] = mapped_column(default=0)
    extra_attempt_count: Mapped[int] = mapped_column(default=0)


class DecisionRow(Model):
    """What a gate said, on what evidence; or what a person decided instead, and why."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_enrolment", "enrolment_id", "id"),
        Index("ix_decision_team", "team_id", "at"),
        Index("ix_decision_evidence", "evidence_id"),
        CheckConstraint("verdict IN ('pass','repeat','wait','help','open')", name="verdict"),
        CheckConstraint("state IN ('in_force','proposed','declined','lapsed')", name="state"),
    )

    id: Mapped[Id]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    cycle: Mapped[int]
    stage: Mapped[str]
    pathway_digest: Mapped[str]
    verdict: Mapped[str]
    #: The new evidence that made the gate speak; None for a decision by hand or by time.
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    #: The tree of findings, codes and figures.
    findings: Mapped[dict[str, Any]]
    evidence_ids: Mapped[list[Any]]
    at: Mapped[datetime]
    #: None for the gate itself; else who decided by hand.
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(default="")
    #: A decision by hand is proposed until a second person agrees; it lapses when the stage is
    #: passed before that.
    state: Mapped[str] = mapped_column(default="in_force")
    second_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    second_at: Mapped[datetime | None]
    #: Taken by one person alone because the team had no second who may.
    is_single_handed: Mapped[bool] = mapped_column(default=False)


class PlanStep(Model):
    """One step of a retraining plan: an activity to repeat on exactly what failed."""

    __tablename__ = "plan_step"
    __table_args__ = (
        Index("ix_plan_step_enrolment", "enrolment_id", "done_at"),
        UniqueConstraint("decision_id", "for_activity", "activity"),
    )

    id: Mapped[Id]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: The failed activity that waits for this step.
    for_activity: Mapped[str]
    #: What to do, and which of its sections.
    activity: Mapped[str]
    scope: Mapped[list[Any]]
    lost_ratio: Mapped[float]
    item_count: Mapped[int]
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    #: The work that closed it; None when it was dropped because nothing waits for it any more.
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))


class Grant(Model):
    """One more attempt, given by a trainer."""

    __tablename__ = "attempt_grant"
    __table_args__ = (Index("ix_attempt_grant_enrolment", "enrolment_id", "cycle"),)

    id: Mapped[Id]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    cycle: Mapped[int]
    activity: Mapped[str]
    reason: Mapped[str]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class VersionMove(Model):
    """Somebody within a stage was moved to the version of the pathway published then."""

    __tablename__ = "version_move"
    __table_args__ = (Index("ix_version_move_enrolment", "enrolment_id"),)

    id: Mapped[Id]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    cycle: Mapped[int]
    stage: Mapped[str]
    from_digest: Mapped[str]
    to_digest: Mapped[str]
    reason: Mapped[str]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
