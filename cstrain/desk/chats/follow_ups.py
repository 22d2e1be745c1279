"""What is still to be done after a conversation, whose it is, and the log of its handling."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased

from cstrain.core.people.models import Identity, Membership
from cstrain.desk.chats.models import (
    ChatAccount,
    ChatConversation,
    ChatFollowUp,
    ChatFollowUpNote,
)
from cstrain.kit.db import db, insert_for
from cstrain.kit.errors import ConflictError, NotFoundError
from cstrain.kit.i18n import gettext as _

TEXT_MAX: Final = 500
_SHOWN: Final = 300


def open_up(  # noqa: PLR0913 - the columns of one row
    conversation_id: int,
    task: str,
    *,
    team_id: int,
    owner_id: int,
    due_on: date | None,
    by: int,
    now: datetime,
) -> int:
    """Note that a conversation needs something more, in the caller's transaction.

    Returns:
        Its id.

    Raises:
        ConflictError: If the conversation is erased or being followed up already, or no task is
            given.
    """
    if not task:
        raise ConflictError(_("写一句要做什么。"))
    chat = db.session.get(
        ChatConversation, conversation_id, with_for_update=True, populate_existing=True
    )
    if chat is None or chat.erased_by is not None:
        raise ConflictError(_("这段聊天的内容已经按期删除了。"))
    made = db.session.execute(
        insert_for(ChatFollowUp)
        .values(
            team_id=team_id,
            conversation_id=conversation_id,
            owner_id=owner_id,
            task=task,
            due_on=due_on,
            opened_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ChatFollowUp.id)
    ).scalar()
    if made is None:
        raise ConflictError(_("这段聊天已经有人在跟了。"))
    log([made], "opened", task, to=owner_id, by=by, now=now)
    return int(made)


def log(  # noqa: PLR0913 - the columns of one row
    follow_up_ids: Sequence[int], what: str, text: str, *, to: int | None, by: int, now: datetime
) -> None:
    """Write a line into the log of each, in the caller's transaction."""
    db.session.add_all(
        ChatFollowUpNote(
            follow_up_id=each, at=now, by_person_id=by, what=what, text=text, to_person_id=to
        )
        for each in follow_up_ids
    )


def locked(follow_up_id: int, *, owner_id: int) -> ChatFollowUp:
    """An open one, to be changed in the caller's transaction.

    Args:
        follow_up_id: Which.
        owner_id: Who had it when that was looked at.

    Raises:
        NotFoundError: If there is none.
        ConflictError: If it is done, or somebody else has it by now.
    """
    row = db.session.get(ChatFollowUp, follow_up_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError
    if row.closed_at is not None:
        raise ConflictError(_("这件事已经办完了。"))
    if row.owner_id != owner_id:
        raise ConflictError(_("这件事刚刚交给别人了。"))
    return row


def note(  # noqa: PLR0913 - the columns of one row
    row: ChatFollowUp, text: str, *, owner_id: int, due_on: date | None, by: int, now: datetime
) -> None:
    """Add what was done, and who goes on with it until when, in the caller's transaction.

    Raises:
        ConflictError: If nothing was said and nobody else is to go on.
    """
    is_other = owner_id != row.owner_id
    if not text and not is_other and due_on == row.due_on:
        raise ConflictError(_("写一句做了什么。"))
    row.owner_id, row.due_on = owner_id, due_on
    what = "handed" if is_other else "noted"
    log([row.id], what, text, to=owner_id if is_other else None, by=by, now=now)


def close(row: ChatFollowUp, text: str, *, by: int, now: datetime) -> None:
    """Say that it is done, in the caller's transaction."""
    row.closed_at = now
    log([row.id], "closed", text, to=None, by=by, now=now)


def followed(conversation_ids: Collection[int]) -> set[int]:
    """Those of these conversations that were ever followed up: they do not go by mistake."""
    return set(
        db.session.scalars(
            select(ChatFollowUp.conversation_id).where(
                ChatFollowUp.conversation_id.in_(conversation_ids)
            )
        )
    )


# -- for pages ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One thing to be done, with what a list says of it."""

    id: int
    team_id: int
    conversation_id: int
    owner_id: int
    owner: str
    #: Whether the owner works in the team.
    is_here: bool
    task: str
    due_on: date | None
    opened_at: datetime
    closed_at: datetime | None
    buyer: str
    account: str
    shop: str
    began_at: datetime | None


#: Whether the owner works in the team.
_IS_HERE: Final = exists().where(
    Membership.person_id == ChatFollowUp.owner_id,
    Membership.team_id == ChatFollowUp.team_id,
    Membership.until_at.is_(None),
)


def _asked(condition: ColumnElement[bool]) -> Sequence[FollowUp]:
    row, chat, account = ChatFollowUp, ChatConversation, ChatAccount
    rows = db.session.execute(
        select(row, Identity.name, _IS_HERE, chat.buyer_nick, chat.began_at, account)
        .join(chat, chat.id == row.conversation_id)
        .join(account, account.id == chat.account_id)
        .join(Identity, Identity.person_id == row.owner_id, isouter=True)
        .where(condition)
        .order_by(row.owner_id, row.due_on.is_(None), row.due_on, row.id)
        .limit(_SHOWN)
    )
    return [
        FollowUp(
            id=each.id,
            team_id=each.team_id,
            conversation_id=each.conversation_id,
            owner_id=each.owner_id,
            owner=owner or "",
            is_here=here,
            task=each.task or _("内容已按期限删除"),
            due_on=each.due_on,
            opened_at=each.opened_at,
            closed_at=each.closed_at,
            buyer=buyer,
            began_at=began_at,
            account=of.name,
            shop=of.shop,
        )
        for each, owner, here, buyer, began_at, of in rows
    ]


def open_ones(team_ids: Sequence[int], person_id: int) -> Sequence[FollowUp]:
    """What is open in these teams, and what a person has where the person works, by both."""
    row = ChatFollowUp
    mine = or_(row.team_id.in_(team_ids), (row.owner_id == person_id) & _IS_HERE)
    return _asked(row.closed_at.is_(None) & mine)


def open_of(team_id: int, owner_id: int) -> Sequence[FollowUp]:
    """What somebody has open in a team, by date."""
    row = ChatFollowUp
    return _asked(row.closed_at.is_(None) & (row.team_id == team_id) & (row.owner_id == owner_id))


def open_after(conversation_id: int) -> Sequence[FollowUp]:
    """What is open after a conversation: one at most."""
    row = ChatFollowUp
    return _asked((row.conversation_id == conversation_id) & row.closed_at.is_(None))


def of_conversation(conversation_id: int) -> Sequence[FollowUp]:
    """What was and is to be done after a conversation, what is open first."""
    found = _asked(ChatFollowUp.conversation_id == conversation_id)
    return sorted(found, key=lambda each: (each.closed_at is not None, -each.id))


def by_id(follow_up_ids: Sequence[int]) -> Sequence[FollowUp]:
    """These, by owner and date."""
    return _asked(ChatFollowUp.id.in_(follow_up_ids))


@dataclass(frozen=True, slots=True)
class Note:
    """A line of a log."""

    follow_up_id: int
    at: datetime
    by: str
    what: str
    text: str
    to: str


def notes(follow_up_ids: Sequence[int]) -> Sequence[Note]:
    """The logs of these, in order."""
    by, to, row = aliased(Identity), aliased(Identity), ChatFollowUpNote
    rows = db.session.execute(
        select(row.follow_up_id, row.at, by.name, row.what, row.text, to.name)
        .join(by, by.person_id == row.by_person_id, isouter=True)
        .join(to, to.person_id == row.to_person_id, isouter=True)
        .where(row.follow_up_id.in_(follow_up_ids))
        .order_by(row.id)
    )
    return [Note(a, b, c or "", d, e, f or "") for a, b, c, d, e, f in rows]


def word(each: Note) -> str:
    """What a line of a log says was done."""
    match each.what:
        case "opened":
            return _("记下要跟进，交给%(name)s", name=each.to or _("一位同事"))
        case "handed":
            return _("交给%(name)s", name=each.to or _("一位同事"))
        case "taken":
            return _("接手")
        case "closed":
            return _("办完")
    return _("处理")
