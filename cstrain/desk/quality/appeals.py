"""What somebody whose chat was marked can do about it: say it was read, or appeal an item.

An item is appealed once, within the days of the rubric. Whoever has marked the chat does not
decide; the item ends as it was or higher, the whole never lower, and both scores stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, select
from sqlalchemy.orm import aliased

from cstrain.core.people.access import STAFF, Role
from cstrain.core.people.models import Identity
from cstrain.core.people.queries import people_with
from cstrain.core.review.blind import is_hidden_from
from cstrain.core.review.correcting import mark_again
from cstrain.core.review.models import APPEAL, Review, ReviewMark
from cstrain.core.review.rubric import Criterion, Rubric
from cstrain.core.review.service import marks_of
from cstrain.core.review.versions import rubric_of
from cstrain.desk.quality import causes
from cstrain.desk.quality.models import ChatAppeal, ChatReview
from cstrain.desk.quality.reviewing import KIND
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick
from cstrain.kit.outbox import tell

TEXT_MAX: Final = 500
_OPEN: Final = ("open", "drafted")

_later, _marked = aliased(Review), aliased(Review)
_old, _new = aliased(ReviewMark), aliased(ReviewMark)


def may_appeal(criterion: Criterion, row: ReviewMark | None) -> bool:
    """Whether something was lost by this mark; causes and what does not apply lose nothing."""
    is_marked = row is not None and row.is_marked and row.value is not None
    return causes.counts(criterion) and is_marked and row is not None and row.value != row.full


def until(review: Review, rubric: Rubric) -> datetime | None:
    """Until when the marks may be appealed; None where they are not done, or never may."""
    if review.done_at is None or not rubric.appeal_days:
        return None
    return review.done_at + timedelta(days=rubric.appeal_days)


def acknowledge(chat_review_id: int, *, by: int, remark: str, now: datetime) -> None:
    """Say that one has read the marks of one's own chat, with a remark that whoever marked hears.

    The remark may come later, once.

    Raises:
        NotFoundError: If it is nobody's, or somebody else's.
        ConflictError: If it is not marked yet, or was read before and nothing is to be added.
        InvalidError: If the remark is too long.
    """
    chat, remark = _own(chat_review_id, by), remark.strip()
    review = standing_review(chat.id)
    if review is None:
        raise ConflictError(_("还没有评好。"))
    if chat.acknowledged_at is not None and (chat.remark or not remark):
        raise ConflictError(_("已经记过你看过了。"))
    if len(remark) > TEXT_MAX:
        raise InvalidError(_("最多写 %(most)s 字。", most=TEXT_MAX))
    chat.acknowledged_at, chat.remark = chat.acknowledged_at or now, remark
    db.session.flush()
    if remark and review.by_person_id is not None:
        tell(
            review.by_person_id,
            "chat_remarked",
            f"chat_review:{chat.id}",
            team_id=chat.team_id,
            data={"chat_review_id": chat.id, "person_id": by, "remark": remark},
            now=now,
        )


def appeal(chat_review_id: int, criterion: str, text: str, *, by: int, now: datetime) -> int:
    """Ask for one item to be looked at by somebody else; gives the review that will decide it.

    Several items of one chat are decided together while nobody has ended that review. What was
    written to the item is no answer: the one who decides begins with an empty note.

    Raises:
        NotFoundError: If the chat is nobody's, or somebody else's.
        ConflictError: If it is not marked yet, the days are over, the item was appealed before,
            or whoever marked is correcting it at this moment.
        InvalidError: If nothing was lost by the item, or no reason is given.
    """
    chat = _own(chat_review_id, by)
    review = standing_review(chat.id)
    if review is None:
        raise ConflictError(_("还没有评好。"))
    rubric = rubric_of(review.rubric_digest)
    last = until(review, rubric)
    if last is None or now > last:
        raise ConflictError(_("申诉的日子已经过了。"))
    found = rubric.get(criterion)
    if found is None or not may_appeal(found, marks_of(review.id).get(criterion)):
        raise InvalidError(_("这一项没有扣分，不用申诉。"))
    if not text.strip() or len(text) > TEXT_MAX:
        raise InvalidError(_("写一句为什么不同意，最多 %(most)s 字。", most=TEXT_MAX))
    before = db.session.execute(
        select(ChatAppeal.criterion, ChatAppeal.correction_id, Review.state)
        .join(Review, Review.id == ChatAppeal.correction_id)
        .where(ChatAppeal.chat_review_id == chat.id)
        .with_for_update(of=Review)  # nobody ends it meanwhile
    ).all()
    if any(row.criterion == criterion for row in before):
        raise ConflictError(_("这一项申诉过了，一项只能申诉一次。"))
    correction_id = next((row.correction_id for row in before if row.state in _OPEN), None)
    if correction_id is None:
        correction_id = mark_again(review, reason=APPEAL, by=None, now=now)
        _ask_others(chat, correction_id, now=now)
    _without_note(correction_id, criterion, marks_of(review.id)[criterion].note)
    db.session.add(
        ChatAppeal(
            chat_review_id=chat.id,
            review_id=review.id,
            criterion=criterion,
            text=text.strip(),
            at=now,
            correction_id=correction_id,
        )
    )
    db.session.flush()
    return correction_id


def _without_note(correction_id: int, criterion: str, old: str) -> None:
    row = marks_of(correction_id)[criterion]
    if row.note == old:
        row.note = ""
        db.session.flush()


def _ask_others(chat: ChatReview, correction_id: int, *, now: datetime) -> None:
    """Tell those who may decide; where nobody may, all staff, who can find somebody."""
    marked = set(
        db.session.scalars(
            select(Review.by_person_id).where(
                Review.kind == KIND, Review.subject_id == chat.id, Review.state == "done"
            )
        )
    )
    others = set(people_with(chat.team_id, Role.TRAINER, Role.MANAGER)) - marked
    others.discard(chat.person_id)
    told = others or set(people_with(chat.team_id, *STAFF)) - {chat.person_id}
    for person_id in sorted(told):
        tell(
            person_id,
            "chat_appealed",
            f"review:{correction_id}",
            team_id=chat.team_id,
            data={
                "review_id": correction_id,
                "person_id": chat.person_id,
                "has_nobody": not others,
            },
            now=now,
        )


def _own(chat_review_id: int, person_id: int) -> ChatReview:
    chat = db.session.get(ChatReview, chat_review_id, with_for_update=True)
    if chat is None or chat.person_id != person_id:
        raise NotFoundError
    return chat


def standing_review(chat_review_id: int) -> Review | None:
    """The marks of a chat that count; None before there are any."""
    return db.session.scalar(
        select(Review)
        .outerjoin(_later, and_(_later.supersedes_id == Review.id, _later.state == "done"))
        .where(
            Review.kind == KIND,
            Review.subject_id == chat_review_id,
            Review.state == "done",
            _later.id.is_(None),
        )
    )


@dataclass(frozen=True, slots=True)
class Appealed:
    """An appeal as pages show it.

    Attributes:
        is_decided: Whether another has ended the review that decides.
        was: The value that is not agreed with, and ``was_note`` what was written to it.
        now: The value that was decided; meaningless before.
        answer: What the one who decided wrote.
        by_name: Who decided; empty before, and where the name has been erased.
    """

    criterion: str
    text: str
    at: datetime
    correction_id: int
    is_decided: bool
    was: int | None
    was_note: str
    now: int | None
    answer: str
    by_name: str

    @property
    def is_changed(self) -> bool:
        """Whether the item ended otherwise than it was."""
        return self.is_decided and self.was != self.now


_APPEALS: Select[*tuple[Any, ...]] = (
    select(
        ChatAppeal.criterion,
        ChatAppeal.text,
        ChatAppeal.at,
        ChatAppeal.correction_id,
        (Review.state == "done").label("is_decided"),
        _old.value.label("was"),
        func.coalesce(_old.note, "").label("was_note"),
        _new.value.label("now"),
        _new.note.label("answer"),
        func.coalesce(Identity.name, "").label("by_name"),
    )
    .join(Review, Review.id == ChatAppeal.correction_id)
    .outerjoin(
        _old,
        and_(_old.review_id == ChatAppeal.review_id, _old.criterion == ChatAppeal.criterion),
    )
    .outerjoin(
        _new,
        and_(_new.review_id == ChatAppeal.correction_id, _new.criterion == ChatAppeal.criterion),
    )
    .outerjoin(Identity, Identity.person_id == Review.by_person_id)
    .order_by(ChatAppeal.id)
)


def of_chat(chat_review_id: int) -> list[Appealed]:
    """The appeals of a chat, the first first. One statement."""
    found = _APPEALS.where(ChatAppeal.chat_review_id == chat_review_id)
    return [Appealed(*row) for row in db.session.execute(found)]


def is_barred(person_id: int) -> ColumnElement[bool]:
    """Whether a review decides an appeal and somebody has marked that chat before."""
    has_marked = select(_marked.id).where(
        _marked.kind == KIND,
        _marked.subject_id == Review.subject_id,
        _marked.state == "done",
        _marked.by_person_id == person_id,
    )
    return and_(Review.supersedes_id.is_not(None), Review.reason == APPEAL, has_marked.exists())


@dataclass(frozen=True, slots=True)
class Turned:
    """How many appeals were decided, and how many of them changed the mark.

    Attributes:
        name: A criterion, or who had marked; empty where the name has been erased.
    """

    name: str
    count: int
    changed_count: int


_team_ids: Any = bindparam("team_ids", expanding=True)
_me: Any = bindparam("me")
_first = aliased(Review)
_TURNED = (
    select(
        ChatReview.team_id,
        _first.rubric_digest,
        ChatAppeal.criterion,
        _first.by_person_id,
        func.coalesce(Identity.name, "").label("name"),
        func.count().label("appeal_count"),
        func.sum(case((_old.value.is_distinct_from(_new.value), 1), else_=0)).label("changed"),
    )
    .join(ChatReview, ChatReview.id == ChatAppeal.chat_review_id)
    .join(Review, and_(Review.id == ChatAppeal.correction_id, Review.state == "done"))
    .join(_first, _first.id == ChatAppeal.review_id)
    .join(
        _old,
        and_(_old.review_id == ChatAppeal.review_id, _old.criterion == ChatAppeal.criterion),
    )
    .join(
        _new,
        and_(_new.review_id == ChatAppeal.correction_id, _new.criterion == ChatAppeal.criterion),
    )
    .outerjoin(Identity, Identity.person_id == _first.by_person_id)
    .where(
        ChatReview.team_id.in_(_team_ids),
        ~is_hidden_from(_me, Review.kind, Review.subject_id),
    )
    .group_by(
        ChatReview.team_id,
        _first.rubric_digest,
        ChatAppeal.criterion,
        _first.by_person_id,
        Identity.name,
    )
    .order_by(ChatReview.team_id, ChatAppeal.criterion, _first.by_person_id)
)


def turned(team_ids: Sequence[int], *, me: int) -> dict[int, tuple[list[Turned], list[Turned]]]:
    """By team the decided appeals: by item, and by who had marked. One statement.

    Those of chats that ``me`` still marks blind are left out: they would tell the first marks.
    """
    by_item: dict[int, dict[str, Turned]] = {}
    by_marker: dict[int, dict[int | None, Turned]] = {}
    for row in db.session.execute(_TURNED, {"team_ids": list(team_ids), "me": me}):
        criterion = rubric_of(row.rubric_digest).get(row.criterion)
        title = pick(criterion.title) if criterion else row.criterion
        _add(by_item.setdefault(row.team_id, {}), row.criterion, title, row)
        _add(by_marker.setdefault(row.team_id, {}), row.by_person_id, row.name, row)
    return {
        team_id: (list(items.values()), list(by_marker[team_id].values()))
        for team_id, items in by_item.items()
    }


def _add(found: dict[Any, Turned], key: Any, name: str, row: Any) -> None:
    before = found.get(key, Turned(name, 0, 0))
    found[key] = Turned(
        name, before.count + row.appeal_count, before.changed_count + int(row.changed)
    )
