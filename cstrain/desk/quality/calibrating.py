"""Calibration: everybody marks the same chats blind, then all agree upon what is right.

The blind marks stay as they were given; what was agreed upon, the gold marks, is kept apart. Marks
of a calibration are no evidence and change no score.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.orm import aliased

from cstrain.core.catalogue import active
from cstrain.core.people.access import Role
from cstrain.core.people.models import Team
from cstrain.core.people.queries import people_with
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.opening import About, open_for
from cstrain.core.review.rubric import Rubric
from cstrain.core.review.rubric_file import published
from cstrain.core.review.versions import rubric_of
from cstrain.desk.chats.models import ChatConversation
from cstrain.desk.quality import agreement_queries, chance, reviewing
from cstrain.desk.quality.calibration_models import (
    Calibration,
    CalibrationChat,
    CalibrationGold,
    CalibrationPart,
)
from cstrain.desk.quality.models import ChatReview
from cstrain.desk.quality.seconds import request_of
from cstrain.kit.db import db, insert_row, run
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick

KIND: Final = agreement_queries.CALIBRATION
ACTIVITY: Final = "chat-calibration"
TITLE_MAX: Final = 60
NOTE_MAX: Final = 300
LEAST_CHATS, MOST_CHATS = 2, 10
#: Chats that are older are not taken.
_DAYS: Final = 60
_MIN_MARKERS: Final = 2
_NA: Final = "na"
_OPEN: Final = ("open", "drafted")
_later = aliased(Review)


def begin(team_id: int, title: str, count: int, *, by: int, now: datetime) -> int:
    """Begin a session with drawn chats that chance takes; gives its id.

    Everybody who marks in the team finds the chats in the queue, each for themselves, and does not
    see any marks of a chat before their own are done.

    Raises:
        InvalidError: If the title or the number of chats is out of bounds.
        ConflictError: If only one marks in the team, a session is not closed yet, or there are not
            so many marked chats that no session had before.
        NotFoundError: If the team has no rubric for chats.
    """
    if not 0 < len(title.strip()) <= TITLE_MAX or not LEAST_CHATS <= count <= MOST_CHATS:
        raise InvalidError(
            _("写个名字，选 %(least)s 到 %(most)s 条。", least=LEAST_CHATS, most=MOST_CHATS)
        )
    team = db.session.get_one(Team, team_id, with_for_update=True)  # one at a time
    markers = people_with(team_id, Role.TRAINER, Role.MANAGER)
    if len(markers) < _MIN_MARKERS:
        raise ConflictError(_("只有一个人批改，没有可校准的。"))
    running = select(Calibration.id).where(
        Calibration.team_id == team_id, Calibration.closed_at.is_(None)
    )
    if db.session.scalar(running.limit(1)) is not None:
        raise ConflictError(_("上一次校准还没有结束。"))
    chats = _chats(team_id, now=now)
    if len(chats) < count:
        text = _(
            "近 %(days)s 天评过、没校准过的抽检只有 %(n)s 条，少选几条。", days=_DAYS, n=len(chats)
        )
        raise ConflictError(text)
    rubric = published(active.for_team(team.slug), reviewing.RUBRIC)
    calibration_id = insert_row(
        Calibration,
        {
            "team_id": team_id,
            "title": title.strip(),
            "rubric_digest": rubric.digest,
            "by_person_id": by,
            "opened_at": now,
        },
    )
    order = chance.numbers(secrets.token_hex(), "calibration", [each.subject_id for each in chats])
    taken = sorted(zip(order, chats, strict=True), key=lambda pair: pair[0])[:count]
    for place, (_number, review) in enumerate(taken, start=1):
        _add(calibration_id, place, review, rubric, markers, now=now)
    return calibration_id


def _chats(team_id: int, *, now: datetime) -> list[Review]:
    """What stands of drawn chats that are still there and that no session had."""
    return list(
        db.session.scalars(
            select(Review)
            .join(ChatReview, ChatReview.id == Review.subject_id)
            .join(ChatConversation, ChatConversation.id == ChatReview.conversation_id)
            .outerjoin(_later, and_(_later.supersedes_id == Review.id, _later.state == "done"))
            .outerjoin(CalibrationChat, CalibrationChat.chat_review_id == ChatReview.id)
            .where(
                Review.kind == reviewing.KIND,
                Review.team_id == team_id,
                Review.state == "done",
                Review.done_at >= now - timedelta(days=_DAYS),
                ChatReview.is_drawn,
                _later.id.is_(None),
                CalibrationChat.id.is_(None),
            )
            .order_by(Review.id)
        )
    )


def _add(  # noqa: PLR0913 - what a chat of a session is made of
    calibration_id: int,
    place: int,
    review: Review,
    rubric: Rubric,
    markers: list[int],
    *,
    now: datetime,
) -> None:
    chat_id = insert_row(
        CalibrationChat,
        {"calibration_id": calibration_id, "place": place, "chat_review_id": review.subject_id},
    )
    request = request_of(review.subject_id)
    for marker in markers:
        if marker == review.person_id:
            continue
        part_id = insert_row(CalibrationPart, {"chat_id": chat_id, "person_id": marker})
        about = About(
            kind=KIND,
            subject_id=part_id,
            team_id=review.team_id,
            person_id=review.person_id,
            activity=ACTIVITY,
            for_person_id=marker,
            beside_id=review.id,
        )
        open_for(about, rubric, request, now=now)


def compare(calibration_id: int, *, now: datetime) -> None:
    """End the blind marking: from now on all see all marks, and what is not done stays out.

    Raises:
        NotFoundError: If there is no such session.
        ConflictError: If it was compared before, or fewer than two have marked anything.
    """
    found = _locked(calibration_id)
    if found.compared_at is not None:
        raise ConflictError(_("已经在对照了。"))
    reviews = list(
        db.session.scalars(
            select(Review)
            .join(CalibrationPart, CalibrationPart.id == Review.subject_id)
            .join(CalibrationChat, CalibrationChat.id == CalibrationPart.chat_id)
            .where(Review.kind == KIND, CalibrationChat.calibration_id == calibration_id)
        )
    )
    if len({each.for_person_id for each in reviews if each.state == "done"}) < _MIN_MARKERS:
        raise ConflictError(_("至少两个人评完一条，才有可对照的。"))
    unfinished = [each.id for each in reviews if each.state in _OPEN]
    run(
        update(Review)
        .where(Review.id.in_(unfinished))
        .values(state="withdrawn", claimed_by=None, claimed_at=None)
    )
    found.compared_at = now
    db.session.flush()


def agree(
    calibration_id: int, place: int, given: Mapping[str, str], notes: Mapping[str, str]
) -> None:
    """Keep what was agreed upon for a chat; what was kept before goes.

    Args:
        calibration_id: The session.
        place: Which of its chats.
        given: Key of an item → digits, ``na``, or empty for not agreed upon.
        notes: Key of an item → why.

    Raises:
        NotFoundError: If there is no such chat.
        ConflictError: If it is not compared yet, or closed.
        InvalidError: If an item does not take a value, or a note is too long.
    """
    found = _locked(calibration_id)
    if found.compared_at is None or found.closed_at is not None:
        raise ConflictError(_("现在不能改商定的分。"))
    chat_id = db.session.scalar(
        select(CalibrationChat.id).where(
            CalibrationChat.calibration_id == calibration_id, CalibrationChat.place == place
        )
    )
    if chat_id is None:
        raise NotFoundError
    rows = []
    for criterion in rubric_of(found.rubric_digest):
        text, note = given.get(criterion.key, ""), notes.get(criterion.key, "").strip()
        if not text:
            continue
        is_value = text == _NA or (text.isascii() and text.isdecimal() and len(text) == 1)
        value = None if text == _NA or not is_value else int(text)
        if not is_value or not criterion.takes(value):
            raise InvalidError(_("“%(key)s”没有这一档。", key=criterion.key))
        if len(note) > NOTE_MAX:
            raise InvalidError(_("最多写 %(most)s 字。", most=NOTE_MAX))
        rows.append({"criterion": criterion.key, "value": value, "note": note})
    run(delete(CalibrationGold).where(CalibrationGold.chat_id == chat_id))
    for row in rows:
        insert_row(CalibrationGold, {"chat_id": chat_id, **row})


def close(calibration_id: int, *, now: datetime) -> None:
    """End a session; its gold marks judge from now on who is in agreement.

    Raises:
        NotFoundError: If there is no such session.
        ConflictError: If it is not compared yet or is closed, or a chat has no gold marks, or an
            item that was marked differently has none.
    """
    found = _locked(calibration_id)
    if found.compared_at is None or found.closed_at is not None:
        raise ConflictError(_("先对照，再结束。"))
    lacking = db.session.scalar(
        select(CalibrationChat.place)
        .outerjoin(CalibrationGold, CalibrationGold.chat_id == CalibrationChat.id)
        .where(CalibrationChat.calibration_id == calibration_id, CalibrationGold.id.is_(None))
        .order_by(CalibrationChat.place)
        .limit(1)
    )
    if lacking is not None:
        raise ConflictError(_("第 %(n)s 条还没有商定。", n=lacking))
    apart = _apart(calibration_id)
    if apart is not None:
        place, key = apart
        criterion = rubric_of(found.rubric_digest).get(key)
        title = pick(criterion.title) if criterion else key
        raise ConflictError(_("第 %(n)s 条的“%(title)s”还没有商定。", n=place, title=title))
    found.closed_at = now
    db.session.flush()
    agreement_queries.reassess(found.team_id, now=now)


def _apart(calibration_id: int) -> tuple[int, str] | None:
    """The first item that was marked differently and not agreed upon: its chat's place, its key."""
    row = db.session.execute(
        select(CalibrationChat.place, ReviewMark.criterion)
        .join(CalibrationPart, CalibrationPart.chat_id == CalibrationChat.id)
        .join(Review, and_(Review.kind == KIND, Review.subject_id == CalibrationPart.id))
        .join(ReviewMark, and_(ReviewMark.review_id == Review.id, ReviewMark.is_marked))
        .outerjoin(
            CalibrationGold,
            and_(
                CalibrationGold.chat_id == CalibrationChat.id,
                CalibrationGold.criterion == ReviewMark.criterion,
            ),
        )
        .where(
            CalibrationChat.calibration_id == calibration_id,
            Review.state == "done",
            CalibrationGold.id.is_(None),
        )
        .group_by(CalibrationChat.place, ReviewMark.criterion)
        .having(func.count(func.coalesce(ReviewMark.value, -1).distinct()) > 1)
        .order_by(CalibrationChat.place, func.min(ReviewMark.id))
        .limit(1)
    ).first()
    return (row.place, row.criterion) if row else None


def _locked(calibration_id: int) -> Calibration:
    found = db.session.get(Calibration, calibration_id, with_for_update=True)
    if found is None:
        raise NotFoundError
    return found
