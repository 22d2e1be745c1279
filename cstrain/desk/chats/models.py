"""Tables of real chats. What is kept of a message is masked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model
from cstrain.kit.search import Index as SearchIndex

#: What is said in conversations, by the conversation's id. No table of a model's.
SEARCH = SearchIndex("chat_search")


class ChatAccount(Model):
    """A sub-account of a shop on a platform, and the person behind it where that is known."""

    __tablename__ = "chat_account"
    __table_args__ = (
        UniqueConstraint("team_id", "platform", "shop", "name"),
        Index("ix_chat_account_person", "person_id"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    platform: Mapped[str]
    #: The shop's main account; empty where the source does not tell.
    shop: Mapped[str]
    #: The sub-account; empty for what no source tells to whom it was said.
    name: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ChatImport(Model):
    """One file brought in: one link of the team's chain."""

    __tablename__ = "chat_import"
    __table_args__ = (
        Index("ix_chat_import_team", "team_id", "id"),
        Index("ix_chat_import_digest", "team_id", "digest"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    file_name: Mapped[str]
    #: SHA-256 of the file, in hexadecimal.
    digest: Mapped[str]
    total_bytes: Mapped[int]
    #: What was asked for: ``format``, ``mapping``, ``cut``, ``shop``, ``timezone``.
    settings: Mapped[dict[str, Any]]
    #: What the file turned out to be.
    format: Mapped[str] = mapped_column(default="")
    encoding: Mapped[str] = mapped_column(default="")
    #: running, done, cancelled or failed. What came in before the end stays in any case.
    state: Mapped[str] = mapped_column(default="running")
    #: Somebody asked for its end.
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    #: See ``prepared.Counts``.
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: How many conversations and refused lines of the file have been worked on, and the roll of
    #: what was stored, so that whoever takes over goes on there.
    conversations_done: Mapped[int] = mapped_column(default=0)
    refused_done: Mapped[int] = mapped_column(default=0)
    stored_count: Mapped[int] = mapped_column(default=0)
    roll: Mapped[bytes]
    #: The number of its link in the chain ``chats/<team>``; None while it runs.
    link_number: Mapped[int | None] = mapped_column(Integer)
    #: Who works on it (``kit.processes``), empty for nobody, and when that was last heard of.
    runner: Mapped[str] = mapped_column(default="")
    beat_at: Mapped[datetime | None]
    job_id: Mapped[int | None]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def _flag(name: str) -> Index:
    """Finds the few conversations of a team that have a flag."""
    return Index(
        f"ix_chat_conversation_{name}",
        "team_id",
        "day",
        sqlite_where=text(name),
        postgresql_where=text(name),
    )


class ChatConversation(Model):
    """Messages of one buyer with one shop that lie close together, and what there is to count.

    Everything but the keys is derived from its messages (``summary.py``) and can be made anew.
    """

    __tablename__ = "chat_conversation"
    __table_args__ = (
        Index("ix_chat_conversation_team_day", "team_id", "day", "began_at"),
        # What retention may have to erase, without all that it has erased.
        Index(
            "ix_chat_conversation_kept",
            "team_id",
            "day",
            "id",
            sqlite_where=text("erased_by IS NULL"),
            postgresql_where=text("erased_by IS NULL"),
        ),
        Index("ix_chat_conversation_account_day", "account_id", "day"),
        Index("ix_chat_conversation_buyer", "team_id", "buyer_key"),
        Index("ix_chat_conversation_import", "import_id", "id"),
        _flag("is_unanswered"),
        _flag("has_forbidden"),
        _flag("has_refund"),
        _flag("has_complaint"),
        Index(
            "ix_chat_conversation_rating",
            "team_id",
            "rating",
            sqlite_where=text("rating IS NOT NULL"),
            postgresql_where=text("rating IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: Of the agents in it the one who wrote most; where none did, to whom the buyer wrote.
    account_id: Mapped[int] = mapped_column(ForeignKey("chat_account.id"))
    #: The file that its first messages came with.
    import_id: Mapped[int] = mapped_column(ForeignKey("chat_import.id"))
    #: Joins conversations of the same buyer; see ``keys.buyer_key``. None where nothing tells.
    buyer_key: Mapped[bytes | None]
    #: The buyer's name as it may be shown.
    buyer_nick: Mapped[str]
    #: The local day it began on; None where the source has no times.
    day: Mapped[date | None]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: ms, s, min, date or none: the least exact time in it.
    precision: Mapped[str]
    buyer_count: Mapped[int] = mapped_column(Integer)
    #: Of lines that a person wrote.
    agent_count: Mapped[int] = mapped_column(Integer)
    bot_count: Mapped[int] = mapped_column(Integer)
    auto_count: Mapped[int] = mapped_column(Integer)
    #: Accounts of agents in it; 2 and more after a hand-over.
    account_count: Mapped[int] = mapped_column(Integer)
    #: Rounds by the profile ``PRACTICE``, those of them that were answered, and answered late.
    round_count: Mapped[int] = mapped_column(Integer)
    answered_count: Mapped[int] = mapped_column(Integer)
    late_count: Mapped[int] = mapped_column(Integer)
    #: The sum of the waits of answered rounds; with ``answered_count`` it makes the mean.
    response_s: Mapped[float]
    #: By ``PRACTICE`` and, with automatic replies, by ``ALL_REPLIES``; None without an answer.
    first_response_s: Mapped[float | None]
    first_response_auto_s: Mapped[float | None]
    #: The buyer wrote and no person answered anything (未回复).
    is_unanswered: Mapped[bool]
    has_forbidden: Mapped[bool]
    has_refund: Mapped[bool]
    has_complaint: Mapped[bool]
    #: As the source gives it, the more the better; None where there is none.
    rating: Mapped[int | None] = mapped_column(Integer)
    #: The number of the link that erased what was said; 0 where there was nothing left to erase,
    #: and while its import is taken back. Nobody draws or marks it any more.
    erased_by: Mapped[int | None] = mapped_column(Integer)


class ChatMessage(Model):
    """One message, masked. An erased one keeps its place, key and commitment."""

    __tablename__ = "chat_message"
    __table_args__ = (
        Index("ix_chat_message_conversation", "conversation_id", "ordinal"),
        Index("uq_chat_message_key", "key", unique=True),
    )

    id: Mapped[Id]
    import_id: Mapped[int]
    #: No foreign key, here and above: PostgreSQL would look up each of a million rows.
    conversation_id: Mapped[int]
    #: Its place in the conversation, from 0.
    ordinal: Mapped[int] = mapped_column(Integer)
    #: Milliseconds since 1970 in UTC; None where the source has no time.
    at_ms: Mapped[int | None]
    #: One of ``message.Role`` and of ``message.Kind``.
    role: Mapped[str]
    kind: Mapped[str]
    #: Whose account wrote it; None for a buyer's.
    account_id: Mapped[int | None]
    #: A code; empty for what a person wrote.
    auto_reason: Mapped[str]
    text: Mapped[str | None]
    #: The number of its line in the file, and the source's own row.
    line: Mapped[int] = mapped_column(Integer)
    source: Mapped[str | None]
    #: See ``keys.py``; made of the team as well, so unique in each team.
    key: Mapped[bytes]
    #: See ``kit.chain``.
    salt: Mapped[bytes | None]
    commitment: Mapped[bytes]
    #: The number of the link that erased it.
    erased_by: Mapped[int | None] = mapped_column(Integer)


class ChatRefused(Model):
    """A line of a file that was no message."""

    __tablename__ = "chat_refused"
    __table_args__ = (
        Index("ix_chat_refused_import", "import_id", "id"),
        # What retention may have to forget, without all that it has forgotten.
        Index(
            "ix_chat_refused_kept",
            "import_id",
            sqlite_where=text("source IS NOT NULL"),
            postgresql_where=text("source IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    import_id: Mapped[int] = mapped_column(ForeignKey("chat_import.id"))
    line: Mapped[int] = mapped_column(Integer)
    #: A code, and what its words name.
    reason: Mapped[str]
    details: Mapped[dict[str, Any]]
    #: The line as it stood, masked; None when its time was over.
    source: Mapped[str | None]


class ChatRetention(Model):
    """How long a team keeps what was said."""

    __tablename__ = "chat_retention"

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    #: So many days after the conversation its text and source rows are erased.
    text_days: Mapped[int] = mapped_column(Integer)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class ChatHold(Model):
    """A conversation that must stay whatever its age: a dispute, an authority's request."""

    __tablename__ = "chat_hold"
    __table_args__ = (
        Index(
            "uq_chat_hold_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        Index("ix_chat_hold_team", "team_id", "at"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: No foreign key: the record outlives the conversation.
    conversation_id: Mapped[int]
    reason: Mapped[str]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    released_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None]


class ChatFollowUp(Model):
    """Something still to be done for a customer after a conversation, and whose it is."""

    __tablename__ = "chat_follow_up"
    __table_args__ = (
        Index(
            "uq_chat_follow_up_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_chat_follow_up_team", "team_id", "closed_at"),
        Index("ix_chat_follow_up_owner", "owner_id", "closed_at"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("chat_conversation.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: Masked like a message; empty when the conversation is erased.
    task: Mapped[str]
    due_on: Mapped[date | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ChatFollowUpNote(Model):
    """A line of the handling log: what was done, by whom, to whom it went."""

    __tablename__ = "chat_follow_up_note"
    __table_args__ = (Index("ix_chat_follow_up_note_of", "follow_up_id", "id"),)

    id: Mapped[Id]
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("chat_follow_up.id"))
    at: Mapped[datetime]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: opened, noted, handed, taken or closed.
    what: Mapped[str]
    #: Masked like a message.
    text: Mapped[str]
    #: To whom it was handed.
    to_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ChatHandover(Model):
    """What one agent had open, given to another when a shift ended or the agent left."""

    __tablename__ = "chat_handover"
    __table_args__ = (Index("ix_chat_handover_team", "team_id", "id"),)

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    from_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: shift or leaves.
    why: Mapped[str]
    note: Mapped[str]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    #: When the successor said that it is in hand.
    taken_at: Mapped[datetime | None]
    #: The job that makes or made its pack, and the pack's SHA-256 in hexadecimal.
    job_id: Mapped[int | None]
    digest: Mapped[str] = mapped_column(default="")


class ChatHandoverItem(Model):
    """What was open at a hand-over."""

    __tablename__ = "chat_handover_item"

    handover_id: Mapped[int] = mapped_column(ForeignKey("chat_handover.id"), primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("chat_follow_up.id"), primary_key=True)
