"""Rows of workbooks and of pages of HTML that are named like one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from html.parser import HTMLParser
from typing import BinaryIO

from cstrain.desk.chats.importers.delimited import Row
from cstrain.kit import tables

#: What a workbook may weigh, and what it may hold once it is unpacked (docs/architecture.md).
MAX_BYTES = 100 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
#: What the format itself allows.
MAX_ROWS = 1_048_576
#: A number from here on has lost digits, because a spreadsheet keeps fifteen.
_MAX_EXACT = 10**15


def rows(file: BinaryIO) -> Iterator[Row]:
    """The rows of a workbook's first visible sheet that are not empty; closes the file.

    Raises:
        InvalidError: If it is too large, damaged or no workbook.
    """
    with file:
        values = tables.sheet_values(
            file, max_bytes=MAX_BYTES, max_unpacked_bytes=MAX_UNPACKED_BYTES, max_rows=MAX_ROWS
        )
        for number, row in enumerate(values, start=1):
            cells = [_text(value) for value in row]
            if any(cells):
                yield number, cells, "\t".join(cells)


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case float():
            is_whole = value.is_integer() and abs(value) < _MAX_EXACT
            return str(int(value)) if is_whole else repr(value)
        case datetime():
            at = value.replace(microsecond=0) + timedelta(seconds=round(value.microsecond / 1e6))
            return at.isoformat(" ")
        case bool():
            return "TRUE" if value else "FALSE"
        case date() | time() | timedelta() | int():
            return str(value)
    return ""


def html_rows(pieces: Iterable[str]) -> Iterator[Row]:
    """The rows of the tables in a page of HTML, which many tools save as .xls."""
    reader = _TableReader()
    for piece in pieces:
        reader.feed(piece)
        yield from reader.taken()
    reader.close()
    yield from reader.taken()


#: Of HTML, and of the XML that spreadsheets wrote in 2003.
_ROW_TAGS = frozenset({"tr", "row"})
_CELL_TAGS = frozenset({"td", "th", "cell"})
_MAX_COLUMNS = 500


class _TableReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[Row] = []
        self._cells: list[str] | None = None
        self._cell: list[str] | None = None
        self._line = 0

    def taken(self) -> Iterator[Row]:
        done, self._done = self._done, []
        for line, cells, text in done:
            if any(cells):
                yield line, cells, text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ROW_TAGS:
            self._end_row()
            self._cells = []
            self._line = self.getpos()[0]
        elif tag in _CELL_TAGS:
            self._end_cell()
            self._cell = []
            place = dict(attrs).get("ss:index") or ""
            if self._cells is not None and place.isdecimal():
                missing = min(int(place), _MAX_COLUMNS) - 1 - len(self._cells)
                self._cells += [""] * missing
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _CELL_TAGS:
            self._end_cell()
        elif tag in _ROW_TAGS or tag == "table":
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None and self._cells is not None:
            self._cells.append("".join(self._cell).strip())
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells is not None:
            self._done.append((self._line, self._cells, "\t".join(self._cells)))
        self._cells = None
