"""Storing what was read: what is there is told again, what is new is kept, sealed and indexed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from json import dumps
from typing import Any

from sqlalchemy import select, text, update

from cstrain.desk.chats.message import Precision, Role
from cstrain.desk.chats.models import (
    SEARCH,
    ChatAccount,
    ChatConversation,
    ChatMessage,
    ChatRefused,
)
from cstrain.desk.chats.prepared import Batch, Conversation, Counts, Message
from cstrain.desk.chats.summary import Line, Summary, Words, summarise
from cstrain.kit import bulk
from cstrain.kit.chain import SALT_BYTES
from cstrain.kit.clock import local_day
from cstrain.kit.db import db, insert_row

MESSAGE_COLUMNS = (
    "id",
    "import_id",
    "conversation_id",
    "ordinal",
    "at_ms",
    "role",
    "kind",
    "account_id",
    "auto_reason",
    "text",
    "line",
    "source",
    "key",
    "salt",
    "commitment",
)
CONVERSATION_COLUMNS = (
    "id",
    "team_id",
    "import_id",
    "buyer_key",
    "buyer_nick",
    "day",
    "began_at",
    "ended_at",
    "precision",
    "rating",
    *(name for name in Summary._fields if not name.endswith("_ms")),
)
_UNTIMED = frozenset({Precision.DATE.value, Precision.NONE.value})
#: What is added to a conversation that was there stands behind the rest until it is in order.
_BEHIND = 1_000_000
_ASKED_AT_ONCE = 500
#: So many keys of the same time are looked through before each one is asked for by itself.
_LOOKED_THROUGH = 4


def row_bytes(  # noqa: PLR0913, PLR0917 - what a message consists of
    conversation: bytes,
    key: bytes,
    at_ms: int | None,
    role: str,
    kind: str,
    account_id: int | None,
    auto_reason: str,
    line: int,
    said: str,
    source: str,
) -> bytes:
    """A message in the one form that its commitment is made of.

    Its place is not in it: that is derived, and made anew when more comes in. ``conversation``
    comes from ``conversation_bytes``.
    """
    about = f"{key.hex()}|{at_ms}|{role}|{kind}|{account_id}|{auto_reason}|{line}|{len(said)}|"
    return conversation + f"{about}{said}{source}".encode("utf-8", "surrogatepass")


def conversation_bytes(conversation_id: int) -> bytes:
    """In which conversation a message stands, for its commitment."""
    return conversation_id.to_bytes(8, "big")


@dataclass(slots=True)
class Store:
    """Stores the batches of one import.

    Attributes:
        roll: The roll of all that was stored so far (``kit.chain``).
        stored_count: How many messages that were.
        counts: What was found and done so far.
    """

    team_id: int
    timezone: str
    import_id: int
    words: Words
    roll: bytes
    stored_count: int = 0
    counts: Counts = field(default_factory=Counts)
    _accounts: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Store a batch, in the caller's transaction."""
        if bulk.dialect() == "postgresql":  # imports of one team take turns; SQLite's always do
            db.session.execute(
                text("SELECT pg_advisory_xact_lock(hashtext('chat_import'), :team_id)"),
                {"team_id": self.team_id},
            )
        made = _Rows(
            self, _kept(batch.conversations), bulk.new_ids(ChatMessage, batch.message_count)
        )
        made.take(batch.conversations)
        made.write()
        bulk.insert_rows(
            ChatRefused,
            ("id", "import_id", "line", "reason", "details", "source"),
            (
                (number, self.import_id, each.line, each.reason, dumps(each.details), each.source)
                for number, each in zip(
                    bulk.new_ids(ChatRefused, len(batch.refused)), batch.refused, strict=True
                )
            ),
        )
        self.roll, self.stored_count = made.roll, self.stored_count + len(made.messages)
        self.counts.masked += batch.masked
        self.counts.rejected.update(each.reason for each in batch.refused)

    def account_id(self, platform: str, shop: str, name: str) -> int:
        """The sub-account, noted when it is new."""
        asked = (platform, shop, name)
        if asked not in self._accounts:
            found = db.session.scalar(
                select(ChatAccount.id).where(
                    ChatAccount.team_id == self.team_id,
                    ChatAccount.platform == platform,
                    ChatAccount.shop == shop,
                    ChatAccount.name == name,
                )
            )
            values = {"team_id": self.team_id, "platform": platform, "shop": shop, "name": name}
            self._accounts[asked] = found or insert_row(ChatAccount, values)
        return self._accounts[asked]

    def summary(self, lines: Sequence[Line], precision: str, default_account_id: int) -> Summary:
        """What there is to count of a conversation."""
        return summarise(
            lines,
            self.words,
            default_account_id=default_account_id,
            is_timed=precision not in _UNTIMED,
        )

    def times(self, summary: Summary) -> tuple[Any, Any, Any]:
        """Local day, beginning and end of a conversation as the driver stores them."""
        if summary.began_ms is None or summary.ended_ms is None:
            return None, None, None
        began_at, ended_at = (
            datetime.fromtimestamp(at_ms / 1000, UTC)
            for at_ms in (summary.began_ms, summary.ended_ms)
        )
        day = local_day(began_at, self.timezone)
        stored = bulk.stored_time
        return bulk.stored_day(day), stored(began_at), stored(ended_at)


class _Rows:
    """The rows that a batch becomes."""

    def __init__(self, store: Store, kept: dict[bytes, int], ids: Sequence[int]) -> None:
        self.store = store
        self.counts = store.counts
        self.roll = store.roll
        self.messages: list[tuple[Any, ...]] = []
        self.conversations: list[tuple[Any, ...]] = []
        self.texts: list[tuple[int, Sequence[str]]] = []
        #: Conversations that were there and get more.
        self.grown: set[int] = set()
        self._kept = kept
        self._ids = iter(ids)

    def take(self, conversations: Sequence[Conversation]) -> None:
        ids = iter(bulk.new_ids(ChatConversation, len(conversations)))
        for each, conversation_id in zip(conversations, ids, strict=True):
            fresh = [one for one in each.messages if one[0] not in self._kept]
            # Twice in one conversation of a file that tells of whole conversations only.
            self.counts.duplicates += len(each.messages) - len(fresh)
            if not fresh:
                continue
            if len(fresh) == len(each.messages):
                self._new(conversation_id, each)
            else:
                self._grow(each, fresh)

    def _new(self, conversation_id: int, each: Conversation) -> None:
        store = self.store
        lines = self._seal(conversation_id, each, each.messages, 0)
        default = store.account_id(each.platform, each.shop, each.account)
        summary = store.summary(lines, each.precision, default)
        values = summary._asdict()
        day, began_at, ended_at = store.times(summary)
        about = (
            *(conversation_id, store.team_id, store.import_id, each.buyer_key, each.buyer_nick),
            *(day, began_at, ended_at, each.precision, each.rating),
        )
        rest = (values[name] for name in CONVERSATION_COLUMNS[len(about) :])
        self.conversations.append((*about, *rest))
        self.texts.append((conversation_id, [line.text for line in lines]))
        self.counts.conversations += 1
        self.counts.whole_conversations += each.is_whole

    def _grow(self, each: Conversation, fresh: Sequence[Message]) -> None:
        """More of a conversation that was there: it goes to where most of its messages are."""
        there = Counter(self._kept[one[0]] for one in each.messages if one[0] in self._kept)
        conversation_id = min(there, key=lambda found: (-there[found], found))
        self._seal(conversation_id, each, fresh, _BEHIND)
        self.grown.add(conversation_id)

    def _seal(
        self, conversation_id: int, each: Conversation, messages: Sequence[Message], ordinal: int
    ) -> list[Line]:
        """Make the rows of messages with their commitments; gives the lines of the summary."""
        store, roll, kept, lines = self.store, self.roll, self._kept, []
        import_id, rows, autos = store.import_id, self.messages, Counter[str]()
        conversation, ids = conversation_bytes(conversation_id), self._ids
        salts = os.urandom(SALT_BYTES * len(messages))
        for place, message in enumerate(messages):
            key, at_ms, role, kind, account, auto_reason, said, line, source = message
            account_id = store.account_id(each.platform, each.shop, account) if account else None
            salt = salts[place * SALT_BYTES : (place + 1) * SALT_BYTES]
            row = row_bytes(
                conversation,
                key,
                at_ms,
                role,
                kind,
                account_id,
                auto_reason,
                line,
                said,
                source,
            )
            sealed = sha256(salt + row).digest()
            roll = sha256(roll + sealed).digest()
            rows.append(
                (
                    next(ids),
                    import_id,
                    conversation_id,
                    ordinal + place,
                    at_ms,
                    role,
                    kind,
                    account_id,
                    auto_reason,
                    said,
                    line,
                    source,
                    key,
                    salt,
                    sealed,
                )
            )
            kept[key] = conversation_id
            lines.append(Line(role, at_ms, said, account_id))
            if auto_reason or role in _MACHINES:
                autos[auto_reason] += 1
        self.roll = roll
        self.counts.messages += len(messages)
        self.counts.auto_replies += autos.total()
        self.counts.auto_reasons += autos
        return lines

    def write(self) -> None:
        bulk.insert_rows(ChatConversation, CONVERSATION_COLUMNS, self.conversations)
        bulk.insert_rows(ChatMessage, MESSAGE_COLUMNS, self.messages)
        SEARCH.add(bulk.driver(), bulk.dialect(), self.texts)
        there = {conversation_id for conversation_id, _texts in self.texts}
        for conversation_id in sorted(self.grown):
            put_in_order(self.store, conversation_id)
        self.counts.grown += len(self.grown - there)


_MACHINES = frozenset({Role.AUTO.value, Role.BOT.value})


def put_in_order(store: Store, conversation_id: int) -> None:
    """Put messages that came later between those that were there, and count anew."""
    asked = select(
        ChatMessage.id,
        ChatMessage.ordinal,
        ChatMessage.at_ms,
        ChatMessage.role,
        ChatMessage.text,
        ChatMessage.account_id,
    ).where(ChatMessage.conversation_id == conversation_id)
    before = db.session.execute(asked.order_by(ChatMessage.ordinal)).all()
    after = sorted(before, key=lambda row: (row.at_ms or 0, row.ordinal, row.id))
    driver, dialect = bulk.driver(), bulk.dialect()
    was = [row.text or "" for row in before if row.ordinal < _BEHIND]
    SEARCH.remove(driver, dialect, [(conversation_id, was)])
    SEARCH.add(driver, dialect, [(conversation_id, [row.text or "" for row in after])])
    moved = [
        {"message_id": row.id, "place": place}
        for place, row in enumerate(after)
        if row.ordinal != place
    ]
    if moved:
        db.session.execute(
            text("UPDATE chat_message SET ordinal = :place WHERE id = :message_id"), moved
        )
    there = db.session.get_one(ChatConversation, conversation_id, populate_existing=True)
    lines = [Line(row.role, row.at_ms, row.text or "", row.account_id) for row in after]
    summary = store.summary(lines, there.precision, there.account_id)
    values = {**summary._asdict(), "erased_by": None}
    began_ms, ended_ms = values.pop("began_ms"), values.pop("ended_ms")
    if began_ms is not None:
        values["began_at"] = datetime.fromtimestamp(began_ms / 1000, UTC)
        values["ended_at"] = datetime.fromtimestamp(ended_ms / 1000, UTC)
        values["day"] = local_day(values["began_at"], store.timezone)
    db.session.execute(
        update(ChatConversation).where(ChatConversation.id == conversation_id).values(values)
    )
    db.session.expunge(there)


def known_keys(keys: Collection[bytes]) -> set[bytes]:
    """Which of these keys are stored; one look where nothing is stored of that time."""
    if not keys:
        return set()
    most = _LOOKED_THROUGH * len(keys)
    near = db.session.scalars(
        select(ChatMessage.key).where(ChatMessage.key.between(min(keys), max(keys))).limit(most)
    ).all()
    if len(near) < most:
        return set(near).intersection(keys)
    return set(conversations_of(keys))


def _kept(conversations: Iterable[Conversation]) -> dict[bytes, int]:
    """Keys of these conversations that are stored, with the conversation they stand in."""
    return conversations_of(known_keys([one[0] for each in conversations for one in each.messages]))


def conversations_of(keys: Collection[bytes]) -> dict[bytes, int]:
    """The conversations in which messages of these keys stand; keys nobody knows are left out."""
    found: dict[bytes, int] = {}
    asked = sorted(keys)
    for start in range(0, len(asked), _ASKED_AT_ONCE):
        rows = db.session.execute(
            select(ChatMessage.key, ChatMessage.conversation_id).where(
                ChatMessage.key.in_(asked[start : start + _ASKED_AT_ONCE])
            )
        )
        found.update((bytes(key), conversation_id) for key, conversation_id in rows)
    return found
