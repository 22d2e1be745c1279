"""Reads of the inbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select

from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway.models import DecisionRow, Enrolment, StageState
from cstrain.core.people.access import STAFF
from cstrain.core.people.models import Identity, Membership
from cstrain.core.review.models import Review
from cstrain.kit.db import db
from cstrain.notices.models import InboxMessage

PAGE_SIZE = 50
#: From here on the bell shows no exact number.
COUNTED_TO = 100


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it lies in the inbox.

    Attributes:
        is_settled: Whether what it asks for has been done, by whomever.
    """

    id: int
    team_id: int | None
    topic: str
    data: Mapping[str, Any]
    created_at: datetime
    is_read: bool
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an inbox, newest first."""

    messages: Sequence[Message]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // PAGE_SIZE), 1)


def unread_count(person_id: int) -> int:
    """How many messages wait for a person, counted up to 100; one look at an index."""
    some = (
        select(literal(1))
        .where(InboxMessage.person_id == person_id, _is_unread())
        .limit(COUNTED_TO)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def page(person_id: int, *, only_unread: bool, number: int) -> Page:
    """A page of a person's inbox, the last one for a number past it."""
    mine = InboxMessage.person_id == person_id
    wanted = mine & _is_unread() if only_unread else mine
    total = db.session.scalar(select(func.count()).select_from(InboxMessage).where(wanted)) or 0
    number = min(max(number, 1), max(-(-total // PAGE_SIZE), 1))
    rows = db.session.execute(
        select(*_columns())
        .where(wanted)
        .order_by(InboxMessage.created_at.desc(), InboxMessage.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    messages = [Message(*row) for row in rows]
    return Page(messages, number, total)


def own_message(person_id: int, message_id: int) -> Message | None:
    """A message of a person's own inbox."""
    row = db.session.execute(
        select(*_columns()).where(
            InboxMessage.id == message_id, InboxMessage.person_id == person_id
        )
    ).one_or_none()
    return None if row is None else Message(*row)


def _columns() -> tuple[Any, ...]:
    """The columns of ``Message``."""
    return (
        InboxMessage.id,
        InboxMessage.team_id,
        InboxMessage.topic,
        InboxMessage.data,
        InboxMessage.created_at,
        InboxMessage.read_at.is_not(None),
        _is_settled(),
    )


def settled_unread(limit: int) -> list[int]:
    """Messages to staff that nobody has opened and that ask for nothing any more."""
    staff = select(Membership.person_id).where(
        Membership.role.in_(STAFF), Membership.until_at.is_(None)
    )
    return list(
        db.session.scalars(
            select(InboxMessage.id)
            .where(InboxMessage.read_at.is_(None), InboxMessage.person_id.in_(staff), _is_settled())
            .limit(limit)
        )
    )


def _is_unread() -> ColumnElement[bool]:
    return and_(InboxMessage.read_at.is_(None), ~_is_settled())


def _is_settled() -> ColumnElement[bool]:
    """Whether a request to staff needs nobody any more; other messages ask staff for nothing.

    A gate's request stands while the trainee is in that stage and waits for just this; a
    proposal while it is one; an appeal until somebody has decided it; a red line until a
    correction has taken it back.
    """
    decision_id = InboxMessage.data["decision_id"].as_integer()
    still_waits = exists().where(
        DecisionRow.id == decision_id,
        Enrolment.id == DecisionRow.enrolment_id,
        Enrolment.state == "active",
        Enrolment.stage == DecisionRow.stage,
        StageState.enrolment_id == DecisionRow.enrolment_id,
        StageState.cycle == DecisionRow.cycle,
        StageState.stage == DecisionRow.stage,
        StageState.state == DecisionRow.verdict,
    )
    is_proposed = exists().where(DecisionRow.id == decision_id, DecisionRow.state == "proposed")
    is_appealed = exists().where(
        Review.id == InboxMessage.data["review_id"].as_integer(),
        Review.state.in_(("open", "drafted")),
    )
    is_taken_back = exists().where(
        Evidence.supersedes_id == InboxMessage.data["flag_id"].as_integer()
    )
    return or_(
        and_(InboxMessage.topic.in_(("gate_wait_staff", "gate_help_staff")), ~still_waits),
        and_(InboxMessage.topic == "override_proposed", ~is_proposed),
        and_(InboxMessage.topic == "chat_appealed", ~is_appealed),
        and_(InboxMessage.topic == "chat_red_line", is_taken_back),
    )


def names_of(person_ids: Collection[int]) -> dict[int, str]:
    """Names by person; people whose names were erased are missing."""
    if not person_ids:
        return {}
    rows = db.session.execute(
        select(Identity.person_id, Identity.name).where(Identity.person_id.in_(person_ids))
    ).all()
    return {row.person_id: row.name for row in rows}
