"""Which replies nobody wrote, and why they are taken for such. Pure.

The source's own mark decides first, then the account, then how quickly a reply came, then what many
conversations share, then the shop's own list. Only a person's account is judged by its texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from cstrain.desk.chats.importers import names
from cstrain.desk.chats.message import Precision, Role, SourceMessage

#: Nobody reads and answers within a second.
INSTANT_S: Final = 1.0
#: A text in so many conversations, and in such a share of them, is sent by itself.
_REPEATED_MIN: Final = 20
_REPEATED_SHARE: Final = 0.2
#: Shorter ones, as 在的 and 好的, everybody types again and again.
_REPEATED_CHARS: Final = 12
_MAX_TEXTS: Final = 20_000
_SPACE = re.compile(r"\s+")
_EXACT = frozenset({Precision.MILLISECOND, Precision.SECOND})


def plain(text: str) -> str:
    """A text as it is compared: without white space."""
    return _SPACE.sub("", text)


def mark(
    conversation: Sequence[SourceMessage],
    known: Collection[str],
    repeated: Collection[str] = (),
) -> None:
    """Set ``role`` and ``auto_reason`` of automatic replies and robots.

    A reply counts as instant where it is the first after the buyer began to speak: one that comes a
    second after the buyer's third line may answer the first.

    Args:
        conversation: In the order of its times.
        known: The shop's automatic replies, as ``plain`` gives them.
        repeated: What ``Repeats`` found, in the same form.
    """
    asked_at = None
    for message in conversation:
        role = message.role
        if role is Role.BUYER:
            if asked_at is None:
                asked_at = message.at
            continue
        if role is Role.SYSTEM:
            continue
        if role is Role.AGENT:
            reason = message.auto_reason or _reason(message, asked_at, known, repeated)
            if reason:
                message.auto_reason = reason
                message.role = Role.BOT if reason == "robot_account" else Role.AUTO
        elif not message.auto_reason:
            message.auto_reason = "robot_account" if role is Role.BOT else "source"
        asked_at = None


def _reason(
    message: SourceMessage,
    asked_at: datetime | None,
    known: Collection[str],
    repeated: Collection[str],
) -> str:
    if names.is_robot(message.account):
        return "robot_account"
    if (
        asked_at is not None
        and message.at is not None
        and message.precision in _EXACT
        and (message.at - asked_at).total_seconds() <= INSTANT_S
    ):
        return "instant"
    if known or repeated:
        text = plain(message.text)
        if text in repeated:
            return "repeated"
        if text in known:
            return "known"
    return ""


class Repeats:
    """Finds what agents say word for word in many conversations, in bounded memory."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._conversations = 0

    def add(self, conversation: Iterable[SourceMessage]) -> None:
        """Count the texts of one conversation, each once."""
        self._conversations += 1
        self._counts.update(
            {
                plain(message.text)
                for message in conversation
                if message.role is Role.AGENT and len(message.text) >= _REPEATED_CHARS
            }
        )
        if len(self._counts) > _MAX_TEXTS:
            # What was rare so far cannot have a fifth of all conversations.
            self._counts = Counter({text: n for text, n in self._counts.items() if n > 1})
            if len(self._counts) > _MAX_TEXTS // 2:
                self._counts = Counter(dict(self._counts.most_common(_MAX_TEXTS // 2)))

    def found(self) -> frozenset[str]:
        """The texts, as ``plain`` gives them, that stand in enough conversations."""
        least = max(_REPEATED_MIN, self._conversations * _REPEATED_SHARE)
        return frozenset(text for text, count in self._counts.items() if count >= least)
