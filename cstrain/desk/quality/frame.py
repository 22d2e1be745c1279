"""The frame of a draw: which conversations there were, and what was known of each. Pure.

It is frozen when it is drawn from: as bytes that always come out the same, hashed, and kept
compressed, so that a draw can be checked when the conversations themselves are long erased.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cstrain.desk.quality.risk import Reason

_FORMAT: Final = 1
#: Far more than a month of a big shop; a packed frame that grows beyond it was tampered with.
_MOST_BYTES: Final = 256 * 1024 * 1024
_COLUMNS: Final = ("ids", "agents", "began_s", "after_sale", "new_hire", "reasons")


class Unit(NamedTuple):
    """A conversation that may be drawn.

    Attributes:
        id: Its id.
        agent: Who answered, the account's name.
        began_s: When it began, whole seconds since 1970 UTC.
        is_after_sale: Whether it is about an order that was paid.
        is_new_hire: Whether the agent is new.
        reasons: Codes of why it may be worth a look, in the order of ``Reason``, by blanks.
    """

    id: int
    agent: str
    began_s: int = 0
    is_after_sale: bool = False
    is_new_hire: bool = False
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """Every conversation of a window, by id: a sequence for each attribute of ``Unit``.

    Attributes:
        notes: What the reasons rest on, as figures of agents; kept and hashed with the rest.
    """

    ids: Sequence[int]
    agents: Sequence[str]
    began_s: Sequence[int]
    after_sale: Sequence[bool]
    new_hire: Sequence[bool]
    reasons: Sequence[str]
    notes: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)


class FrameError(ValueError):
    """Bytes that are no frame."""


def frame_of(units: Iterable[Unit], notes: Mapping[str, Any] | None = None) -> Frame:
    """Freeze what there is, in the order of the ids.

    Raises:
        ValueError: If an id stands twice.
    """
    ordered = sorted(units)
    columns = zip(*ordered, strict=True) if ordered else ((),) * len(_COLUMNS)
    ids, agents, began_s, after_sale, new_hire, reasons = columns
    if len(set(ids)) != len(ids):
        raise ValueError("a conversation stands twice in the frame")
    return Frame(ids, agents, began_s, after_sale, new_hire, reasons, notes or {})


@lru_cache(maxsize=1024)  # of eight reasons there are 256 sets
def codes(reasons: str) -> frozenset[Reason]:
    """The reasons of a unit.

    Raises:
        ValueError: If one is unknown.
    """
    return frozenset(map(Reason, reasons.split()))


def canonical(frame: Frame) -> bytes:
    """The frame as bytes that come out the same everywhere: JSON by columns, keys sorted."""
    data = {
        "format": _FORMAT,
        "notes": frame.notes,
        "ids": frame.ids,
        "agents": frame.agents,
        "began_s": frame.began_s,
        "after_sale": list(map(int, frame.after_sale)),
        "new_hire": list(map(int, frame.new_hire)),
        "reasons": frame.reasons,
    }
    text = json.dumps(
        data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode()


def digest(body: bytes) -> str:
    """SHA-256 of the canonical bytes, in hex: the frame's name in the record of its draw."""
    return hashlib.sha256(body).hexdigest()


def packed(body: bytes) -> bytes:
    """The canonical bytes as they are kept."""
    return zlib.compress(body, 1)


def unpacked(kept: bytes) -> bytes:
    """The canonical bytes again.

    Raises:
        FrameError: If they were cut, changed or blown up.
    """
    reader = zlib.decompressobj()
    try:
        body = reader.decompress(kept, _MOST_BYTES)
    except zlib.error as error:
        raise FrameError(str(error)) from error
    if not reader.eof or reader.unused_data or reader.unconsumed_tail:
        raise FrameError("cut off, or with something behind it")
    return body


def notes_of(kept: bytes) -> Mapping[str, Any]:
    """What the reasons of a kept frame rest on; nothing where it cannot be read."""
    try:
        notes: Mapping[str, Any] = json.loads(unpacked(kept))["notes"]
    except (ValueError, KeyError, TypeError):
        return {}
    return notes


def read(body: bytes) -> Frame:
    """The frame of canonical bytes.

    Raises:
        FrameError: If they are no frame, or one that would be written differently.
    """
    try:
        data = json.loads(body)
        columns = [data[name] for name in _COLUMNS]
        frame = frame_of(map(Unit._make, zip(*columns, strict=True)), data["notes"])
        for reasons in set(frame.reasons):
            codes(reasons)
        is_same = canonical(frame) == body
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FrameError(str(error)) from error
    if not is_same:
        raise FrameError("not in the canonical form")
    return frame
