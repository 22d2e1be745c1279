"""A message as a source gives it, whichever tool wrote the source. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Who wrote a message."""

    BUYER = "buyer"
    AGENT = "agent"
    #: A robot that talks, as 店小蜜 or the account 服务助手.
    BOT = "bot"
    #: A fixed line that a person's account sends by itself.
    AUTO = "auto"
    SYSTEM = "system"


class Kind(StrEnum):
    """What a message holds."""

    TEXT = "text"
    IMAGE = "image"
    CARD = "card"
    LINK = "link"
    EMOJI = "emoji"
    RECALL = "recall"
    SYSTEM = "system"


class Precision(StrEnum):
    """How exactly the source gives a message's time."""

    MILLISECOND = "ms"
    SECOND = "s"
    MINUTE = "min"
    DATE = "date"
    NONE = "none"


@dataclass(slots=True)
class SourceMessage:
    """One message as it stands in a source, not masked yet; it must not be stored as it is.

    Attributes:
        line: Number of the line or row of the source where it begins, from 1.
        role: Who wrote it, as far as the source tells.
        text: What was said.
        at: Aware; None where the source has no time.
        precision: How exact ``at`` is.
        platform: ``taobao``, ``jd``, ``pdd``, … ; empty where the source does not tell.
        shop: The shop's main account without a platform's prefix; empty where it is not told.
        account: The agent's sub-account without prefix and shop; empty on what a buyer wrote
            where the source does not tell to whom.
        buyer: The buyer's name or id as given; empty where the source does not tell.
        also_called: The buyer's other names, as the one beside an id; hidden, never kept.
        conversation: The source's own key of the conversation; empty where it has none.
        message_id: The source's own key of the message; empty where it has none.
        kind: What it holds.
        auto_reason: Why it is taken for an automatic reply or a robot's; a code, empty for none.
        source: The source's own line, row or record, as text.
        extra: What else the source tells of it (order number, rating, …), text by field's name.
    """

    line: int
    role: Role
    text: str
    at: datetime | None = None
    precision: Precision = Precision.SECOND
    platform: str = ""
    shop: str = ""
    account: str = ""
    buyer: str = ""
    conversation: str = ""
    message_id: str = ""
    kind: Kind = Kind.TEXT
    auto_reason: str = ""
    source: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    also_called: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A line of a source that is no message.

    Attributes:
        line: Its number, from 1.
        reason: A code (see ``words.py``).
        source: The line as it stands, not masked yet.
        details: What the reason's words name.
        buyer: Whom it names, to be hidden; empty where that is not known.
    """

    line: int
    reason: str
    source: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    buyer: str = ""
