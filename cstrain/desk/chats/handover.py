"""Hand-overs: what an agent has open goes to another when a shift ends or the agent leaves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import aliased

from cstrain.core.people.models import Identity, Membership, Team
from cstrain.desk.chats import follow_ups
from cstrain.desk.chats.erasing import PACK
from cstrain.desk.chats.message import Role
from cstrain.desk.chats.models import (
    ChatAccount,
    ChatConversation,
    ChatFollowUp,
    ChatHandover,
    ChatHandoverItem,
    ChatMessage,
)
from cstrain.kit import jobs, outbox
from cstrain.kit.clock import local_day
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, NotFoundError
from cstrain.kit.i18n import gettext as _

WHY: Final = ("shift", "leaves")
#: So many days back it is looked for customers who had the last word.
LOOKED_BACK: Final = timedelta(days=7)
#: What a hand-over takes at most; a page and a pack show all of it.
ITEMS_MAX: Final = 100
#: So much of what a customer said last stands in what is to be done.
TASK_CHARS: Final = 60


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation in which the customer had the last word."""

    id: int
    buyer: str
    account: str
    began_at: datetime | None
    #: Nobody answered anything in it.
    is_unanswered: bool
    text: str


def waiting(person_id: int, team_id: int, timezone: str, *, now: datetime) -> Sequence[Waiting]:
    """A person's conversations of the last days that the customer ended, not followed up yet."""
    chat, said = ChatConversation, ChatMessage
    last = (
        select(said.id)
        .where(said.conversation_id == chat.id, said.role.in_((Role.BUYER, Role.AGENT)))
        .order_by(said.ordinal.desc())
        .limit(1)
        .correlate(chat)
        .scalar_subquery()
    )
    is_followed = exists().where(ChatFollowUp.conversation_id == chat.id)
    rows = db.session.execute(
        select(
            chat.id,
            chat.buyer_nick,
            ChatAccount.name,
            chat.began_at,
            chat.is_unanswered,
            said.text,
        )
        .join(ChatAccount, ChatAccount.id == chat.account_id)
        .join(said, said.id == last)
        .where(
            ChatAccount.person_id == person_id,
            chat.team_id == team_id,
            chat.day >= local_day(now - LOOKED_BACK, timezone),
            said.role == Role.BUYER,
            said.text.is_not(None),
            ~is_followed,
        )
        .order_by(chat.is_unanswered.desc(), chat.day.desc(), chat.id.desc())
        .limit(ITEMS_MAX)
    )
    return [Waiting(*row[:-1], row[-1] or "") for row in rows]


def hand_over(  # noqa: PLR0913 - the columns of one row
    team_id: int,
    from_id: int,
    to_id: int,
    *,
    why: str,
    note: str,
    follow_up_ids: Collection[int],
    chats: Sequence[Waiting],
    by: int,
    now: datetime,
) -> int:
    """Give what one has open to another, in the caller's transaction.

    Args:
        team_id: The team of both.
        from_id: Who had it.
        to_id: Who goes on with it, and is told.
        why: One of ``WHY``.
        note: What the successor should know.
        follow_up_ids: Open ones of the first; others are passed over.
        chats: From ``waiting``, those that are to be followed up.
        by: Who does it.
        now: The time.

    Returns:
        The hand-over's id; its pack is being made.

    Raises:
        ConflictError: If both are one, or there is nothing to hand over.
    """
    if from_id == to_id:
        raise ConflictError(_("交班和接班的是同一个人。"))
    mine = (ChatFollowUp.owner_id == from_id) & (ChatFollowUp.team_id == team_id)
    ids = list(
        db.session.scalars(
            select(ChatFollowUp.id)
            .where(ChatFollowUp.id.in_(follow_up_ids), ChatFollowUp.closed_at.is_(None), mine)
            .with_for_update()
        )
    )
    ids += [
        follow_ups.open_up(
            each.id,
            _("看看要不要回：%(text)s", text=each.text[:TASK_CHARS]),
            team_id=team_id,
            owner_id=from_id,
            due_on=None,
            by=by,
            now=now,
        )
        for each in chats
    ]
    if not ids:
        raise ConflictError(_("没有勾要交的事。"))
    row = ChatHandover(
        team_id=team_id,
        from_person_id=from_id,
        to_person_id=to_id,
        why=why,
        note=note,
        by_person_id=by,
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add_all(ChatHandoverItem(handover_id=row.id, follow_up_id=each) for each in ids)
    db.session.execute(update(ChatFollowUp).where(ChatFollowUp.id.in_(ids)).values(owner_id=to_id))
    follow_ups.log(ids, "handed", note, to=to_id, by=by, now=now)
    pack_anew(row, by=by, now=now)
    outbox.tell(
        to_id,
        "chats_handed",
        f"handover:{row.id}",
        team_id=team_id,
        data={"handover_id": row.id, "person_id": from_id, "count": len(ids)},
        now=now,
    )
    return row.id


def take(row: ChatHandover, *, by: int, now: datetime) -> None:
    """The successor has it in hand, in the caller's transaction; said twice it counts once."""
    if row.taken_at is not None:
        return
    row.taken_at = now
    follow_ups.log(items_of(row.id), "taken", "", to=None, by=by, now=now)
    pack_anew(row, by=by, now=now)


def pack_anew(row: ChatHandover, *, by: int, now: datetime) -> None:
    """Let a job make the pack of a hand-over, in the caller's transaction."""
    row.job_id = jobs.enqueue(PACK, {"handover": row.id}, by=by, team_id=row.team_id, now=now)


def items_of(handover_id: int) -> list[int]:
    """What was open at a hand-over."""
    return list(
        db.session.scalars(
            select(ChatHandoverItem.follow_up_id)
            .where(ChatHandoverItem.handover_id == handover_id)
            .order_by(ChatHandoverItem.follow_up_id)
        )
    )


# -- for pages ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Handover:
    """A hand-over and the names in it."""

    row: ChatHandover
    team: str
    timezone: str
    from_name: str
    to_name: str
    by_name: str


def handovers(
    team_ids: Sequence[int], person_id: int, *, handover_id: int | None = None, limit: int = 20
) -> Sequence[Handover]:
    """Hand-overs in these teams, and those to a person who works there, the newest first."""
    row = ChatHandover
    is_here = exists().where(
        Membership.person_id == person_id,
        Membership.team_id == row.team_id,
        Membership.until_at.is_(None),
    )
    names = [aliased(Identity) for _each in range(3)]
    asked = (
        select(row, Team.name, Team.timezone, *(each.name for each in names))
        .join(Team, Team.id == row.team_id)
        .where(or_(row.team_id.in_(team_ids), (row.to_person_id == person_id) & is_here))
        .order_by(row.id.desc())
        .limit(limit)
    )
    people = (row.from_person_id, row.to_person_id, row.by_person_id)
    for name, person in zip(names, people, strict=True):
        asked = asked.join(name, name.person_id == person, isouter=True)
    if handover_id is not None:
        asked = asked.where(row.id == handover_id)
    return [
        Handover(each[0], each[1], each[2], *(name or _("一位离开的同事") for name in each[3:]))
        for each in db.session.execute(asked)
    ]


def one(handover_id: int, team_ids: Sequence[int], person_id: int) -> Handover:
    """A hand-over of these teams or to this person.

    Raises:
        NotFoundError: If it is neither.
    """
    found = handovers(team_ids, person_id, handover_id=handover_id, limit=1)
    if not found:
        raise NotFoundError
    return found[0]
