"""What adapters read: a file as lines, records or rows, with bounded memory. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from heapq import heappush
from itertools import chain, islice
from typing import Any, BinaryIO, Final

from cstrain.desk.chats.importers import delimited, headings, jsons, workbooks
from cstrain.desk.chats.importers.delimited import Row
from cstrain.desk.chats.importers.encodings import Encoding
from cstrain.desk.chats.importers.mapping import ColumnMapping
from cstrain.desk.chats.importers.texts import storable
from cstrain.desk.chats.masking import mask
from cstrain.desk.chats.message import Refused, Role
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _

#: A line with more characters is refused: no message is so long, and memory is bounded.
MAX_LINE: Final = 4 << 20
#: So much of a line that is refused is kept.
MAX_REFUSED: Final = 2_000
_MAX_REFUSED_AT_ONCE: Final = 50_000


_UNDECODED = re.compile("[\udc80-\udcff\ufffd]")


@dataclass(slots=True)
class Table:
    """Headings and the rows under them.

    Attributes:
        headings: As they stand, without white space around them.
        rows: What follows, each as wide as it is in the file.
    """

    headings: list[str]
    rows: Iterator[Row]

    def places(self, *headings: str) -> list[int]:
        """Where columns stand; -1 for one that is missing."""
        return [
            self.headings.index(heading) if heading in self.headings else -1 for heading in headings
        ]


@dataclass(slots=True)
class Input:
    """One file, opened as often as it must be read.

    Attributes:
        opened: Opens it at its beginning.
        name: Its name, for what the name tells.
        shape: ``text``, ``workbook`` or ``html``.
        newline: What ends its lines; a carriage return before it is taken off.
        mapping: What people have said about its columns and roles.
        day: The day of times that come without one.
        refused: What was not understood, a heap by line; taken away by the source.
        speakers: Names → their roles, where roles had to be found out, for a person to confirm.
        is_guessed: Whether a role had to be guessed.
        refused_count: How many have been refused.
        is_json: Whether it has been read as JSON, which can write half a character.
        current: The file as it is being read.
    """

    opened: Callable[[], BinaryIO]
    name: str
    shape: str
    encoding: Encoding
    mapping: ColumnMapping
    newline: str = "\n"
    day: date | None = None
    refused: list[tuple[int, int, Refused]] = field(default_factory=list)
    speakers: dict[str, Role] = field(default_factory=dict)
    is_guessed: bool = False
    refused_count: int = 0
    is_json: bool = False
    current: BinaryIO | None = None

    def refuse(
        self, line: int, reason: str, source: str = "", *, buyer: str = "", **details: str
    ) -> None:
        """Note a line that is no message; of which buyer, where it tells.

        Raises:
            InvalidError: If so many come one after the other that the format must be wrong.
        """
        if len(self.refused) >= _MAX_REFUSED_AT_ONCE:
            raise InvalidError(
                _(
                    "连续 %(n)s 行都读不懂，格式可能选错了，或文件不是聊天记录。",
                    n=_MAX_REFUSED_AT_ONCE,
                )
            )
        refused = Refused(line, reason, storable(source[:MAX_REFUSED]), details, buyer)
        self.refused_count += 1
        heappush(self.refused, (line, self.refused_count, refused))

    def _file(self) -> BinaryIO:
        if self.current is not None:
            self.current.close()
        self.current = self.opened()
        return self.current

    def _text(self) -> io.TextIOWrapper:
        if self.shape == "workbook":
            raise InvalidError(_("这是 Excel 表格，这种格式读的是文字。请换一种格式。"))
        buffered = io.BufferedReader(self._file(), 1 << 18)  # type: ignore[type-var]  # FileIO or BytesIO
        # Python's UTF-16 cannot keep bytes that it does not understand.
        errors = "replace" if self.encoding.name.startswith("utf-16") else "surrogateescape"
        return io.TextIOWrapper(buffered, self.encoding.name, errors=errors, newline=self.newline)

    def pieces(self) -> Generator[str, None, None]:
        """The text in pieces of bounded size."""
        with self._text() as text:
            while piece := text.read(1 << 18):
                piece = piece.replace("\0", "")
                if piece:
                    yield piece if self.encoding.is_clean else storable(piece)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Numbered lines without their ends; what cannot be decoded or is endless is refused."""
        is_clean = self.encoding.is_clean
        number = 0
        with self._text() as text:
            readline = text.readline
            while line := readline(MAX_LINE):
                number += 1
                is_ended = line[-1] in "\r\n"
                if is_ended:
                    line = line.rstrip("\r\n")
                elif len(line) == MAX_LINE:
                    self.refuse(number, "line_too_long", line)
                    while line and line[-1] not in "\r\n":
                        line = readline(MAX_LINE)
                    continue
                if not is_ended and line[-1] == "\0":
                    self.refuse(number, "cut_off", line.rstrip("\0"))
                    continue
                if not is_clean and _UNDECODED.search(line):
                    self.refuse(number, "undecodable" if is_ended else "cut_off", line)
                    continue
                yield number, line.replace("\0", "") if "\0" in line else line

    def starts_as_json(self) -> bool:
        """Whether it is text that begins as JSON does."""
        if self.shape != "text":
            return False
        with closing(self.pieces()) as pieces:
            return jsons.STARTS.match(next(pieces, "")) is not None

    def records(self, *list_keys: str) -> jsons.Records:
        """The records of a file of JSON: elements of the lists under these keys, or all values."""
        self.is_json = True
        return jsons.Records(self.pieces(), list_keys, self.refuse)

    def table(self, *known: Sequence[str]) -> Table:
        """Headings and rows.

        Args:
            known: Sets of headings, of which one must be there; see ``headings.find``.

        Raises:
            InvalidError: If there are no such headings, with those that stand there.
        """
        if self.shape == "text":
            return self._delimited(known)
        rows = (
            workbooks.rows(self._file())
            if self.shape == "workbook"
            else workbooks.html_rows(self.pieces())
        )
        first = list(islice(rows, headings.MAX_NOTES))
        place, is_headless = _found([cells for _line, cells, _source in first], known)
        cells = [cell.strip() for cell in first[place][1]]
        if is_headless:
            return Table(headings.numbered(len(cells)), chain(first[place:], rows))
        return Table(cells, chain(first[place + 1 :], rows))

    def _delimited(self, known: Sequence[Sequence[str]]) -> Table:
        lines = self.lines()
        first = list(islice((line for line in lines if line[1].strip()), headings.MAX_NOTES))
        delimiters = [delimited.delimiter_of(line) for _number, line in first]
        rows = [
            next(delimited.rows(iter([each]), delimiter, 0, lambda _cells: False))[1]
            for each, delimiter in zip(first, delimiters, strict=True)
        ]
        place, is_headless = _found(rows, known)
        cells = [cell.strip().lstrip("\ufeff") for cell in rows[place]]
        if is_headless:
            cells = headings.numbered(len(cells))
        left = chain(first[place if is_headless else place + 1 :], lines)
        return Table(cells, self._rows(left, delimiters[place], cells))

    def _rows(
        self, lines: Iterator[tuple[int, str]], delimiter: str, cells: list[str]
    ) -> Iterator[Row]:
        width = len(cells)
        time_places = [
            place for place, heading in enumerate(cells) if self.mapping.is_time(heading)
        ]

        def looks_like_row(cells: list[str]) -> bool:
            return (
                len(cells) == width
                and bool(time_places)
                and all(self.mapping.moment(cells[place]) is not None for place in time_places)
            )

        return delimited.rows(lines, delimiter, width, looks_like_row)


def _found(rows: Sequence[Sequence[str]], known: Sequence[Sequence[str]]) -> tuple[int, bool]:
    """Where the headings stand, and whether they are values.

    Raises:
        InvalidError: If they stand nowhere.
    """
    found = headings.find(rows, known)
    if found is None:
        raise InvalidError(_no_headings(rows[0] if rows else [], known))
    return found


def _no_headings(first: Sequence[str], known: Sequence[Sequence[str]]) -> str:
    # It may be no heading but what somebody said.
    shown = mask(_("、").join(first[:20])).text[:200] or _("（空）")
    wanted = [each for each in known[0] if each not in first] if known else []
    if not wanted:
        return _(
            "没认出这是哪种聊天记录，也不像表格。文件开头是：%(first)s。请选格式，或检查文件。",
            first=shown,
        )
    return _(
        "没有找到表头：缺少 %(missing)s。文件第一行是：%(first)s。"
        "如果导出工具改了表头，请改用“自定义表格”，把列对上。",
        missing=_("、").join(wanted),
        first=shown,
    )


def text_of(value: Any) -> str:
    """A JSON value as text; whole numbers without ``.0``, nothing for null."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
    return jsons.dumped(value)
