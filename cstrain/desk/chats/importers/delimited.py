"""Rows of delimited text: streamed, and with stray quotation marks taken for what they are. Pure.

A quotation mark opens a quoted cell only where it is closed within reason: not when what follows
looks like a row of its own, and not when the cells found then are more or fewer than the headings.
Everything else is text, because people type quotation marks.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator

Line = tuple[int, str]
#: Line number, cells, and the lines as they stand.
Row = tuple[int, list[str], str]

#: A quoted cell spans at most so many lines.
_MAX_LINES = 300
_DELIMITERS = "\t,;|"


def delimiter_of(line: str) -> str:
    """What parts a line's cells: the likeliest of tab, comma, semicolon and upright stroke."""
    return max(_DELIMITERS, key=line.count)


def rows(  # noqa: C901 - one loop with what it looks ahead at
    lines: Iterator[Line],
    delimiter: str,
    width: int,
    looks_like_row: Callable[[list[str]], bool],
) -> Iterator[Row]:
    """Cut lines into rows of cells; empty lines are left out.

    Args:
        lines: Numbered lines without their ends.
        delimiter: One character.
        width: How many cells the heading has; 0 where it is not known.
        looks_like_row: Whether the cells of a line, cut at every delimiter, are a row by
            themselves; asked of lines that would continue a quoted cell.
    """
    waiting: deque[Line] = deque()
    while True:
        number, line = waiting.popleft() if waiting else next(lines, (0, ""))
        if not number:
            return
        if '"' not in line:
            if line:
                yield number, line.split(delimiter), line
            continue
        joined = [line]
        cells = _cells(line, delimiter)
        while cells is None and len(joined) < _MAX_LINES:
            if len(joined) > len(waiting):
                following = next(lines, None)
                if following is None:
                    break
                waiting.append(following)
            text = waiting[len(joined) - 1][1]
            if looks_like_row(text.split(delimiter)):
                break
            joined.append(text)
            cells = _cells("\n".join(joined), delimiter) if '"' in text else None
        if not cells or (width and len(cells) != width and len(joined) > 1):
            yield number, line.split(delimiter), line
            continue
        for _each in joined[1:]:
            waiting.popleft()
        yield number, cells, "\n".join(joined)


def _cells(text: str, delimiter: str) -> list[str] | None:
    """The cells of one row; None where a quoted cell is still open, empty where a mark is stray."""
    usual = csv.field_size_limit()
    try:
        if len(text) > usual:  # a cell with a whole conversation in it
            csv.field_size_limit(len(text))
        found = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return None if str(error) == "unexpected end of data" else []
    finally:
        csv.field_size_limit(usual)
    return found[0] if len(found) == 1 else []
