"""What is read of a file, masked and with its keys, ready to be stored. Pure.

It comes in batches from the process that reads. Messages are plain tuples, because a million of
them go from one process to the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple

from cstrain.desk.chats.keys import Keys, is_known_whole, milliseconds
from cstrain.desk.chats.masking import MaskedMessage
from cstrain.desk.chats.message import Precision, Role, SourceMessage
from cstrain.desk.chats.ratings import rating_of

#: Key, milliseconds since 1970 or None, role, kind, the agent's account or empty, why it is
#: automatic or empty, masked text, line in the file, masked source row.
Message = tuple[bytes, int | None, str, str, str, str, str, int, str]


_EXACTNESS: Final = tuple(Precision)


class Conversation(NamedTuple):
    """One conversation of a file.

    Attributes:
        account: To whom the buyer wrote, as far as the source tells; the agents' own accounts
            stand in the messages.
        buyer_key: See ``keys.Keys.of_buyer``.
        buyer_nick: The buyer's name as it may be shown.
        precision: The least exact of its times.
        is_whole: Its messages can only be told again all together.
    """

    platform: str
    shop: str
    account: str
    buyer_key: bytes | None
    buyer_nick: str
    precision: str
    rating: int | None
    is_whole: bool
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class Originals:
    """What only the original of a conversation tells, taken before it is masked.

    Attributes:
        keys: Of its messages.
        times_ms: When each was sent, see ``keys.milliseconds``.
        buyer_key: See ``Keys.of_buyer``.
        is_whole: See ``keys.is_known_whole``.
    """

    keys: Sequence[bytes]
    times_ms: Sequence[int | None]
    buyer_key: bytes | None
    is_whole: bool


def originals(conversation: Sequence[SourceMessage], keys: Keys) -> Originals:
    """Take what is needed of a conversation's original."""
    buyer = _first(each.buyer for each in conversation)
    platform = _first(each.platform for each in conversation)
    times_ms = [milliseconds(each) for each in conversation]
    return Originals(
        keys.of_messages(conversation, times_ms),
        times_ms,
        keys.of_buyer(platform, buyer),
        is_known_whole(conversation),
    )


def prepare(
    conversation: Sequence[SourceMessage], taken: Originals, masked: Sequence[MaskedMessage]
) -> Conversation:
    """Make a conversation ready to be stored, of which only what is masked is kept."""
    messages: list[Message] = []
    for key, at_ms, each, shown in zip(
        taken.keys, taken.times_ms, conversation, masked, strict=True
    ):
        account = "" if each.role is Role.BUYER else each.account
        about = (key, at_ms, each.role.value, each.kind.value, account)
        text, source = _storable(shown.text), _storable(shown.source)
        messages.append((*about, each.auto_reason, text, each.line, source))
    return Conversation(
        platform=_first(each.platform for each in conversation),
        shop=_first(each.shop for each in conversation),
        account=_first(each.account for each in conversation),
        buyer_key=taken.buyer_key,
        buyer_nick=_first(each.buyer for each in masked),
        precision=max((each.precision for each in conversation), key=_EXACTNESS.index).value,
        rating=_rating(conversation),
        is_whole=taken.is_whole,
        messages=messages,
    )


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")


def _storable(text: str) -> str:
    """Text without what a database cannot keep: NUL, and halves of characters."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _rating(conversation: Sequence[SourceMessage]) -> int | None:
    """The last rating that the source tells; None where there is none."""
    for each in reversed(conversation):
        rating = rating_of(each.extra.get("rating", "")) if each.extra else None
        if rating is not None:
            return rating
    return None


class RefusedLine(NamedTuple):
    """A line that was no message, masked."""

    line: int
    reason: str
    details: Mapping[str, str]
    source: str


@dataclass(slots=True)
class Batch:
    """So much as is stored in one transaction.

    Attributes:
        masked: What was masked in it, by class.
        position_bytes: How far in the file it reaches.
        format: What the file turned out to be.
    """

    conversations: list[Conversation] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)
    masked: Counter[str] = field(default_factory=Counter)
    position_bytes: int = 0
    total_bytes: int = 0
    format: str = ""
    encoding: str = ""
    message_count: int = 0


@dataclass(slots=True)
class Counts:
    """What an import found and did.

    Attributes:
        conversations: New ones.
        grown: Those there were, which got more messages.
        messages: Stored.
        duplicates: Messages that were there, from this file or another.
        whole_conversations: New ones that can only be told again as a whole, for want of times.
        auto_replies: Of the stored messages those that no person wrote.
        auto_reasons: The same by the code of the reason; empty for what the source calls a robot.
        masked: By class, in all that was read, refused lines too.
        rejected: Refused lines by reason.
    """

    conversations: int = 0
    grown: int = 0
    messages: int = 0
    duplicates: int = 0
    whole_conversations: int = 0
    auto_replies: int = 0
    auto_reasons: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Counts:
        """What ``as_json`` gave."""
        made = cls(**stored)
        made.masked, made.rejected = Counter(made.masked), Counter(made.rejected)
        made.auto_reasons = Counter(made.auto_reasons)
        return made

    def as_json(self) -> dict[str, Any]:
        """By name, the counters as plain objects."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        counters = ("auto_reasons", "masked", "rejected")
        return {**values, **{name: dict(values[name]) for name in counters}}

    def add(self, other: Counts) -> None:
        """Add what another import did."""
        self.conversations += other.conversations
        self.grown += other.grown
        self.messages += other.messages
        self.duplicates += other.duplicates
        self.whole_conversations += other.whole_conversations
        self.auto_replies += other.auto_replies
        self.auto_reasons += other.auto_reasons
        self.masked += other.masked
        self.rejected += other.rejected
