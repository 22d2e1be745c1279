"""What was typed, marked in place for reading. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from cstrain.activities.typing_speed.alignment import Op
from cstrain.activities.typing_speed.normalise import WidthPolicy
from cstrain.activities.typing_speed.scoring import Score, score


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text.

    Attributes:
        kind: ``match``, ``substitution``, ``omission``, ``insertion`` or ``untyped``.
        presented: What should stand here.
        typed: What does.
    """

    kind: str
    presented: str
    typed: str


def paragraphs(
    passage: str, typed: str, *, finished: bool, policy: WidthPolicy
) -> list[list[Piece]]:
    """The passage with every error in its place, a list for each paragraph."""
    found = score(passage, typed, elapsed_ms=None, finished=finished, policy=policy)
    ends = _paragraph_ends(passage, found)
    result: list[list[Piece]] = [[]]
    for op in found.alignment.ops:
        while ends and op.presented_at is not None and op.presented_at >= ends[0]:
            ends.pop(0)
            result.append([])
        result[-1].append(_piece(op, found))
    rest = found.presented.shown[found.alignment.prefix_chars :]
    if rest:
        result[-1].append(Piece("untyped", rest, ""))
    return [list(_joined(paragraph)) for paragraph in result if paragraph]


def _paragraph_ends(passage: str, found: Score) -> list[int]:
    """For each line end of the passage, the index of the compared character after it."""
    line_ends = [at for at, char in enumerate(passage) if char == "\n"]
    sources = found.presented.sources
    return [sum(source < at for source in sources) for at in line_ends]


def _piece(op: Op, found: Score) -> Piece:
    presented = "" if op.presented_at is None else found.presented.shown[op.presented_at]
    typed = "" if op.typed_at is None else found.typed.shown[op.typed_at]
    return Piece(op.kind.value, presented, typed)


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one piece."""
    for kind, group in groupby(pieces, key=lambda piece: piece.kind):
        members = list(group)
        yield Piece(
            kind,
            "".join(each.presented for each in members),
            "".join(each.typed for each in members),
        )
