"""What pages and commands read of the archive. Who may see a team is the caller's to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    func,
    literal_column,
    select,
    table,
    text,
)

from cstrain.core.people.models import Identity
from cstrain.desk.chats.models import (
    SEARCH,
    ChatAccount,
    ChatConversation,
    ChatImport,
    ChatMessage,
    ChatRefused,
)
from cstrain.kit import bulk, search
from cstrain.kit.db import BigId, db
from cstrain.kit.errors import NotFoundError

PAGE: Final = 50
#: So many times the index is asked for more where what it found does not fit exactly.
_TRIES: Final = 4
_FLAGS: Final = ("is_unanswered", "has_forbidden", "has_refund", "has_complaint")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which conversations are meant.

    Attributes:
        team_ids: Whose.
        platform: Empty for any.
        shop: The shop's main account; empty for any.
        account_id: A sub-account; None for any.
        person_id: Of whoever's sub-accounts; None for anybody's.
        from_day: From this local day on; None without a limit.
        to_day: To this one, it too.
        flags: Of ``is_unanswered``, ``has_forbidden``, ``has_refund``, ``has_complaint``: all
            that must hold.
        rating_max: Rated so low at best; None for any, unrated ones too.
        buyer_key: Of the same buyer; None for any.
    """

    team_ids: Sequence[int]
    platform: str = ""
    shop: str = ""
    account_id: int | None = None
    person_id: int | None = None
    from_day: date | None = None
    to_day: date | None = None
    flags: Sequence[str] = ()
    rating_max: int | None = None
    buyer_key: bytes | None = None

    @property
    def condition(self) -> ColumnElement[bool]:
        """As a condition on ``ChatConversation``.

        Raises:
            ValueError: If a flag is none.
        """
        row = ChatConversation
        said: list[ColumnElement[bool]] = [row.team_id.in_(self.team_ids)]
        accounts = self._accounts()
        if accounts is not None:
            said.append(row.account_id.in_(accounts))
        if self.account_id is not None:
            said.append(row.account_id == self.account_id)
        if self.from_day is not None:
            said.append(row.day >= self.from_day)
        if self.to_day is not None:
            said.append(row.day <= self.to_day)
        for flag in self.flags:
            if flag not in _FLAGS:
                raise ValueError(f"{flag!r} is no flag of a conversation")
            # As the partial indexes say it.
            said.append(literal_column(f"chat_conversation.{flag}", Boolean))
        if self.rating_max is not None:
            said.append(row.rating <= self.rating_max)
        if self.buyer_key is not None:
            said.append(row.buyer_key == self.buyer_key)
        return and_(*said)

    def _accounts(self) -> Select[Any] | None:
        if not (self.platform or self.shop or self.person_id is not None):
            return None
        found = select(ChatAccount.id).where(ChatAccount.team_id.in_(self.team_ids))
        if self.platform:
            found = found.where(ChatAccount.platform == self.platform)
        if self.shop:
            found = found.where(ChatAccount.shop == self.shop)
        if self.person_id is not None:
            found = found.where(ChatAccount.person_id == self.person_id)
        return found


@dataclass(frozen=True, slots=True)
class Said:
    """A message, as it is shown.

    Attributes:
        id: Its row.
        number: Which one of its conversation came in, from 1. Marks point to it, so it stays when
            a later file brings what was said before.
    """

    id: int
    number: int
    at_ms: int | None
    role: str
    kind: str
    account_id: int | None
    auto_reason: str
    #: None when it was erased.
    text: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation in which something was found, and the messages where."""

    conversation: ChatConversation
    messages: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the newest import first.

    Attributes:
        next_before: Give it to see more; None where there is no more.
    """

    hits: Sequence[Hit]
    next_before: int | None


def conversations(
    filters: Filters, *, before: tuple[date, int] | None = None, limit: int = PAGE
) -> Sequence[ChatConversation]:
    """Conversations, the newest day first.

    Args:
        filters: Which.
        before: Day and id of the last one that was shown.
        limit: So many at most.
    """
    row = ChatConversation
    asked = select(row).where(filters.condition)
    if before is not None:
        day, last_id = before
        asked = asked.where((row.day < day) | ((row.day == day) & (row.id < last_id)))
    return db.session.scalars(asked.order_by(row.day.desc(), row.id.desc()).limit(limit)).all()


def find(said: str, filters: Filters, *, before: int | None = None, limit: int = PAGE) -> Found:
    """Conversations in which all that was typed stands, each word or phrase in one message.

    Args:
        said: What was typed; blanks part phrases.
        filters: Where.
        before: ``next_before`` of the page shown before.
        limit: So many at most.
    """
    wanted = search.query(said)
    if wanted is None:
        return Found((), None)
    hits: list[Hit] = []
    for _try in range(_TRIES):
        ids, is_last = _candidates(wanted, filters, before, limit)
        hits += _looked_at(wanted, ids)
        if is_last or len(hits) >= limit:
            break
        before = ids[-1]
    if len(hits) > limit or (len(hits) == limit and not is_last):
        return Found(hits[:limit], hits[limit - 1].conversation.id)
    return Found(hits, None if is_last else before)


def _candidates(
    wanted: search.Query, filters: Filters, before: int | None, limit: int
) -> tuple[list[int], bool]:
    """Ids that the index finds, the newest first, each once; and whether there are no more."""
    dialect = bulk.dialect()
    owner, condition = SEARCH.matching(dialect)
    id_ = literal_column(owner, BigId)
    asked = (
        select(id_)
        .select_from(table(SEARCH.name))
        .join(ChatConversation, ChatConversation.id == id_)
        .where(text(condition), filters.condition)
        .order_by(literal_column(SEARCH.order(dialect)).desc())
        .limit(limit)
    )
    if before is not None:
        asked = asked.where(id_ < before)
    # A long conversation is found once for each document that it was cut into.
    rows = db.session.execute(asked, {"wanted": wanted.of(dialect)}).scalars().all()
    return list(dict.fromkeys(rows)), len(rows) < limit


def _looked_at(wanted: search.Query, ids: Sequence[int]) -> list[Hit]:
    """What of these conversations really fits, with the messages where something stands."""
    if not ids:
        return []
    by_id = {
        each.id: each
        for each in db.session.scalars(select(ChatConversation).where(ChatConversation.id.in_(ids)))
    }
    said = messages_of(ids)
    return [
        Hit(by_id[each], [one for one in said[each] if one.text and wanted.finds(one.text)])
        for each in ids
        if each in by_id and wanted.fits([one.text or "" for one in said[each]])
    ]


def messages_of(ids: Sequence[int]) -> Mapping[int, Sequence[Said]]:
    """The messages of several conversations, in order; one statement."""
    rows = db.session.execute(
        select(
            ChatMessage.conversation_id,
            ChatMessage.id,
            func.row_number()
            .over(partition_by=ChatMessage.conversation_id, order_by=ChatMessage.id)
            .label("number"),
            ChatMessage.at_ms,
            ChatMessage.role,
            ChatMessage.kind,
            ChatMessage.account_id,
            ChatMessage.auto_reason,
            ChatMessage.text,
        )
        .where(ChatMessage.conversation_id.in_(ids))
        .order_by(ChatMessage.conversation_id, ChatMessage.ordinal)
    )
    said: dict[int, list[Said]] = {each: [] for each in ids}
    for row in rows:
        said[row.conversation_id].append(Said(*row[1:]))
    return said


def conversation(
    conversation_id: int, team_ids: Sequence[int]
) -> tuple[ChatConversation, Sequence[Said]]:
    """A conversation with its messages, in order.

    Raises:
        NotFoundError: If none of these teams has it.
    """
    found = db.session.scalar(
        select(ChatConversation).where(
            ChatConversation.id == conversation_id, ChatConversation.team_id.in_(team_ids)
        )
    )
    if found is None:
        raise NotFoundError
    return found, messages_of([conversation_id])[conversation_id]


@dataclass(frozen=True, slots=True)
class Account:
    """A sub-account; ``person`` is who stands behind it, empty where nobody is known to."""

    id: int
    team_id: int
    platform: str
    shop: str
    name: str
    person_id: int | None
    person: str


def accounts(team_ids: Sequence[int]) -> Sequence[Account]:
    """Every sub-account that was met, by shop and name."""
    rows = db.session.execute(
        select(
            ChatAccount.id,
            ChatAccount.team_id,
            ChatAccount.platform,
            ChatAccount.shop,
            ChatAccount.name,
            ChatAccount.person_id,
            Identity.name.label("person"),
        )
        .join(Identity, Identity.person_id == ChatAccount.person_id, isouter=True)
        .where(ChatAccount.team_id.in_(team_ids))
        .order_by(ChatAccount.shop, ChatAccount.name, ChatAccount.id)
    )
    return [Account(*row[:-1], row.person or "") for row in rows]


def imports(
    team_ids: Sequence[int], *, before: int | None = None, limit: int = PAGE
) -> Sequence[ChatImport]:
    """Files that were brought in, the newest first."""
    asked = select(ChatImport).where(ChatImport.team_id.in_(team_ids))
    if before is not None:
        asked = asked.where(ChatImport.id < before)
    return db.session.scalars(asked.order_by(ChatImport.id.desc()).limit(limit)).all()


def import_of(import_id: int, team_ids: Sequence[int]) -> ChatImport:
    """A file that was brought in.

    Raises:
        NotFoundError: If none of these teams did.
    """
    found = db.session.get(ChatImport, import_id, populate_existing=True)
    if found is None or found.team_id not in team_ids:
        raise NotFoundError
    return found


def refused(import_id: int, *, after: int = 0, limit: int = PAGE) -> Sequence[ChatRefused]:
    """Lines of a file that were no messages, in order.

    Args:
        import_id: The file.
        after: The id of the last one that was shown.
        limit: So many at most.
    """
    return db.session.scalars(
        select(ChatRefused)
        .where(ChatRefused.import_id == import_id, ChatRefused.id > after)
        .order_by(ChatRefused.id)
        .limit(limit)
    ).all()
