"""Where a table's headings stand: under notes, or nowhere. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cstrain.desk.chats.importers import times
from cstrain.desk.chats.importers.mapping import field_of
from cstrain.desk.chats.message import Precision

#: Above headings stand at most so many rows of notes.
MAX_NOTES: Final = 10
#: The headings of a table without any are ``#1``, ``#2``, …
_NUMBER: Final = "#"


def numbered(width: int) -> list[str]:
    """Headings for a table that has none."""
    return [f"{_NUMBER}{place}" for place in range(1, width + 1)]


def find(rows: Sequence[Sequence[str]], known: Sequence[Sequence[str]]) -> tuple[int, bool] | None:
    """Which of the first rows has the headings.

    Args:
        rows: The first rows that are not empty.
        known: Sets of headings; the first row that has all of one is theirs. Without any, it is the
            row that names most fields, at least two, else the first with two cells filled.

    Returns:
        Its place, and whether it is a row of values, because the table has no headings; None where
        nothing fits.
    """
    wanted = [set(each) for each in known if each]
    for place, row in enumerate(rows):
        cells = {cell.strip() for cell in row}
        if any(each <= cells for each in wanted):
            return place, False
    filled = [
        place for place, row in enumerate(rows) if sum(bool(cell.strip()) for cell in row) > 1
    ]
    if wanted:
        is_numbered = any(each <= set(numbered(100)) for each in wanted)
        return (filled[0], True) if is_numbered and filled else None
    counts = [len({field_of(cell) for cell in row} - {""}) for row in rows]
    if max(counts, default=0) > 1:
        return counts.index(max(counts)), False
    return (filled[0], _is_of_values(rows[filled[0]])) if filled else None


def _is_of_values(row: Sequence[str]) -> bool:
    moments = (times.moment(cell) for cell in row)
    return any(moment is not None and moment[1] is not Precision.DATE for moment in moments)
