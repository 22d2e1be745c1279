"""Whom an agent wrote to, where a source only says who wrote. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from cstrain.desk.chats.message import Role, SourceMessage

#: Two messages that lie further apart are two chats, perhaps with two buyers.
_APART: Final = timedelta(minutes=10)
#: So many messages of an agent wait for the buyer of their chat to speak.
_MAX_WAITING: Final = 100


class ToWhom:
    """Adds the buyer to what agents write: who spoke last, or speaks next where they begin."""

    def __init__(self, buyers: Sequence[str] = ()) -> None:
        self._only = buyers[0] if len(buyers) == 1 else ""
        self._buyer = ""
        self._waiting: list[SourceMessage] = []
        self._last: datetime | None = None

    def next(self, message: SourceMessage) -> Iterator[SourceMessage]:
        """Take a message; gives those whose buyer is known now."""
        if message.role is Role.BUYER:
            self._buyer = message.buyer
            yield from self.rest()
            yield message
        elif self._only:
            message.buyer = self._only
            yield message
        else:
            is_apart = message.at and self._last and message.at - self._last > _APART
            if is_apart or not self._buyer or self._waiting:
                self._waiting.append(message)
                if len(self._waiting) > _MAX_WAITING:
                    yield from self.rest()
            else:
                message.buyer = self._buyer
                yield message
        self._last = message.at

    def rest(self) -> Iterator[SourceMessage]:
        """Those that wait still go to the buyer who spoke last, if any did."""
        for message in self._waiting:
            message.buyer = self._buyer
            yield message
        self._waiting.clear()
