"""How long what was said is kept: a rule for each team, and conversations that must stay.

The text of a conversation and its source's rows are one thing here, for both are masked and sealed
together. Figures stay: nothing in them tells who somebody is. Every erasure is a link of the chain;
lines of a file that were no messages are in none, and what stood in them goes as silently.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Select, exists, func, select, union_all, update

from cstrain.core.people.models import Identity, Team
from cstrain.desk.chats import hooks
from cstrain.desk.chats.erasing import erase, forget_refused
from cstrain.desk.chats.models import (
    ChatConversation,
    ChatFollowUp,
    ChatHold,
    ChatImport,
    ChatRefused,
    ChatRetention,
)
from cstrain.desk.chats.service import chain_of
from cstrain.kit import duties
from cstrain.kit.chain import Link, LinkKind
from cstrain.kit.clock import day_start, local_day
from cstrain.kit.db import db, insert_for, transaction
from cstrain.kit.errors import ConflictError, NotFoundError
from cstrain.kit.i18n import gettext as _

#: Three years, as platforms keep what belongs to a trade; a shop says less where less is enough.
USUAL_DAYS: Final = 1_095
MIN_DAYS: Final = 30
MAX_DAYS: Final = 3_650
_AT_ONCE: Final = 500
LOGGED: Final = 50


def set_days(team_id: int, days: int, *, by: int, now: datetime) -> None:
    """Say how long a team keeps what was said, in the caller's transaction.

    Raises:
        ValueError: If that is shorter or longer than anybody may say.
    """
    if not MIN_DAYS <= days <= MAX_DAYS:
        raise ValueError(f"{days} days are not between {MIN_DAYS} and {MAX_DAYS}")
    values = {"text_days": days, "by_person_id": by, "at": now}
    db.session.execute(
        insert_for(ChatRetention)
        .values(team_id=team_id, **values)
        .on_conflict_do_update(index_elements=["team_id"], set_=values)
    )


def hold(
    conversation_id: int, reason: str, *, team_ids: Sequence[int], by: int, now: datetime
) -> None:
    """Let a conversation stay, in the caller's transaction; one that stays already, too.

    Raises:
        NotFoundError: If none of these teams has it.
        ConflictError: If it is erased already, or no reason is given.
    """
    if not reason:
        raise ConflictError(_("写一句为什么要留着。"))
    row = db.session.get(
        ChatConversation, conversation_id, with_for_update=True, populate_existing=True
    )
    if row is None or row.team_id not in team_ids:
        raise NotFoundError
    if row.erased_by is not None:
        raise ConflictError(_("这段聊天的内容已经按期删除了。"))
    db.session.execute(
        insert_for(ChatHold)
        .values(
            team_id=row.team_id,
            conversation_id=conversation_id,
            reason=reason,
            by_person_id=by,
            at=now,
        )
        .on_conflict_do_nothing()
    )


def release(conversation_id: int, *, team_ids: Sequence[int], by: int, now: datetime) -> None:
    """Let the rule apply again, in the caller's transaction."""
    db.session.execute(
        update(ChatHold)
        .where(
            ChatHold.conversation_id == conversation_id,
            ChatHold.team_id.in_(team_ids),
            ChatHold.released_at.is_(None),
        )
        .values(released_by_person_id=by, released_at=now)
    )


def held(conversation_ids: Collection[int]) -> set[int]:
    """Those of these conversations that must stay."""
    return set(
        db.session.scalars(
            select(ChatHold.conversation_id).where(
                ChatHold.conversation_id.in_(conversation_ids), ChatHold.released_at.is_(None)
            )
        )
    )


def _last(timezone: str, days: int, now: datetime) -> date:
    """The first local day that is not over yet."""
    return local_day(now, timezone) - timedelta(days=days)


def due(team_id: int, timezone: str, days: int, *, now: datetime) -> Sequence[int]:
    """Conversations whose time is over, some hundred at most, the oldest first."""
    row = ChatConversation
    for over in overdue(team_id, timezone, days, now=now):
        found = db.session.scalars(over.order_by(row.day, row.id).limit(_AT_ONCE)).all()
        if found:
            return found
    return []


def due_count(team_id: int, timezone: str, days: int, *, now: datetime) -> int:
    """How many conversations will go the next night."""
    over = union_all(*overdue(team_id, timezone, days, now=now)).subquery()
    return db.session.scalar(select(func.count()).select_from(over)) or 0


def overdue(
    team_id: int, timezone: str, days: int, *, now: datetime
) -> tuple[Select[int], Select[int]]:
    """Conversations whose time is over: those of a day, and those without.

    Apart, because an index finds either without reading what is kept or was erased before.
    """
    row, held_ = ChatConversation, ChatHold
    last = _last(timezone, days, now)
    is_held = exists().where(held_.conversation_id == row.id, held_.released_at.is_(None))
    is_open = exists().where(
        ChatFollowUp.conversation_id == row.id, ChatFollowUp.closed_at.is_(None)
    )
    unfinished = [waits(row.id) for waits in hooks.unfinished]
    over = select(row.id).where(
        row.team_id == team_id,
        row.erased_by.is_(None),
        *(~each for each in (is_held, is_open, *unfinished)),
    )
    # Without a time it counts from when it came in.
    undated = over.join(ChatImport, ChatImport.id == row.import_id).where(
        row.day.is_(None), ChatImport.created_at < day_start(last, timezone)
    )
    return over.where(row.day < last), undated


@duties.daily(3, name="chats.retention")
def erase_old(now: datetime) -> None:
    """Erase what every team need not keep any more."""
    rules = db.session.execute(
        select(ChatRetention.team_id, ChatRetention.text_days, Team.timezone).join(
            Team, Team.id == ChatRetention.team_id
        )
    ).all()
    for rule in rules:
        while _erase_some(rule.team_id, rule.timezone, rule.text_days, now):
            pass
        while _forget_some(rule.team_id, rule.timezone, rule.text_days, now):
            pass


def _erase_some(team_id: int, timezone: str, days: int, now: datetime) -> bool:
    """Erase some conversations whose time is over; tells whether there were any."""
    with transaction():
        found = due(team_id, timezone, days, now=now)
        db.session.execute(
            select(ChatConversation.id)
            .where(ChatConversation.id.in_(found))
            .order_by(ChatConversation.id)
            .with_for_update()
        )
        # Somebody may have said meanwhile that one must stay.
        ids = sorted(set(found).intersection(due(team_id, timezone, days, now=now)))
        reason = f"retention of {days} days"
        if ids and erase(ids, team_id=team_id, reason=reason, now=now) is None:
            db.session.execute(
                update(ChatConversation).where(ChatConversation.id.in_(ids)).values(erased_by=0)
            )
    return bool(found)


def old_refused(team_id: int, timezone: str, days: int, *, now: datetime) -> Select[int]:
    """Lines that were no messages and whose time is over, of which something is kept."""
    over = day_start(_last(timezone, days, now), timezone)
    return (
        select(ChatRefused.id)
        .join(ChatImport, ChatImport.id == ChatRefused.import_id)
        .where(
            ChatRefused.source.is_not(None),
            ChatImport.team_id == team_id,
            ChatImport.created_at < over,
        )
    )


def _forget_some(team_id: int, timezone: str, days: int, now: datetime) -> bool:
    """Forget what stood in some lines whose time is over; tells whether there were any."""
    with transaction():
        found = db.session.scalars(
            old_refused(team_id, timezone, days, now=now).limit(_AT_ONCE)
        ).all()
        forget_refused(ChatRefused.id.in_(found))
    return bool(found)


# -- for pages ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation that must stay, and who said so."""

    conversation_id: int
    reason: str
    name: str
    at: datetime


def days_of(team_ids: Sequence[int]) -> dict[int, int]:
    """Team → how many days what was said is kept; teams without a rule keep it."""
    rows = db.session.execute(
        select(ChatRetention.team_id, ChatRetention.text_days).where(
            ChatRetention.team_id.in_(team_ids)
        )
    )
    return {row.team_id: row.text_days for row in rows}


def holds(team_ids: Sequence[int], conversation_id: int | None = None) -> Sequence[Held]:
    """What must stay, the newest first."""
    asked = (
        select(ChatHold.conversation_id, ChatHold.reason, Identity.name, ChatHold.at)
        .join(Identity, Identity.person_id == ChatHold.by_person_id, isouter=True)
        .where(ChatHold.team_id.in_(team_ids), ChatHold.released_at.is_(None))
        .order_by(ChatHold.id.desc())
    )
    if conversation_id is not None:
        asked = asked.where(ChatHold.conversation_id == conversation_id)
    return [Held(row[0], row[1], row[2] or "", row[3]) for row in db.session.execute(asked)]


@dataclass(frozen=True, slots=True)
class Erasures:
    """A page of the log of what was deleted, the newest first."""

    rows: Sequence[Link]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(-(-self.total // LOGGED), 1)


def erasures(team_ids: Sequence[int], *, number: int = 1) -> Erasures:
    """The log of what was deleted of these teams."""
    rows = db.session.execute(
        select(Link, func.count().over().label("total"))
        .where(
            Link.chain.in_([chain_of(team_id) for team_id in team_ids]),
            Link.kind == LinkKind.ERASURE.value,
        )
        .order_by(Link.id.desc())
        .limit(LOGGED)
        .offset((number - 1) * LOGGED)
    ).all()
    return Erasures([row.Link for row in rows], number, rows[0].total if rows else 0)
