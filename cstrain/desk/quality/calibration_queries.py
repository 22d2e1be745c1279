"""What the pages of calibration read, each thing in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, case, func, select

from cstrain.core.people.models import Identity
from cstrain.core.review.models import Review, ReviewMark
from cstrain.desk.quality.calibrating import KIND
from cstrain.desk.quality.calibration_models import (
    Calibration,
    CalibrationChat,
    CalibrationGold,
    CalibrationPart,
)
from cstrain.kit.db import db

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in the list, and how many markings are done of how many."""

    id: int
    title: str
    opened_at: datetime
    compared_at: datetime | None
    closed_at: datetime | None
    part_count: int
    done_count: int


def sessions(team_id: int) -> list[SessionRow]:
    """The latest sessions of a team, the newest first."""
    rows = db.session.execute(
        select(
            Calibration.id,
            Calibration.title,
            Calibration.opened_at,
            Calibration.compared_at,
            Calibration.closed_at,
            func.count(Review.id),
            func.sum(case((Review.state == "done", 1), else_=0)),
        )
        .join(CalibrationChat, CalibrationChat.calibration_id == Calibration.id)
        .join(CalibrationPart, CalibrationPart.chat_id == CalibrationChat.id)
        .join(Review, and_(Review.kind == KIND, Review.subject_id == CalibrationPart.id))
        .where(Calibration.team_id == team_id)
        .group_by(Calibration.id)
        .order_by(Calibration.id.desc())
        .limit(SHOWN)
    )
    return [SessionRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody's marking of a chat."""

    review_id: int
    person_id: int
    state: str
    score: float | None


@dataclass(slots=True)
class Chat:
    """A chat of a session.

    Attributes:
        parts: By person.
        marks: By criterion and person: what was given, None for "does not apply".
        gold: By criterion: what was agreed upon, and why.
    """

    id: int
    place: int
    chat_review_id: int
    parts: dict[int, Part] = field(default_factory=dict)
    marks: dict[str, dict[int, int | None]] = field(default_factory=dict)
    gold: dict[str, tuple[int | None, str]] = field(default_factory=dict)


def chats(calibration_id: int) -> tuple[list[Chat], Mapping[int, str]]:
    """The chats of a session with everybody's part, and the names of those who take part."""
    rows = db.session.execute(
        select(
            CalibrationChat.id,
            CalibrationChat.place,
            CalibrationChat.chat_review_id,
            CalibrationPart.person_id,
            Review.id.label("review_id"),
            Review.state,
            Review.score,
            func.coalesce(Identity.name, "").label("name"),
        )
        .join(CalibrationPart, CalibrationPart.chat_id == CalibrationChat.id)
        .join(Review, and_(Review.kind == KIND, Review.subject_id == CalibrationPart.id))
        .outerjoin(Identity, Identity.person_id == CalibrationPart.person_id)
        .where(CalibrationChat.calibration_id == calibration_id)
        .order_by(CalibrationChat.place, CalibrationPart.person_id)
    )
    found: dict[int, Chat] = {}
    names: dict[int, str] = {}
    for row in rows:
        chat = found.setdefault(row.id, Chat(row.id, row.place, row.chat_review_id))
        chat.parts[row.person_id] = Part(row.review_id, row.person_id, row.state, row.score)
        names[row.person_id] = row.name
    return list(found.values()), names


def fill(found: Sequence[Chat]) -> None:
    """Add everybody's marks and the gold ones; two statements. For sessions that are compared."""
    by_review: dict[int, tuple[Chat, int]] = {
        part.review_id: (chat, part.person_id)
        for chat in found
        for part in chat.parts.values()
        if part.state == "done"
    }
    marks: Any = select(ReviewMark).where(ReviewMark.review_id.in_(by_review), ReviewMark.is_marked)
    for mark in db.session.scalars(marks):
        chat, person_id = by_review[mark.review_id]
        chat.marks.setdefault(mark.criterion, {})[person_id] = mark.value
    by_id = {chat.id: chat for chat in found}
    for row in db.session.scalars(
        select(CalibrationGold).where(CalibrationGold.chat_id.in_(by_id))
    ):
        by_id[row.chat_id].gold[row.criterion] = (row.value, row.note)
