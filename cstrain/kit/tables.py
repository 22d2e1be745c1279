"""Tables from and for people: XLSX and CSV in as text, XLSX out.

Everything comes in as text with the row number that a spreadsheet shows, because a person who is
told "row 17" looks for row 17. A phone number that a spreadsheet took for a number comes back as
the digits, without ``.0``.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import Any, BinaryIO, Final

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 200
_MAX_UNPACKED_BYTES = 128 * 1024 * 1024
_MAX_MEMBERS = 1000
_PIECE_BYTES = 8 * 1024 * 1024
#: No tag of a cell or row is longer.
_MAX_TAG_BYTES = 4096
#: More characters than this do not fit into a cell.
_MAX_CELL = 32_767
#: A list of choices longer than this must stand on a sheet instead of in the rule.
_MAX_INLINE_CHOICES = 255

_CELL = re.compile(rb'<(?:\w{1,20}:)?c\b[^<>]*?\br="([A-Z]{1,3})(\d{1,9})"[^<>]*?(/?)>')
_CELL_NOWHERE = re.compile(rb"<(?:\w{1,20}:)?c(?:\s(?![^<>]*\br=)[^<>]*)?>")
_ROW = re.compile(rb'<(?:\w{1,20}:)?row\b[^<>]*?\br="(\d{1,9})"')

Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty.

    Attributes:
        number: As a spreadsheet counts, from 1.
        cells: Text without white space around it.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One row under known headings; a column that is missing reads as empty text."""

    number: int
    values: Mapping[str, str]

    def __getitem__(self, field: str) -> str:
        return self.values.get(field, "")


def read_rows(data: bytes, *, max_rows: int = MAX_ROWS) -> list[Row]:
    """Read the first visible sheet of an XLSX file, or a CSV file.

    Args:
        data: The file. CSV may be UTF-8, UTF-16 with a mark, or GB18030 (what a Chinese
            spreadsheet saves), parted by commas, semicolons or tabs.
        max_rows: How many rows that are not empty may come.

    Returns:
        The rows that are not empty.

    Raises:
        InvalidError: If the file is too large, of another kind, or damaged.
    """
    if len(data) > MAX_BYTES:
        raise InvalidError(_("文件太大了，最多 %(n)s MB。", n=MAX_BYTES // 1024 // 1024))
    if not data.strip():
        raise InvalidError(_("这个文件是空的。"))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidError(_("这是旧版 .xls 或加了密码的表格。请另存为没有密码的 .xlsx 再传。"))
    rows = _xlsx_rows(data) if data.startswith(b"PK") else _csv_rows(data)
    kept: list[Row] = []
    for number, cells in enumerate(rows, start=1):
        if not any(cells):
            continue
        if len(kept) >= max_rows:
            raise InvalidError(_("表格超过 %(n)s 行了，请分成几份。", n=max_rows))
        if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
            raise InvalidError(_("表格超过 %(n)s 列了，不像是要导入的表。", n=MAX_COLUMNS))
        kept.append(Row(number, tuple(cells[:MAX_COLUMNS])))
    if not kept:
        raise InvalidError(_("这个文件里没有内容。"))
    return kept


def read_records(
    data: bytes,
    headings: Mapping[str, Sequence[str]],
    *,
    required: Iterable[str],
    max_rows: int = MAX_ROWS,
) -> list[Record]:
    """Read a table whose first row that is not empty names the columns.

    Headings match whatever their case, white space, ``*`` and words in brackets; columns
    nobody knows are left out.

    Args:
        data: The file, see ``read_rows``.
        headings: Field → the headings it may stand under, the preferred one first.
        required: Fields whose column must be there.
        max_rows: How many rows that are not empty may come under the headings.

    Raises:
        InvalidError: If the file cannot be read, or a required column is missing.
    """
    rows = read_rows(data, max_rows=max_rows + 1)
    known = {_plain(name): field for field, names in headings.items() for name in names}
    places: dict[str, int] = {}
    for place, heading in enumerate(rows[0].cells):
        field = known.get(_plain(heading))
        if field is None:
            continue
        if field in places:
            raise InvalidError(_("“%(name)s”这一列出现了两次。", name=heading))
        places[field] = place
    missing = [headings[field][0] for field in required if field not in places]
    if missing:
        raise InvalidError(
            _(
                "第 %(row)s 行应该是表头，但没有找到这些列：%(names)s。请用模板里的表头。",
                row=rows[0].number,
                names="、".join(missing),
            )
        )
    return [
        Record(
            row.number,
            {
                field: row.cells[place] if place < len(row.cells) else ""
                for field, place in places.items()
            },
        )
        for row in rows[1:]
    ]


def _plain(heading: str) -> str:
    """A heading without what people add to it: brackets, stars, spaces, case."""
    return re.sub(r"[(（\[【].*|[*\s:：]", "", heading).casefold()


def _xlsx_rows(data: bytes) -> Iterator[list[str]]:
    values = sheet_values(
        io.BytesIO(data),
        max_bytes=MAX_BYTES,
        max_unpacked_bytes=_MAX_UNPACKED_BYTES,
        max_rows=MAX_ROWS,
    )
    for row in values:
        yield [_text(cell) for cell in row]


def sheet_values(
    file: BinaryIO, *, max_bytes: int, max_unpacked_bytes: int, max_rows: int
) -> Iterator[Sequence[object]]:
    """The rows of a workbook's first visible sheet from row 1, empty ones too, as stored.

    Args:
        file: The workbook; read whole.
        max_bytes: What it may weigh.
        max_unpacked_bytes: What it may hold once it is unpacked.
        max_rows: Up to which row something may stand; five times as far is forgiven.

    Raises:
        InvalidError: If it is larger, damaged or no workbook.
    """
    size = file.seek(0, io.SEEK_END)
    if size > max_bytes:
        raise InvalidError(_("文件太大了，最多 %(n)s MB。", n=max_bytes // 1024 // 1024))
    file.seek(0)
    _check_size(file, max_unpacked_bytes, max_rows)
    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(file)
        shown = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible
        ]
        sheet = book.get_sheet_by_name(shown[0]) if shown else book.get_sheet_by_index(0)
        yield from sheet.iter_rows()
    except BaseException as error:
        # python-calamine 0.9 lets a panic of its Rust part out, which is no Exception.
        is_panic = type(error).__name__ == "PanicException"
        if not is_panic and not isinstance(error, CalamineError | IndexError | ValueError):
            raise
        raise InvalidError(_("这个文件打不开，可能已损坏。请另存为 .xlsx 再传。")) from error


def _check_size(file: BinaryIO, max_unpacked_bytes: int, max_rows: int) -> None:
    """Refuse what would fill the memory once it is unpacked.

    Raises:
        InvalidError: If it would, or if the file is no workbook.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if len(members) > _MAX_MEMBERS or unpacked > max_unpacked_bytes:
                raise InvalidError(_("这个表格展开后太大了，请只留下要导入的那张表。"))
            if "[Content_Types].xml" not in archive.namelist():
                raise InvalidError(_("这不是表格文件。请传 .xlsx 或 .csv。"))
            for member in members:
                if member.filename.endswith(".xml") and not _fits(archive, member, max_rows):
                    raise InvalidError(
                        _(
                            "表格里有内容写到了很远的行或列（最多 %(rows)s 行、%(columns)s 列）。"
                            "请只留下要导入的部分。",
                            rows=max_rows,
                            columns=MAX_COLUMNS,
                        )
                    )
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
    ) as error:
        raise InvalidError(_("这个文件打不开，可能已损坏。请另存为 .xlsx 再传。")) from error


def _fits(archive: zipfile.ZipFile, member: zipfile.ZipInfo, max_rows: int) -> bool:
    """Whether no cell with something in it stands so far out that the area would be huge."""
    far = max_rows * 5  # empty rows between are forgiven up to here
    is_nowhere = False
    farthest_row = 0
    tail = b""
    with archive.open(member) as file:
        while piece := file.read(_PIECE_BYTES):
            xml = tail + piece
            if b"sheetData" not in xml and not tail:
                return True
            for match in _CELL.finditer(xml):
                if not match[3] and (int(match[2]) > far or _column(match[1]) > MAX_COLUMNS * 5):
                    return False
            is_nowhere = is_nowhere or _CELL_NOWHERE.search(xml) is not None
            farthest_row = max([farthest_row, *(int(match[1]) for match in _ROW.finditer(xml))])
            # A tag may be cut by the piece's end.
            tail = xml[max(xml.rfind(b"<"), len(xml) - _MAX_TAG_BYTES) :]
    return not is_nowhere or farthest_row <= far


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _csv_rows(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [_unquoted(cell.strip()) for cell in row]
    except csv.Error as error:
        raise InvalidError(_("这个 CSV 文件读不下去，请另存为 .xlsx 再传。")) from error


def _decoded(data: bytes) -> str:
    encodings = ("utf-8-sig", "gb18030")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16", "utf-16")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidError(_("这不是表格文件。请传 .xlsx 或 .csv。"))


def _unquoted(cell: str) -> str:
    """``="0012"``, by which some systems save leading zeros, as ``0012``."""
    match = re.fullmatch(r'="([^"]*)"', cell)
    return match[1] if match else cell


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e17 else repr(value)  # noqa: PLR2004 - where digits are lost
        case datetime():
            only_day = value.time() == time(0)
            return value.date().isoformat() if only_day else value.isoformat(" ", "seconds")
        case date() | time() | timedelta():
            return str(value)
    return str(value).strip()


@dataclass(frozen=True, slots=True)
class Column:
    """A column to write.

    Attributes:
        heading: What stands above it.
        width: In characters.
        choices: A drop-down list for the cells below, also the empty ones.
        hint: Shown beside a cell of this column when it is chosen.
    """

    heading: str
    width: float = 14
    choices: Sequence[str] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to write. Cells of text columns stay text when they are typed over."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]] = ()


def write_xlsx(*sheets: Sheet) -> bytes:
    """Write a workbook: headings in bold that stay in sight, drop-down lists, filters.

    Text is written as text, so nothing that begins with ``=`` becomes a formula.
    """
    file = io.BytesIO()
    options = {
        "constant_memory": True,
        "in_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(file, options) as book:
        formats = {
            "head": book.add_format(
                {
                    "bold": True,
                    "bg_color": "#E3EFED",
                    "font_color": "#0B4F4A",
                    "bottom": 1,
                    "valign": "vcenter",
                    "text_wrap": True,
                }
            ),
            "text": book.add_format({"num_format": "@", "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        }
        pages = [book.add_worksheet(_sheet_title(sheet.title)) for sheet in sheets]
        lists = _write_choices(book, sheets)
        for page, sheet in zip(pages, sheets, strict=True):
            _write_sheet(page, sheet, formats, lists)
    return file.getvalue()


def _sheet_title(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31] or "1"


def _write_choices(book: Any, sheets: Sequence[Sheet]) -> dict[tuple[str, ...], str]:
    """Put lists too long for a rule on a hidden sheet; gives list → where it stands."""
    long = {
        tuple(column.choices): ""
        for sheet in sheets
        for column in sheet.columns
        if len(",".join(column.choices)) > _MAX_INLINE_CHOICES
        or any("," in choice for choice in column.choices)
    }
    if not long:
        return {}
    page = book.add_worksheet("choices")
    page.hide()
    for row, values in enumerate(zip_longest(*long, fillvalue="")):
        for place, value in enumerate(values):
            page.write_string(row, place, value)
    for place, choices in enumerate(long):
        letter = chr(ord("A") + place)
        long[choices] = f"=choices!${letter}$1:${letter}${len(choices)}"
    return long


def _write_sheet(
    page: Any,
    sheet: Sheet,
    formats: Mapping[str, Any],
    lists: Mapping[tuple[str, ...], str],
) -> None:
    page.freeze_panes(1, 0)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width, formats["text"])
        rule: dict[str, object] = {"validate": "any", "input_title": column.heading[:32]}
        if column.choices:
            choices = tuple(column.choices)
            rule |= {"validate": "list", "source": lists.get(choices) or list(choices)}
            rule |= {"error_title": column.heading[:32], "error_message": _("请从列表里选一项。")}
        if column.hint:
            rule["input_message"] = column.hint[:255]
        if column.choices or column.hint:
            page.data_validation(1, place, MAX_ROWS, place, rule)
    page.set_row(0, 24)
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, column.heading, formats["head"])
    for row, cells in enumerate(sheet.rows, start=1):
        for place, value in enumerate(cells):
            _write_cell(page, row, place, value, formats)


def _write_cell(page: Any, row: int, place: int, value: Cell, formats: Mapping[str, Any]) -> None:
    match value:
        case None | "":
            return
        case bool():
            page.write_boolean(row, place, value)
        case int() | float():
            page.write_number(row, place, value)
        case datetime():
            page.write_datetime(row, place, value.replace(tzinfo=None), formats["time"])
        case date():
            page.write_datetime(row, place, value, formats["day"])
        case str():
            page.write_string(row, place, value[:_MAX_CELL], formats["text"])
