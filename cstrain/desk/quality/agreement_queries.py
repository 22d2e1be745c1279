"""What the page of agreement reads, each thing in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import aliased

from cstrain.core.people.access import Role
from cstrain.core.people.models import Identity
from cstrain.core.people.queries import people_with
from cstrain.core.review import blind
from cstrain.core.review import rubric as rubrics
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.versions import rubric_of
from cstrain.desk.quality import agreeing, reviewing, seconds
from cstrain.desk.quality.agreeing import Both, Double
from cstrain.desk.quality.calibration_models import (
    Calibration,
    CalibrationChat,
    CalibrationGold,
    CalibrationPart,
)
from cstrain.kit.db import db

#: Older doubles say nothing about now.
DAYS: Final = 180
CALIBRATION: Final = "chat_calibration"
_first = aliased(Review)
_one, _other = aliased(ReviewMark), aliased(ReviewMark)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many drawn chats of the last ``DAYS`` days were marked, and of second markings."""

    marked_count: int
    double_count: int
    waiting_count: int


def counts(team_id: int, *, now: datetime) -> Counts:
    """How many there are."""
    is_first = and_(Review.kind == reviewing.KIND, Review.supersedes_id.is_(None))
    is_second = Review.kind == seconds.KIND
    is_done = Review.state == "done"
    row = db.session.execute(
        select(
            func.sum(case((is_first & is_done, 1), else_=0)),
            func.sum(case((is_second & is_done, 1), else_=0)),
            func.sum(case((is_second & Review.state.in_(("open", "drafted")), 1), else_=0)),
        ).where(
            Review.team_id == team_id,
            Review.activity.in_((reviewing.DRAWN, seconds.ACTIVITY)),
            Review.opened_at >= now - timedelta(days=DAYS),
        )
    ).one()
    return Counts(*(int(each or 0) for each in row))


def doubles(team_id: int, *, now: datetime) -> list[Double]:
    """The chats that two have marked, the newest first; what only one has marked is left out."""
    rows = db.session.execute(
        select(
            Review.id,
            Review.done_at,
            _first.by_person_id.label("first_by"),
            Review.by_person_id.label("second_by"),
            _first.score.label("first_score"),
            Review.score.label("second_score"),
            _one.criterion,
            _one.full,
            _one.value.label("first"),
            _other.value.label("second"),
        )
        .join(_first, _first.id == Review.beside_id)
        .join(_one, _one.review_id == _first.id)
        .join(_other, and_(_other.review_id == Review.id, _other.criterion == _one.criterion))
        .where(
            Review.kind == seconds.KIND,
            Review.team_id == team_id,
            Review.state == "done",
            Review.done_at >= now - timedelta(days=DAYS),
            _one.is_marked,
            _other.is_marked,
        )
        .order_by(Review.done_at.desc(), Review.id, _one.id)
    )
    return _doubles(rows)


def _doubles(rows: Iterable[Any]) -> list[Double]:
    """Rows of marks put together by their review."""
    heads: dict[int, Any] = {}
    marks: dict[int, list[Both]] = {}
    for row in rows:
        heads.setdefault(row.id, row)
        both = Both(row.criterion, row.full, row.first, row.second)
        marks.setdefault(row.id, []).append(both)
    return [
        Double(
            review_id,
            row.done_at,
            row.first_by,
            row.second_by,
            row.first_score or 0.0,
            row.second_score or 0.0,
            tuple(marks[review_id]),
        )
        for review_id, row in heads.items()
    ]


def gold(team_id: int, *, now: datetime) -> list[Double]:
    """What everybody has marked in calibrations, beside what was agreed upon; the newest first.

    Scores are of the items that were agreed upon.
    """
    rows = db.session.execute(
        select(
            Review.id,
            Review.done_at,
            Review.rubric_digest,
            Review.by_person_id,
            ReviewMark.criterion,
            ReviewMark.full,
            ReviewMark.value,
            CalibrationGold.value.label("gold"),
        )
        .join(CalibrationPart, CalibrationPart.id == Review.subject_id)
        .join(CalibrationChat, CalibrationChat.id == CalibrationPart.chat_id)
        .join(Calibration, Calibration.id == CalibrationChat.calibration_id)
        .join(ReviewMark, ReviewMark.review_id == Review.id)
        .join(
            CalibrationGold,
            and_(
                CalibrationGold.chat_id == CalibrationChat.id,
                CalibrationGold.criterion == ReviewMark.criterion,
            ),
        )
        .where(
            Review.kind == CALIBRATION,
            Review.team_id == team_id,
            Review.state == "done",
            Calibration.closed_at >= now - timedelta(days=DAYS),
            ReviewMark.is_marked,
        )
        .order_by(Review.done_at.desc(), Review.id, ReviewMark.id)
    )
    heads: dict[int, Any] = {}
    marks: dict[int, list[Both]] = {}
    for row in rows:
        heads.setdefault(row.id, row)
        both = Both(row.criterion, row.full, row.value, row.gold)
        marks.setdefault(row.id, []).append(both)
    found = []
    for review_id, row in heads.items():
        rubric = rubric_of(row.rubric_digest)
        own = rubrics.score(rubric, {each.criterion: each.first for each in marks[review_id]})
        agreed = rubrics.score(rubric, {each.criterion: each.second for each in marks[review_id]})
        if own.ratio is not None and agreed.ratio is not None:
            found.append(
                Double(
                    review_id,
                    row.done_at,
                    row.by_person_id,
                    None,
                    own.ratio,
                    agreed.ratio,
                    tuple(marks[review_id]),
                )
            )
    return found


def names(person_ids: Iterable[int]) -> Mapping[int, str]:
    """Names; who has none any more is missing."""
    rows = db.session.execute(
        select(Identity.person_id, Identity.name).where(Identity.person_id.in_(set(person_ids)))
    )
    return {row.person_id: row.name for row in rows}


def teams() -> list[int]:
    """The teams where somebody has marked blind."""
    kinds = (seconds.KIND, CALIBRATION)
    return list(
        db.session.scalars(
            select(Review.team_id)
            .where(Review.for_person_id.is_not(None), Review.kind.in_(kinds))
            .distinct()
            .order_by(Review.team_id)
        )
    )


def reassess(team_id: int, *, now: datetime) -> None:
    """Keep from a team's stage exams whoever is out of agreement, and nobody else."""
    found = agreeing.graders(doubles(team_id, now=now), gold(team_id, now=now), now=now)
    markers = people_with(team_id, Role.TRAINER, Role.MANAGER)
    blind.set_bars(team_id, agreeing.kept_from_exams(found, markers), now=now)
