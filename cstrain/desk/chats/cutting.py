"""Conversations out of messages, by a stated rule. Pure.

A hand-over to another agent keeps the conversation; it starts a new stretch of service in it. The
one exception is a buyer of whom a source shows half a nick (``景**``): many buyers share it, so it
is taken together with agent and day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final

from cstrain.desk.chats.importers import names
from cstrain.desk.chats.importers.times import SHANGHAI
from cstrain.desk.chats.message import Precision, SourceMessage

#: 京东 counts what comes within ten minutes as the same session.
GAP_S: Final = 600.0
#: So many messages wait at most for others of their conversation.
MAX_HELD: Final = 60_000


class Cut(StrEnum):
    """What ends a conversation."""

    #: The source's own key; messages without one are cut by the gap.
    SOURCE = "source"
    #: A silence of the same buyer with the same shop.
    GAP = "gap"
    #: Midnight, of the same buyer with the same shop; 淘宝 counts so.
    DAY = "day"


@dataclass(frozen=True, slots=True)
class CutRule:
    """How conversations are cut; kept with the import.

    Attributes:
        by: What ends a conversation.
        gap_s: A longer silence ends it, where a gap does.
    """

    by: Cut = Cut.SOURCE
    gap_s: float = GAP_S


#: In a key: the buyer's nick is not all of it. No nick is so.
_HALF: Final = "\0half"
#: So many conversations of one buyer are looked at for one that a message belongs to.
_LOOKED_AT: Final = 16


class _Piece:
    """A conversation that may still grow."""

    __slots__ = ("account", "first_s", "key", "last_s", "messages", "touched")

    def __init__(self, key: _Key, message: SourceMessage, at_s: float | None) -> None:
        self.key = key
        self.messages = [message]
        self.first_s = at_s
        self.last_s = at_s
        self.account = message.account
        self.touched = 0

    def is_near(self, at_s: float | None, gap_s: float) -> bool:
        if at_s is None or self.first_s is None or self.last_s is None:
            return True
        return self.first_s - gap_s <= at_s <= self.last_s + gap_s

    def add(self, message: SourceMessage, at_s: float | None) -> None:
        self.messages.append(message)
        self.account = self.account or message.account
        if at_s is None:
            return
        self.first_s = at_s if self.first_s is None else min(self.first_s, at_s)
        self.last_s = at_s if self.last_s is None else max(self.last_s, at_s)


_Key = tuple[str, ...]


def cut(
    messages: Iterable[SourceMessage], rule: CutRule, *, max_held: int = MAX_HELD
) -> Iterator[list[SourceMessage]]:
    """Cut messages into conversations, each in the order of its times.

    A source may be sorted by time, by conversation, backwards, or nearly. A conversation comes out
    when so many messages are held that memory must be bounded, the one untouched longest first, or
    at the end; so one whose messages lie further apart in the file comes out in two pieces.

    Args:
        messages: In the order of the file.
        rule: What ends a conversation.
        max_held: How many messages may be held.

    Yields:
        Conversations with at least one message; messages of the same time keep the file's order.
    """
    pieces: dict[_Key, list[_Piece]] = {}
    held = 0
    for number, message in enumerate(messages):
        at_s = None if message.at is None else message.at.timestamp()
        key, is_by_gap = _key(message, rule)
        piece = _take(pieces, key, message, at_s, rule.gap_s if is_by_gap else None)
        piece.touched = number
        held += 1
        if held > max_held:
            for done in _untouched(pieces, held - max_held * 3 // 4):
                held -= len(done.messages)
                yield _ordered(done.messages)
    rest = [piece for found in pieces.values() for piece in found]
    rest.sort(key=lambda piece: piece.messages[0].line)
    for piece in rest:
        yield _ordered(piece.messages)


def _key(message: SourceMessage, rule: CutRule) -> tuple[_Key, bool]:
    """What belongs together, and whether a gap parts it."""
    if rule.by is Cut.SOURCE and message.conversation:
        return (message.platform, message.shop, "=", message.conversation), False
    # Some sources name only one side, others only the conversation.
    buyer = message.buyer or message.conversation
    is_half = names.is_masked(buyer)
    if not is_half and rule.by is not Cut.DAY and message.precision is not Precision.DATE:
        return (message.platform, message.shop, buyer), True
    day = message.at.astimezone(SHANGHAI).date().isoformat() if message.at else ""
    if is_half:
        return (message.platform, message.shop, _HALF, buyer, day), True
    return (message.platform, message.shop, buyer, day), False


def _take(
    pieces: dict[_Key, list[_Piece]],
    key: _Key,
    message: SourceMessage,
    at_s: float | None,
    gap_s: float | None,
) -> _Piece:
    """Put a message to the piece it belongs to; gives that piece."""
    found = pieces.get(key)
    if found is None:
        piece = _Piece(key, message, at_s)
        pieces[key] = [piece]
        return piece
    is_masked = _HALF in key
    if len(found) == 1 and not is_masked:
        piece = found[0]
        if gap_s is None or piece.is_near(at_s, gap_s):
            piece.add(message, at_s)
            return piece
    near = [
        piece
        for piece in found[-_LOOKED_AT:]
        if (gap_s is None or piece.is_near(at_s, gap_s))
        and (not is_masked or _is_same_agent(piece, message))
    ]
    if not near:
        piece = _Piece(key, message, at_s)
        found.append(piece)
        return piece
    piece = near[0] if at_s is not None else near[-1]
    piece.add(message, at_s)
    for other in near[1:] if gap_s is not None and at_s is not None else ():
        # The message has closed the gap between two pieces of a file that is not sorted.
        _join(piece, other)
        found.remove(other)
    return piece


def _is_same_agent(piece: _Piece, message: SourceMessage) -> bool:
    return not piece.account or not message.account or piece.account == message.account


def _join(piece: _Piece, other: _Piece) -> None:
    piece.messages.extend(other.messages)
    piece.messages.sort(key=lambda each: each.line)
    for at_s in (other.first_s, other.last_s):
        if at_s is not None:
            piece.first_s = at_s if piece.first_s is None else min(piece.first_s, at_s)
            piece.last_s = at_s if piece.last_s is None else max(piece.last_s, at_s)


def _untouched(pieces: dict[_Key, list[_Piece]], wanted: int) -> list[_Piece]:
    """Take out the pieces that were left alone longest, with so many messages in all."""
    by_age = sorted(
        (piece for found in pieces.values() for piece in found), key=lambda piece: piece.touched
    )
    taken: list[_Piece] = []
    for piece in by_age:
        if wanted <= 0:
            break
        wanted -= len(piece.messages)
        taken.append(piece)
        left = [each for each in pieces[piece.key] if each is not piece]
        if left:
            pieces[piece.key] = left
        else:
            del pieces[piece.key]
    return taken


def _ordered(messages: list[SourceMessage]) -> list[SourceMessage]:
    """By time; without one, behind what stood before; a file that runs backwards is turned."""
    times = [message.at for message in messages if message.at is not None]
    falls = sum(later < earlier for earlier, later in pairwise(times))
    if not falls:
        return messages
    rises = sum(later > earlier for earlier, later in pairwise(times))
    in_order = messages[::-1] if falls > rises else messages
    last = next(message.at for message in in_order if message.at is not None)
    keyed: list[tuple[datetime, int]] = []
    for place, message in enumerate(in_order):
        last = message.at or last
        keyed.append((last, place))
    return [in_order[place] for _at, place in sorted(keyed)]
